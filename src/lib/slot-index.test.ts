// The index against a plain map, through growth and removals, with many equal hashes.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { SlotIndex } from "./slot-index.ts";

const operations = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 400 })), { maxLength: 2000 });

test("finds what a map finds, whatever was added and removed", () => {
  fc.assert(
    fc.property(operations, fc.constantFrom(1, 7, 0x7fffffff), (steps, spread) => {
      const index = new SlotIndex();
      const model = new Set<number>();
      const hashOf = (slot: number): number => Math.imul(slot, 2654435761) % spread;
      for (const [isAdd, slot] of steps) {
        if (isAdd && !model.has(slot)) {
          index.add(hashOf(slot), slot);
          model.add(slot);
        } else if (!isAdd) {
          index.remove(hashOf(slot), slot);
          model.delete(slot);
        }
      }
      assert.equal(index.count, model.size);
      for (let slot = 0; slot <= 400; slot++)
        assert.equal(
          index.find(hashOf(slot), (found) => found === slot),
          model.has(slot) ? slot : -1,
        );
    }),
    { seed: 7, numRuns: 60 },
  );
});

function hashOf(slot: number): number {
  return Math.imul(slot, 0x9e3779b1);
}

test("holds very many, and gives room back to what comes after many went", () => {
  const index = new SlotIndex();
  for (let round = 0; round < 3; round++) {
    for (let slot = 0; slot < 20_000; slot++) index.add(hashOf(slot), slot);
    for (let slot = 0; slot < 20_000; slot++)
      assert.equal(
        index.find(hashOf(slot), (found) => found === slot),
        slot,
      );
    for (let slot = 0; slot < 20_000; slot++) index.remove(hashOf(slot), slot);
  }
  assert.equal(index.count, 0);
  assert.equal(
    index.find(hashOf(5), () => true),
    -1,
  );
});
