// Request bodies: in any pieces, compressed, too large, never finished.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { NO_HEADERS } from "../lib/header-block.ts";
import { exchange, RawClient, TestGate, withDoor } from "./testing.ts";

const HEAD = "POST /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
const MB = 1024 * 1024;

function post(body: Buffer, encoding?: string): Buffer {
  const line = encoding === undefined ? "" : `Content-Encoding: ${encoding}\r\n`;
  return Buffer.concat([Buffer.from(`${HEAD}${line}Content-Length: ${body.length}\r\n\r\n`), body]);
}

/** Bytes that tell where they stand. */
function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8)) & 255;
  return bytes;
}

/** Compares the body with what was sent and answers "same" or "other". */
function comparing(expected: Buffer): TestGate {
  return new TestGate((request, reply) => {
    const isSame = expected.equals(request.body.bytes);
    request.body.release();
    request.body.release();
    reply.answer(200, NO_HEADERS, [Buffer.from(isSame ? "same" : "other")]);
  });
}

for (const length of [1, 70_000, 131_072, 131_073, 1_500_000, 9 * MB, 20 * MB])
  test(`a body of ${length} bytes arrives whole, with a length and in chunks`, async () => {
    const body = pattern(length);
    await withDoor(comparing(body), async (port) => {
      assert.match(await exchange(port, post(body)), /same$/);
      const parts: Buffer[] = [Buffer.from(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`)];
      for (let at = 0; at < length; at += 300_000) {
        const part = body.subarray(at, at + 300_000);
        parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n"));
      }
      assert.match(await exchange(port, Buffer.concat([...parts, Buffer.from("0\r\n\r\n")])), /same$/);
    });
  });

test("compressed bodies are inflated, whichever way they are compressed", async () => {
  const body = pattern(300_000);
  const forms: [string, Buffer][] = [
    ["gzip", gzipSync(body)],
    ["x-gzip", gzipSync(body)],
    ["GZIP", gzipSync(body)],
    ["deflate", deflateSync(body)],
    ["deflate", deflateRawSync(body)],
    ["br", brotliCompressSync(body)],
    ["zstd", zstdCompressSync(body)],
    ["identity", body],
  ];
  await withDoor(comparing(body), async (port) => {
    for (const [encoding, bytes] of forms) assert.match(await exchange(port, post(bytes, encoding)), /same$/, encoding);
  });
});

test("a body that is not what its encoding says is refused, and so is an encoding we do not know", async () => {
  const gate = new TestGate();
  await withDoor(gate, async (port) => {
    for (const encoding of ["gzip", "deflate", "br", "zstd"]) {
      const text = await exchange(port, post(Buffer.from("xhello, this is plain"), encoding));
      assert.match(text, /^HTTP\/1.1 400 /, encoding);
    }
    for (const [encoding, whole] of [
      ["gzip", gzipSync(pattern(9000))],
      ["br", brotliCompressSync(pattern(9000))],
      ["zstd", zstdCompressSync(pattern(9000))],
    ] as const)
      assert.match(
        await exchange(port, post(whole.subarray(0, whole.length - 20), encoding)),
        /^HTTP\/1.1 400 /,
        `cut ${encoding}`,
      );
    for (const encoding of ["compress", "gzip, br", "__proto__"])
      assert.match(await exchange(port, post(Buffer.from("x"), encoding)), /^HTTP\/1.1 415 /, encoding);
  });
  assert.equal(gate.paths.length, 0);
});

test("a bomb is cut off at the limit while it is inflated", async () => {
  const gate = new TestGate();
  gate.limit = 4 * MB;
  const zeros = Buffer.alloc(200 * MB);
  const bombs: [string, Buffer][] = [
    ["gzip", gzipSync(zeros, { level: 1 })],
    ["br", brotliCompressSync(zeros, { params: { [1]: 1 } })],
    ["zstd", zstdCompressSync(zeros)],
  ];
  await withDoor(gate, async (port) => {
    const before = process.memoryUsage().rss;
    for (const [encoding, bomb] of bombs) {
      assert.ok(bomb.length < gate.limit);
      assert.match(await exchange(port, post(bomb, encoding)), /^HTTP\/1.1 413 /, encoding);
    }
    assert.ok(process.memoryUsage().rss - before < 64 * MB);
  });
  assert.equal(gate.paths.length, 0);
});

test("a body over the limit is 413 at once where its length is told, and the client that writes on reads the answer", async () => {
  const gate = new TestGate();
  gate.limit = MB;
  await withDoor(gate, async (port) => {
    const text = await exchange(port, post(Buffer.alloc(30 * MB)));
    assert.match(text, /^HTTP\/1.1 413 [^]*body_too_large/);
  });
});

test("100 MB and a byte, chunked, is 413, and memory is given back", async () => {
  const gate = new TestGate();
  await withDoor(gate, async (port) => {
    const client = await RawClient.open(port);
    client.send(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
    const chunk = Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(MB), Buffer.from("\r\n")]);
    for (let i = 0; i < 101; i++) if (!client.socket.write(chunk)) await once(client.socket, "drain");
    assert.match(await client.rest(), /^HTTP\/1.1 413 /);
  });
  assert.equal(gate.paths.length, 0);
});

test("a declared length costs nothing before the bytes come", async () => {
  await withDoor(new TestGate(), async (port) => {
    const before = process.memoryUsage().rss;
    const clients = await Promise.all(Array.from({ length: 100 }, () => RawClient.open(port)));
    for (const client of clients) client.send(`${HEAD}Content-Length: 100000000\r\n\r\nabc`);
    assert.match(await exchange(port, post(Buffer.from("hello"))), /POST \/x hello$/);
    assert.ok(process.memoryUsage().rss - before < 64 * MB);
    for (const client of clients) client.leave();
  });
});
