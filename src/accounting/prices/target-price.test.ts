// Tests of estimates and bounds.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelPrice } from "../../core/price.ts";
import { targetPrice } from "./target-price.ts";
import { priceOf } from "./testing.ts";

const MILLION = 1_000_000;

test("text is estimated at its full price, and at that of a long input where it is long", () => {
  const price = targetPrice(
    priceOf({ input: 3 * MILLION, output: 15 * MILLION, "input>200000": 6 * MILLION, cached_input: 1 }),
    null,
    0,
  );
  assert.equal(price.cost(1000, 100), 4_500_000);
  assert.equal(price.cost(200_000, 0), 600_000_000);
  assert.equal(price.cost(200_001, 0), 1_200_006_000);
});

test("a part of a nano-dollar is a whole one", () => {
  assert.equal(targetPrice(priceOf({ input: 1, output: 1 }), null, 0).cost(1, 0), 1);
});

test("the asked tier is estimated at its price; one without a price at the standard one", () => {
  const rates = { input: 10_000, output: 0, "input@priority": 20_000, "input@flex": 5000 };
  const at = (tier: string | null): number | null => targetPrice(priceOf(rates), tier, 0).cost(100, 0);
  assert.deepEqual(
    [at(null), at("priority"), at("flex"), at("fast"), at("auto"), at("default")],
    [1000, 2000, 500, 1000, 1000, 1000],
  );
});

test("the bound is the dearest of all that applies, with tools at their number and the price of a request", () => {
  const price = priceOf(
    { input: 1000, cache_write_1h: 2000, "input>200000": 5000, output: 3000, web_search: 1_000_000, request: 7000 },
    { uplift: { us: 1_100_000 } },
  );
  assert.equal(
    targetPrice(price, null, 0).bound(10, 10, 3),
    Math.ceil((10 * 5500 + 10 * 3300 + 3 * 1_000_000 + 7000) / 1000),
  );
});

test("without a price there is no estimate, and without one of tools none of a request that may call them", () => {
  assert.equal(targetPrice(null, null, 0).cost(1, 1), null);
  assert.equal(targetPrice(null, null, 0).bound(1, 1, 0), null);
  const text = targetPrice(priceOf({ input: 1000, output: 1000 }), null, 0);
  assert.equal(text.bound(1, 1, 1), null);
  assert.equal(text.bound(1, 1, 0), 2);
});

test("what answers without text needs no price of output", () => {
  assert.equal(targetPrice(priceOf({ input: 1000 }), null, 0).cost(10, 1024), 10);
  assert.equal(targetPrice(priceOf({ input: 1000, output_audio: 1 }), null, 0).cost(10, 1024), null);
});

test("prices of hours and dates hold at their time, and the same moment gives the same object", () => {
  const noon = Date.UTC(2026, 0, 5, 12);
  const price: ModelPrice = {
    ...priceOf({}),
    periods: [
      { from: null, to: null, windows: null, rates: { input: 4000, output: 0 } },
      { from: null, to: null, windows: [{ from: 990, to: 30 }], rates: { input: 1000, output: 0 } },
      { from: noon + 86_400_000, to: null, windows: null, rates: { input: 9000, output: 0 } },
    ],
  };
  assert.equal(targetPrice(price, null, noon).cost(1, 0), 4);
  assert.equal(targetPrice(price, null, noon + 5 * 3_600_000).cost(1, 0), 1);
  assert.equal(targetPrice(price, null, noon + 86_400_000).cost(1, 0), 9);
  assert.equal(targetPrice(price, null, noon), targetPrice(price, "flex", noon + 1));
});
