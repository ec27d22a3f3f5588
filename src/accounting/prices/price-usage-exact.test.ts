// The quick way to a cost gives what the plain, exact one gives, for any rates and any usage.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { TOKEN_KINDS, UNIT_KINDS, type UsageKey } from "../../core/usage.ts";
import { largeAmountOf, upliftedPico } from "./exact-amount.ts";
import { contextOf, priceUsage } from "./price-usage.ts";
import { GROUNDED_PROMPT, kindOf, rateKey } from "./rate-key.ts";
import { resolveRate } from "./resolve-rate.ts";
import { priceOf, usageOf } from "./testing.ts";

const SEED = 20_261_123;
const kinds = [...TOKEN_KINDS, ...UNIT_KINDS, "web_search/low", "image_out/hd"] as readonly UsageKey[];
const tier = fc.constantFrom(null, "batch", "flex", "priority", "fast");
const rates = fc.dictionary(
  fc
    .tuple(fc.constantFrom(...kinds, GROUNDED_PROMPT), tier, fc.constantFrom(0, 0, 128_000, 200_000))
    .map(([what, of, above]) => rateKey(what, of, above)),
  fc.oneof(fc.nat(20_000_000), fc.nat(1_000_000_000_000)),
  { maxKeys: 40 },
);
const count = fc.oneof(fc.nat(5000), fc.nat(100_000_000), fc.double({ min: 0, max: 1_000_000, noNaN: true }));
const counts = fc.dictionary(fc.constantFrom(...kinds), count, { maxKeys: 12 });
const region = fc.constantFrom(null, "us", "eu");

test("every part has the rate that is found for it, and the sum is exact", () => {
  fc.assert(
    fc.property(rates, counts, tier, region, (of, used, served, at) => {
      const usage = usageOf(used, { tier: served, region: at });
      const price = priceOf(of, { uplift: { us: 1_100_000 } });
      const context = contextOf(usage);
      // twice: found, and remembered
      const [first, priced] = [priceUsage(usage, price, 0), priceUsage(usage, price, 0)];
      assert.deepEqual(priced, first);
      for (const { kind, rate, unitPico } of priced.parts) {
        const flat = kindOf(kind) === "web_search" && of[GROUNDED_PROMPT] !== undefined;
        assert.equal(rate, flat ? GROUNDED_PROMPT : resolveRate(of, kind, { tier: served, context }));
        const isRaised = at === "us" && (TOKEN_KINDS as readonly string[]).includes(kindOf(kind));
        const pico = BigInt(of[rate] as number);
        assert.equal(BigInt(unitPico), isRaised ? (pico * 1_100_000n + 500_000n) / 1_000_000n : pico);
      }
      for (const kind of priced.unpriced) assert.equal(resolveRate(of, kind, { tier: served, context }), null);
      assert.equal(priced.nano, largeAmountOf(priced.parts));
    }),
    { seed: SEED, numRuns: 1500 },
  );
});

test("a region's price is the same by both ways", () => {
  fc.assert(
    fc.property(fc.nat(1_000_000_000_000_000), fc.integer({ min: 1_000_000, max: 2_000_000 }), (pico, millionths) => {
      const exact = (BigInt(pico) * BigInt(millionths) + 500_000n) / 1_000_000n;
      assert.equal(BigInt(upliftedPico(pico, millionths)), exact);
    }),
    { seed: SEED },
  );
});

const parts = (unitPico: number) => [{ kind: "output" as const, count: 100_000_000, rate: "output", unitPico }];

test("more than plain numbers hold is summed exactly, and never becomes a nonsense number", () => {
  const price = priceOf({ output: 1_000_000_001 });
  assert.equal(priceUsage(usageOf({ output: 100_000_000 }), price, 0).nano, 100_000_000_100_000);
  assert.equal(largeAmountOf(parts(1_000_000_000_000_000)), Number.MAX_SAFE_INTEGER);
});
