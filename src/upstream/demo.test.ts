// The in-memory origin: the same connection talks through a pair of byte streams instead of a socket.
import assert from "node:assert/strict";
import { Duplex, duplexPair } from "node:stream";
import { test } from "node:test";
import { callTo, door, originOf, pause, plainAnswer, Recorder, run, start, until } from "./testing.ts";

const DEMO = originOf("demo:");

interface Demo {
  readonly open: () => Duplex;
  readonly ends: Duplex[];
}

/** A provider on the far end of each pair; it gets whole requests as text. */
function demoOf(answer: (end: Duplex, request: string) => void): Demo {
  const ends: Duplex[] = [];
  const open = (): Duplex => {
    const [near, far] = duplexPair();
    near.once("close", () => far.destroy());
    far.once("close", () => near.destroy());
    ends.push(far);
    let text = "";
    far.on("error", () => {});
    far.on("data", (bytes: Buffer) => {
      text += bytes.toString("latin1");
      const length = Number(/content-length: (\d+)/.exec(text)?.[1] ?? 0);
      const end = text.indexOf("\r\n\r\n");
      if (end < 0 || text.length < end + 4 + length) return;
      const request = text;
      text = "";
      answer(far, request);
    });
    return near;
  };
  return { open, ends };
}

/** Answers before the write has returned. */
const openHasty = (): Duplex => {
  const near: Duplex = new Duplex({
    read: () => {},
    write: (_bytes, _encoding, done) => {
      near.push(plainAnswer("at once"));
      done();
    },
  });
  return near;
};

test("answers come through the same codec, and the stream is kept for the next call", async () => {
  const requests: string[] = [];
  const demo = demoOf((end, request) => {
    requests.push(request);
    end.write(plainAnswer("from memory"));
  });
  const upstream = door({ demo: demo.open });
  for (let i = 0; i < 5; i++) {
    const { trace, body } = await run(upstream, callTo(DEMO));
    assert.deepEqual(trace, ["connected", "head", "bytes", "end"]);
    assert.equal(body.toString(), "from memory");
  }
  assert.equal(demo.ends.length, 1);
  assert.match(requests[0] as string, /^POST \/v1\/chat HTTP\/1\.1\r\nhost: demo\r\n/);
});

test("a provider that answers within the write does not reach the handler before send has returned", async () => {
  const upstream = door({ demo: openHasty });
  for (let i = 0; i < 3; i++) {
    await pause(1);
    const { body, trace } = await run(upstream, callTo(DEMO));
    assert.equal(body.toString(), "at once");
    assert.deepEqual(trace, ["connected", "head", "bytes", "end"]);
  }
});

test("its faults are real ones: cut, closed, destroyed, silent", async () => {
  const cases = [
    [(end: Duplex) => void end.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"), "truncated"],
    [(end: Duplex) => void end.end(), "reset"],
    [(end: Duplex) => void end.destroy(), "reset"],
    [() => {}, "idle-timeout"],
  ] as const;
  for (const [answer, kind] of cases) {
    const upstream = door({ demo: demoOf(answer).open });
    assert.equal((await run(upstream, callTo(DEMO, { deadlines: { idle: 150 } }))).failure?.kind, kind);
  }
});

test("an abort closes its stream at once", async () => {
  const demo = demoOf((end) => void end.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"));
  const recorder = start(door({ demo: demo.open }), callTo(DEMO));
  await until(() => recorder.received === 3);
  const closed = new Promise((resolve) => demo.ends[0]?.once("close", resolve));
  recorder.call?.abort();
  await closed;
});

test("a paused call stops the provider", async () => {
  let written = 0;
  const demo = demoOf((end) => {
    end.write("HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n");
    const more = (): void => {
      do written += 16_384;
      while (written < 100_000_000 && end.write(Buffer.alloc(16_384)));
      end.once("drain", more);
    };
    more();
  });
  const recorder = new Recorder();
  recorder.keepBytes = false;
  recorder.onEach = () => recorder.call?.pause();
  start(door({ demo: demo.open }), callTo(DEMO), recorder);
  await until(() => recorder.received > 0);
  await pause(50);
  assert.ok(written < 400_000, `${written}`);
});

test("a large request arrives whole, and the caller's bytes are its own again when they are flushed", async () => {
  let received = "";
  const demo = demoOf((end, request) => {
    received = request;
    end.write(plainAnswer("ok"));
  });
  const body = Buffer.alloc(300_000, "x");
  const recorder = start(door({ demo: demo.open }), callTo(DEMO, { body: [body] }));
  await until(() => recorder.call?.flushed === true);
  body.fill("y");
  assert.equal((await recorder.done).status, 200);
  assert.ok(received.endsWith("x".repeat(300_000)));
});
