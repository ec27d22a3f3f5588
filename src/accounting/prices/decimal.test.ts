// Tests of decimal text as whole numbers of a small unit.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { scaledDecimal, scaledDollars } from "./decimal.ts";

test("prices are read as they are written", () => {
  assert.equal(scaledDollars(1.5e-7, 12), 150_000);
  assert.equal(scaledDollars(3.625e-9, 12), 3625);
  assert.equal(scaledDollars(0.1 + 0.2, 12), 300_000_000_000);
  assert.equal(scaledDollars(0, 12), 0);
});

test("what is no amount is none", () => {
  for (const value of [-1e-6, Number.NaN, Infinity, "1", null, 1e10]) assert.equal(scaledDollars(value, 12), null);
  for (const text of ["", "1e", "0x10", "1.", ".5", "--1"]) assert.equal(scaledDecimal(text, 9), null);
});

test("half is rounded up at the last digit", () => {
  assert.equal(scaledDecimal("0.0000000005", 9), 1n);
  assert.equal(scaledDecimal("0.00000000049", 9), 0n);
  assert.equal(scaledDecimal("1e-30", 9), 0n);
});

test("any decimal is scaled exactly", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 0, max: 12 }), (digits, places) => {
      const text = String(digits).padStart(places + 1, "0");
      const at = text.length - places;
      const written = places === 0 ? text : `${text.slice(0, at)}.${text.slice(at)}`;
      assert.equal(scaledDecimal(written, 12), BigInt(digits) * 10n ** BigInt(12 - places));
    }),
    { seed: 3 },
  );
});
