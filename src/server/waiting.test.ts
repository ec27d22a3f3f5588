// Clients that are slow, silent, many, or gone: what they cost and how long they are borne.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reply } from "../core/http.ts";
import { NO_HEADERS } from "../lib/header-block.ts";
import { eventually, exchange, RawClient, sleep, TestGate, withDoor } from "./testing.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const MB = 1024 * 1024;

test("a head that does not end in time is answered 408 and closed", async () => {
  await withDoor(
    new TestGate(),
    async (port) => {
      const client = await RawClient.open(port);
      client.send("GET / HTTP/1.1\r\nHost: a\r\n");
      const drip = setInterval(() => client.send("X-A: b\r\n"), 50); // dripping does not help
      assert.match(await client.rest(), /^HTTP\/1.1 408 [^]*request_timeout/);
      clearInterval(drip);
    },
    { head: 300 },
  );
});

test("a body that stops coming is answered 408, one that drips on only when its whole time is up", async () => {
  const post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n";
  await withDoor(
    new TestGate(),
    async (port) => {
      const silent = exchange(port, `${post}abc`);
      const dripping = await RawClient.open(port);
      dripping.send(post);
      const drip = setInterval(() => dripping.send("a"), 20);
      assert.match(await silent, /^HTTP\/1.1 408 /);
      assert.equal(dripping.text, "");
      assert.match(await dripping.rest(), /^HTTP\/1.1 408 /);
      clearInterval(drip);
    },
    { bodySilence: 400, bodyTotal: 1500 },
  );
});

test("an idle connection is closed without a word when its time is up, a busy one is not", async () => {
  const replies: Reply[] = [];
  const gate = new TestGate((_, reply) => replies.push(reply));
  await withDoor(
    gate,
    async (port) => {
      const busy = await RawClient.open(port);
      busy.send(GET);
      assert.equal(await exchange(port, ""), "");
      await sleep(300);
      replies[0]?.answer(200, NO_HEADERS, [Buffer.from("still here")]);
      await busy.until("still here");
      assert.equal(await busy.rest(), busy.text);
    },
    { idle: 300 },
  );
});

test("2,000 idle and 200 half-sent connections do not keep others waiting", async () => {
  await withDoor(new TestGate(), async (port, listener) => {
    const idle = await Promise.all(Array.from({ length: 2000 }, () => RawClient.open(port)));
    const half = await Promise.all(Array.from({ length: 200 }, () => RawClient.open(port)));
    for (const [at, client] of half.entries())
      client.send(at % 2 ? "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nabc" : "GET / HTTP/1.1\r\nHo");
    await eventually(() => listener.connections === 2200, "all are in");
    const before = performance.now();
    for (let i = 0; i < 50; i++) {
      const client = await RawClient.open(port);
      client.send(GET);
      await client.until("GET / ");
      client.leave();
    }
    assert.ok(performance.now() - before < 50_000);
    for (const client of [...idle, ...half]) client.leave();
    await eventually(() => listener.connections === 0, "every connection is let go");
  });
});

test("a slow reader does not grow memory: writes say so, and the writer that honours it stays bounded", async () => {
  const piece = Buffer.alloc(64 * 1024, "x");
  const total = 200 * MB;
  let written = 0;
  let refusals = 0;
  const gate = new TestGate((_, reply) => {
    const more = (): void => {
      while (written < total) {
        written += piece.length;
        if (!reply.write([piece])) {
          refusals++;
          return;
        }
      }
      reply.end();
    };
    reply.listener = { onGone() {}, onDrain: more };
    reply.start(200, NO_HEADERS, []);
    more();
  });
  await withDoor(gate, async (port) => {
    const client = await RawClient.open(port);
    client.socket.removeAllListeners("data");
    client.socket.setEncoding("latin1");
    client.socket.pause();
    const before = process.memoryUsage().rss;
    client.send(GET);
    await eventually(() => refusals > 0, "a write says stop");
    await sleep(100);
    const stopped = written;
    await sleep(100);
    assert.equal(written, stopped);
    assert.ok(stopped < 20 * MB, `${stopped} bytes were written to a client that reads nothing`);
    assert.ok(process.memoryUsage().rss - before < 32 * MB);
    let read = 0;
    client.socket.on("data", (text: string) => {
      read += text.length;
    });
    client.socket.resume();
    await eventually(() => read > total, "the whole stream comes through");
    client.leave();
  });
});

test("a client that takes nothing of its answer is cut off", async () => {
  let gone = 0;
  let released = 0;
  const gate = new TestGate((_, reply) => {
    reply.listener = { onGone: () => gone++, onDrain() {} };
    reply.answer(200, NO_HEADERS, [Buffer.alloc(30 * MB)], () => released++);
  });
  await withDoor(
    gate,
    async (port, listener) => {
      const client = await RawClient.open(port);
      client.socket.pause();
      client.send(GET);
      await eventually(() => listener.connections === 0, "the stalled client is cut off");
      assert.deepEqual([gone, released], [1, 1]);
      client.leave();
    },
    { writeStall: 300 },
  );
});

test("a large answer arrives whole, its parts are released once, and the connection goes on", async () => {
  let released = 0;
  const parts = [Buffer.alloc(700_000, "a"), Buffer.alloc(0), Buffer.alloc(3, "b"), Buffer.alloc(2 * MB, "c")];
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const gate = new TestGate((_, reply) => reply.answer(200, NO_HEADERS, parts, () => released++));
  await withDoor(gate, async (port) => {
    const client = await RawClient.open(port);
    for (const round of [1, 2]) {
      client.text = "";
      client.send(GET);
      await eventually(() => client.text.length > length, "the whole answer");
      const body = client.text.slice(client.text.indexOf("\r\n\r\n") + 4);
      assert.ok(body === Buffer.concat(parts).toString("latin1"));
      await eventually(() => released === round, "the parts are released");
    }
    client.leave();
  });
});

for (const [how, leave] of [
  ["closes", (client: RawClient) => client.socket.destroy()],
  ["resets", (client: RawClient) => client.socket.resetAndDestroy()],
  ["ends", (client: RawClient) => client.socket.end()],
] as const)
  test(`a client that ${how} while it waits is noticed at once, also behind pipelined bytes`, async () => {
    const gate = new TestGate((_, reply) => {
      reply.listener = { onGone: () => gone.push(performance.now()), onDrain() {} };
      replies.push(reply);
    });
    const gone: number[] = [];
    const replies: Reply[] = [];
    await withDoor(gate, async (port, listener) => {
      for (const behind of ["", GET, GET.repeat(20_000)]) {
        const client = await RawClient.open(port);
        client.send(GET + behind);
        const count = gone.length;
        await eventually(() => replies.length > count, "the request is in progress");
        await eventually(() => client.socket.writableLength === 0, "everything is sent");
        leave(client);
        await eventually(() => gone.length > count, "the client is gone");
        assert.equal(replies[count]?.gone, true);
      }
      await eventually(() => listener.connections === 0, "the connections are let go");
      // A reply whose client is gone takes everything and does nothing.
      let done = 0;
      replies[0]?.answer(200, NO_HEADERS, [Buffer.from("x")], () => done++);
      assert.equal(done, 1);
      assert.equal(replies[1]?.start(200, NO_HEADERS, []), true);
      assert.equal(replies[1]?.write([Buffer.from("x")]), true);
      replies[1]?.end();
      replies[2]?.fail();
    });
    assert.equal(gone.length, 3);
    assert.equal(gate.paths.length, 3);
  });

test("a client that leaves in the middle of its body leaves nothing behind", async () => {
  const gate = new TestGate();
  await withDoor(gate, async (port, listener) => {
    const client = await RawClient.open(port);
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n${"a".repeat(200_000)}`);
    await sleep(20);
    client.leave();
    await eventually(() => listener.connections === 0, "the connection is let go");
  });
  assert.deepEqual([gate.paths, gate.refused], [[], []]);
});

test("an answer that fails is never taken for complete, and what was written before it arrives", async () => {
  const gate = new TestGate((_, reply) => {
    reply.start(200, NO_HEADERS, [Buffer.from("begun")]);
    reply.write([Buffer.from("error event")]);
    reply.fail();
    reply.end();
  });
  await withDoor(gate, async (port) => {
    const text = await exchange(port, GET);
    assert.match(text, /error event\r\n$/);
    assert.ok(!text.includes("0\r\n\r\n"));
    const old = await RawClient.open(port);
    let error = "";
    old.socket.on("error", (cause: NodeJS.ErrnoException) => {
      error = cause.code ?? "";
    });
    old.send("GET / HTTP/1.0\r\n\r\n");
    await old.rest();
    assert.equal(error, "ECONNRESET");
  });
});
