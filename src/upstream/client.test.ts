// The door against scripted servers: requests as they are written, answers in every framing, pooling, aborting.
import assert from "node:assert/strict";
import { type Socket } from "node:net";
import { test } from "node:test";
import { headerBlock, NO_HEADERS } from "../lib/header-block.ts";
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
  run,
  start,
  until,
} from "./testing.ts";

const urlOf = (server: RawServer): string => `http://127.0.0.1:${server.port}`;

test("writes host, length and accept-encoding round the caller's headers, and no connection header", async () => {
  const requests: string[] = [];
  const server = await rawServer((socket) =>
    onRequest(socket, (request) => {
      requests.push(request);
      socket.write(plainAnswer("ok"));
    }),
  );
  const upstream = door();
  const origin = originOf(urlOf(server));
  const headers = headerBlock([["authorization", "Bearer x"]]);
  await run(upstream, callTo(origin, { headers, path: "/v1/x?y=1", body: [Buffer.from("ab"), Buffer.from("c")] }));
  await run(upstream, callTo(origin, { headers: NO_HEADERS, body: [] }));
  await run(upstream, callTo(origin, { headers: NO_HEADERS, body: [], method: "GET" }));
  const host = `host: 127.0.0.1:${server.port}\r\n`;
  assert.deepEqual(requests, [
    `POST /v1/x?y=1 HTTP/1.1\r\n${host}authorization: Bearer x\r\naccept-encoding: identity\r\ncontent-length: 3\r\n\r\nabc`,
    `POST /v1/chat HTTP/1.1\r\n${host}accept-encoding: identity\r\ncontent-length: 0\r\n\r\n`,
    `GET /v1/chat HTTP/1.1\r\n${host}accept-encoding: identity\r\n\r\n`,
  ]);
  assert.equal(server.accepted(), 1);
});

test("refuses a method or path that would not stay on its line", () => {
  const upstream = door();
  const origin = originOf("http://127.0.0.1:1");
  for (const path of ["", "x", "/a b", "/a\r\nhost: evil", "/ä", "/\0", "http://x/"])
    assert.throws(() => upstream.send(callTo(origin, { path }), new Recorder()), TypeError, path);
  assert.throws(() => upstream.send(callTo(origin, { method: "GET /" }), new Recorder()), TypeError);
});

test("calls the handler in order: connected, head, bytes, end", async () => {
  const server = await answering(plainAnswer("hello", "x-a: 1\r\nX-A: 2\r\n"));
  const upstream = door();
  for (let i = 0; i < 3; i++) {
    const outcome = await run(upstream, callTo(originOf(urlOf(server))));
    assert.deepEqual(outcome.trace, ["connected", "head", "bytes", "end"]);
    assert.equal(outcome.body.toString(), "hello");
    assert.deepEqual(outcome.headers.slice(1, 3), [
      ["x-a", "1"],
      ["x-a", "2"],
    ]);
  }
  assert.equal(server.accepted(), 1, "equal settings share a pool");
});

test("uses the connection that rested last, and closes those that rested for too long", async () => {
  const server = await answering(plainAnswer("ok"));
  const upstream = door();
  const origin = originOf(urlOf(server), { keepAlive: 250 });
  await Promise.all([1, 2, 3].map(() => run(upstream, callTo(origin))));
  assert.equal(server.accepted(), 3);
  const ended = server.sockets.map((socket) => new Promise((resolve) => socket.once("close", resolve)));
  for (let i = 0; i < 6; i++) {
    await pause(60);
    await run(upstream, callTo(origin));
  }
  assert.equal(server.accepted(), 3);
  const closedNow = server.sockets.filter((socket) => socket.readableEnded).length;
  assert.equal(closedNow, 2, "the two that rested are closed");
  await Promise.all(ended);
});

test("keeps no connection when keepAlive is 0 or the server says close", async () => {
  for (const [keepAlive, extra] of [
    [0, ""],
    [5000, "connection: close\r\n"],
  ] as const) {
    const server = await answering(plainAnswer("ok", extra));
    const upstream = door();
    for (let i = 0; i < 3; i++) await run(upstream, callTo(originOf(urlOf(server), { keepAlive })));
    assert.equal(server.accepted(), 3);
  }
});

test("opens no more than maxConnections; further calls wait their turn", async () => {
  let busy = 0;
  let most = 0;
  const server = await rawServer((socket) =>
    onRequest(socket, async () => {
      most = Math.max(most, ++busy);
      await pause(10);
      busy--;
      socket.write(plainAnswer("ok"));
    }),
  );
  const waits: number[] = [];
  const upstream = door({ onCapacity: (_, waiting) => waits.push(waiting) });
  const origin = originOf(urlOf(server), { maxConnections: 3 });
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => run(upstream, callTo(origin))));
  assert.ok(outcomes.every((outcome) => outcome.status === 200));
  assert.equal(most, 3);
  assert.equal(server.accepted(), 3);
  assert.deepEqual(waits, [...Array(17).keys()]);
});

test("waiting for a connection counts against the deadlines, and the queue has an end", async () => {
  const server = await rawServer(() => {});
  const upstream = door();
  const origin = originOf(urlOf(server), { maxConnections: 1 });
  const first = start(upstream, callTo(origin));
  const second = start(upstream, callTo(origin, { deadlines: { connect: 150 } }));
  const third = start(upstream, callTo(origin, { deadlines: { total: 150 } }));
  const others = Array.from({ length: 1024 }, () => start(upstream, callTo(origin)));
  const refused = await (others.at(-1) as Recorder).done;
  assert.equal(refused.failure?.kind, "connect");
  assert.equal((await second.done).failure?.kind, "connect-timeout");
  assert.equal((await third.done).failure?.kind, "total-timeout");
  for (const recorder of [first, ...others]) recorder.call?.abort();
  assert.ok(others.every((recorder) => recorder.call?.flushed));
});

test("serves waiting calls on new connections when the old ones break", async () => {
  const server = await rawServer((socket) =>
    onRequest(socket, () => socket.end(plainAnswer("ok", "connection: close\r\n"))),
  );
  const upstream = door();
  const origin = originOf(urlOf(server), { maxConnections: 2 });
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => run(upstream, callTo(origin))));
  assert.ok(outcomes.every((outcome) => outcome.trace.at(-1) === "end"));
  assert.equal(server.accepted(), 10);
});

test("abort is seen by the server within 100 ms, and the handler is not called any more", async () => {
  for (const when of ["connecting", "waiting", "mid-body"] as const) {
    let closedAt = 0;
    const server = await rawServer((socket) => {
      socket.once("close", () => {
        closedAt = performance.now();
      });
      onRequest(socket, () => when === "mid-body" && socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhel"));
    });
    const upstream = door();
    const recorder = start(upstream, callTo(originOf(urlOf(server))));
    if (when === "waiting") await until(() => recorder.outcome.connected === 1);
    if (when === "mid-body") await until(() => recorder.received === 3);
    const abortedAt = performance.now();
    recorder.call?.abort();
    const trace = [...recorder.outcome.trace];
    if (when !== "connecting") {
      await until(() => closedAt > 0);
      assert.ok(closedAt - abortedAt < 100);
    }
    await pause(20);
    assert.deepEqual(recorder.outcome.trace, trace);
    assert.equal(recorder.call?.flushed, true);
    recorder.call?.abort();
  }
});

test("abort out of a handler call stops everything at once", async () => {
  for (const at of ["onConnected", "onHead", "onBytes"] as const) {
    const server = await answering(
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n`,
    );
    const upstream = door();
    const recorder = new Recorder();
    const original = recorder[at].bind(recorder) as (...args: unknown[]) => void;
    recorder[at] = (...args: unknown[]) => {
      original(...args);
      recorder.call?.abort();
    };
    start(upstream, callTo(originOf(urlOf(server))), recorder);
    await pause(60);
    const expected = {
      onConnected: ["connected"],
      onHead: ["connected", "head"],
      onBytes: ["connected", "head", "bytes"],
    };
    assert.deepEqual(recorder.outcome.trace, expected[at]);
    assert.equal((await run(upstream, callTo(originOf(urlOf(server))))).status, 200);
  }
});

test("a handler that throws loses its call, is logged, and disturbs nobody else", async () => {
  const server = await answering(plainAnswer("ok"));
  for (const at of ["onConnected", "onHead", "onBytes", "onEnd"] as const) {
    const logged: string[] = [];
    const upstream = door({ log: (_, text) => logged.push(text) });
    const recorder = new Recorder();
    recorder[at] = () => {
      throw new Error("handler bug");
    };
    start(upstream, callTo(originOf(urlOf(server))), recorder);
    await until(() => logged.length === 1);
    assert.match(logged[0] as string, /handler bug/);
    for (let i = 0; i < 3; i++) assert.equal((await run(upstream, callTo(originOf(urlOf(server))))).status, 200);
  }
});

test("close ends idle connections and lets those in use finish", async () => {
  let answer: (() => void) | undefined;
  const server = await rawServer((socket) =>
    onRequest(socket, (_, index) => {
      if (index === 0) socket.write(plainAnswer("ok"));
      else answer = () => socket.write(plainAnswer("late"));
    }),
  );
  const upstream = door();
  const origin = originOf(urlOf(server));
  await run(upstream, callTo(origin));
  const late = start(upstream, callTo(origin));
  await until(() => answer !== undefined);
  upstream.close();
  answer?.();
  assert.equal((await late.done).body.toString(), "late");
  await until(() => server.sockets.every((socket) => socket.destroyed));
});

test("a large body goes out whole, and flushed tells when its bytes are free", async () => {
  const parts = [Buffer.alloc(300_000, "a"), Buffer.alloc(0), Buffer.alloc(3_000_000, "b"), Buffer.alloc(70_000, "c")];
  const whole = Buffer.concat(parts).toString();
  let socketOf: Socket | undefined;
  let text = "";
  const server = await rawServer((socket) => {
    socketOf = socket;
    socket.pause();
    socket.on("data", (bytes: Buffer) => {
      text += bytes.toString("latin1");
      if (text.length >= whole.length && text.endsWith(whole)) socket.write(plainAnswer("ok"));
    });
  });
  const upstream = door();
  const recorder = start(
    upstream,
    callTo(originOf(urlOf(server)), { body: parts.concat(Buffer.alloc(8_000_000, "d")) }),
  );
  await until(() => recorder.outcome.connected === 1);
  await pause(50);
  assert.equal(recorder.call?.flushed, false);
  recorder.call?.abort();
  await until(() => recorder.call?.flushed === true);
  socketOf?.destroy();
  text = "";
  const second = start(upstream, callTo(originOf(urlOf(server)), { body: parts }));
  await until(() => server.accepted() === 2);
  socketOf?.resume();
  assert.equal((await second.done).status, 200);
  assert.equal(second.call?.flushed, true);
  assert.match(text, /content-length: 3370000\r\n/);
});

test("a slow reader stops the server, not our memory", async () => {
  const size = 64 * 1024 * 1024;
  let written = 0;
  const server = await rawServer((socket) =>
    onRequest(socket, () => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`);
      const block = Buffer.alloc(65_536, 120);
      const more = (): void => {
        while (written < size) {
          written += block.length;
          if (!socket.write(block)) return void socket.once("drain", more);
        }
      };
      more();
    }),
  );
  const upstream = door();
  const recorder = new Recorder();
  recorder.keepBytes = false;
  recorder.onEach = () => recorder.call?.pause();
  start(upstream, callTo(originOf(urlOf(server)), { deadlines: { idle: 200 } }), recorder);
  await until(() => recorder.received > 0);
  await pause(500);
  assert.ok(recorder.received < 400_000, `${recorder.received} bytes reached a paused handler`);
  assert.ok(written < size, "the server was stopped");
  assert.equal(recorder.outcome.failure, null, "a paused call is not idle");
  recorder.onEach = () => {};
  recorder.call?.resume();
  await recorder.done;
  assert.equal(recorder.received, size);
  assert.equal(recorder.outcome.failure, null);
});

test("a call that is paused before it is connected gets its answer when it is resumed", async () => {
  const server = await answering(plainAnswer("x".repeat(100_000)));
  const upstream = door();
  for (let i = 0; i < 2; i++) {
    const recorder = start(upstream, callTo(originOf(urlOf(server)), { deadlines: { idle: 100 } }));
    recorder.call?.pause();
    await pause(250);
    assert.deepEqual(recorder.outcome.trace, ["connected"]);
    recorder.call?.resume();
    assert.equal((await recorder.done).body.length, 100_000);
    await pause(5);
  }
  assert.equal(server.accepted(), 1);
});

test("chunks of one read come as one run of bytes, and a chunk waits for nothing", async () => {
  const server = await rawServer((socket) =>
    onRequest(socket, async () => {
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n2;x=y\r\ngh\r\n");
      await pause(50);
      socket.write("2\r\nij\r\n0\r\n\r\n");
    }),
  );
  const upstream = door();
  const recorder = start(upstream, callTo(originOf(urlOf(server))));
  await recorder.done;
  assert.deepEqual(recorder.chunks, ["abcdefgh", "ij"]);
});
