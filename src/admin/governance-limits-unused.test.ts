// What is shown of limits before their first use: the window that configured starting values, or the calendar, give.
import assert from "node:assert/strict";
import { test } from "node:test";
import { unusedBudget, unusedRate } from "./governance-limits-unused.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const at = (text: string): number => Date.parse(text);

test("a budget with starting values stands in its window, and one whose window is over in the next", () => {
  const start = { reset_duration: "1d", current_usage: 2.5, last_reset: "2026-11-23T06:00:00+01:00" };
  assert.deepEqual(unusedBudget(start, {}, NOW), {
    used: 2.5,
    lastReset: at("2026-11-23T05:00:00Z"),
    resetsAt: at("2026-11-24T05:00:00Z"),
  });
  assert.deepEqual(unusedBudget({ ...start, last_reset: "2026-11-20T00:00:00Z" }, {}, NOW), {
    used: 0,
    lastReset: at("2026-11-23T00:00:00Z"),
    resetsAt: at("2026-11-24T00:00:00Z"),
  });
});

test("a calendar tells the window of a budget without starting values; a rolling one opens with the first use", () => {
  assert.deepEqual(unusedBudget({ reset_duration: "1M" }, { calendar_aligned: true }, NOW), {
    used: 0,
    lastReset: at("2026-11-01T00:00:00Z"),
    resetsAt: at("2026-12-01T00:00:00Z"),
  });
  assert.deepEqual(unusedBudget({ reset_duration: "1M" }, {}, NOW), { used: 0, lastReset: null, resetsAt: null });
  assert.deepEqual(unusedBudget({ current_usage: 1 }, {}, NOW), { used: 1, lastReset: null, resetsAt: null });
});

test("what a rate limit had used elsewhere is forgotten when its time is over", () => {
  const limit = { token_reset_duration: "1h", token_current_usage: 7, token_last_reset: "2026-11-23T11:30:00Z" };
  assert.equal(unusedRate(limit, {}, "token", NOW).used, 7);
  assert.equal(unusedRate({ ...limit, token_last_reset: "2026-11-23T10:59:00Z" }, {}, "token", NOW).used, 0);
  assert.equal(unusedRate(limit, {}, "request", NOW).used, 0);
});
