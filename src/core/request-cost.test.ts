// What a request costs is the sum of its attempts; what has no price is told and never counted as nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ChargedAttempt, costOf, hasUnpriced } from "./request-cost.ts";

const nothing: ChargedAttempt = { usage: null, rawUsage: null, cost: null };
const priced = (nano: number): ChargedAttempt => ({ ...nothing, rawUsage: {}, cost: { nano, unpriced: [] } });
const unknown: ChargedAttempt = { ...nothing, rawUsage: {}, cost: { nano: 0, unpriced: ["input"] } };

const told = (attempts: readonly ChargedAttempt[]) => [costOf(attempts), hasUnpriced(attempts)];

test("attempts add up, and those that used nothing cost nothing", () => {
  assert.deepEqual(told([priced(3), nothing, priced(4)]), [7, false]);
  assert.deepEqual(told([]), [0, false]);
  assert.deepEqual(told([{ ...nothing, usage: { inputTokens: 0, outputTokens: null } }]), [0, false]);
  assert.deepEqual(told([priced(Number.MAX_SAFE_INTEGER), priced(4)]), [Number.MAX_SAFE_INTEGER, false]);
});

test("where nothing that was used has a price there is no cost, where some of it has there is that", () => {
  assert.deepEqual(told([unknown]), [null, true]);
  assert.deepEqual(told([unknown, priced(5)]), [5, true]);
  assert.deepEqual(told([{ ...nothing, usage: { inputTokens: 9, outputTokens: null } }]), [null, true]);
});
