// TLS to origins: trust, names, session reuse, and the failures that are its own.
import assert from "node:assert/strict";
import { connect, createServer as createTcpServer } from "node:net";
import { test } from "node:test";
import type { TLSSocket } from "node:tls";
import {
  answering,
  CA_PATH,
  CA_PEM,
  callTo,
  door,
  onRequest,
  originOf,
  pause,
  plainAnswer,
  type RawServer,
  rawServer,
  resolvingTo,
  run,
  SERVER_TLS,
  start,
  until,
} from "./testing.ts";

const urlOf = (server: RawServer): string => `https://localhost:${server.port}`;
const OK = plainAnswer("secret");

test("trusts the origin's own authority, besides the defaults", async () => {
  const server = await answering(OK, { tls: SERVER_TLS });
  const upstream = door();
  for (const host of ["localhost", "127.0.0.1"]) {
    const origin = originOf(`https://${host}:${server.port}`, { caPem: CA_PEM });
    const { status, body, trace, failure } = await run(upstream, callTo(origin));
    assert.equal(failure, null);
    assert.deepEqual([status, body.toString()], [200, "secret"]);
    assert.deepEqual(trace, ["connected", "head", "bytes", "end"]);
  }
});

test("trusts the files that the environment names", async () => {
  const server = await answering(OK, { tls: SERVER_TLS });
  for (const name of ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"]) {
    const upstream = door({ environment: { [name]: CA_PATH } });
    assert.equal((await run(upstream, callTo(originOf(urlOf(server))))).status, 200);
  }
});

test("a certificate of a stranger, or for another name, is a TLS failure", async () => {
  const server = await answering(OK, { tls: SERVER_TLS });
  const stranger = await run(door(), callTo(originOf(urlOf(server))));
  assert.equal(stranger.failure?.kind, "tls");
  assert.equal(stranger.failure?.sent, false);
  const resolve = resolvingTo("127.0.0.1");
  const other = originOf(`https://other.test:${server.port}`, { caPem: CA_PEM });
  const { failure } = await run(door({ resolve }), callTo(other));
  assert.equal(failure?.kind, "tls");
  assert.match(failure?.detail ?? "", /ALTNAME/);
});

test("insecureSkipVerify takes any certificate, for this origin only", async () => {
  const server = await answering(OK, { tls: SERVER_TLS });
  const upstream = door();
  assert.equal((await run(upstream, callTo(originOf(urlOf(server), { insecureSkipVerify: true })))).status, 200);
  assert.equal((await run(upstream, callTo(originOf(urlOf(server))))).failure?.kind, "tls");
});

test("names the host and http/1.1 in the handshake; an address is not named", async () => {
  const seen: unknown[] = [];
  const server = await rawServer(
    (socket) => {
      const { servername, alpnProtocol } = socket as TLSSocket;
      seen.push([servername || null, alpnProtocol]);
      onRequest(socket, () => socket.write(OK));
    },
    { tls: { ...SERVER_TLS, ALPNProtocols: ["h2", "http/1.1"] } },
  );
  const upstream = door();
  for (const host of ["localhost", "127.0.0.1"])
    await run(upstream, callTo(originOf(`https://${host}:${server.port}`, { caPem: CA_PEM })));
  assert.deepEqual(seen, [
    ["localhost", "http/1.1"],
    [null, "http/1.1"],
  ]);
});

test("resumes the origin's session on a new connection, and keeps connections alive", async () => {
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    const reused: boolean[] = [];
    const server = await rawServer(
      (socket) => {
        reused.push((socket as TLSSocket).isSessionReused());
        onRequest(socket, () => socket.write(OK));
      },
      { tls: { ...SERVER_TLS, maxVersion } },
    );
    const upstream = door();
    const origin = originOf(urlOf(server), { caPem: CA_PEM });
    for (let i = 0; i < 3; i++) await run(upstream, callTo(origin));
    assert.equal(server.accepted(), 1);
    for (let i = 0; i < 3; i++) await run(upstream, callTo(origin, { fresh: true }));
    assert.deepEqual(reused, [false, true, true, true], maxVersion);
  }
});

test("plain HTTP on the port, a closed or reset or silent handshake", async () => {
  const plain = await rawServer((socket) => void socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"));
  assert.equal((await run(door(), callTo(originOf(urlOf(plain))))).failure?.kind, "tls");
  const closing = await rawServer((socket) => void socket.once("data", () => socket.end()));
  assert.equal((await run(door(), callTo(originOf(urlOf(closing))))).failure?.kind, "tls");
  const resetting = await rawServer((socket) => void socket.once("data", () => socket.resetAndDestroy()));
  assert.equal((await run(door(), callTo(originOf(urlOf(resetting))))).failure?.kind, "tls");
  const silent = await rawServer(() => {});
  const { failure } = await run(door(), callTo(originOf(urlOf(silent)), { deadlines: { connect: 150 } }));
  assert.equal(failure?.kind, "connect-timeout");
  const gone = await rawServer(() => {});
  await gone.close();
  assert.equal((await run(door(), callTo(originOf(urlOf(gone))))).failure?.kind, "connect");
});

test("an authority that cannot be read is a TLS failure of that origin", async () => {
  const { failure } = await run(door(), callTo(originOf("https://localhost:1", { caPem: "no pem" })));
  assert.equal(failure?.kind, "tls");
});

test("a large answer and a large request come through whole", async () => {
  const body = "x".repeat(5_000_000);
  let received = 0;
  const server = await rawServer(
    (socket) => {
      socket.on("data", (bytes: Buffer) => {
        received += bytes.length;
        if (received > 3_000_000) {
          received = Number.NEGATIVE_INFINITY;
          socket.write(plainAnswer(body));
        }
      });
    },
    { tls: SERVER_TLS },
  );
  const call = callTo(originOf(urlOf(server), { caPem: CA_PEM }), { body: [Buffer.alloc(3_000_000, "y")] });
  const outcome = await run(door(), call);
  assert.equal(outcome.body.toString(), body);
});

test("a slow reader stops a TLS server too, and an abort closes at once", async () => {
  let written = 0;
  const server = await rawServer(
    (socket) =>
      onRequest(socket, () => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n");
        const block = Buffer.alloc(65_536);
        const more = (): void => {
          do written += block.length;
          while (written < 100_000_000 && socket.write(block));
          socket.once("drain", more);
        };
        more();
      }),
    { tls: SERVER_TLS },
  );
  const recorder = start(door(), callTo(originOf(urlOf(server), { caPem: CA_PEM })));
  recorder.keepBytes = false;
  recorder.onEach = () => recorder.call?.pause();
  await until(() => recorder.received > 0);
  await pause(200);
  assert.ok(recorder.received < 400_000, `${recorder.received}`);
  assert.ok(written < 50_000_000, `${written}`);
  const closed = new Promise((resolve) => server.sockets[0]?.once("close", resolve));
  const began = performance.now();
  recorder.call?.abort();
  await closed;
  assert.ok(performance.now() - began < 100);
});

test("a reset in a TLS body is a reset, a cut one truncated", async () => {
  const server = await rawServer(
    (socket) => onRequest(socket, () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc")),
    { tls: SERVER_TLS },
  );
  // A man in the middle cuts the connection below TLS.
  for (const [cut, kind] of [
    ["end", "truncated"],
    ["resetAndDestroy", "reset"],
  ] as const) {
    const middle = createTcpServer((socket) => {
      const onward = connect(server.port, "127.0.0.1");
      socket.on("error", () => {}).pipe(onward);
      onward.on("data", (bytes) => socket.write(bytes));
      setTimeout(() => socket[cut](), 150);
    });
    await new Promise<void>((resolve) => void middle.listen(0, "127.0.0.1", () => resolve()));
    const { port } = middle.address() as { port: number };
    const { failure, body } = await run(door(), callTo(originOf(`https://localhost:${port}`, { caPem: CA_PEM })));
    assert.equal(body.toString(), "abc");
    assert.equal(failure?.kind, kind);
    middle.close();
  }
});

test("a TLS answer that only the connection's end bounds is not taken for whole", async () => {
  const server = await rawServer((socket) => onRequest(socket, () => socket.end("HTTP/1.1 200 OK\r\n\r\nhalf")), {
    tls: SERVER_TLS,
  });
  const { failure } = await run(door(), callTo(originOf(urlOf(server), { caPem: CA_PEM })));
  assert.equal(failure?.kind, "truncated");
});
