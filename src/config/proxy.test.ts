// The proxies of providers: their kinds, addresses and logins, and what is refused of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProxySettings } from "../core/http.ts";
import { loadObject, loadText, providerIn } from "./testing.ts";

const fileOf = (proxy: unknown): object => ({
  providers: { openai: { keys: [{ name: "k", value: "sk-x" }], proxy_config: proxy } },
});

function read(proxy: unknown): ProxySettings {
  return providerIn(loadObject(fileOf(proxy), { PROXY_PASSWORD: "p@ss" }).entities, "openai").proxy;
}

function refusals(proxy: unknown): string {
  const result = loadText(JSON.stringify(fileOf(proxy)));
  return result.ok
    ? "taken"
    : result.errors.map((error) => `${error.message} ${error.details.expected ?? ""}`).join("\n");
}

test("reads a SOCKS proxy, by its type or by its address alone", () => {
  const settings = read({
    type: "socks5",
    url: "socks5://proxy:1080",
    username: "user",
    password: "env.PROXY_PASSWORD",
  });
  assert.deepEqual(settings, {
    type: "socks5",
    url: "socks5://proxy:1080",
    username: "user",
    password: "p@ss",
    caPem: undefined,
  });
  assert.equal(read({ url: "socks5h://proxy:1080" }).type, "socks5");
  assert.equal(read({ url: "http://proxy:3128" }).type, "http");
  assert.equal(read({ type: "none", url: "socks5://proxy" }).type, "none");
  assert.equal(read({ type: "environment" }).type, "environment");
});

test("refuses an address of another kind, and a login that SOCKS has no room for", () => {
  assert.match(refusals({ type: "socks5", url: "http://proxy" }), /\.url must be the address .*socks5:\/\/proxy/);
  assert.match(refusals({ type: "socks5", url: "socks5://" }), /\.url must be/);
  assert.match(refusals({ type: "socks5" }), /\.url must be/);
  assert.match(refusals({ type: "http", url: "socks5://proxy" }), /\.url must be the address .*http:\/\/proxy/);
  const long = refusals({ type: "socks5", url: "socks5://proxy", password: "x".repeat(256) });
  assert.match(long, /\.password is longer than the 255 bytes/);
  assert.doesNotMatch(long, /xxx/);
});
