// Tests of the cost of a usage: arithmetic, tiers, long inputs, dates, and what has no price.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Rates } from "../../core/price.ts";
import { TOKEN_KINDS, type UsageKey } from "../../core/usage.ts";
import { chargeUsage, contextOf, priceUsage } from "./price-usage.ts";
import { priceOf, usageOf } from "./testing.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const kinds = fc.constantFrom<UsageKey>(...TOKEN_KINDS, "second_in", "character_in", "image_out/hd/1024x1024");
const someRates = fc.dictionary(kinds, fc.integer({ min: 0, max: 1_000_000_000_000 }), { minKeys: 1 });
const someCounts = fc.dictionary(
  kinds,
  fc.oneof(
    fc.integer({ min: 0, max: 100_000_000 }),
    fc.integer({ min: 0, max: 100_000 }).map((n) => n / 1000),
  ),
);

test("a cost is the exact sum of its parts, rounded half up once", () => {
  fc.assert(
    fc.property(someRates, someCounts, (rates, counts) => {
      const priced = priceUsage(usageOf(counts), priceOf(rates), NOW);
      // numerator over 10^12: pico-dollars times thousandths, a nano-dollar is a million of them
      const exact = priced.parts.reduce(
        (sum, part) => sum + BigInt(part.unitPico) * BigInt(Math.round(part.count * 1000)),
        0n,
      );
      const half = exact % 1_000_000n >= 500_000n ? 1n : 0n;
      const expected = exact / 1_000_000n + half;
      assert.equal(BigInt(priced.nano), expected > 9007199254740991n ? 9007199254740991n : expected);
    }),
    { seed: 6, numRuns: 500 },
  );
});

test("whatever was used is either priced or named as unpriced", () => {
  fc.assert(
    fc.property(someRates, someCounts, (rates, counts) => {
      const { parts, unpriced } = priceUsage(usageOf(counts), priceOf(rates), NOW);
      const used = Object.keys(counts).filter((key) => (counts[key] as number) > 0);
      assert.deepEqual([...parts.map(({ kind }) => kind), ...unpriced].toSorted(), used.toSorted());
    }),
    { seed: 7, numRuns: 300 },
  );
});

const cost = (pico: number): number => priceUsage(usageOf({ input: 1 }), priceOf({ input: pico }), NOW).nano;

test("half a nano-dollar is rounded up, less is not", () => {
  assert.deepEqual([cost(499), cost(500), cost(1499), cost(1500)], [0, 1, 1, 2]);
});

test("parts are summed before they are rounded", () => {
  const usage = usageOf({ input: 1, output: 1 });
  assert.equal(priceUsage(usage, priceOf({ input: 400, output: 400 }), NOW).nano, 1);
});

test("an unknown model is unpriced, not free", () => {
  const priced = priceUsage(usageOf({ input: 5, output: 3 }), null, NOW);
  assert.deepEqual(priced, { nano: 0, parts: [], unpriced: ["input", "output"], priceVersion: null, source: null });
});

test("a kind without a price leaves the others priced", () => {
  const priced = priceUsage(usageOf({ input: 10, input_audio: 4 }), priceOf({ input: 1000 }), NOW);
  assert.equal(priced.nano, 10);
  assert.deepEqual(priced.unpriced, ["input_audio"]);
});

test("a price of 0 is a price", () => {
  assert.deepEqual(priceUsage(usageOf({ input: 10 }), priceOf({ input: 0 }), NOW).unpriced, []);
});

function rateTaken(rates: Rates, key: UsageKey, more: Parameters<typeof usageOf>[1] = {}, input = 0): string | null {
  const priced = priceUsage(usageOf({ ...(input > 0 ? { input } : {}), [key]: 1 }, more), priceOf(rates), NOW);
  return priced.parts.find(({ kind }) => kind === key)?.rate ?? null;
}

test("a part without a rate of its own is charged as the whole that it is part of", () => {
  assert.equal(rateTaken({ input: 1, output: 2 }, "reasoning"), "output");
  assert.equal(rateTaken({ input: 1, output: 2 }, "cached_input"), "input");
  assert.equal(rateTaken({ input: 1, output: 2 }, "input_image"), "input");
  assert.equal(rateTaken({ input: 1, input_audio: 9 }, "cached_audio"), "input_audio");
  assert.equal(rateTaken({ input: 1, cached_input: 0 }, "cached_image"), "cached_input");
  assert.equal(rateTaken({ input: 1, cached_input: 0, input_image: 3 }, "cached_image"), "input_image");
});

test("written and audio tokens, which cost more than plain ones, are unpriced without a rate", () => {
  for (const kind of ["cache_write_5m", "cache_write_1h", "input_audio", "output_audio", "output_image"] as const)
    assert.equal(rateTaken({ input: 1, output: 2 }, kind), null);
  assert.equal(rateTaken({ input: 1, cache_write_5m: 2 }, "cache_write_1h"), null);
});

test("a long input moves every part to the long rates, cached and written tokens counted in", () => {
  const rates = {
    input: 1,
    "input>200000": 2,
    cached_input: 1,
    "cached_input>200000": 2,
    output: 3,
    "output>200000": 4,
  };
  const usage = usageOf({ input: 100_000, cached_input: 100_000, cache_write_5m: 1, output: 1 });
  assert.equal(contextOf(usage), 200_001);
  const taken = priceUsage(usage, priceOf(rates), NOW).parts.map(({ rate }) => rate);
  assert.deepEqual(taken, ["input>200000", "cached_input>200000", "output>200000"]);
  assert.equal(rateTaken(rates, "output", {}, 200_000), "output");
});

test("the highest step that the input passes counts", () => {
  const rates = { output: 1, "output>128000": 2, "output>272000": 3 };
  assert.equal(rateTaken(rates, "output", {}, 200_000), "output>128000");
  assert.equal(rateTaken(rates, "output", {}, 300_000), "output>272000");
});

test("a discount without a rate is charged as standard, a dearer tier without one is unpriced", () => {
  const rates = { input: 4, "input@batch": 2, "input@priority": 8, output: 10 };
  assert.equal(rateTaken(rates, "input", { tier: "batch" }), "input@batch");
  assert.equal(rateTaken(rates, "input", { tier: "flex" }), "input");
  assert.equal(rateTaken(rates, "input", { tier: "priority" }), "input@priority");
  assert.equal(rateTaken(rates, "output", { tier: "priority" }), null);
  assert.equal(rateTaken(rates, "output", { tier: "unheard_of" }), null);
  assert.equal(rateTaken({ web_search: 5 }, "web_search", { tier: "priority" }), "web_search");
});

test("a tier without a price for a long input costs the dearer of tier and length", () => {
  const rates = { output: 4, "output>200000": 6, "output@priority": 8, "output@batch": 2 };
  assert.equal(rateTaken(rates, "output", { tier: "priority" }, 300_000), "output@priority");
  assert.equal(rateTaken(rates, "output", { tier: "batch" }, 300_000), "output>200000");
  const dear = { ...rates, "output>200000": 9 };
  assert.equal(rateTaken(dear, "output", { tier: "priority" }, 300_000), "output>200000");
});

test("a variant has its own rate, else that of its kind", () => {
  const rates = { web_search: 10, "web_search/low": 5 };
  assert.equal(rateTaken(rates, "web_search/low"), "web_search/low");
  assert.equal(rateTaken(rates, "web_search/high"), "web_search");
  assert.equal(rateTaken({ "image_out/hd/1024x1024": 1 }, "image_out/standard/1024x1024"), null);
});

test("a model that is charged by the request costs its fee once, by size where the answer tells it", () => {
  const price = priceOf({ input: 0, request: 8_000_000, "request/low": 5_000_000 });
  assert.equal(priceUsage(usageOf({ input: 1 }), price, NOW).nano, 8000);
  assert.equal(priceUsage(usageOf({ input: 1, "request/low": 1 }), price, NOW).nano, 5000);
});

test("a prompt that searched is charged once where the prompt is what has a price", () => {
  const priced = priceUsage(usageOf({ web_search: 3 }), priceOf({ grounded_prompt: 35_000_000_000 }), NOW);
  assert.equal(priced.nano, 35_000_000);
  assert.deepEqual(
    priced.parts.map(({ kind, count }) => [kind, count]),
    [["web_search", 1]],
  );
});

test("a region raises tokens and nothing else", () => {
  const price = priceOf({ input: 5_000_000, web_search: 10_000_000_000 }, { uplift: { us: 1_100_000 } });
  const usage = usageOf({ input: 1000, web_search: 1 }, { region: "us" });
  assert.equal(priceUsage(usage, price, NOW).nano, 5_500_000 + 10_000_000);
  assert.equal(priceUsage({ ...usage, region: "eu" }, price, NOW).nano, 5_000_000 + 10_000_000);
});

test("the moment of the request chooses the period, the last that fits", () => {
  const always = { from: null, to: null, windows: null };
  const change = Date.UTC(2026, 0, 1);
  const price = priceOf(
    {},
    {
      periods: [
        { ...always, rates: { input: 1000 } },
        { ...always, from: change, rates: { input: 2000 } },
        { ...always, from: change, windows: [{ from: 60, to: 240, days: [1, 2, 3, 4, 5] }], rates: { input: 4000 } },
        { ...always, to: Date.UTC(2020, 0, 1), rates: { input: 9000 } },
      ],
    },
  );
  const at = (...when: [number, number, number, number]): number =>
    priceUsage(usageOf({ input: 1 }), price, Date.UTC(...when)).nano;
  assert.equal(at(2025, 11, 31, 23), 1);
  assert.equal(at(2026, 0, 1, 0), 2);
  // a Monday and the Sunday before it
  assert.equal(at(2026, 10, 23, 2), 4);
  assert.equal(at(2026, 10, 22, 2), 2);
  assert.equal(at(2026, 10, 23, 4), 2);
  assert.equal(at(2019, 0, 1, 0), 9);
});

test("a window past midnight holds on both sides of it", () => {
  const window = { from: 1320, to: 120 };
  const price = priceOf({}, { periods: [{ from: null, to: null, windows: [window], rates: { input: 1000 } }] });
  const unpriced = (hour: number): number =>
    priceUsage(usageOf({ input: 1 }), price, Date.UTC(2026, 0, 1, hour)).unpriced.length;
  assert.deepEqual([23, 1, 3].map(unpriced), [0, 0, 1]);
});

test("a nonsense amount stays a safe number", () => {
  const priced = priceUsage(usageOf({ input: 1e8 }), priceOf({ input: 1e15 }), NOW);
  assert.equal(priced.nano, Number.MAX_SAFE_INTEGER);
});

test("the provider's own figure wins where it is marked so, and both are kept", () => {
  const usage = usageOf({ input: 1 }, { reportedNano: 77 });
  const computed = priceUsage(usage, priceOf({ input: 5000 }), NOW);
  assert.deepEqual(chargeUsage(usage, computed, "openrouter"), {
    nano: 77,
    origin: "reported",
    unpriced: [],
    reportedNano: 77,
    computed,
  });
  const charged = chargeUsage(usage, computed, "xai");
  assert.deepEqual([charged.nano, charged.origin, charged.reportedNano], [5, "computed", 77]);
  assert.equal(chargeUsage(usageOf({ input: 1 }), computed, "perplexity").origin, "computed");
});
