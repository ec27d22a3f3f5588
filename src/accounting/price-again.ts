// Prices stored attempts by the prices in force now, from the usage that their rows kept.
import type { PriceAgain, StoredUse } from "../core/cost-log.ts";
import type { PriceBook } from "../core/price.ts";
import type { Provider } from "../core/snapshot.ts";
import { chargeUsage, priceUsage } from "./prices/price-usage.ts";
import { rawUsageOf } from "./prices/raw-usage.ts";

/** `providers`: as they are configured now; one that is gone is priced under its own name. */
export function createPriceAgain(prices: PriceBook, providers: ReadonlyMap<string, Provider>): PriceAgain {
  return (use) => {
    const usage = use.rawUsage ?? (use.usage === null ? null : rawUsageOf(use.usage));
    if (usage === null) return null;
    const known = providers.get(use.provider);
    const base = known?.entity.base ?? use.provider;
    const { provider, model, askedModel, providerKeyId, providerKeyName, virtualKeyId, requestType } = use;
    const key = { providerKeyId, providerKeyName, virtualKeyId };
    const target = { provider, base, model, askedModel, modelName: modelNameOf(known, use), ...key, requestType };
    return chargeUsage(usage, priceUsage(usage, prices.priceOf(target), use.acceptedAt), base);
  };
}

/** What the key's alias says of the model behind it. */
function modelNameOf(provider: Provider | undefined, { providerKeyId, askedModel }: StoredUse): string | null {
  const key = provider?.keys.find(({ id }) => id === providerKeyId);
  return key?.entity.modelNames?.[askedModel] ?? null;
}
