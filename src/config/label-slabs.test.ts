// Runs of bytes stay what they are while others come and go, and room of what went is used again.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { LabelSlabs } from "./label-slabs.ts";

function textOf(slabs: LabelSlabs, slot: number): string {
  const { bytes, start, end } = slabs.get(slot);
  return bytes.toString("latin1", start, end);
}

test("gives back what was put, whatever came and went", () => {
  const step = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 9000 }), fc.boolean());
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const slabs = new LabelSlabs();
      const model = new Map<number, string>();
      for (const [index, [slot, length, isPut]] of steps.entries()) {
        if (model.has(slot)) slabs.free(slot);
        model.delete(slot);
        if (!isPut) continue;
        const text = String.fromCharCode(97 + (index % 26)).repeat(length);
        slabs.put(slot, Buffer.from(`<${text}>`), 1, 1 + length);
        model.set(slot, text);
      }
      for (const [slot, text] of model) assert.equal(textOf(slabs, slot), text);
    }),
    { seed: 5, numRuns: 60 },
  );
});

test("takes a run that is larger than a slab", () => {
  const slabs = new LabelSlabs();
  slabs.put(0, Buffer.from("small"), 0, 5);
  slabs.put(1, Buffer.alloc(200_000, "x"), 0, 200_000);
  slabs.put(2, Buffer.from("after"), 0, 5);
  assert.equal(textOf(slabs, 1).length, 200_000);
  assert.deepEqual([textOf(slabs, 0), textOf(slabs, 2)], ["small", "after"]);
  slabs.free(1);
  assert.ok(slabs.size <= 128 * 1024);
});

test("does not grow while runs are only replaced", () => {
  const slabs = new LabelSlabs();
  const bytes = Buffer.alloc(150, "y");
  for (let slot = 0; slot < 1000; slot++) slabs.put(slot, bytes, 0, bytes.length);
  for (let round = 0; round < 50; round++)
    for (let slot = 0; slot < 1000; slot++) {
      slabs.free(slot);
      slabs.put(slot, bytes, 0, bytes.length);
    }
  assert.ok(slabs.size < 1024 * 1024, String(slabs.size));
});
