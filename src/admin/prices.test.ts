// Tests of the routes of prices: status, reloading, models without a price, prices in the lists of models.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CostLog } from "../core/cost-log.ts";
import { controlRoutes } from "./control-routes.ts";
import { type Called, callRoute, type TestHouse, testHouse } from "./fixtures/house.ts";
import { dollarsOf, shownPricing } from "./prices-shown.ts";
import { createRouter } from "./router.ts";

const SHEET = {
  url: "https://prices.example/sheet.json",
  interval: 3_600_000,
  version: "sheet abc",
  entries: 7,
  fetchedAt: 1_700_000_000_000,
  checkedAt: 1_700_000_000_000,
  error: null,
  nextAt: 1_700_003_600_000,
};

function call(house: TestHouse, method: string, target: string): Promise<Called> {
  return callRoute(createRouter(controlRoutes(house)), method, target);
}

test("dollars are decimal text without a lost digit", () => {
  const told = [0, 1, 2_500_000, 1_000_000_000_000, 12_000_000_000_001].map(dollarsOf);
  assert.deepEqual(told, ["0", "0.000000000001", "0.0000025", "1", "12.000000000001"]);
});

test("every member of a list's pricing shows its rate, and what is unknown is left out", () => {
  const rates = { input: 1, output: 2, request: 3, image_in: 4, grounded_prompt: 5, reasoning: 6, cached_input: 7 };
  assert.deepEqual(Object.keys(shownPricing({ ...rates, cache_write_5m: 8, cache_write_1h: 9 })), [
    "prompt",
    "completion",
    "request",
    "image",
    "web_search",
    "internal_reasoning",
    "input_cache_read",
    "input_cache_write",
  ]);
  assert.deepEqual(shownPricing({ "input@batch": 1 }), {});
});

test("the status tells the bundled prices and, where one is configured, the sheet", async () => {
  const house = testHouse();
  const bundled = { date: "2026-11-23", version: "2026-11-23 abc", sources: ["a list 1.0"] };
  assert.deepEqual((await call(house, "GET", "/api/pricing/status")).json, {
    bundled,
    price_sheet: null,
    overrides: 0,
  });
  house.prices.facts = { ...SHEET, error: "it could not be reached" };
  const { price_sheet: sheet } = (await call(house, "GET", "/api/pricing/status")).json;
  assert.equal(sheet.version, "sheet abc");
  assert.equal(sheet.error, "it could not be reached");
  assert.equal(sheet.checked_at, "2023-11-14T22:13:20.000Z");
  assert.equal(sheet.pricing_sync_interval, 3600);
});

test("a reload answers with what is in force, with what failed, or that there is nothing to reload", async () => {
  const house = testHouse();
  const nothing = await call(house, "POST", "/api/pricing/force-sync");
  assert.equal(nothing.status, 200);
  assert.match(nothing.json.message, /no price sheet is configured/);
  house.prices.facts = SHEET;
  house.prices.outcome = { type: "taken", version: "sheet abc" };
  const taken = await call(house, "POST", "/api/pricing/force-sync");
  assert.deepEqual([taken.status, taken.json.price_sheet.version], [200, "sheet abc"]);
  house.prices.outcome = { type: "failed", reason: "the price source answered with status 500" };
  const failed = await call(house, "POST", "/api/pricing/force-sync");
  assert.equal(failed.status, 502);
  assert.match(failed.text, /not reloaded: the price source answered with status 500/);
});

test("configured models without a price are listed", async () => {
  const house = testHouse();
  const { json } = await call(house, "GET", "/api/pricing/unpriced");
  assert.deepEqual(json, { models: [{ provider: "openai", model: "fast", requests: 0 }], total: 1 });
  house.costStore = { unpriced: () => [{ provider: "openai", model: "new", requests: 7 }] } as unknown as CostLog;
  const asked = (await call(house, "GET", "/api/pricing/unpriced")).json.models;
  assert.deepEqual(asked[0], { provider: "openai", model: "new", requests: 7 });
  house.costStore = null;
  house.prices.rates["openai/gpt-4o-mini"] = { input: 1 };
  assert.equal((await call(house, "GET", "/api/pricing/unpriced")).json.total, 0);
});

test("lists of models show prices, an alias the price of its model", async () => {
  const house = testHouse();
  house.prices.rates["openai/gpt-4o-mini"] = { input: 150_000 };
  const { data } = (await call(house, "GET", "/v1/models")).json;
  const byId = new Map(data.map((entry: { id: string; pricing?: object }) => [entry.id, entry.pricing]));
  assert.deepEqual(byId.get("openai/gpt-4o"), {
    prompt: "0.0000025",
    completion: "0.00001",
    input_cache_read: "0.00000125",
  });
  assert.deepEqual(byId.get("openai/fast"), { prompt: "0.00000015" });
  assert.equal(byId.get("azure/gpt-4o"), undefined);
  const details = await call(house, "GET", "/api/models/details?query=gpt-4o&provider=openai");
  assert.equal(details.json.models[0].pricing.prompt, "0.0000025");
});

test("an override whose patch names no price is refused, and the member told", async () => {
  const body = { name: "typo", pattern: "gpt-4o", request_types: ["chat_completion"], patch: { inputprice: 1 } };
  const handler = createRouter(controlRoutes(testHouse()));
  const { status, text } = await callRoute(handler, "POST", "/api/governance/pricing-overrides", {
    body,
    headers: { "content-type": "application/json" },
  });
  assert.equal(status, 400);
  assert.match(text, /patch\.inputprice is no price of a sheet/);
});
