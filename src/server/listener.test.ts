// The open port: where it listens, whom it lets in, how it closes.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reply } from "../core/http.ts";
import { NO_HEADERS } from "../lib/header-block.ts";
import { defaultMaxConnections } from "./limits.ts";
import { ListenError, listen } from "./listener.ts";
import { eventually, RawClient, TestGate, withDoor } from "./testing.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

test("localhost means both of its addresses, where there are two, on one port", async () => {
  const listener = await listen({ host: "localhost", port: 0, gate: new TestGate() });
  assert.equal(listener.addresses[0], "127.0.0.1");
  for (const address of listener.addresses) {
    const client = await RawClient.open(listener.port, address);
    client.send(GET);
    await client.until("GET / ");
    client.leave();
  }
  listener.close();
});

test("a port that is taken is told by a typed error that names it", async () => {
  await withDoor(new TestGate(), async (port) => {
    await assert.rejects(listen({ host: "127.0.0.1", port, gate: new TestGate() }), (error: unknown) => {
      assert.ok(error instanceof ListenError);
      assert.deepEqual([error.code, error.host, error.port], ["EADDRINUSE", "127.0.0.1", port]);
      return true;
    });
    await assert.rejects(listen({ host: "localhost", port, gate: new TestGate() }), ListenError);
  });
});

test("connections beyond the limit are closed at once, the others are served on", async () => {
  await withDoor(
    new TestGate(),
    async (port, listener) => {
      const first = await RawClient.open(port);
      const second = await RawClient.open(port);
      await eventually(() => listener.connections === 2, "both are in");
      assert.equal(await new RawClient(port).rest(), "");
      first.send(GET);
      await first.until("GET / ");
      second.leave();
      await eventually(() => listener.connections === 1, "one has left");
      const third = await RawClient.open(port);
      third.send(GET);
      await third.until("GET / ");
      first.leave();
      third.leave();
    },
    { maxConnections: 2 },
  );
});

test("the default limit leaves descriptors for the other half of the work", () => {
  assert.ok(defaultMaxConnections() >= 100);
});

test("drain closes idle connections at once, lets the answers in progress end and tells them to close", async () => {
  const replies: Reply[] = [];
  const gate = new TestGate((_, reply) => replies.push(reply));
  const listener = await listen({ host: "127.0.0.1", port: 0, gate });
  const { port } = listener;
  const idle = await RawClient.open(port);
  const plain = await RawClient.open(port);
  const stream = await RawClient.open(port);
  plain.send(GET);
  await eventually(() => replies.length === 1, "the first request is in progress");
  stream.send(GET);
  await eventually(() => replies.length === 2, "the second request is in progress");
  replies[1]?.start(200, NO_HEADERS, [Buffer.from("begun")]);
  await stream.until("begun");
  let drained = false;
  const draining = listener.drain(60_000).then(() => {
    drained = true;
  });
  assert.equal(await idle.rest(), "");
  await assert.rejects(RawClient.open(port));
  assert.equal(drained, false);
  replies[0]?.answer(200, NO_HEADERS, [Buffer.from("late")]);
  assert.match(await plain.rest(), /connection: close\r\n[^]*late$/);
  replies[1]?.end();
  assert.match(await stream.rest(), /0\r\n\r\n$/);
  await draining;
  assert.equal(listener.connections, 0);
});

test("drain cuts off at its limit what has not ended by then", async () => {
  let gone = 0;
  const gate = new TestGate((_, reply) => {
    reply.listener = { onGone: () => gone++, onDrain() {} };
  });
  const listener = await listen({ host: "127.0.0.1", port: 0, gate });
  const client = await RawClient.open(listener.port);
  client.send(GET);
  await eventually(() => gate.paths.length === 1, "the request is in progress");
  await listener.drain(50);
  assert.equal(await client.rest(), "");
  assert.equal(gone, 1);
});

test("drain of an empty house is over at once", async () => {
  const listener = await listen({ host: "127.0.0.1", port: 0, gate: new TestGate() });
  await listener.drain(60_000);
});

test("a connection that is kept serves on, and bears the date", async () => {
  await withDoor(new TestGate(), async (port, listener) => {
    const client = await RawClient.open(port);
    for (let i = 0; i < 20; i++) {
      client.text = "";
      client.send(`GET /${i} HTTP/1.1\r\nHost: a\r\n\r\n`);
      assert.match(await client.until(`GET /${i} `), /\r\ndate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n/);
    }
    assert.equal(listener.connections, 1);
    client.leave();
  });
});
