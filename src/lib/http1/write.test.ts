// The bytes that messages are put together from.
import assert from "node:assert/strict";
import { test } from "node:test";
import { copyParts, frameChunk, joinHead, joinHeadAndChunk, statusLine, totalLength } from "./write.ts";

const parts = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text, "latin1"));

test("a status line has the phrase that belongs to the status, or none", () => {
  assert.equal(statusLine(200), "HTTP/1.1 200 OK\r\n");
  assert.equal(statusLine(429), "HTTP/1.1 429 Too Many Requests\r\n");
  assert.equal(statusLine(299), "HTTP/1.1 299 \r\n");
  for (const status of [99, 600, 20.5, Number.NaN]) assert.throws(() => statusLine(status), RangeError);
});

test("a head and its parts stand in one buffer, the head as latin1", () => {
  assert.equal(joinHead("h\xe9\r\n\r\n", parts("a", "", "bc")).toString("latin1"), "h\xe9\r\n\r\nabc");
  assert.equal(totalLength(parts("a", "", "bc")), 3);
});

test("all parts of a chunk stand under one size", () => {
  assert.equal(frameChunk(parts("0123456789", "abcdef")).toString(), "10\r\n0123456789abcdef\r\n");
  assert.equal(joinHeadAndChunk("head\r\n\r\n", parts("abc")).toString(), "head\r\n\r\n3\r\nabc\r\n");
});

test("an empty chunk is not written, for it would end the body", () => {
  assert.equal(frameChunk([]).length, 0);
  assert.equal(frameChunk(parts("")).length, 0);
  assert.equal(joinHeadAndChunk("head\r\n\r\n", []).toString(), "head\r\n\r\n");
});

test("parts are copied one behind the other", () => {
  const target = Buffer.alloc(6, ".");
  assert.equal(copyParts(target, 1, parts("ab", "c")), 4);
  assert.equal(target.toString(), ".abc..");
});
