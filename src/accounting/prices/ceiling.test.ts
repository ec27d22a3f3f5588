// Tests of the dearest that a token can cost.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { UsageKey } from "../../core/usage.ts";
import { priceCeiling } from "./ceiling.ts";
import { priceUsage } from "./price-usage.ts";
import { priceOf, usageOf } from "./testing.ts";

test("cache writes, long inputs and the asked tier raise the ceiling, other tiers do not", () => {
  const price = priceOf({
    input: 3,
    "input>200000": 6,
    cache_write_1h: 12,
    output: 15,
    "output>200000": 22,
    "output@priority": 30,
    "input@batch": 1,
  });
  assert.deepEqual(priceCeiling(price, null, 0), { inputPico: 12, outputPico: 22, toolPico: null });
  assert.deepEqual(priceCeiling(price, "priority", 0), { inputPico: 12, outputPico: 30, toolPico: null });
  assert.deepEqual(priceCeiling(price, "batch", 0), { inputPico: 12, outputPico: 22, toolPico: null });
});

test("the dearest region raises both sides", () => {
  assert.deepEqual(priceCeiling(priceOf({ input: 10, output: 20 }, { uplift: { us: 1_100_000 } }), null, 0), {
    inputPico: 11,
    outputPico: 22,
    toolPico: null,
  });
});

test("the dearest tool is the ceiling of a call, a grounded prompt among them", () => {
  const rates = { input: 1, web_search: 10, "web_search/high": 30, file_search: 2, "tool_call@batch": 99 };
  assert.equal(priceCeiling(priceOf(rates), null, 0).toolPico, 30);
  assert.equal(priceCeiling(priceOf({ input: 1, grounded_prompt: 35 }), null, 0).toolPico, 35);
});

test("a side without a price has no ceiling", () => {
  assert.deepEqual(priceCeiling(priceOf({ input: 10 }), null, 0), { inputPico: 10, outputPico: null, toolPico: null });
  assert.deepEqual(priceCeiling(priceOf({}), null, 0), { inputPico: null, outputPico: null, toolPico: null });
});

test("nothing of tokens that is priced ever costs more than its ceiling", () => {
  const rates = fc.dictionary(
    fc.constantFrom(
      ..."input input>200000 cached_input cache_write_5m cache_write_1h input_audio output output>200000 output@priority reasoning input@priority".split(
        " ",
      ),
    ),
    fc.nat(10_000_000),
  );
  const counts = fc.dictionary(
    fc.constantFrom<UsageKey>("input", "cached_input", "cache_write_5m", "cache_write_1h"),
    fc.nat(300_000),
  );
  fc.assert(
    fc.property(
      rates,
      counts,
      fc.nat(100_000),
      fc.constantFrom(null, "priority", "batch"),
      (rates, input, output, tier) => {
        const price = priceOf({ ...rates, input: rates["input"] ?? 1, output: rates["output"] ?? 1 });
        const ceiling = priceCeiling(price, tier, 0);
        const priced = priceUsage(usageOf({ ...input, output }, { tier }), price, 0);
        const most = Object.values(input).reduce((sum, count) => sum + count, 0) * (ceiling.inputPico as number);
        assert.ok(priced.nano <= Math.ceil((most + output * (ceiling.outputPico as number)) / 1000) + 1);
      },
    ),
    { seed: 31, numRuns: 500 },
  );
});
