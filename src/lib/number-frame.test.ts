// Texts that differ in their numbers alone, and those that differ in more.
import assert from "node:assert/strict";
import { test } from "node:test";
import { NumberFrame } from "./number-frame.ts";

const frameOf = (text: string): NumberFrame => new NumberFrame(Buffer.from(text), 0, text.length);
const reads = (frame: NumberFrame, text: string): boolean => {
  const bytes = Buffer.from(`xx${text}`);
  return frame.read(bytes, 2, bytes.length);
};

test("reads the numbers of a text of the same spelling", () => {
  const frame = frameOf('{"a_5m":12,"b":{"c\\"7":0}}');
  assert.equal(frame.indexed, '{"a_5m":1,"b":{"c\\"7":2}}');
  assert.ok(frame.isWhole);
  assert.ok(reads(frame, '{"a_5m":7,"b":{"c\\"7":12345678}}'));
  assert.deepEqual(frame.values, [7, 12_345_678]);
});

test("does not match what differs in more than whole numbers", () => {
  const frame = frameOf('{"a":12,"b":3}');
  for (const text of [
    '{"a":12,"b":3.5}',
    '{"a":-12,"b":3}',
    '{"a":12,"b":3e5}',
    '{"a":123456789,"b":3}',
    '{"a":12,"c":3}',
    '{"a":12,"b":3} ',
    '{"a":12,"b":}',
    '{"a":12',
    "",
  ])
    assert.equal(reads(frame, text), false, text);
});

test("tells numbers that are not whole", () => {
  for (const text of ['{"a":1.5}', '{"a":-1}', '{"a":1e5}', '{"a":1E5}'])
    assert.equal(frameOf(text).isWhole, false, text);
});
