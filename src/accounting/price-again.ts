// Prices stored attempts by the prices in force now, from the usage that their rows kept.
import type { PriceAgain } from "../core/cost-log.ts";
import type { PriceBook } from "../core/price.ts";
import { chargeUsage, priceUsage } from "./prices/price-usage.ts";
import { rawUsageOf } from "./prices/raw-usage.ts";

/** `baseOf`: the adapter of a provider as it is configured now; a provider that is gone is priced under its own name. */
export function createPriceAgain(prices: PriceBook, baseOf: (provider: string) => string | undefined): PriceAgain {
  return (use) => {
    const usage = use.rawUsage ?? (use.usage === null ? null : rawUsageOf(use.usage));
    if (usage === null) return null;
    const base = baseOf(use.provider) ?? use.provider;
    const { provider, model, askedModel, providerKeyId, providerKeyName, virtualKeyId, requestType } = use;
    const target = { provider, base, model, askedModel, providerKeyId, providerKeyName, virtualKeyId, requestType };
    return chargeUsage(usage, priceUsage(usage, prices.priceOf(target), use.acceptedAt), base);
  };
}
