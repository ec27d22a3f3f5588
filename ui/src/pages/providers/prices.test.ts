// Prices for a million tokens and for one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { patchOf, priceOf, typedRate } from "./prices.ts";

test("rates of one token are shown for a million, and unknown is not zero", () => {
  assert.deepEqual(priceOf({ pricing: { prompt: "0.0000025", completion: "0" } }), { input: 2.5, output: 0 });
  assert.deepEqual(priceOf({}), { input: null, output: null });
});

test("what is typed for a million becomes the rate of one, and back", () => {
  assert.deepEqual(patchOf("2.5", ""), { input_cost_per_token: 0.0000025 });
  assert.deepEqual(patchOf("x", "10"), { input_cost_per_token: "x", output_cost_per_token: 0.00001 });
  assert.equal(typedRate(0.0000025), "2.5");
  assert.equal(typedRate(undefined), "");
});
