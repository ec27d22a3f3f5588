// Shares add up to the whole, whatever is done to them.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { moveHandle, setShare, sharesOf } from "./split.ts";

const sum = (shares: readonly number[]): number => shares.reduce((all, share) => all + share, 0);
const isWhole = (shares: readonly number[]): boolean =>
  shares.every((share) => Number.isInteger(share) && share >= 0) && sum(shares) === 100;
const weights = fc
  .array(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 9 })
  .filter((all) => sum(all) > 0);

test("weights of any size become whole percents of 100", () => {
  assert.deepEqual(sharesOf([0.8, 0.2]), [80, 20]);
  assert.deepEqual(sharesOf([1, 1, 1]), [34, 33, 33]);
  assert.deepEqual(sharesOf([0, 0]), [0, 0]);
  fc.assert(fc.property(weights, (all) => isWhole(sharesOf(all))));
});

test("a handle moves only between its two neighbours", () => {
  assert.deepEqual(moveHandle([50, 30, 20], 0, 10), [60, 20, 20]);
  assert.deepEqual(moveHandle([50, 30, 20], 0, 90), [80, 0, 20]);
  fc.assert(
    fc.property(weights, fc.nat(7), fc.integer({ min: -150, max: 150 }), (all, index, delta) => {
      const at = index % (all.length - 1);
      return isWhole(moveHandle(sharesOf(all), at, delta));
    }),
  );
});

test("a typed share is taken as it is, and the others keep their proportions", () => {
  assert.deepEqual(setShare([60, 20, 20], 0, 20), [20, 40, 40]);
  assert.deepEqual(setShare([100, 0, 0], 0, 50), [50, 25, 25]);
  fc.assert(
    fc.property(weights, fc.nat(8), fc.integer({ min: 0, max: 100 }), (all, index, value) => {
      const shares = setShare(sharesOf(all), index % all.length, value);
      return isWhole(shares) && shares[index % all.length] === value;
    }),
  );
});
