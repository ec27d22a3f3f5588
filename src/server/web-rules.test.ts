// Checks that a foreign web page can neither read nor write: by Host, by Origin, by Sec-Fetch-Site, by peer, by CORS.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SettingsEntity } from "../core/entities.ts";
import type { LoginState } from "../core/login.ts";
import { type TestRequest, testRequest, testSettings } from "../core/testing.ts";
import { WebRules } from "./web-rules.ts";

const JSON_TYPE = { "content-type": "application/json" };

const NO_LOGIN: LoginState = { mode: "none", closesInference: false };
const LOGIN: LoginState = { mode: "login", closesInference: true };

function admin(request: TestRequest, settings: Partial<SettingsEntity> = {}, login = NO_LOGIN): string {
  const refusal = new WebRules(testSettings(settings), login).refusal(
    testRequest({ target: "/api/config", ...request }),
  );
  return refusal === null ? "taken" : `${refusal.status} ${refusal.code}`;
}

function read(headers: Record<string, string>, target = "/api/config", settings: Partial<SettingsEntity> = {}): string {
  return admin({ method: "GET", target, headers }, settings);
}

function write(headers: Record<string, string>, more: TestRequest = {}): string {
  return admin({ method: "PUT", headers: { host: "localhost:8080", ...JSON_TYPE, ...headers }, body: "{}", ...more });
}

const HOSTS: readonly [string, boolean][] = [
  ["localhost", true],
  ["localhost:8080", true],
  ["LOCALHOST:1", true],
  ["gw.localhost", true],
  ["a.b.localhost:80", true],
  ["127.0.0.1:8080", true],
  ["192.168.1.5", true],
  ["203.0.113.7:9000", true],
  ["[::1]:8080", true],
  ["[::1]", true],
  ["[fe80::1]", true],
  ["gw.internal", true],
  ["GW.internal:8080", true],
  ["other.internal", false],
  ["evil.com", false],
  ["evil.com:8080", false],
  ["localhost.evil.com", false],
  ["evillocalhost", false],
  ["127.0.0.1.evil.com", false],
  ["127.1", false],
  ["0x7f000001", false],
  ["2130706433", false],
  ["localhost.", false],
  ["[::1", false],
  ["[evil.com]", false],
  ["", false],
];
for (const [host, expected] of HOSTS)
  test(`${expected ? "takes" : "refuses"} management requests for Host "${host}"`, () => {
    const outcome = read({ host }, "/api/config", { allowedHosts: ["gw.internal:8080"] });
    assert.equal(outcome, expected ? "taken" : "421 foreign_host");
  });

test("refuses a management request without a Host", () => {
  assert.equal(read({}), "421 foreign_host");
});

test("opens only the listed routes to every Host", () => {
  const settings = { whitelistedRoutes: ["/metrics", "/api/health*"] };
  const host = { host: "prometheus.local" };
  assert.equal(read(host, "/metrics", settings), "taken");
  assert.equal(read(host, "/metrics/x", settings), "421 foreign_host");
  assert.equal(read(host, "/api/health", settings), "taken");
  assert.equal(read(host, "/api/health/x", settings), "taken");
  assert.equal(read(host, "/api/config", settings), "421 foreign_host");
  assert.equal(read({ ...host, origin: "https://evil.com" }, "/metrics", settings), "403 foreign_origin");
});

const LOCAL = { host: "localhost:8080" };
const VISIT = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
const READS: readonly [Record<string, string>, string, string][] = [
  [{}, "/api/config", "taken"],
  [{ "sec-fetch-site": "same-origin" }, "/api/config", "taken"],
  [{ "sec-fetch-site": "none" }, "/api/config", "taken"],
  [{ origin: "http://localhost:8080" }, "/api/config", "taken"],
  [{ "sec-fetch-site": "cross-site" }, "/api/config", "403 foreign_origin"],
  [{ "sec-fetch-site": "same-site" }, "/api/config", "403 foreign_origin"],
  [{ "sec-fetch-site": "cross-site" }, "/metrics", "403 foreign_origin"],
  [{ "sec-fetch-site": "cross-site" }, "/", "403 foreign_origin"],
  [{ origin: "https://evil.com" }, "/api/config", "403 foreign_origin"],
  [{ origin: "http://localhost:3000" }, "/api/config", "403 foreign_origin"],
  [{ origin: "http://127.0.0.1:8080" }, "/api/config", "403 foreign_origin"],
  [{ origin: "null" }, "/api/config", "403 foreign_origin"],
  [{ origin: "" }, "/api/config", "403 foreign_origin"],
  [{ origin: "https://evil.com" }, "/ws", "403 foreign_origin"],
  [{ origin: "http://localhost:8080", "sec-fetch-site": "cross-site" }, "/api/config", "403 foreign_origin"],
  // a link from elsewhere to a page of ours
  [VISIT, "/", "taken"],
  [VISIT, "/docs", "taken"],
  [VISIT, "/api/config", "403 foreign_origin"],
  [VISIT, "/metrics", "403 foreign_origin"],
  [{ ...VISIT, "sec-fetch-dest": "iframe" }, "/", "403 foreign_origin"],
  [{ ...VISIT, origin: "https://evil.com" }, "/", "403 foreign_origin"],
];
for (const [headers, target, expected] of READS)
  test(`a read of ${target} with ${JSON.stringify(headers)} is ${expected}`, () => {
    assert.equal(read({ ...LOCAL, ...headers }, target), expected);
  });

const WRITES: readonly [Record<string, string>, TestRequest, string][] = [
  [{}, {}, "taken"],
  [{ origin: "http://localhost:8080", "sec-fetch-site": "same-origin" }, {}, "taken"],
  [{ host: "127.0.0.1:8080", origin: "http://127.0.0.1:8080" }, {}, "taken"],
  [{ host: "[::1]:8080", origin: "http://[::1]:8080" }, {}, "taken"],
  [{ host: "localhost", origin: "http://localhost:80" }, {}, "taken"],
  [{ "sec-fetch-site": "none" }, {}, "403 foreign_origin"],
  [{ "sec-fetch-site": "cross-site" }, {}, "403 foreign_origin"],
  [{ ...VISIT }, { target: "/" }, "403 foreign_origin"],
  [{ origin: "null" }, {}, "403 foreign_origin"],
  [{ origin: "https://evil.com" }, {}, "403 foreign_origin"],
  [{ origin: "http://localhost:8081" }, {}, "403 foreign_origin"],
  [{ origin: "http://localhost:8080", "sec-fetch-site": "same-site" }, {}, "403 foreign_origin"],
  // rebinding: the page's own name stands in both
  [{ host: "evil.com:8080", origin: "http://evil.com:8080", "sec-fetch-site": "same-origin" }, {}, "421 foreign_host"],
  // content types
  [{ "content-type": "application/json; charset=utf-8" }, {}, "taken"],
  [{ "content-type": "text/plain" }, {}, "415 unsupported_media_type"],
  [{ "content-type": "application/x-www-form-urlencoded" }, {}, "415 unsupported_media_type"],
  [{ "content-type": "" }, {}, "415 unsupported_media_type"],
  [{ "content-type": "" }, { body: "", method: "DELETE" }, "taken"],
  [{ "content-type": "text/plain" }, { body: "", method: "POST" }, "taken"],
  // who may write is not decided here
  [{}, { peer: { address: "192.168.1.9", loopback: false } }, "taken"],
  [{ host: "192.168.1.5:8080" }, { peer: { address: "192.168.1.9", loopback: false } }, "taken"],
];
for (const [headers, more, expected] of WRITES)
  test(`a write with ${JSON.stringify({ ...headers, ...more })} is ${expected}`, () => {
    assert.equal(write(headers, more), expected);
  });

test("with a login any Host is taken, and pages of other origins are refused as before", () => {
  const host = { host: "gateway.example" };
  assert.equal(admin({ method: "GET", headers: host }, {}, LOGIN), "taken");
  const own = { ...host, ...JSON_TYPE, origin: "http://gateway.example" };
  assert.equal(admin({ method: "PUT", headers: own, body: "{}" }, {}, LOGIN), "taken");
  for (const headers of [{ origin: "https://evil.com" }, { "sec-fetch-site": "cross-site" }]) {
    assert.equal(admin({ method: "GET", headers: { ...host, ...headers } }, {}, LOGIN), "403 foreign_origin");
    const write = { method: "PUT", headers: { ...host, ...JSON_TYPE, ...headers }, body: "{}" };
    assert.equal(admin(write, {}, LOGIN), "403 foreign_origin");
  }
  const form = { method: "POST", headers: { ...host, "content-type": "text/plain" }, body: "{}" };
  assert.equal(admin(form, {}, LOGIN), "415 unsupported_media_type");
});

/** What the rules of CORS say to an inference request: the lines, or null. */
function cors(origin: string | undefined, settings: Partial<SettingsEntity> = {}, more: TestRequest = {}): string {
  const { cors: rules } = new WebRules(testSettings(settings), NO_LOGIN);
  const headers = { host: "localhost:8080", ...(origin === undefined ? {} : { origin }), ...more.headers };
  const lines = rules.headersFor(testRequest({ ...more, headers }));
  if (lines === null) return "refused";
  const line = (name: string) =>
    lines
      .split("\r\n")
      .find((text) => text.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  const allowed = line("access-control-allow-origin") ?? "-";
  assert.equal(line("vary"), allowed === "-" || allowed === "*" ? undefined : "origin");
  return line("access-control-allow-credentials") === "true" ? `${allowed} with credentials` : allowed;
}

const LISTED = {
  allowedOrigins: [
    "https://app.example.com",
    "https://*.x.com",
    "http://dev.test:3000/",
    "chrome-extension://abc",
    "bad",
  ],
};
const ANY = { allowedOrigins: ["*"] };
const DEMANDED = { enforceVirtualKeys: true };
const ORIGINS: readonly [string | undefined, Partial<SettingsEntity>, string][] = [
  [undefined, {}, "-"],
  // local pages always
  ["http://localhost:3000", {}, "http://localhost:3000"],
  ["https://localhost", {}, "https://localhost"],
  ["http://app.localhost:5173", {}, "http://app.localhost:5173"],
  ["http://127.0.0.1:3000", {}, "http://127.0.0.1:3000"],
  ["http://[::1]:3000", { allowedOrigins: [] }, "http://[::1]:3000"],
  ["http://localhost:3000", ANY, "http://localhost:3000"],
  // our own pages
  ["http://localhost:8080", {}, "-"],
  // nobody else, unless a credential is demanded
  ["https://evil.com", {}, "refused"],
  ["https://evil.com", { allowedOrigins: [] }, "refused"],
  ["https://evil.com", DEMANDED, "*"],
  ["https://evil.com", { ...DEMANDED, allowedOrigins: [] }, "refused"],
  ["https://evil.com", ANY, "*"],
  // null never
  ["null", {}, "refused"],
  ["null", ANY, "refused"],
  ["null", { allowedOrigins: ["null"] }, "refused"],
  ["", ANY, "refused"],
  ["https://a.com, https://b.com", ANY, "refused"],
  // the list
  ["https://app.example.com", LISTED, "https://app.example.com with credentials"],
  ["HTTPS://App.Example.com:443", LISTED, "HTTPS://App.Example.com:443 with credentials"],
  ["http://app.example.com", LISTED, "refused"],
  ["https://app.example.com:8443", LISTED, "refused"],
  ["https://app.example.com.evil.com", LISTED, "refused"],
  ["https://a.x.com", LISTED, "https://a.x.com with credentials"],
  ["https://a.b.x.com", LISTED, "https://a.b.x.com with credentials"],
  ["https://x.com", LISTED, "refused"],
  ["https://.x.com", LISTED, "refused"],
  ["https://evilx.com", LISTED, "refused"],
  ["https://a.x.com.evil.com", LISTED, "refused"],
  ["https://a.x.com:444", LISTED, "refused"],
  ["http://a.x.com", LISTED, "refused"],
  ["http://dev.test:3000", LISTED, "http://dev.test:3000 with credentials"],
  ["chrome-extension://abc", LISTED, "chrome-extension://abc with credentials"],
  ["chrome-extension://abd", LISTED, "refused"],
  ["https://localhost.evil.com", {}, "refused"],
  ["http://127.0.0.1.evil.com", {}, "refused"],
  ["ftp://localhost", {}, "refused"],
  ["https://user@localhost", {}, "refused"],
  ["https://localhost/path", {}, "refused"],
];
for (const [origin, settings, expected] of ORIGINS)
  test(`answers Origin "${origin}" under ${JSON.stringify(settings)} with ${expected}`, () => {
    assert.equal(cors(origin, settings), expected);
  });

test("takes our own pages by address and by allowed name, and not by a name that was rebound", () => {
  const own = (host: string, settings = {}) => cors(`http://${host}`, settings, { headers: { host } });
  assert.equal(own("192.168.1.5:8080"), "-");
  assert.equal(own("gw.internal", { allowedHosts: ["gw.internal"] }), "-");
  assert.equal(own("evil.com:8080"), "refused");
  const behindTls = { headers: { host: "gw.internal" } };
  assert.equal(cors("https://gw.internal", { allowedHosts: ["gw.internal"] }, behindTls), "-");
  assert.equal(
    cors("http://gw.internal", { allowedHosts: ["gw.internal"] }, { ...behindTls, peer: { secure: true } }),
    "refused",
  );
});

test("grants a preflight the headers that clients of this gateway send, and those that the operator adds", () => {
  const asked =
    "Content-Type, Authorization, x-bf-vk, x-bf-eh-foo, X-Stainless-OS, anthropic-version, x-own, x-other, bad header,";
  const request = testRequest({ method: "OPTIONS", headers: { "access-control-request-headers": asked } });
  const lines = (settings: Partial<SettingsEntity>) =>
    new WebRules(testSettings(settings), NO_LOGIN).cors.preflight(request, ["POST", "OPTIONS"]).split("\r\n");
  const granted = "content-type, authorization, x-bf-vk, x-bf-eh-foo, x-stainless-os, anthropic-version, x-own";
  assert.deepEqual(lines({ allowedHeaders: ["X-Own"] }), [
    "access-control-allow-methods: POST, OPTIONS",
    `access-control-allow-headers: ${granted}`,
    "access-control-max-age: 86400",
    "",
  ]);
  assert.equal(lines({ allowedHeaders: ["*"] })[1], `access-control-allow-headers: ${granted}, x-other`);
});
