// The forecast route: an owner's budgets with the hours that count for them, and the budgets at risk of all owners.
import assert from "node:assert/strict";
import { test } from "node:test";
import { forecastUse } from "../accounting/forecast.ts";
import type { CostLog, HoursQuery } from "../core/cost-log.ts";
import type { CounterReading, CounterStore } from "../core/counters.ts";
import type { BudgetEntity } from "../core/entities.ts";
import { callRoute, testHouse, virtualKeyEntity } from "./fixtures/house.ts";
import { forecastRoutes } from "./forecast.ts";
import { createRouter } from "./router.ts";

const HOUR = 3_600_000;
const NOW = 1_700_000_000_000 - (1_700_000_000_000 % HOUR);
const budget = (id: string): BudgetEntity => ({ id, maxLimitNano: "100000000000", resetDuration: "1d" });
const openai = {
  provider: "openai",
  weight: 1,
  allowedModels: null,
  blacklistedModels: [],
  keyIds: null,
  budgets: [budget("at-openai")],
  rateLimit: null,
};
const key = { ...virtualKeyEntity("prod", [openai]), budgets: [budget("own")] };

/** 100 dollars a day, that began at midnight. */
function reading(id: string, dollars: number, more: Partial<CounterReading> = {}): CounterReading {
  return {
    id,
    owner: "virtual-key:vk-prod",
    kind: "budget",
    maxLimit: 100_000_000_000n,
    limit: 100_000_000_000n,
    hard: false,
    window: 1,
    lastReset: NOW - 12 * HOUR,
    resetsAt: NOW + 12 * HOUR,
    settled: BigInt(dollars) * 1_000_000_000n,
    reserved: 0n,
    leased: 0n,
    uncertain: 0n,
    overrideCyclesLeft: null,
    settledEver: 0n,
    ...more,
  };
}

/** The key uses 5 dollars an hour for two days, 2 of them at openai. */
function setUp(readings: readonly CounterReading[]) {
  const house = testHouse([key]);
  house.time = NOW;
  const asked: HoursQuery[] = [];
  house.costStore = {
    hours(query: HoursQuery) {
      asked.push(query);
      const nano = query.provider === undefined ? 5e9 : 2e9;
      const from = Math.max(query.from, NOW - 48 * HOUR);
      const count = Math.max(0, Math.ceil((Math.min(query.to, NOW) - from) / HOUR));
      return Array.from({ length: count }, (_, i) => ({ at: from + i * HOUR, cost: nano }));
    },
  } as unknown as CostLog;
  house.counterStore = {
    read: async (ids: readonly string[]) => ids.map((id) => readings.find((one) => one.id === id) ?? null),
    each: async (visit: (one: CounterReading) => void) => readings.forEach(visit),
  } as unknown as CounterStore;
  const routes = forecastRoutes({ ...house, forecast: forecastUse, now: () => NOW, costLog: () => house.costStore });
  const handler = createRouter(routes);
  return { house, asked, get: (query: string) => callRoute(handler, "GET", `/api/governance/forecast${query}`) };
}

test("a key's budgets are forecast from its hours, those of a provider from the hours there", async () => {
  const { get, asked } = setUp([reading("own", 50), reading("at-openai", 20)]);
  const { status, json } = await get("?virtual_key_id=vk-prod");
  assert.equal(status, 200);
  assert.deepEqual(json.owner, { type: "virtual_key", id: "vk-prod", name: "prod" });
  assert.deepEqual(json.spend, { last_24_hours: 120, last_7_days: 240 });
  const [own, at] = json.forecasts;
  assert.deepEqual([own.budget_id, own.expected_use_at_reset, own.basis], ["own", 110, "recent"]);
  assert.equal(own.exhausted_at, new Date(NOW + 10 * HOUR).toISOString());
  assert.deepEqual([at.provider, at.expected_use_at_reset, at.exhausted_at], ["openai", 44, null]);
  assert.ok(asked.every((query) => query.virtualKeyId === "vk-prod"));
});

test("a budget that nobody has used has nothing to be forecast", async () => {
  const { get } = setUp([]);
  const { json } = await get("?virtual_key_id=vk-prod");
  assert.deepEqual([json.forecasts[0].basis, json.forecasts[0].expected_use_at_reset], ["none", null]);
});

test("without an owner the budgets come that will be used up, the first to be so first", async () => {
  const { get } = setUp([
    reading("own", 60),
    reading("at-openai", 90),
    reading("idle", 0),
    reading("far", 1),
    reading("of-nobody", 99, { owner: "virtual-key:gone" }),
    reading("requests", 99, { kind: "requests" }),
  ]);
  const { json } = await get("");
  assert.equal(json.total, 2);
  assert.deepEqual(
    json.at_risk.map((one: { budget_id: string; owner: { name: string }; exhausted_at: string }) => [
      one.budget_id,
      one.owner.name,
      one.exhausted_at,
    ]),
    [
      ["at-openai", "prod", new Date(NOW + 5 * HOUR).toISOString()],
      ["own", "prod", new Date(NOW + 8 * HOUR).toISOString()],
    ],
  );
});

test("without a log the open window's rate counts, and the answer says so", async () => {
  const { get, house } = setUp([reading("own", 60)]);
  house.costStore = null;
  const { json } = await get("?virtual_key_id=vk-prod");
  assert.deepEqual([json.forecasts[0].basis, json.forecasts[0].expected_use_at_reset], ["window", 120]);
  assert.match(json.warnings[0], /not logged/);
});

test("an unknown owner, or two, are refused by name; without counters it says to try again", async () => {
  const { get, house } = setUp([]);
  assert.equal((await get("?virtual_key_id=nobody")).status, 404);
  assert.equal((await get("?team_id=nobody")).status, 404);
  for (const query of ["?team_id=a&customer_id=b", "?key=a"]) assert.equal((await get(query)).status, 400);
  house.counterStore = null;
  assert.equal((await get("?virtual_key_id=vk-prod")).status, 503);
});
