// What the door makes of well and badly framed requests, over real sockets.
import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_HEADERS } from "../lib/header-block.ts";
import { REQUESTS } from "../lib/http1/corpus/requests.ts";
import { answersIn, echo, exchange, lines, RawClient, TestGate, withDoor } from "./testing.ts";

const HOST = "Host: a\r\n";

function sendTo(path: string, body: string): string {
  return `POST ${path} HTTP/1.1\r\n${HOST}Content-Length: ${body.length}\r\n\r\n${body}`;
}

function expecting(length: number): string {
  return `POST /x HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;
}

test("every shape that the corpus refuses gets one answer at most, a close, and nothing behind it is run", async () => {
  const gate = new TestGate();
  const smuggled = `GET /smuggled HTTP/1.1\r\n${HOST}\r\n`;
  await withDoor(gate, async (port) => {
    for (const each of REQUESTS) {
      if (each.error === undefined) continue;
      const before = each.messages?.length ?? 0;
      const text = await exchange(port, Buffer.from(each.raw + smuggled, "latin1"));
      assert.equal(answersIn(text), before + 1, `${each.name}: ${text.slice(0, 300)}`);
      const last = text.slice(text.lastIndexOf("HTTP/1.1 "));
      assert.match(last, new RegExp(`^HTTP/1.1 ${each.error} `), each.name);
      assert.match(last, /\r\nconnection: close\r\n/, each.name);
    }
  });
  assert.ok(!gate.paths.includes("/smuggled"));
});

test("every good shape of the corpus is answered, request by request, in order", async () => {
  const gate = new TestGate();
  await withDoor(gate, async (port) => {
    for (const each of REQUESTS) {
      if (each.error !== undefined || each.waits) continue;
      const client = await RawClient.open(port);
      client.send(each.raw);
      for (const message of each.messages ?? []) await client.until(message.replace("|", " "));
      client.leave();
    }
  });
});

test("a request that comes byte by byte is answered like any other", async () => {
  await withDoor(new TestGate(), async (port) => {
    const client = await RawClient.open(port);
    for (const byte of `POST /slow HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`) {
      client.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.until("POST /slow abc");
    client.leave();
  });
});

test("pipelined requests are answered one after another, in order, however long each takes", async () => {
  let running = 0;
  const gate = new TestGate((request, reply) => {
    assert.equal(++running, 1);
    const answer = (): void => {
      running--;
      echo(request, reply);
    };
    if (request.path === "/2") answer();
    else setTimeout(answer, request.path === "/1" ? 30 : 1);
  });
  await withDoor(gate, async (port) => {
    const client = await RawClient.open(port);
    client.send(sendTo("/1", "one") + sendTo("/2", "") + sendTo("/3", "three") + sendTo("/4", "four"));
    const text = await client.until("POST /4 four");
    assert.deepEqual(text.match(/POST \/\d [a-z]*/g), ["POST /1 one", "POST /2 ", "POST /3 three", "POST /4 four"]);
    client.leave();
  });
});

test("a thousand pipelined requests are all answered", async () => {
  await withDoor(new TestGate(), async (port) => {
    const client = await RawClient.open(port);
    client.send(Array.from({ length: 1000 }, (_, i) => `GET /${i} HTTP/1.1\r\n${HOST}\r\n`).join(""));
    const text = await client.until("GET /999 ");
    assert.equal(answersIn(text), 1000);
    client.leave();
  });
});

test("a client that sends far ahead gets the answer in progress and a close, and costs no more memory", async () => {
  const waiting: (() => void)[] = [];
  const gate = new TestGate((request, reply) => waiting.push(() => echo(request, reply)));
  const limits = { readAhead: 100_000 };
  await withDoor(
    gate,
    async (port, listener) => {
      const client = await RawClient.open(port);
      client.send(`GET /first HTTP/1.1\r\n${HOST}\r\n`);
      const junk = `GET /more HTTP/1.1\r\n${HOST}X-A: ${"a".repeat(1000)}\r\n\r\n`.repeat(100);
      for (let i = 0; i < 50; i++) await new Promise<void>((resolve) => client.socket.write(junk, () => resolve()));
      assert.equal(listener.connections, 1);
      waiting[0]?.();
      const text = await client.rest();
      assert.equal(answersIn(text), 1);
      assert.match(text, /connection: close\r\n[^]*GET \/first /);
      assert.equal(waiting.length, 1);
    },
    limits,
  );
});

test("an upgrade is refused with advice, and the connection ends", async () => {
  const gate = new TestGate();
  await withDoor(gate, async (port) => {
    const upgrade = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n";
    const text = await exchange(port, `GET /ws HTTP/1.1\r\n${HOST}${upgrade}\r\n`);
    assert.match(text, /^HTTP\/1.1 400 /);
  });
  assert.match(gate.refused[0]?.error.message ?? "", /switch the client's HTTP\/2 or WebSocket upgrade off/);
  assert.equal(gate.refused[0]?.path, "/ws");
});

test("HEAD gets the head of the answer and no byte of its body, whole or streamed", async () => {
  const gate = new TestGate((request, reply) => {
    if (request.path === "/whole") return reply.answer(200, NO_HEADERS, [Buffer.from("hello")]);
    reply.start(200, NO_HEADERS, [Buffer.from("secret")]);
    reply.write([Buffer.from("secret")]);
    reply.end();
  });
  await withDoor(gate, async (port) => {
    const client = await RawClient.open(port);
    client.send(`HEAD /whole HTTP/1.1\r\n${HOST}\r\nHEAD /stream HTTP/1.1\r\n${HOST}\r\n`);
    client.send(`GET /whole HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
    const text = await client.rest();
    assert.equal(answersIn(text), 3);
    assert.ok(!text.includes("secret"));
    assert.equal(text.split("hello").length, 2);
    assert.equal(text.split("content-length: 5").length, 3);
  });
});

test("204 and 304 have neither a body nor a length", async () => {
  const gate = new TestGate((request, reply) => {
    const status = Number(request.path.slice(1));
    reply.answer(status, NO_HEADERS, []);
  });
  await withDoor(gate, async (port) => {
    const client = await RawClient.open(port);
    client.send(`OPTIONS /204 HTTP/1.1\r\n${HOST}\r\nGET /304 HTTP/1.1\r\n${HOST}\r\n`);
    const text = await client.until("304 Not Modified");
    assert.ok(!text.includes("content-length"));
    client.leave();
  });
});

test("a stream to HTTP/1.1 is chunked, to HTTP/1.0 it lasts until the close", async () => {
  const gate = new TestGate((_, reply) => {
    reply.start(200, lines({ "content-type": "text/event-stream" }), [Buffer.from("one")]);
    setTimeout(() => {
      reply.write([Buffer.from("two"), Buffer.from("three")]);
      reply.write([]);
      reply.end();
    }, 5);
  });
  await withDoor(gate, async (port) => {
    const client = await RawClient.open(port);
    client.send(`GET / HTTP/1.1\r\n${HOST}\r\n`);
    const chunked = await client.until("0\r\n\r\n");
    assert.match(chunked, /\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n8\r\ntwothree\r\n0\r\n\r\n$/);
    client.leave();
    const plain = await exchange(port, "GET / HTTP/1.0\r\n\r\n");
    assert.match(plain, /\r\nconnection: close\r\n\r\nonetwothree$/);
  });
});

test("100-continue is sent when the client waits for it, and not when it does not", async () => {
  const gate = new TestGate();
  gate.limit = 1000;
  await withDoor(gate, async (port) => {
    const patient = await RawClient.open(port);
    patient.send(expecting(3));
    assert.equal(await patient.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    patient.send("abc");
    await patient.until("POST /x abc");
    patient.send(`${expecting(3)}def`);
    assert.equal(answersIn(await patient.until("POST /x def")), 3);
    patient.leave();
    const refused = await exchange(port, expecting(1001));
    assert.match(refused, /^HTTP\/1.1 413 /);
  });
});

test("an exception behind the door is a 500, and others are served on", async () => {
  const gate = new TestGate((request, reply) => {
    if (request.path === "/bad") throw new TypeError("secret detail");
    if (request.path === "/late") reply.start(200, NO_HEADERS, [Buffer.from("begun")]);
    if (request.path === "/late") throw new TypeError("secret detail");
    echo(request, reply);
  });
  await withDoor(gate, async (port) => {
    const text = await exchange(port, `GET /bad HTTP/1.1\r\n${HOST}\r\n`);
    assert.match(text, /^HTTP\/1.1 500 [^]*"internal"/);
    const late = await exchange(port, `GET /late HTTP/1.1\r\n${HOST}\r\n`);
    assert.match(late, /begun\r\n$/);
    assert.match(await exchange(port, `GET /good HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`), /GET \/good/);
  });
});

test("the handler sees path and query, the peer, and headers that last as long as its request", async () => {
  const seen: unknown[] = [];
  const gate = new TestGate((request, reply) => {
    setTimeout(() => {
      const { path, query, peer, headers } = request;
      seen.push(path, query, peer, headers.get("x-a"));
      reply.answer(200, NO_HEADERS, []);
    }, 5);
  });
  await withDoor(gate, async (port) => {
    const client = await RawClient.open(port);
    client.send(`GET /a/b?c=d?e HTTP/1.1\r\n${HOST}X-A: first\r\n\r\nGET / HTTP/1.1\r\n${HOST}X-A: second\r\n\r\n`);
    await client.until("HTTP/1.1 200 OK\r\n");
    client.leave();
  });
  assert.deepEqual(seen.slice(0, 4), [
    "/a/b",
    "c=d?e",
    { address: "127.0.0.1", loopback: true, secure: false },
    "first",
  ]);
});
