// Places in a file are the same whichever was asked for before, with any line ends, characters and broken bytes.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { SourceText } from "./source-text.ts";

/** Line and column, reckoned from the beginning. */
function placeIn(bytes: Buffer, offset: number): { line: number; column: number } {
  const before = bytes.subarray(0, Math.min(Math.max(offset, 0), bytes.length));
  const start = before.lastIndexOf(0x0a) + 1;
  const ends = before.reduce((count, byte) => count + (byte === 0x0a ? 1 : 0), 0);
  return { line: ends + 1, column: before.toString("utf8", start).length + 1 };
}

const piece = fc.oneof(
  fc.constantFrom("\n", "\r\n", '"a": 1, ', "é", "模型", "🙂", "\0", ""),
  fc.uint8Array({ maxLength: 4 }),
);

test("a place does not depend on the places that were asked for before", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.array(fc.nat(200), { maxLength: 30 }), (pieces, offsets) => {
      const bytes = Buffer.concat(pieces.map((each) => Buffer.from(each as Uint8Array)));
      const source = new SourceText("config.json", bytes);
      for (const offset of [...offsets, ...offsets.toSorted((a, b) => a - b)])
        assert.deepEqual(source.position(offset), placeIn(bytes, offset));
    }),
    { numRuns: 2000, seed: 20_261_123 },
  );
});

test("of a file that is one line no byte is read twice for places in its order", () => {
  const bytes = Buffer.from("x".repeat(100_000));
  let read = 0;
  bytes.toString = function (encoding, start, end): string {
    read += (end ?? this.length) - (start ?? 0);
    return Buffer.prototype.toString.call(this, encoding, start, end);
  };
  const source = new SourceText("config.json", bytes);
  for (let offset = 0; offset < bytes.length; offset += 100)
    assert.deepEqual(source.position(offset), { line: 1, column: offset + 1 });
  assert.ok(read <= bytes.length, `${read} bytes`);
});
