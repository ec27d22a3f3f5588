// The answer reader on every framing shape, and on the same bytes split anywhere.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { AnswerReader, type AnswerSink } from "./answer-reader.ts";

/** What a reader makes of these pieces; `fin` = the server closes afterwards. */
function read(pieces: readonly Buffer[], method: string, fin: boolean): Record<string, unknown> {
  const heads: unknown[] = [];
  let body = "";
  const sink: AnswerSink = {
    onAnswerHead: (head) => heads.push([head.status, head.entries()]),
    onAnswerBytes: (bytes) => {
      assert.ok(bytes.length > 0);
      body += bytes.toString("latin1");
    },
  };
  const reader = new AnswerReader(sink);
  reader.begin(method);
  for (const piece of pieces) {
    if (reader.complete) reader.surplus = true;
    if (reader.complete || reader.error !== null) break;
    // In one shared buffer that is overwritten afterwards, as sockets do it.
    const shared = Buffer.from(piece);
    reader.feed(shared);
    shared.fill(0x58);
  }
  if (fin && reader.error === null && !reader.complete) reader.finish();
  const { complete, error, surplus, keepsAlive } = reader;
  return { heads, body, complete, isError: error !== null, surplus, keepsAlive };
}

const bytesOf = (text: string): Buffer => Buffer.from(text, "latin1");

interface Expected {
  readonly name: string;
  readonly answer: string;
  readonly method?: string;
  readonly fin?: boolean;
  readonly status?: number;
  readonly body?: string;
  readonly complete?: boolean;
  readonly isError?: boolean;
  readonly surplus?: boolean;
  readonly keepsAlive?: boolean;
}

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;

const SHAPES: readonly Expected[] = [
  { name: "content-length", answer: `${OK}content-length: 5\r\n\r\nhello`, body: "hello" },
  { name: "empty body", answer: `${OK}content-length: 0\r\n\r\n` },
  { name: "chunked", answer: `${CHUNKED}5\r\nhello\r\n7;a=b\r\n, world\r\n0\r\n\r\n`, body: "hello, world" },
  { name: "chunked with a trailer", answer: `${CHUNKED}1\r\na\r\n0\r\nx-sum: 1\r\n\r\n`, body: "a" },
  { name: "until close", answer: `${OK}\r\nhello`, fin: true, body: "hello", keepsAlive: false },
  { name: "until close, open", answer: `${OK}\r\nhello`, body: "hello", complete: false, keepsAlive: false },
  { name: "HTTP/1.0", answer: "HTTP/1.0 200 OK\r\n\r\nhi", fin: true, body: "hi", keepsAlive: false },
  {
    name: "HTTP/1.0 with a length",
    answer: "HTTP/1.0 200\r\ncontent-length: 2\r\n\r\nhi",
    body: "hi",
    keepsAlive: false,
  },
  {
    name: "connection: close",
    answer: `${OK}connection: close\r\ncontent-length: 1\r\n\r\na`,
    body: "a",
    keepsAlive: false,
  },
  { name: "HEAD", method: "HEAD", answer: `${OK}content-length: 500\r\n\r\n` },
  { name: "204", answer: "HTTP/1.1 204 No Content\r\n\r\n", status: 204 },
  { name: "304 with a length", answer: "HTTP/1.1 304 \r\ncontent-length: 9\r\n\r\n", status: 304 },
  { name: "204 with a length", answer: "HTTP/1.1 204 x\r\ncontent-length: 9\r\n\r\n", status: 204, keepsAlive: false },
  { name: "redirect", answer: "HTTP/1.1 302 Found\r\nlocation: http://x\r\ncontent-length: 0\r\n\r\n", status: 302 },
  {
    name: "interim answers",
    answer: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${OK}content-length: 1\r\n\r\nz`,
    body: "z",
  },
  { name: "bytes behind the body", answer: `${OK}content-length: 1\r\n\r\nzX`, body: "z", surplus: true },
  { name: "a second answer", answer: `${CHUNKED}0\r\n\r\n${OK}content-length: 0\r\n\r\n`, surplus: true },
  { name: "bytes behind a HEAD answer", method: "HEAD", answer: `${OK}content-length: 2\r\n\r\nab`, surplus: true },
  { name: "cut head", answer: "HTTP/1.1 200 OK\r\ncont", fin: true, status: 0, complete: false, keepsAlive: false },
  { name: "cut body", answer: `${OK}content-length: 9\r\n\r\nhello`, fin: true, body: "hello", complete: false },
  { name: "cut chunked body", answer: `${CHUNKED}5\r\nhel`, fin: true, body: "hel", complete: false },
];

const BROKEN: readonly (readonly [string, string])[] = [
  ["garbage", "\x16\x03\x01 no http"],
  ["another protocol", "SSH-2.0-OpenSSH\r\n"],
  ["HTTP/2", "HTTP/2 200\r\n\r\n"],
  ["a status that is none", "HTTP/1.1 999 x\r\n\r\n"],
  ["a request", "GET / HTTP/1.1\r\n\r\n"],
  ["bare LF", "HTTP/1.1 200 OK\ncontent-length: 0\n\n"],
  ["bare LF before the head's end", "HTTP/1.1 200 OK\nx: y\r\n"],
  ["a folded header", `${OK}a: b\r\n c\r\n\r\n`],
  ["two lengths", `${OK}content-length: 1\r\ncontent-length: 2\r\n\r\nab`],
  ["a negative length", `${OK}content-length: -1\r\n\r\n`],
  ["a length and chunks", `${OK}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`],
  ["another transfer coding", `${OK}transfer-encoding: gzip\r\n\r\n`],
  ["chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"],
  ["a chunk size that is none", `${CHUNKED}xyz\r\n`],
  ["a chunk longer than its size", `${CHUNKED}1\r\nabc\r\n0\r\n\r\n`],
  ["101 unasked", "HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n"],
  ["interim answers without end", "HTTP/1.1 100 Continue\r\n\r\n".repeat(40)],
  ["an oversized head", `${OK}x: ${"y".repeat(70_000)}\r\n\r\n`],
  ["a head without end", `${OK}${"x: y\r\n".repeat(20_000)}`],
];

function check(shape: Expected, result: Record<string, unknown>): void {
  const heads = result["heads"] as [number, unknown][];
  assert.equal(heads[0]?.[0] ?? 0, shape.status ?? 200, "status");
  assert.equal(result["body"], shape.body ?? "", "body");
  assert.equal(result["complete"], shape.complete ?? true, "complete");
  assert.equal(result["isError"], false, "error");
  assert.equal(result["surplus"], shape.surplus ?? false, "surplus");
  assert.equal(result["keepsAlive"], shape.keepsAlive ?? true, "keeps alive");
}

for (const shape of SHAPES) {
  const bytes = bytesOf(shape.answer);
  const { method = "POST", fin = false } = shape;
  test(`reads ${shape.name}, whole, byte by byte and in two at every byte`, () => {
    check(shape, read([bytes], method, fin));
    check(
      shape,
      read(
        Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)),
        method,
        fin,
      ),
    );
    for (let at = 1; at < bytes.length; at++)
      check(shape, read([bytes.subarray(0, at), bytes.subarray(at)], method, fin));
  });
}

for (const [name, answer] of BROKEN) {
  test(`refuses ${name}, however it is split`, () => {
    const bytes = bytesOf(answer);
    assert.equal(read([bytes], "POST", false)["isError"], true);
    const step = bytes.length > 5000 ? 997 : 1;
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += step) pieces.push(bytes.subarray(at, at + step));
    assert.equal(read(pieces, "POST", false)["isError"], true);
  });
}

test("random splits of the same answer give the same result", () => {
  const texts = [...SHAPES.map((shape) => shape.answer), ...BROKEN.slice(0, -2).map(([, answer]) => answer)];
  const property = fc.property(fc.nat(texts.length - 1), fc.array(fc.nat(1000)), fc.boolean(), (index, cuts, fin) => {
    const bytes = bytesOf(texts[index] as string);
    const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
    const pieces = at
      .slice(1)
      .map((end, i) => bytes.subarray(at[i], end))
      .filter((piece) => piece.length > 0);
    assert.deepEqual(read(pieces, "POST", fin), read([bytes], "POST", fin));
  });
  fc.assert(property, { seed: 7, numRuns: 3000 });
});

test("any bytes whatever leave the reader with an error, an answer or a wait, and no more than the head's bound kept", () => {
  const noise = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
  const property = fc.property(noise, fc.boolean(), (pieces, good) => {
    const first = good ? [bytesOf(CHUNKED)] : [];
    const result = read(
      [...first, ...pieces.filter((piece) => piece.length > 0).map((p) => Buffer.from(p))],
      "POST",
      true,
    );
    assert.equal(typeof result["complete"], "boolean");
  });
  fc.assert(property, { seed: 3, numRuns: 2000 });
});
