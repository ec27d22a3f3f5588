// Calls through SOCKS proxies: names left to the proxy, TLS on top, logins, refusals, silence and every cut of its bytes.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import type { ProxySettings } from "../core/http.ts";
import { type SocksServer, type SocksServerOptions, socksServer } from "./socks-testing.ts";
import {
  answering,
  CA_PATH,
  CA_PEM,
  callTo,
  door,
  onRequest,
  originOf,
  plainAnswer,
  rawServer,
  run,
  SERVER_TLS,
  start,
  until,
} from "./testing.ts";

const servers: SocksServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function proxyTo(port: number, more: Partial<SocksServerOptions> = {}): Promise<SocksServer> {
  const server = await socksServer({ target: () => port, ...more });
  servers.push(server);
  return server;
}

const via = (proxy: SocksServer, more: Partial<ProxySettings> = {}): ProxySettings => ({
  type: "socks5",
  url: `socks5://127.0.0.1:${proxy.port}`,
  ...more,
});
const unresolved = (): never => assert.fail("the origin's name was resolved here");
const PROVIDER = "https://provider.test";
const PLAIN = "http://provider.test:8000";

test("an https origin: one connection for several calls, its name resolved by the proxy alone", async () => {
  const server = await answering(plainAnswer("ok"), { tls: SERVER_TLS });
  const proxy = await proxyTo(server.port);
  const origin = originOf(PROVIDER, { caPem: CA_PEM, proxy: via(proxy) });
  const upstream = door({ resolve: unresolved });
  for (let i = 0; i < 3; i++) {
    const { status, failure } = await run(upstream, callTo(origin));
    assert.equal(status, 200, failure?.detail ?? "");
  }
  assert.deepEqual(proxy.asked, ["provider.test:443"]);
  assert.deepEqual(proxy.greetings, ["050100"]);
});

test("a second connection resumes the TLS session of the first", async () => {
  const resumed: boolean[] = [];
  const server = await rawServer(
    (socket) => {
      resumed.push((socket as unknown as { isSessionReused(): boolean }).isSessionReused());
      onRequest(socket, () => socket.write(plainAnswer("ok")));
    },
    { tls: SERVER_TLS },
  );
  const proxy = await proxyTo(server.port);
  const origin = originOf(PROVIDER, { caPem: CA_PEM, proxy: via(proxy) });
  const upstream = door({ resolve: unresolved });
  assert.equal((await run(upstream, callTo(origin))).status, 200);
  assert.equal((await run(upstream, callTo(origin, { fresh: true }))).status, 200);
  assert.deepEqual(resumed, [false, true]);
});

test("an http origin gets the request as it goes directly, on a connection that is kept", async () => {
  const requests: string[] = [];
  const server = await rawServer((socket) =>
    onRequest(socket, (request) => {
      requests.push(request);
      socket.write(plainAnswer("through"));
    }),
  );
  const proxy = await proxyTo(server.port);
  const upstream = door({ resolve: unresolved });
  for (let i = 0; i < 2; i++) {
    const { body, failure } = await run(upstream, callTo(originOf(PLAIN, { proxy: via(proxy) })));
    assert.equal(body.toString(), "through", failure?.detail ?? "");
  }
  assert.equal(proxy.accepted(), 1);
  assert.deepEqual(proxy.asked, ["provider.test:8000"]);
  assert.match(requests[0] as string, /^POST \/v1\/chat HTTP\/1\.1\r\nhost: provider\.test:8000\r\n/);
  assert.doesNotMatch(requests[0] as string, /proxy-authorization/);
});

test("the environment's SOCKS proxy, with its login; NO_PROXY and loopback go past it", async () => {
  const server = await answering(plainAnswer("ok"), { tls: SERVER_TLS });
  const proxy = await proxyTo(server.port, { login: { username: "user", password: "p@ss" } });
  for (const scheme of ["socks5", "socks5h"]) {
    const environment = {
      ALL_PROXY: `${scheme}://us%65r:p%40ss@127.0.0.1:${proxy.port}`,
      SSL_CERT_FILE: CA_PATH,
    };
    const upstream = door({ environment, resolve: unresolved });
    const settings = { proxy: { type: "environment" } } as const;
    const { status, failure } = await run(upstream, callTo(originOf(PROVIDER, settings)));
    assert.equal(status, 200, failure?.detail ?? "");
    assert.equal(
      (await run(door({ environment }), callTo(originOf(`https://localhost:${server.port}`, settings)))).status,
      200,
    );
  }
  assert.equal(proxy.accepted(), 2);
  assert.equal(proxy.greetings[0], "05020002");
});

test("an address that may not be reached directly is the proxy's business; an address goes as one", async () => {
  const server = await answering(plainAnswer("ok"));
  const proxy = await proxyTo(server.port);
  for (const url of ["http://10.1.2.3", "http://[fd00::1]:81"])
    assert.equal((await run(door({ resolve: unresolved }), callTo(originOf(url, { proxy: via(proxy) })))).status, 200);
  assert.deepEqual(proxy.asked, ["10.1.2.3:80", "fd00:0:0:0:0:0:0:1:81"]);
});

test("refused logins and connections are failures of the proxy; nothing was sent, and nothing secret is told", async () => {
  const server = await answering(plainAnswer("ok"), { tls: SERVER_TLS });
  const login = { username: "user", password: "right" };
  const cases: [Partial<SocksServerOptions>, Partial<ProxySettings>, RegExp][] = [
    [{ login }, { username: "user", password: "hunter2" }, /refused the login/],
    [{ login }, {}, /demands a login/],
    [{ target: () => null }, {}, /cannot reach the host/],
    [{ answer: () => Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n") }, {}, /another protocol/],
    [{ answer: (_, bytes) => Buffer.concat([bytes, Buffer.from("early")]) }, {}, /more than it was asked/],
    [{ answer: (stage, bytes) => (stage === "reply" ? Buffer.from([5, 1]) : bytes) }, {}, /it failed/],
  ];
  for (const [options, settings, words] of cases)
    for (const origin of [PROVIDER, PLAIN]) {
      const proxy = await proxyTo(server.port, options);
      const { failure, trace } = await run(door(), callTo(originOf(origin, { proxy: via(proxy, settings) })));
      assert.deepEqual(trace, ["failure proxy"], words.source);
      assert.equal(failure?.sent, false);
      assert.match(failure?.detail ?? "", words);
      assert.doesNotMatch(failure?.detail ?? "", /hunter2|127\.0\.0\.1/);
    }
});

test("a proxy that ends early, is silent at any stage, or is not there", async () => {
  const server = await answering(plainAnswer("ok"), { tls: SERVER_TLS });
  for (const origin of [PROVIDER, PLAIN]) {
    const ending = await rawServer((socket) => socket.end(Buffer.from([5])));
    const url = `socks5://127.0.0.1:${ending.port}`;
    const ended = await run(door(), callTo(originOf(origin, { proxy: { type: "socks5", url } })));
    assert.equal(ended.failure?.kind, "proxy");
    await ending.close();
    const gone = await run(door(), callTo(originOf(origin, { proxy: { type: "socks5", url } })));
    assert.equal(gone.failure?.kind, "proxy");
    for (const silent of ["method", "reply"] as const) {
      const proxy = await proxyTo(server.port, { answer: (stage, bytes) => (stage === silent ? null : bytes) });
      const call = callTo(originOf(origin, { proxy: via(proxy) }), { deadlines: { connect: 150 } });
      assert.equal((await run(door(), call)).failure?.kind, "connect-timeout", `${origin} ${silent}`);
    }
  }
});

test("a proxy that writes byte by byte", async () => {
  const secure = await answering(plainAnswer("ok"), { tls: SERVER_TLS });
  const plain = await answering(plainAnswer("ok"));
  const login = { username: "u", password: "p" };
  for (const [origin, port] of [
    [PROVIDER, secure.port],
    [PLAIN, plain.port],
  ] as const) {
    const proxy = await proxyTo(port, { login, split: true });
    const { status, failure } = await run(
      door(),
      callTo(originOf(origin, { caPem: CA_PEM, proxy: via(proxy, login) })),
    );
    assert.equal(status, 200, failure?.detail ?? "");
  }
});

test("the origin's certificate is checked through the proxy", async () => {
  const server = await answering(plainAnswer("ok"), { tls: SERVER_TLS });
  const proxy = await proxyTo(server.port);
  assert.equal((await run(door(), callTo(originOf(PROVIDER, { proxy: via(proxy) })))).failure?.kind, "tls");
  const other = originOf("https://other.test", { caPem: CA_PEM, proxy: via(proxy) });
  assert.equal((await run(door(), callTo(other))).failure?.kind, "tls");
});

test("an abort while the proxy is silent or the answer under way is seen within 100 ms", async () => {
  const server = await rawServer(
    (socket) => onRequest(socket, () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc")),
    { tls: SERVER_TLS },
  );
  const proxy = await proxyTo(server.port);
  const recorder = start(door(), callTo(originOf(PROVIDER, { caPem: CA_PEM, proxy: via(proxy) })));
  await until(() => recorder.received === 3);
  const closed = new Promise((resolve) => server.sockets.at(-1)?.once("close", resolve));
  const began = performance.now();
  recorder.call?.abort();
  await closed;
  assert.ok(performance.now() - began < 100);
  const silent = await rawServer(() => {});
  const waiting = start(
    door(),
    callTo(originOf(PROVIDER, { proxy: { type: "socks5", url: `socks5://127.0.0.1:${silent.port}` } })),
  );
  await until(() => silent.sockets.length === 1);
  const left = new Promise((resolve) => silent.sockets[0]?.once("close", resolve));
  silent.sockets[0]?.resume();
  waiting.call?.abort();
  await left;
});
