// Numbers come back as they were packed, and small ones take little room.
import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { PACKED_NUMBER_BYTES, PackedNumbers, packNumber } from "./packed-numbers.ts";

function packed(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * PACKED_NUMBER_BYTES);
  let at = 0;
  for (const value of values) at = packNumber(bytes, at, value);
  return bytes.subarray(0, at);
}

function unpacked(bytes: Uint8Array, count: number): number[] {
  const numbers = new PackedNumbers(bytes);
  return Array.from({ length: count }, () => numbers.next());
}

test("small whole numbers take a byte, others as many as they need", () => {
  const sizes = [0, 237, -1, 238, 255, 256, 65_535, 65_536, -2, -3, 1_795_461_788_442, 2 ** 53 - 1, 0.5].map(
    (value) => packed([value]).length,
  );
  assert.deepEqual(sizes, [1, 1, 1, 2, 2, 3, 3, 4, 2, 2, 7, 8, 9]);
});

test("any numbers come back as they were", () => {
  const edges = [
    237,
    238,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 40,
    2 ** 53 - 1,
    -2,
    -257,
    -258,
    1 - 2 ** 53,
    1e300,
    Number.NaN,
  ];
  const any = fc.oneof(
    fc.double(),
    fc.maxSafeInteger(),
    fc.integer({ min: -300, max: 300 }),
    fc.constantFrom(...edges),
  );
  fc.assert(
    fc.property(fc.array(any), (values) => {
      // A zero is a zero.
      const expected = values.map((value) => (value === 0 ? 0 : value));
      assert.deepEqual(unpacked(packed(values), values.length), expected);
    }),
    { seed: 11, numRuns: 500 },
  );
});

test("what is cut off is told", () => {
  const bytes = packed([1, 1_000_000]);
  assert.throws(() => unpacked(bytes.subarray(0, 3), 2), RangeError);
  assert.throws(() => unpacked(bytes, 3), RangeError);
});
