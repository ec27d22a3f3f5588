// Every way in which an upstream can fail, and the kind of failure that the door makes of it.
import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import type { TransportFailure } from "../core/http.ts";
import { createUpstream } from "./client.ts";
import {
  answering,
  callTo,
  door,
  onRequest,
  originOf,
  pause,
  plainAnswer,
  type RawServer,
  Recorder,
  rawServer,
  resolvingTo,
  run,
  start,
  until,
} from "./testing.ts";

const urlOf = (server: RawServer): string => `http://127.0.0.1:${server.port}`;
const HEAD = "HTTP/1.1 200 OK\r\n";
const LONG = `${HEAD}content-length: 10\r\n\r\n`;

type Expected = Partial<TransportFailure>;

function match(failure: TransportFailure | null, expected: Expected): void {
  assert.ok(failure !== null, "the call did not fail");
  const { detail, ...rest } = failure;
  assert.deepEqual(rest, { stale: false, ...expected }, detail);
}

/** Runs one call against the script; `reset` sends RST. */
async function failureOf(script: (socket: Socket) => void, deadlines = {}): Promise<TransportFailure | null> {
  const server = await rawServer((socket) => onRequest(socket, () => script(socket)));
  return (await run(door(), callTo(originOf(urlOf(server)), { deadlines }))).failure;
}

const reset = (socket: Socket): void => void setTimeout(() => socket.resetAndDestroy(), 20);
const say =
  (text: string) =>
  (socket: Socket): void =>
    void socket.write(text);

test("refused", async () => {
  const server = await answering("");
  await server.close();
  const { failure, trace } = await run(door(), callTo(originOf(urlOf(server))));
  match(failure, { kind: "connect", answered: false, sent: false });
  assert.equal(trace.length, 1);
});

const unknownHost = (_h: string, _o: unknown, done: (error: NodeJS.ErrnoException, list: []) => void): void => {
  const error = Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND", syscall: "getaddrinfo" });
  process.nextTick(() => done(error, []));
};

test("a name that does not resolve", async () => {
  for (const url of ["http://nowhere.test", "https://nowhere.test"])
    match((await run(door({ resolve: unknownHost }), callTo(originOf(url)))).failure, {
      kind: "dns",
      answered: false,
      sent: false,
    });
});

test("an address that is none, and a demo provider that was not handed over", async () => {
  for (const url of ["nonsense", "demo:"])
    match((await run(door(), callTo(originOf(url)))).failure, { kind: "connect", answered: false, sent: false });
});

test("reset before, within the head, within the body", async () => {
  match(await failureOf(reset), { kind: "reset", answered: false, sent: true });
  for (const text of ["HTTP/1.1 200 O", `${LONG}hello`]) {
    const failure = await failureOf((socket) => socket.write(text, () => reset(socket)));
    match(failure, { kind: "reset", answered: true, sent: true });
  }
});

test("closed before the answer, within the head, within the body of every framing", async () => {
  match(await failureOf((socket) => socket.end()), { kind: "reset", answered: false, sent: true });
  const cut = ["H", HEAD, `${LONG}hello`, `${HEAD}transfer-encoding: chunked\r\n\r\n5\r\nhel`];
  for (const text of cut)
    match(await failureOf((socket) => socket.end(text)), { kind: "truncated", answered: true, sent: true });
});

test("accept and silence, a stall in the head, a stall in the body: idle", async () => {
  for (const text of ["", "HTTP/1.1 200 O", `${LONG}hello`]) {
    const failure = await failureOf(say(text), { idle: 150 });
    match(failure, { kind: "idle-timeout", answered: text !== "", sent: true });
  }
});

test("one byte now and then: the total deadline ends it, in the head and in the body", async () => {
  for (const text of [`HTTP/1.1 200 OK\r\nx: ${"y".repeat(1000)}`, `${LONG.replace("10", "1000")}${"z".repeat(900)}`]) {
    let timer: NodeJS.Timeout | undefined;
    const began = performance.now();
    const failure = await failureOf(
      (socket) => {
        let at = 0;
        timer = setInterval(() => socket.write(text[at++] as string), 20);
      },
      { idle: 200, total: 400 },
    );
    clearInterval(timer);
    match(failure, { kind: "total-timeout", answered: true, sent: true });
    assert.ok(performance.now() - began < 1500);
  }
});

test("release puts an idle deadline in place of the total one", async () => {
  const server = await rawServer((socket) =>
    onRequest(socket, async () => {
      socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n`);
      for (let i = 0; i < 8; i++) {
        socket.write("1\r\na\r\n");
        await pause(50);
      }
    }),
  );
  const recorder = new Recorder();
  recorder.onEach = () => recorder.call?.release(250);
  start(door(), callTo(originOf(urlOf(server)), { deadlines: { total: 200 } }), recorder);
  const { failure, body } = await recorder.done;
  assert.equal(failure?.kind, "idle-timeout");
  assert.equal(body.length, 8);
});

test("a connection that is not made in time", async () => {
  const stuck = { resolve: () => {} };
  const { failure } = await run(door(stuck), callTo(originOf("http://slow.test"), { deadlines: { connect: 150 } }));
  match(failure, { kind: "connect-timeout", answered: false, sent: false });
});

test("deadlines of 0 are none", async () => {
  const server = await rawServer((socket) =>
    onRequest(socket, async () => {
      await pause(300);
      socket.write(plainAnswer("ok"));
    }),
  );
  const call = callTo(originOf(urlOf(server)), { deadlines: { connect: 0, total: 0, idle: 0 } });
  assert.equal((await run(door(), call)).status, 200);
});

test("a server that does not read an upload is silent, one that reads slowly is not", async () => {
  const body = [Buffer.alloc(16_000_000, "x")];
  const silent = await rawServer((socket) => socket.pause());
  const deadlines = { idle: 300, total: 0 };
  const { failure } = await run(door(), callTo(originOf(urlOf(silent)), { body, deadlines }));
  match(failure, { kind: "idle-timeout", answered: false, sent: false });
  const slow = await rawServer((socket) => {
    let length = 0;
    socket.on("data", (bytes: Buffer) => {
      length += bytes.length;
      socket.pause();
      setTimeout(() => socket.resume(), 2);
      if (length > 16_000_000) socket.write(plainAnswer("ok"));
    });
  });
  assert.equal((await run(door(), callTo(originOf(urlOf(slow)), { body, deadlines }))).status, 200);
});

test("garbage, a head too large, broken chunks, an unasked switch: invalid-answer", async () => {
  const broken = [
    "\x15\x03\x01\x00\x02",
    "<html>",
    `${HEAD}x: ${"y".repeat(70_000)}\r\n\r\n`,
    `${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n`,
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n",
    `${HEAD}content-length: 1\r\ncontent-length: 2\r\n\r\n`,
    `${HEAD}content-encoding: snappy\r\ncontent-length: 1\r\n\r\nx`,
  ];
  for (const text of broken) match(await failureOf(say(text)), { kind: "invalid-answer", answered: true, sent: true });
});

test("a body over maxBytes: at the head where it is declared, else where it passes the limit", async () => {
  for (const text of [
    `${HEAD}content-length: 101\r\n\r\n`,
    `${HEAD}transfer-encoding: chunked\r\n\r\n65\r\n${"x".repeat(101)}`,
  ]) {
    const server = await answering(text);
    const { failure, body } = await run(door(), callTo(originOf(urlOf(server)), { maxBytes: 100 }));
    match(failure, { kind: "too-large", answered: true, sent: true });
    assert.ok(body.length <= 100);
  }
  const server = await answering(plainAnswer("x".repeat(100)));
  assert.equal((await run(door(), callTo(originOf(urlOf(server)), { maxBytes: 100 }))).body.length, 100);
});

test("a redirect is an answer and is not followed", async () => {
  const server = await answering("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n");
  const { status, trace } = await run(door(), callTo(originOf(urlOf(server))));
  assert.equal(status, 302);
  assert.deepEqual(trace, ["connected", "head", "end"]);
});

test("20 of 20 reuses of a connection that the server closes at that moment are stale, and succeed with fresh", async () => {
  for (const end of ["FIN", "RST"] as const) {
    const server = await rawServer((socket) =>
      onRequest(socket, (_, index) => {
        if (index === 0) socket.write(plainAnswer("ok"));
        else if (end === "FIN") socket.end();
        else socket.resetAndDestroy();
      }),
    );
    const upstream = door();
    const origin = originOf(urlOf(server));
    assert.equal((await run(upstream, callTo(origin))).status, 200);
    for (let i = 0; i < 20; i++) {
      const broken = await run(upstream, callTo(origin));
      match(broken.failure, { kind: "reset", answered: false, stale: true, sent: true });
      assert.equal((await run(upstream, callTo(origin, { fresh: true }))).status, 200);
    }
  }
});

test("a connection closed while it rests is not used", async () => {
  const server = await answering(plainAnswer("ok"));
  const upstream = door();
  const origin = originOf(urlOf(server));
  for (let i = 0; i < 5; i++) {
    assert.equal((await run(upstream, callTo(origin))).failure, null);
    server.sockets.at(-1)?.end();
    await pause(20);
  }
  assert.equal(server.accepted(), 5);
});

test("fresh takes no pooled connection, and makes room for itself at the limit", async () => {
  const server = await answering(plainAnswer("ok"));
  const upstream = door();
  const origin = originOf(urlOf(server), { maxConnections: 1 });
  for (let i = 0; i < 4; i++) assert.equal((await run(upstream, callTo(origin, { fresh: true }))).status, 200);
  assert.equal(server.accepted(), 4);
});

test("an early answer is delivered and its connection closed", async () => {
  const server = await rawServer((socket) =>
    socket.once("data", () => {
      socket.pause();
      socket.write("HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig");
    }),
  );
  const upstream = door();
  const origin = originOf(urlOf(server));
  const recorder = start(upstream, callTo(origin, { body: [Buffer.alloc(20_000_000)] }));
  const { status, body, trace } = await recorder.done;
  assert.deepEqual([status, body.toString(), trace.at(-1)], [413, "big", "end"]);
  await until(() => recorder.call?.flushed === true);
  server.sockets[0]?.resume();
  await until(() => server.sockets[0]?.destroyed === true);
  const next = await run(upstream, callTo(origin));
  assert.equal(next.status, 413);
  assert.equal(server.accepted(), 2);
});

/** Every answer names its request; whatever the server adds, no other request may get it. */
async function noAnswerStrays(add: (socket: Socket) => void, calls: number): Promise<void> {
  const server = await rawServer((socket) =>
    onRequest(socket, (request) => {
      const name = /^POST (\S+)/.exec(request)?.[1] ?? "";
      socket.write(plainAnswer(name));
      add(socket);
    }),
  );
  const upstream = door();
  const origin = originOf(urlOf(server));
  for (let i = 0; i < calls; i++) {
    const outcomes = await Promise.all([1, 2, 3].map((n) => run(upstream, callTo(origin, { path: `/${i}/${n}` }))));
    for (const [n, outcome] of outcomes.entries()) {
      // A server that speaks out of turn may break its own connection; the door says so instead of guessing.
      if (outcome.failure === null) assert.equal(outcome.body.toString(), `/${i}/${n + 1}`);
      else assert.equal(outcome.failure.stale, true);
    }
  }
}

test("a second answer behind the first never reaches another request", () =>
  noAnswerStrays((socket) => void socket.write(plainAnswer("stray")), 20));

test("an answer that comes while the connection rests never reaches another request", () =>
  noAnswerStrays((socket) => void setTimeout(() => socket.write(plainAnswer("stray")), 5), 1));

test("bytes before any request close the connection or are no answer", async () => {
  const server = await rawServer((socket) => {
    socket.write("220 hello\r\n");
    onRequest(socket, () => {});
  });
  match((await run(door(), callTo(originOf(urlOf(server))))).failure, {
    kind: "invalid-answer",
    answered: true,
    sent: true,
  });
});

test("bytes of a body exactly as long as a read do not hide what follows them", async () => {
  const head = "HTTP/1.1 200 OK\r\ncontent-length: ";
  const size = 65_536 * 4;
  const length = size - head.length - 4 - 6;
  const answer = Buffer.from(`${head}${length}\r\n\r\n${"x".repeat(length)}${plainAnswer("stray")}`);
  const server = await answering(answer);
  const upstream = door();
  for (let i = 0; i < 10; i++) {
    const { body } = await run(upstream, callTo(originOf(urlOf(server))));
    assert.equal(body.length, length);
  }
  assert.equal(server.accepted(), 10);
});

test("private, link-local and metadata addresses are refused, as names and in every spelling", async () => {
  const refused = ["169.254.169.254", "2852039166", "0xa9fea9fe", "[::ffff:a9fe:a9fe]", "[fe80::1]", "0.0.0.0", "[::]"];
  for (const host of refused)
    for (const allowPrivateNetwork of [false, true]) {
      const outcome = await run(door(), callTo(originOf(`http://${host}:1`, { allowPrivateNetwork })));
      match(outcome.failure, { kind: "address-refused", answered: false, sent: false });
    }
  for (const scheme of ["http", "https"])
    for (const address of ["169.254.169.254", "10.0.0.1", "fd00:ec2::254", "::ffff:10.0.0.1"]) {
      const upstream = door({ resolve: resolvingTo(address) });
      const { failure } = await run(upstream, callTo(originOf(`${scheme}://rebound.test`)));
      match(failure, { kind: "address-refused", answered: false, sent: false });
    }
});

test("of a name's addresses only allowed ones are tried, one after another", async () => {
  const server = await answering(plainAnswer("ok"));
  const addresses = ["169.254.169.254", "10.0.0.1", "::1", "127.0.0.1"];
  const resolve = resolvingTo(...addresses);
  const { status, failure } = await run(door({ resolve }), callTo(originOf(`http://many.test:${server.port}`)));
  assert.equal(status, 200, failure?.detail ?? "");
});

test("a certificate file that cannot be read is named with its variable when the door is made", () => {
  assert.throws(
    () => createUpstream({ environment: { SSL_CERT_FILE: "/no/such.pem" } }),
    /SSL_CERT_FILE.*\/no\/such\.pem.*ENOENT/,
  );
  const file = new URL(import.meta.url).pathname;
  assert.throws(
    () => createUpstream({ environment: { NODE_EXTRA_CA_CERTS: file } }),
    /NODE_EXTRA_CA_CERTS.*no certificate/,
  );
});

test("100 connections that break at once leave nothing behind", async () => {
  const server = createServer((socket) => socket.resetAndDestroy());
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as { port: number };
  const upstream = door();
  const origin = originOf(`http://127.0.0.1:${port}`, { maxConnections: 10 });
  const outcomes = await Promise.all(Array.from({ length: 100 }, () => run(upstream, callTo(origin))));
  assert.ok(outcomes.every((outcome) => outcome.failure?.kind === "reset" || outcome.failure?.kind === "connect"));
  server.close();
});
