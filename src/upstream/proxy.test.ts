// Calls through HTTP proxies: tunnels, forwarded requests, credentials, refusals, and a proxy spoken to by TLS.
import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import type { ProxySettings } from "../core/http.ts";
import {
  answering,
  CA_PATH,
  CA_PEM,
  callTo,
  door,
  onRequest,
  originOf,
  plainAnswer,
  type RawServer,
  rawServer,
  resolvingTo,
  run,
  SERVER_TLS,
  start,
  until,
} from "./testing.ts";

interface TestProxy extends RawServer {
  readonly requests: string[];
}

/** A proxy that sends every tunnel to `port`; or answers CONNECT with `refusal`. */
async function tunnelProxy(
  port: number,
  options: { tls?: boolean; refusal?: string; early?: string } = {},
): Promise<TestProxy> {
  const requests: string[] = [];
  const script = (socket: Socket): void => {
    let isTunnel = false;
    onRequest(socket, (request) => {
      if (isTunnel) return;
      isTunnel = true;
      requests.push(request);
      if (options.refusal !== undefined) return void socket.end(options.refusal);
      socket.removeAllListeners("data");
      const onward = connect(port, "127.0.0.1");
      onward.on("error", () => socket.destroy());
      socket.on("close", () => onward.destroy());
      socket.write(`HTTP/1.1 200 Connection established\r\nvia: test\r\n\r\n${options.early ?? ""}`);
      socket.pipe(onward).pipe(socket);
    });
  };
  const server = await rawServer(script, options.tls === true ? { tls: SERVER_TLS } : {});
  return Object.assign(server, { requests });
}

const via = (url: string, more: Partial<ProxySettings> = {}): ProxySettings => ({ type: "http", url, ...more });
const unresolved = (): never => assert.fail("the origin's name was resolved here");
const PROVIDER = "https://provider.test";

test("an https origin is reached through a tunnel, its name resolved by the proxy alone", async () => {
  const server = await answering(plainAnswer("ok"), { tls: SERVER_TLS });
  const proxy = await tunnelProxy(server.port);
  const origin = originOf(PROVIDER, { caPem: CA_PEM, proxy: via(`http://127.0.0.1:${proxy.port}`) });
  const upstream = door({ resolve: unresolved });
  for (let i = 0; i < 3; i++) {
    const { status, failure } = await run(upstream, callTo(origin));
    assert.equal(status, 200, failure?.detail ?? "");
  }
  assert.equal(proxy.accepted(), 1);
  assert.deepEqual(proxy.requests, ["CONNECT provider.test:443 HTTP/1.1\r\nhost: provider.test:443\r\n\r\n"]);
});

test("the environment's proxy is used, with its credentials; NO_PROXY and loopback go past it", async () => {
  const server = await answering(plainAnswer("ok"), { tls: SERVER_TLS });
  const proxy = await tunnelProxy(server.port);
  const environment = {
    HTTPS_PROXY: `http://us%65r:p%40ss@127.0.0.1:${proxy.port}`,
    SSL_CERT_FILE: CA_PATH,
    NO_PROXY: "direct.test",
  };
  const resolve = resolvingTo("127.0.0.1");
  const upstream = door({ environment, resolve });
  const settings = { proxy: { type: "environment" } } as const;
  assert.equal((await run(upstream, callTo(originOf(PROVIDER, settings)))).status, 200);
  const credentials = Buffer.from("user:p@ss").toString("base64");
  assert.match(proxy.requests[0] as string, new RegExp(`\r\nproxy-authorization: Basic ${credentials}\r\n`));
  assert.equal((await run(upstream, callTo(originOf(`https://localhost:${server.port}`, settings)))).status, 200);
  assert.equal(
    (await run(upstream, callTo(originOf(`https://direct.test:${server.port}`, settings)))).failure?.kind,
    "tls",
  );
  assert.equal(proxy.accepted(), 1);
});

test("an http origin's request is handed to the proxy in absolute form", async () => {
  const requests: string[] = [];
  const proxy = await rawServer((socket) =>
    onRequest(socket, (request) => {
      requests.push(request);
      socket.write(plainAnswer("via proxy"));
    }),
  );
  const settings = via(`http://127.0.0.1:${proxy.port}`, { username: "u", password: "p" });
  const upstream = door();
  for (let i = 0; i < 2; i++) {
    const { body } = await run(upstream, callTo(originOf("http://provider.test:8000", { proxy: settings })));
    assert.equal(body.toString(), "via proxy");
  }
  assert.equal(proxy.accepted(), 1);
  assert.equal(
    requests[0],
    "POST http://provider.test:8000/v1/chat HTTP/1.1\r\nhost: provider.test:8000\r\nproxy-authorization: Basic dTpw\r\n" +
      "content-type: application/json\r\naccept-encoding: identity\r\ncontent-length: 2\r\n\r\n{}",
  );
});

test("a proxy's refusal of a tunnel is a failure of the proxy, and nothing was sent", async () => {
  for (const status of [407, 403, 502, 302]) {
    const proxy = await tunnelProxy(0, { refusal: `HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n` });
    const origin = originOf(PROVIDER, { proxy: via(`http://127.0.0.1:${proxy.port}`) });
    const { failure, trace } = await run(door(), callTo(origin));
    assert.deepEqual(trace, ["failure proxy"]);
    assert.equal(failure?.sent, false);
    assert.match(failure?.detail ?? "", new RegExp(String(status)));
  }
});

test("407 of a forwarding proxy is the proxy's; other answers are answers", async () => {
  for (const [status, expected] of [
    [407, "failure proxy"],
    [502, "end"],
  ] as const) {
    const proxy = await answering(`HTTP/1.1 ${status} x\r\ncontent-length: 0\r\n\r\n`);
    const { trace } = await run(
      door(),
      callTo(originOf("http://provider.test", { proxy: via(`127.0.0.1:${proxy.port}`) })),
    );
    assert.equal(trace.at(-1), expected);
  }
});

test("garbage, too much, early bytes, an end or silence from a proxy", async () => {
  const answers = ["garbage\r\n\r\n", `HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(20_000)}`, "HTTP/1.1 200 OK\r\n"];
  for (const refusal of answers) {
    const proxy = await tunnelProxy(0, { refusal });
    const origin = originOf(PROVIDER, { proxy: via(`http://127.0.0.1:${proxy.port}`) });
    assert.equal((await run(door(), callTo(origin))).failure?.kind, "proxy");
  }
  const server = await answering("", { tls: SERVER_TLS });
  const early = await tunnelProxy(server.port, { early: "early" });
  const origin = originOf(PROVIDER, { proxy: via(`http://127.0.0.1:${early.port}`) });
  assert.equal((await run(door(), callTo(origin))).failure?.kind, "proxy");
  const silent = await rawServer(() => {});
  const waiting = originOf(PROVIDER, { proxy: via(`http://127.0.0.1:${silent.port}`) });
  const { failure } = await run(door(), callTo(waiting, { deadlines: { connect: 150 } }));
  assert.equal(failure?.kind, "connect-timeout");
});

test("a proxy that is not there, or whose settings name none", async () => {
  const gone = await answering("");
  await gone.close();
  for (const url of [`http://127.0.0.1:${gone.port}`, `https://127.0.0.1:${gone.port}`, "socks5://127.0.0.1:1", ""])
    for (const origin of [PROVIDER, "http://provider.test"]) {
      const { failure } = await run(door(), callTo(originOf(origin, { proxy: via(url) })));
      assert.equal(failure?.kind, "proxy", `${url} ${origin} ${failure?.detail}`);
    }
});

test("a proxy that is spoken to by TLS, for https and http origins", async () => {
  const server = await answering(plainAnswer("ok"), { tls: SERVER_TLS });
  const proxy = await tunnelProxy(server.port, { tls: true });
  const settings = via(`https://localhost:${proxy.port}`, { caPem: CA_PEM });
  const upstream = door();
  for (let i = 0; i < 2; i++) {
    const { status, failure } = await run(upstream, callTo(originOf(PROVIDER, { caPem: CA_PEM, proxy: settings })));
    assert.equal(status, 200, failure?.detail ?? "");
  }
  assert.equal(proxy.accepted(), 1);
  const forward = await answering(plainAnswer("forwarded"), { tls: SERVER_TLS });
  const other = via(`https://localhost:${forward.port}`, { caPem: CA_PEM });
  assert.equal(
    (await run(upstream, callTo(originOf("http://provider.test", { proxy: other })))).body.toString(),
    "forwarded",
  );
  const distrusted = via(`https://localhost:${proxy.port}`);
  assert.equal((await run(upstream, callTo(originOf(PROVIDER, { proxy: distrusted })))).failure?.kind, "proxy");
});

test("the origin's certificate is checked through the tunnel", async () => {
  const server = await answering(plainAnswer("ok"), { tls: SERVER_TLS });
  const proxy = await tunnelProxy(server.port);
  const origin = originOf(PROVIDER, { proxy: via(`http://127.0.0.1:${proxy.port}`) });
  assert.equal((await run(door(), callTo(origin))).failure?.kind, "tls");
});

test("an abort through a tunnel is seen by the server within 100 ms", async () => {
  const server = await rawServer(
    (socket) => onRequest(socket, () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc")),
    {
      tls: SERVER_TLS,
    },
  );
  for (const tls of [false, true]) {
    const proxy = await tunnelProxy(server.port, { tls });
    const settings = via(`${tls ? "https" : "http"}://localhost:${proxy.port}`, { caPem: CA_PEM });
    const recorder = start(door(), callTo(originOf(PROVIDER, { caPem: CA_PEM, proxy: settings })));
    await until(() => recorder.received === 3);
    const closed = new Promise((resolve) => server.sockets.at(-1)?.once("close", resolve));
    const began = performance.now();
    recorder.call?.abort();
    await closed;
    assert.ok(performance.now() - began < 100);
  }
});

test("a proxy for everything goes past the hosts of its no_proxy and past loopback", async () => {
  const server = await answering(plainAnswer("direct"));
  const proxy = await answering(plainAnswer("by the proxy"));
  const upstream = door({ resolve: resolvingTo("127.0.0.1") });
  const settings = via(`http://127.0.0.1:${proxy.port}`, { noProxy: "direct.test, .inside.test" });
  const body = async (host: string): Promise<string> => {
    const { body: bytes } = await run(upstream, callTo(originOf(`http://${host}:${server.port}`, { proxy: settings })));
    return bytes.toString();
  };
  assert.equal(await body("provider.test"), "by the proxy");
  for (const host of ["direct.test", "a.inside.test", "127.0.0.1", "localhost"])
    assert.equal(await body(host), "direct", host);
  assert.equal(proxy.accepted(), 1);
});

test("the authorities of a proxy that opens TLS count for origins behind it, and for no others", async () => {
  const server = await answering(plainAnswer("ok"), { tls: SERVER_TLS });
  const proxy = await tunnelProxy(server.port);
  const settings = via(`http://127.0.0.1:${proxy.port}`, { caPem: CA_PEM, inspects: true, noProxy: "direct.test" });
  const upstream = door({ resolve: resolvingTo("127.0.0.1") });
  assert.equal((await run(upstream, callTo(originOf(PROVIDER, { proxy: settings })))).status, 200);
  const direct = originOf(`https://direct.test:${server.port}`, { proxy: settings });
  assert.equal((await run(upstream, callTo(direct))).failure?.kind, "tls");
});

test("any certificate of the proxy may be taken, which says nothing of the origin's", async () => {
  const server = await answering(plainAnswer("ok"), { tls: SERVER_TLS });
  const proxy = await tunnelProxy(server.port, { tls: true });
  const settings = via(`https://localhost:${proxy.port}`, { insecureSkipVerify: true });
  assert.equal((await run(door(), callTo(originOf(PROVIDER, { caPem: CA_PEM, proxy: settings })))).status, 200);
  assert.equal((await run(door(), callTo(originOf(PROVIDER, { proxy: settings })))).failure?.kind, "tls");
});

test("a proxy that takes longer than it may is a connection that did not come", async () => {
  const silent = await rawServer(() => {});
  const settings = via(`http://127.0.0.1:${silent.port}`, { timeout: 50 });
  const { failure } = await run(door(), callTo(originOf(PROVIDER, { proxy: settings }), { deadlines: { connect: 0 } }));
  assert.equal(failure?.kind, "connect-timeout");
});
