// A provider behind a SOCKS proxy, through a gateway: names left to the proxy, logins, failover past a dead one, and what clients are told.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { type SocksServer, socksServer } from "../../src/upstream/socks-testing.ts";
import { type FaultUpstream, startFaultUpstream } from "../support/fault-upstream.ts";
import { freePort, post, startTestGateway, type TestGateway } from "../support/gateway.ts";

const LOGIN = { username: "gate", password: "planted-proxy-password" };
const pem = (name: string): string =>
  readFileSync(new URL(`../../src/upstream/fixtures/${name}`, import.meta.url), "utf8");

let secure: FaultUpstream;
let plain: FaultUpstream;
let proxy: SocksServer;
let guarded: SocksServer;
let silent: SocksServer;
let gateway: TestGateway;

/** A name that only the proxies know: nothing resolves it here. */
const HTTPS = "https://provider.test";
const HTTP = "http://plain.test:8000";

function url(port: number): string {
  return `socks5://127.0.0.1:${port}`;
}

before(async () => {
  secure = await startFaultUpstream({ tls: { key: pem("server-key.pem"), cert: pem("server.pem") } });
  plain = await startFaultUpstream();
  const target = (host: string): number | null =>
    host === "provider.test" ? secure.port : host === "plain.test" ? plain.port : null;
  proxy = await socksServer({ target });
  guarded = await socksServer({ target, login: LOGIN, split: true });
  silent = await socksServer({ target, answer: () => null });
  const provider = (baseUrl: string, proxyConfig: object): object => ({
    keys: [{ name: "k", value: "sk-behind-a-proxy", models: ["*"] }],
    network_config: { base_url: baseUrl, ca_cert_pem: pem("ca.pem"), default_request_timeout_in_seconds: 1 },
    proxy_config: proxyConfig,
    custom_provider_config: { base_provider_type: "openai" },
  });
  gateway = await startTestGateway({
    config: {
      providers: {
        tls: provider(HTTPS, { type: "socks5", url: url(proxy.port) }),
        plain: provider(HTTP, { type: "socks5", url: url(proxy.port).replace("socks5", "socks5h") }),
        guarded: provider(HTTPS, { type: "socks5", url: url(guarded.port), ...LOGIN }),
        locked: provider(HTTPS, {
          type: "socks5",
          url: url(guarded.port),
          username: "gate",
          password: "planted-wrong",
        }),
        nowhere: provider("https://unknown.test", { type: "socks5", url: url(proxy.port) }),
        dead: provider(HTTPS, { type: "socks5", url: url(await freePort()) }),
        silent: provider(HTTPS, { type: "socks5", url: url(silent.port) }),
      },
    },
  });
});

after(async () => {
  await gateway?.stop();
  for (const server of [proxy, guarded, silent, secure, plain]) await server?.close();
});

const ask = (model: string, more: object = {}) =>
  post(`${gateway.url}/v1/chat/completions`, { model, messages: [{ role: "user", content: "Hi" }], ...more });

test("chats, plain and streamed, over TLS and in the clear, with a login and without", async () => {
  for (const provider of ["tls", "plain", "guarded"]) {
    const answer = await ask(`${provider}/echo`);
    assert.equal(answer.status, 200, `${provider}: ${answer.text}`);
    assert.match(answer.text, /You said: Hi/);
    const streamed = await ask(`${provider}/echo`, { stream: true });
    assert.match(streamed.text, /data: \[DONE\]\n\n$/, provider);
  }
  assert.deepEqual([...new Set(proxy.asked)].sort(), ["plain.test:8000", "provider.test:443"]);
  assert.ok(secure.requests.every((request) => request.key === "sk-behind-a-proxy"));
  assert.equal(plain.requests[0]?.headers["host"], "plain.test:8000");
});

for (const [provider, status] of [
  ["locked", 502],
  ["nowhere", 502],
  ["dead", 502],
  ["silent", 504],
] as const)
  test(`a proxy that fails (${provider}) is a failure of the provider: ${status} without an address, and the next one answers`, async () => {
    const answer = await ask(`${provider}/echo`);
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.text, new RegExp(`Provider '${provider}' failed`));
    const { message } = (answer.json as { error: { message: string } }).error;
    assert.doesNotMatch(message, /127\.0\.0\.1|\.test|planted|\d{4,5}|SOCKS/);
    const covered = await ask(`${provider}/echo`, { fallbacks: ["tls/echo"] });
    assert.equal(covered.status, 200, covered.text);
    assert.equal(covered.headers.get("x-bifrost-provider"), "tls");
  });

test("a proxy's password appears nowhere", async () => {
  const logs = await (await fetch(`${gateway.url}/api/logs?limit=100`)).text();
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  for (const text of [gateway.output(), logs, metrics]) assert.doesNotMatch(text, /planted/);
});
