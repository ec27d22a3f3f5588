// A stream is kept up to its limit, and what is kept of all streams together is bounded.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Capture } from "./capture.ts";
import { HeldBudget } from "./held-body.ts";

const piece = Buffer.alloc(5000, "x");

test("a capture keeps the first bytes and says when there were more", () => {
  const capture = new Capture(12_000);
  for (let i = 0; i < 2; i++) capture.append(piece);
  assert.deepEqual([capture.take()?.length, capture.isCut], [10_000, false]);
  capture.append(piece);
  assert.deepEqual([capture.take()?.length, capture.isCut], [12_000, true]);
});

test("whole streams share a budget, end where it ends, and give it back", () => {
  const budget = new HeldBudget(40_000);
  const first = new Capture(1 << 20, budget);
  for (let i = 0; i < 6; i++) first.append(piece);
  assert.deepEqual([first.take()?.equals(Buffer.alloc(30_000, "x")), first.isCut], [true, false]);
  const second = new Capture(1 << 20, budget);
  for (let i = 0; i < 6; i++) second.append(piece);
  const kept = second.take() as Buffer;
  assert.ok(second.isCut && kept.length < 30_000 && kept.equals(Buffer.alloc(kept.length, "x")));
  assert.ok(budget.used <= budget.limit);
  first.release();
  second.release();
  assert.equal(budget.used, 0);
});
