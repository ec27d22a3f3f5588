// Checks that events come out whole, once and unchanged, wherever the chunks are cut and however lines end.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type SseEvent, SseReader, SseSplitter } from "./sse.ts";

function readAll(chunks: readonly Buffer[]): SseEvent[] {
  const reader = new SseReader();
  const events = chunks.flatMap((chunk) => {
    // The chunk's memory is used again by the next read, as a socket's buffer is.
    const shared = Buffer.from(chunk);
    const found = reader.push(shared);
    shared.fill(0x21);
    return found;
  });
  return [...events, ...reader.finish()];
}

function splitAt(bytes: Buffer, ...positions: number[]): Buffer[] {
  const edges = [0, ...positions.toSorted((a, b) => a - b), bytes.length];
  return edges.slice(1).map((to, n) => bytes.subarray(edges[n], to));
}

const STREAM = [
  ": a comment\n\n",
  'event: message_start\ndata: {"é":"ü"}\n\n',
  'data:{"no":"space"}\n\n',
  "id: 7\nretry: 10\ndata: one\ndata:  two\ndata\ndata: four\n\n",
  "event: nothing\n\n",
  "\n\nunknown: x\ndatax: y\nevent: e\ndata: z\n\n",
  "data: [DONE]\n\n",
].join("");

const EVENTS: SseEvent[] = [
  { name: "message_start", data: '{"é":"ü"}' },
  { name: "", data: '{"no":"space"}' },
  { name: "", data: "one\n two\n\nfour" },
  { name: "e", data: "z" },
  { name: "", data: "[DONE]" },
];

test("reads names, data, several data lines, comments and unknown fields", () => {
  assert.deepEqual(readAll([Buffer.from(STREAM)]), EVENTS);
});

test("reads the same whether lines end with LF, CRLF or CR, split at every byte, with a byte order mark or without", () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    for (const mark of ["", "\ufeff"]) {
      const bytes = Buffer.from(mark + STREAM.replaceAll("\n", end));
      for (let n = 0; n <= bytes.length; n++) assert.deepEqual(readAll(splitAt(bytes, n)), EVENTS, `${end} ${n}`);
      assert.deepEqual(readAll([...bytes].map((byte) => Buffer.from([byte]))), EVENTS);
    }
  }
});

test("tells an event that stands at the end without its blank line only when asked to finish", () => {
  for (const tail of ["data: [DONE]", "data: [DONE]\n", "data: [DONE]\r", "data: [DONE]\r\n"]) {
    const reader = new SseReader();
    assert.deepEqual(reader.push(Buffer.from(tail)), []);
    assert.deepEqual(reader.finish(), [{ name: "", data: "[DONE]" }]);
    assert.deepEqual(reader.finish(), []);
  }
  assert.deepEqual(readAll([Buffer.from("data: a\n\n: comment")]), [{ name: "", data: "a" }]);
  assert.deepEqual(readAll([Buffer.from("")]), []);
});

test("an event that CR ends is told at once, before the LF that may follow", () => {
  const reader = new SseReader();
  assert.equal(reader.push(Buffer.from("data: a\r\n\r")).length, 1);
  assert.deepEqual(reader.push(Buffer.from("\ndata: b\r\n\r\n")), [{ name: "", data: "b" }]);
});

test("gives ranges that lie in the chunk itself, and joined ones where an event began in an earlier chunk", () => {
  const splitter = new SseSplitter();
  const chunk = Buffer.from("data: 1\n\nevent: x\ndata: 22\n\ndata: 3");
  splitter.feed(chunk);
  assert.equal(splitter.next(), true);
  assert.equal(splitter.bytes, chunk);
  assert.deepEqual([splitter.eventStart, splitter.eventEnd, splitter.dataStart, splitter.dataEnd], [0, 9, 6, 7]);
  assert.equal(splitter.next(), true);
  assert.deepEqual([splitter.eventStart, splitter.eventEnd], [9, 28]);
  assert.equal(splitter.name(), "x");
  assert.equal(splitter.next(), false);
  chunk.fill(0);
  splitter.feed(Buffer.from("3\n\ndata: 4\n\nda"));
  assert.equal(splitter.next(), true);
  assert.equal(splitter.data(), "33");
  assert.equal(splitter.eventStart, 0);
  assert.equal(splitter.next(), true);
  assert.equal(splitter.bytes.toString("utf8", splitter.eventStart, splitter.eventEnd), "data: 4\n\n");
  assert.equal(splitter.next(), false);
  splitter.feed(Buffer.from("ta: 5\n\n"));
  assert.equal(splitter.next(), true);
  assert.equal(splitter.data(), "5");
});

test("the ranges of all events lie one behind the other and cover the stream up to its blank lines", () => {
  const text = "data: a\n\n: c\n\nevent: b\ndata: b\n\n";
  const splitter = new SseSplitter();
  splitter.feed(Buffer.from(text));
  const ranges: string[] = [];
  while (splitter.next()) ranges.push(text.slice(splitter.eventStart, splitter.eventEnd));
  assert.equal(ranges.join(""), text);
});

test("stops at an event longer than the limit and keeps nothing of it", () => {
  const splitter = new SseSplitter(1000);
  const drain = () => {
    while (splitter.next()) assert.fail("no event is whole");
  };
  for (let n = 0; n < 5 && splitter.feed(Buffer.from("data: ".padEnd(300, "x"))); n++) drain();
  assert.equal(splitter.tooLong, true);
  assert.equal(splitter.next(), false);
  assert.throws(() => new SseReader(10).push(Buffer.from("data: 0123456789")), RangeError);
});

test("a long event in many chunks costs time in proportion to its length", () => {
  const reader = new SseReader();
  const chunk = Buffer.from("x".repeat(1000));
  reader.push(Buffer.from("data: "));
  for (let n = 0; n < 8000; n++) assert.equal(reader.push(chunk).length, 0);
  const [event] = reader.push(Buffer.from("\n\n"));
  assert.equal(event?.data.length, 8_000_000);
});

test("any stream cut at any places gives what it gives whole", () => {
  const piece = fc.constantFrom(
    "data: ",
    "data:",
    "event: e",
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    ": c",
    "x",
    "é",
    "id",
    "[DONE]",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(120), { maxLength: 8 }), (pieces, cuts) => {
      const bytes = Buffer.from(pieces.join(""));
      const places = cuts.map((cut) => Math.min(cut, bytes.length));
      assert.deepEqual(readAll(splitAt(bytes, ...places)), readAll([bytes]));
    }),
    { seed: 6, numRuns: 3000 },
  );
});
