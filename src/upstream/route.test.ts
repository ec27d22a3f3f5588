// Routes, proxies out of settings and environment, and the table of NO_PROXY.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProxySettings } from "../core/http.ts";
import { isDirect } from "./no-proxy.ts";
import { RouteError, routeOf, tunnelTarget } from "./route.ts";
import { originOf } from "./testing.ts";

const NO_PROXY: readonly (readonly [boolean, string | undefined, string, number])[] = [
  [false, undefined, "example.com", 443],
  [false, "", "example.com", 443],
  [true, "*", "example.com", 443],
  [true, "example.com", "example.com", 443],
  [true, "example.com", "api.example.com", 443],
  [false, "example.com", "notexample.com", 443],
  [false, "example.com", "example.com.evil", 443],
  [true, "EXAMPLE.com", "example.com", 443],
  [true, ".example.com", "api.example.com", 443],
  [false, ".example.com", "example.com", 443],
  [true, "*.example.com", "a.b.example.com", 443],
  [false, "*.example.com", "example.com", 443],
  [true, "a.test, example.com", "example.com", 443],
  [true, "a.test example.com", "example.com", 443],
  [true, ",,example.com,", "example.com", 443],
  [true, "example.com:443", "example.com", 443],
  [false, "example.com:8443", "example.com", 443],
  [true, ".example.com:8443", "x.example.com", 8443],
  [true, "10.1.2.3", "10.1.2.3", 80],
  [false, "10.1.2.3", "10.1.2.30", 80],
  [true, "10.1.2.3:80", "10.1.2.3", 80],
  [false, "10.1.2.3:81", "10.1.2.3", 80],
  [true, "10.0.0.0/8", "10.9.9.9", 80],
  [false, "10.0.0.0/8", "11.9.9.9", 80],
  [false, "10.0.0.0/8", "10.example.com", 80],
  [true, "fd00::/8", "fd12::1", 80],
  [true, "fd12:0::1", "fd12::1", 80],
  [true, "[fd12::1]:80", "fd12::1", 80],
  [false, "[fd12::1]:81", "fd12::1", 80],
  [false, "10.0.0.0/99", "10.0.0.1", 80],
  [true, undefined, "localhost", 80],
  [true, undefined, "app.localhost", 80],
  [true, undefined, "127.8.8.8", 80],
  [true, undefined, "::1", 80],
  [false, "ocalhost", "xlocalhost", 80],
];

for (const [direct, list, host, port] of NO_PROXY) {
  test(`NO_PROXY ${JSON.stringify(list)}: ${host}:${port} ${direct ? "is direct" : "goes through the proxy"}`, () => {
    assert.equal(isDirect(host, port, list), direct);
  });
}

const viaEnvironment = (url: string, environment: Record<string, string>): ReturnType<typeof routeOf> =>
  routeOf(originOf(url, { proxy: { type: "environment" } }), environment);

const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;

const message = (value: string): string => {
  try {
    viaEnvironment("https://x.test", { HTTPS_PROXY: value });
  } catch (error) {
    assert.ok(error instanceof RouteError);
    assert.equal(error.kind, "proxy");
    return error.message;
  }
  return "";
};

test("takes host, port and Host header from the address, without the default port", () => {
  const cases = [
    ["https://api.example.com", "api.example.com", 443, "api.example.com"],
    ["https://api.example.com:443", "api.example.com", 443, "api.example.com"],
    ["http://api.example.com:8080", "api.example.com", 8080, "api.example.com:8080"],
    ["http://[::1]:99", "::1", 99, "[::1]:99"],
    ["http://2130706433", "127.0.0.1", 80, "127.0.0.1"],
    ["http://0x7f.1", "127.0.0.1", 80, "127.0.0.1"],
  ] as const;
  for (const [url, host, port, authority] of cases) {
    const route = routeOf(originOf(url), {});
    assert.deepEqual([route.host, route.port, route.authority], [host, port, authority], url);
  }
  assert.equal(tunnelTarget(routeOf(originOf("https://[::1]"), {})), "[::1]:443");
});

test("refuses an address that is none", () => {
  for (const url of ["", "ftp://x", "example.com", "https://"])
    assert.throws(() => routeOf(originOf(url), {}), RouteError, url);
});

test("reads the proxy of the scheme from the environment, upper case first, ALL_PROXY last", () => {
  const all = {
    HTTPS_PROXY: "http://s:1",
    https_proxy: "http://l:1",
    HTTP_PROXY: "http://p:1",
    ALL_PROXY: "http://a:1",
  };
  assert.equal(viaEnvironment("https://x.test", all).proxy?.host, "s");
  assert.equal(viaEnvironment("http://x.test", all).proxy?.host, "p");
  assert.equal(viaEnvironment("https://x.test", { https_proxy: "http://l:1" }).proxy?.host, "l");
  assert.equal(viaEnvironment("http://x.test", { HTTPS_PROXY: "http://s:1", all_proxy: "a" }).proxy?.host, "a");
  assert.equal(viaEnvironment("http://x.test", { HTTP_PROXY: "" }).proxy, null);
  assert.equal(viaEnvironment("https://x.test", { ...all, no_proxy: "x.test" }).proxy, null);
  assert.equal(viaEnvironment("https://localhost", all).proxy, null);
});

test("a proxy that the settings name is used whatever the environment says", () => {
  const origin = originOf("https://localhost", { proxy: { type: "http", url: "https://proxy.test" } });
  const route = routeOf(origin, { NO_PROXY: "*" });
  assert.deepEqual(route.proxy, { host: "proxy.test", port: 443, secure: true, authorization: null });
  assert.equal(routeOf(originOf("https://x.test"), { HTTPS_PROXY: "http://p:1" }).proxy, null);
});

test("takes the proxy's credentials from the settings or from its address", () => {
  const proxy = { type: "http", url: "http://us%65r:p%40ss@proxy.test:3128" } as const;
  assert.equal(routeOf(originOf("http://x.test", { proxy }), {}).proxy?.authorization, basic("user:p@ss"));
  const named = { ...proxy, username: "other", password: "word" };
  assert.equal(routeOf(originOf("http://x.test", { proxy: named }), {}).proxy?.authorization, basic("other:word"));
});

test("says which variable names no proxy, without its value", () => {
  assert.match(message("http://user:hunter2@:bad"), /^HTTPS_PROXY is not an address/);
  assert.doesNotMatch(message("http://user:hunter2@:bad"), /hunter2/);
  assert.match(message("socks4://user:hunter2@proxy:1"), /^HTTPS_PROXY names a socks4 proxy/);
  assert.doesNotMatch(message("socks5://user:hunter2@:bad"), /hunter2/);
  assert.match(message("socks5://user:hunter2@:bad"), /^HTTPS_PROXY is not an address like socks5/);
  assert.throws(() => routeOf(originOf("http://x.test", { proxy: { type: "http" } }), {}), /no url/);
});

const viaSocks = (url: string, more: Partial<ProxySettings> = {}): ReturnType<typeof routeOf> =>
  routeOf(originOf("https://x.test", { proxy: { type: "socks5", url, ...more } }), {});

test("a SOCKS proxy out of the settings or the environment, with its port and its login", () => {
  assert.deepEqual(viaSocks("socks5://proxy.test").socks, { host: "proxy.test", port: 1080, login: null });
  assert.equal(viaSocks("socks5://proxy.test").proxy, null);
  assert.equal(viaSocks("socks5h://proxy.test:80").socks?.port, 80);
  assert.equal(viaSocks("proxy.test:9050").socks?.port, 9050);
  assert.equal(viaSocks("socks5://[::1]:9").socks?.host, "::1");
  assert.deepEqual(viaSocks("socks5://us%65r:p%40ss@proxy").socks?.login, { username: "user", password: "p@ss" });
  assert.deepEqual(viaSocks("socks5://a:b@proxy", { username: "c", password: "d" }).socks?.login, {
    username: "c",
    password: "d",
  });
  for (const name of ["HTTPS_PROXY", "ALL_PROXY", "all_proxy"])
    assert.equal(viaEnvironment("https://x.test", { [name]: "socks5h://proxy.test:5" }).socks?.port, 5, name);
  assert.equal(viaEnvironment("https://x.test", { ALL_PROXY: "socks5://p", NO_PROXY: "x.test" }).socks, null);
  assert.equal(viaEnvironment("https://localhost", { ALL_PROXY: "socks5://p" }).socks, null);
  assert.equal(
    routeOf(originOf("https://x.test", { proxy: { type: "http", url: "socks5://p" } }), {}).socks?.host,
    "p",
  );
});

test("refuses what is no SOCKS proxy, without its login", () => {
  for (const url of ["http://a:hunter2@proxy", "socks4://a:hunter2@proxy", "socks5://", "socks5://a:hunter2@:bad", ""])
    assert.throws(
      () => viaSocks(url),
      (error) => error instanceof RouteError && error.kind === "proxy" && !error.message.includes("hunter2"),
      url,
    );
  assert.throws(() => viaSocks("socks5://p", { username: "u", password: "x".repeat(256) }), /longer than SOCKS allows/);
});
