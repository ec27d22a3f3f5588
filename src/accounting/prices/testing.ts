// Prices and usages for the tests of this room.
import type { ModelPrice, Rates } from "../../core/price.ts";
import type { RawUsage, UsageKey } from "../../core/usage.ts";

/** A price that holds always. */
export function priceOf(rates: Rates, more: Partial<ModelPrice> = {}): ModelPrice {
  return {
    periods: [{ from: null, to: null, windows: null, rates }],
    uplift: null,
    maxInputTokens: null,
    maxOutputTokens: null,
    source: "test",
    version: "test 1",
    ...more,
  };
}

export function usageOf(counts: Partial<Record<UsageKey, number>>, more: Partial<RawUsage> = {}): RawUsage {
  return { counts, tier: null, region: null, reportedNano: null, refused: [], ...more };
}
