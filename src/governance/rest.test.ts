// What a loop believes to be left of a limit.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CounterSpec } from "./counter-spec.ts";
import { LoopCounter } from "./loop-counter.ts";

const HOUR = 3_600_000;
const spec = (limit: number, reset: string | null): CounterSpec => ({
  id: "b",
  kind: "budget",
  owner: { kind: "VK", name: "k", entity: "virtual-key:k" },
  limit,
  reset,
  hard: false,
});

test("a limit that is raised or lowered leaves so much more or less, and its new window counts", () => {
  const counter = new LoopCounter(spec(100, "1h"));
  counter.rest.tell(40, null, 0);
  counter.become(spec(130, "1h"));
  assert.equal(counter.rest.left(0, 1, 0), 70);
  counter.become(spec(90, "2h"));
  assert.equal(counter.rest.left(0, HOUR + 1, 0), 30, "of two hours only one has gone");
  assert.equal(counter.rest.left(0, 2 * HOUR + 1, 0), 90, "the window has ended: all of the new limit");
});

test("what was never told is the limit as it is now", () => {
  const counter = new LoopCounter(spec(100, "1h"));
  counter.become(spec(60, "1h"));
  assert.equal(counter.rest.left(0, 0, 10), 50);
});
