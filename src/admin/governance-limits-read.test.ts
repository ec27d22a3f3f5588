// Changes of limits over random owners: what was read changes nothing, ids stay with their limit, none is used twice.
import assert from "node:assert/strict";
import { it } from "node:test";
import * as fc from "fast-check";
import type { JsonObject } from "../core/config-store.ts";
import type { CounterReading } from "../core/counters.ts";
import { changedLimits, isSameOwner } from "./governance-limits-read.ts";
import { showLimits } from "./governance-limits-shape.ts";
import { type LimitPlace, objectsOf } from "./governance-places.ts";
import { NO_USAGE, type Usage } from "./governance-usage.ts";

const budget = fc.record(
  {
    max_limit: fc.nat(1000),
    hard: fc.boolean(),
    calendar_aligned: fc.boolean(),
    current_usage: fc.nat(10),
    override: fc.constantFrom(undefined, "forever", "cycles"),
  },
  { requiredKeys: ["max_limit"] },
);
const rate = fc.record({
  token_max_limit: fc.nat(100),
  token_reset_duration: fc.constant("1h"),
  max_parallel: fc.nat(9),
});

/** As it is stored. */
const stored = fc
  .record({
    windows: fc.subarray(["", "1d", "1w", "1M"]),
    budgets: fc.array(budget, { minLength: 4, maxLength: 4 }),
    rate: fc.option(rate),
  })
  .map(
    ({ windows, budgets, rate: limit }): JsonObject => ({
      budgets: windows.map((window, index) => {
        const { override, ...rest } = budgets[index] as (typeof budgets)[number];
        const cycles = { override_cycles_remaining: 3, override_cycles_total: 3 };
        const raised = { override_amount: 5, override_mode: override ?? "", ...(override === "cycles" ? cycles : {}) };
        return {
          id: `budget-${index}`,
          ...(window === "" ? {} : { reset_duration: window }),
          ...rest,
          ...(override === undefined ? {} : raised),
        };
      }),
      ...(limit === null ? {} : { rate_limit: { id: "limit", ...limit } }),
    }),
  );

const reading = fc.record({ settled: fc.bigInt(0n, 10n ** 18n), left: fc.nat(3), at: fc.nat(2_000_000_000_000) });

function usageOf({ settled, left, at }: { settled: bigint; left: number; at: number }): Usage {
  const rest = { kind: "budget", maxLimit: 1n, limit: 1n, hard: false, window: 3, resetsAt: at, leased: 0n } as const;
  const of = (id: string): CounterReading => ({
    ...rest,
    id,
    settled,
    lastReset: at,
    reserved: settled,
    uncertain: 1n,
    overrideCyclesLeft: left,
    settledEver: settled,
  });
  return { of, warnings: [] };
}

const placeOf = (body: JsonObject): LimitPlace => ({ body, owner: { member: "team_id", id: "t", createdAt: 1 } });

it("limits that were read while they are used come back as they are stored", () => {
  fc.assert(
    fc.property(stored, reading, (body, one) => {
      const before = { shown: showLimits(placeOf(body), NO_USAGE), stored: body };
      const seen = JSON.parse(JSON.stringify(showLimits(placeOf(body), usageOf(one)))) as JsonObject;
      assert.deepEqual(changedLimits(seen, before, ""), body);
      assert.ok(isSameOwner(seen, before.shown));
    }),
    { seed: 7, numRuns: 300 },
  );
});

it("a budget is meant by its window, however that is written", () => {
  const list = [
    { id: "a", reset_duration: "1d", max_limit: 1 },
    { id: "b", reset_duration: "1w", max_limit: 2 },
  ];
  const before = { shown: { budgets: list }, stored: { budgets: list } };
  const idsOf = (given: JsonObject) => objectsOf(changedLimits(given, before, "")["budgets"]).map((one) => one["id"]);
  const [day, week] = [
    { reset_duration: "24h", max_limit: 3 },
    { reset_duration: "7d", max_limit: 4 },
  ];
  assert.deepEqual(idsOf({ budgets: [week, day] }), ["b", "a"]);
  assert.deepEqual(idsOf({ budget: week }), ["a", "b"]);
  assert.equal(idsOf({ budgets: [{ reset_duration: "1d", max_limit: 1 }, day] })[0], "a");
});

it("whatever is asked for, each budget has an id of its own, and one that is named by id or window keeps it", () => {
  const asked = fc.array(
    fc.record(
      {
        id: fc.constantFrom("", "budget-0", "budget-1", "foreign"),
        reset_duration: fc.constantFrom("1d", "1mo", "1Q"),
        max_limit: fc.nat(9),
      },
      { requiredKeys: ["max_limit"] },
    ),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(stored, asked, (body, list) => {
      const before = { shown: showLimits(placeOf(body), NO_USAGE), stored: body };
      const budgets = objectsOf(changedLimits({ budgets: list }, before, "")["budgets"]);
      const known = objectsOf(body["budgets"]);
      const ids = budgets.map((one) => one["id"]);
      assert.equal(new Set(ids).size, budgets.length);
      for (const [index, one] of list.entries()) {
        const isFirst = list.findIndex((other) => other.id === one.id) === index;
        if (one.id !== undefined && isFirst && known.some((other) => other["id"] === one.id))
          assert.equal(ids[index], one.id);
        assert.equal(budgets[index]?.["max_limit"], one.max_limit);
        assert.notEqual(ids[index], "foreign");
      }
    }),
    { seed: 11, numRuns: 300 },
  );
});
