// Limits that would not limit, or would limit others too: they are told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadObject } from "./testing.ts";

const scope = { provider_configs: [{ provider: "demo" }] };
const budget = { id: "b", max_limit: 5, reset_duration: "1d" };

function warningsOf(governance: unknown): string[] {
  return loadObject({ governance }).warnings.map(({ message }) => message);
}

test("a budget whose limit is null is refused: it would limit nothing", () => {
  const keys = [{ name: "a", ...scope, budgets: [{ max_limit: null, reset_duration: "1d" }] }];
  assert.throws(() => loadObject({ governance: { virtual_keys: keys } }), /max_limit is missing/);
});

test("two budgets of one id are told: they would be counted together", () => {
  const [a, b] = ["a", "b"].map((name) => ({ name, ...scope, budgets: [budget] }));
  const teams = [{ name: "t", budgets: [budget] }];
  const found = warningsOf({ virtual_keys: [a, b], teams });
  assert.equal(found.filter((message) => /is that of another budget/.test(message)).length, 2);
});

test("two rate limits of one id are told", () => {
  const limit = { id: "r", request_max_limit: 1, request_reset_duration: "1h" };
  const found = warningsOf({ virtual_keys: ["a", "b"].map((name) => ({ name, ...scope, rate_limit: limit })) });
  assert.match(found.join(), /virtual_keys\[1\]\.rate_limit\.id is that of another rate limit/);
});

test("one budget that two owners name is what it is meant to be", () => {
  const keys = ["a", "b"].map((name) => ({ name, ...scope, budget_id: "b" }));
  assert.doesNotMatch(warningsOf({ budgets: [budget], virtual_keys: keys }).join(), /is that of another/);
});

test("a thousand budgets of one owner are refused: each would be reserved from with every request", () => {
  const budgets = Array.from({ length: 1000 }, (_, i) => ({ max_limit: 1, reset_duration: `${i + 1}s` }));
  const load = (count: number) =>
    loadObject({ governance: { teams: [{ name: "t", budgets: budgets.slice(0, count) }] } });
  assert.throws(() => load(1000), /governance\.teams\[0\] has 1000 budgets[^]*at most 50/);
  assert.equal(load(50).ok, true);
});

function loadWindows(windows: readonly string[], more: object = {}): ReturnType<typeof loadObject> {
  const budgets = windows.map((reset_duration) => ({ max_limit: 1, reset_duration }));
  return loadObject({ governance: { teams: [{ name: "t", ...more, budgets }] } });
}

test("two budgets of one owner whose windows are equally long are refused, however they are written", () => {
  const equal = [
    ["24h", "1d"],
    ["1w", "7d"],
    ["60m", "1h"],
    ["30d", "1M"],
    ["1.5h", "1h30m"],
  ];
  for (const pair of equal)
    assert.throws(
      () => loadWindows(pair),
      new RegExp(
        `config.json:\\d+:\\d+: governance.teams.0. has two .* reset_duration: ${pair[1]} is as long as ${pair[0]}`,
      ),
      pair.join(),
    );
  const aligned = { calendar_aligned: true };
  assert.throws(() => loadWindows(["24h", "1d"], aligned), /24h/);
  assert.throws(() => loadWindows(["12M", "1Y"], aligned), /12M/);
  assert.equal(loadWindows(["30d", "1M"], aligned).ok, true, "a month of the calendar is not always thirty days");
  assert.equal(loadWindows(["24h", "1h", "1w", "1M", "1Q", "1Y"]).ok, true);
});

/** What is told of a budget with a fiscal year of its own. */
function ofFiscal(budget: object, more: object = {}): string {
  const fiscal = { max_limit: 1, reset_config: { quarter_start_month: 4 }, ...budget };
  return warningsOf({ teams: [{ name: "t", ...more, budgets: [fiscal] }] }).join();
}

test("a month in which quarters begin is told where there are none", () => {
  assert.match(ofFiscal({ reset_duration: "1Q" }), /quarter_start_month has no effect/);
  assert.match(ofFiscal({ reset_duration: "1M" }, { calendar_aligned: true }), /quarter_start_month has no effect/);
  assert.equal(ofFiscal({ reset_duration: "1Q" }, { calendar_aligned: true }), "");
});
