// The proxy of the whole gateway, set by API: in force with the answer, under load, past the hosts it is not for, its password nowhere.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { call, change } from "../support/admin-calls.ts";
import { type ConnectProxy, startConnectProxy } from "../support/connect-proxy.ts";
import { type FaultUpstream, startFaultUpstream } from "../support/fault-upstream.ts";
import { post, startTestGateway, type TestGateway, temporaryFolder } from "../support/gateway.ts";

const LOGIN = { username: "gate", password: "planted-proxy-password" };
const pem = (name: string): string =>
  readFileSync(new URL(`../../src/upstream/fixtures/${name}`, import.meta.url), "utf8");

let secure: FaultUpstream;
let own: ConnectProxy;
let first: ConnectProxy;
let second: ConnectProxy;
let gateway: TestGateway;
const appDir = temporaryFolder("global-proxy");

const provider = (baseUrl: string, more: object = {}): object => ({
  keys: [{ name: "k", value: "sk-behind-a-proxy", models: ["*"] }],
  network_config: { base_url: baseUrl, default_request_timeout_in_seconds: 5 },
  custom_provider_config: { base_provider_type: "openai" },
  ...more,
});

const start = (): Promise<TestGateway> => {
  return startTestGateway({
    appDir,
    environment: { DRAWBRIDGE_TEST_CA: pem("ca.pem") },
    config: {
      providers: {
        far: provider("https://provider.test"),
        near: provider(secure.url, {
          network_config: { base_url: secure.url, ca_cert_pem: pem("ca.pem"), default_request_timeout_in_seconds: 5 },
        }),
        own: provider("https://provider.test", {
          proxy_config: { type: "http", url: own.url },
          network_config: { base_url: "https://provider.test", ca_cert_pem: pem("ca.pem") },
        }),
      },
    },
  });
};

before(async () => {
  secure = await startFaultUpstream({ tls: { key: pem("server-key.pem"), cert: pem("server.pem") } });
  const targets = { "provider.test": secure.port };
  own = await startConnectProxy({ targets });
  first = await startConnectProxy({ targets, login: LOGIN });
  second = await startConnectProxy({ targets, login: LOGIN });
  gateway = await start();
});

after(async () => {
  await gateway?.stop();
  for (const server of [own, first, second, secure]) await server?.close();
});

const ask = (provider: string) =>
  post(`${gateway.url}/v1/chat/completions`, {
    model: `${provider}/echo`,
    messages: [{ role: "user", content: "Hi" }],
  });
const proxy = (url: string, more: object = {}): object => ({
  enabled: true,
  type: "http",
  url,
  ...LOGIN,
  ca_cert_pem: "env.DRAWBRIDGE_TEST_CA",
  enable_for_inference: true,
  ...more,
});
const put = (body: object) => change(gateway.url, "PUT", "/api/proxy-config", body);

test("it is in force with the answer, for providers without one of their own, and gone with the next", async () => {
  assert.equal((await ask("far")).status, 502, "nothing resolves the name here");
  const answer = await put(proxy(first.url));
  assert.deepEqual(answer.json, { status: "success", message: "proxy configuration updated successfully" });
  assert.equal((await ask("far")).status, 200);
  assert.deepEqual(first.asked, ["provider.test:443"]);
  assert.equal((await ask("own")).status, 200);
  assert.deepEqual(own.asked, ["provider.test:443"]);
  assert.equal((await ask("near")).status, 200, "loopback is reached directly");
  assert.equal(first.asked.length, 1);
  await put(proxy(first.url, { enable_for_inference: false, enable_for_api: true }));
  assert.equal((await ask("far")).status, 502);
  await put(proxy(first.url, { no_proxy: "other.test, .test" }));
  assert.equal((await ask("far")).status, 502, "no_proxy leads past it");
  assert.equal(first.asked.length, 1);
});

test("with a wrong password the provider fails, and the right one makes it work at once", async () => {
  await put(proxy(first.url, { password: "planted-wrong" }));
  const refused = await ask("far");
  assert.equal(refused.status, 502);
  assert.doesNotMatch(refused.text, /planted|407|127\.0\.0\.1/);
  const shown = (await change(gateway.url, "GET", "/api/proxy-config")).json;
  assert.equal(shown.password, "<redacted>");
  await put({ ...shown, password: LOGIN.password });
  assert.equal((await ask("far")).status, 200);
});

test("changed again and again under load, no request fails", { timeout: 30_000 }, async () => {
  await put(proxy(first.url));
  const load = { isOver: false };
  const statuses: number[] = [];
  const clients = Array.from({ length: 8 }, async () => {
    while (!load.isOver) statuses.push((await ask("far")).status);
  });
  for (let round = 0; round < 20; round++) await put(proxy(round % 2 === 0 ? second.url : first.url));
  load.isOver = true;
  await Promise.all(clients);
  assert.deepEqual([...new Set(statuses)], [200]);
  assert.ok(second.asked.length > 0 && statuses.length >= 8);
});

test("it is there after a start, and its password appears nowhere", async () => {
  await put(proxy(second.url));
  const outputs = [gateway.output()];
  await gateway.stop();
  gateway = await start();
  const count = second.asked.length;
  assert.equal((await ask("far")).status, 200);
  assert.equal(second.asked.length, count + 1);
  for (const target of ["/api/logs?limit=100", "/metrics", "/api/config", "/api/proxy-config", "/api/providers"])
    outputs.push((await call(gateway.url, "GET", target)).text);
  for (const text of [...outputs, gateway.output()]) assert.doesNotMatch(text, /planted/);
});
