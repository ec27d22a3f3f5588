// GET /api/pricing/status and /api/pricing/unpriced: whose prices are in force, how fresh they are, which models have none.

import type { UnpricedModel } from "../core/cost-log.ts";
import { StoreRefusedError } from "../core/stores.ts";
import type { PlaneRequest } from "../lib/channel/bridge-responder.ts";
import { jsonAnswer } from "./answers.ts";
import type { AdminHouse } from "./house.ts";
import { aliasesOf } from "./model-entries.ts";
import type { PriceLookup } from "./prices-port.ts";
import { priceOfModel } from "./prices-shown.ts";
import { readNumber } from "./read-number.ts";
import type { Route } from "./router.ts";

const PAGE = 100;
/** Whose requests are counted. */
const LATELY = 30 * 24 * 3600 * 1000;

export function pricesRoutes(house: AdminHouse): Route[] {
  return [
    {
      method: "GET",
      path: "/api/pricing/status",
      demands: "read",
      handle: async () => jsonAnswer(await showStatus(house)),
    },
    {
      method: "GET",
      path: "/api/pricing/unpriced",
      demands: "read",
      handle: async (request) => jsonAnswer(await listUnpriced(house, request)),
    },
  ];
}

const timeOf = (at: number | null): string | null => (at === null || at === 0 ? null : new Date(at).toISOString());

/** The prices that come with the gateway, the sheet, and the overrides in force. */
export async function showStatus(house: AdminHouse): Promise<object> {
  const { url, interval, version, entries, fetchedAt, checkedAt, error, nextAt } = house.prices.sheet();
  const sheet = {
    pricing_url: url,
    version,
    entries,
    fetched_at: timeOf(fetchedAt),
    checked_at: timeOf(checkedAt),
    next_check_at: url === null ? null : timeOf(Math.max(nextAt, house.now())),
    pricing_sync_interval: interval / 1000,
    error,
  };
  return {
    bundled: await house.prices.bundled(),
    price_sheet: url === null && version === null ? null : sheet,
    overrides: house.configuration().snapshot.priceOverrides.length,
  };
}

/**
 * Models that no price is known of: those that were asked for lately, most often first, and those that the configured
 * providers are known to have.
 */
async function listUnpriced(house: AdminHouse, { query }: PlaneRequest): Promise<object> {
  const lookup = await house.prices.lookup();
  const found: UnpricedModel[] = [...askedUnpriced(house, lookup)];
  const told = new Set(found.map(({ provider, model }) => `${provider}/${model}`));
  for (const provider of house.configuration().snapshot.providers.values()) {
    const keys = provider.keys.filter((key) => key.enabled);
    const named = keys.flatMap((key) => [...(key.models ?? [])]);
    const names = new Set([...provider.models.keys(), ...named, ...aliasesOf(keys).keys()]);
    for (const model of [...names].toSorted())
      if (!told.has(`${provider.name}/${model}`) && priceOfModel(lookup, provider, model) === null)
        found.push({ provider: provider.name, model, requests: 0 });
  }
  const offset = readNumber(query, "offset", 0);
  const limit = readNumber(query, "limit", PAGE);
  return { models: found.slice(offset, limit === 0 ? undefined : offset + limit), total: found.length };
}

/** What has a price by now is priced from now on, and when its costs are calculated anew. */
function askedUnpriced(house: AdminHouse, lookup: PriceLookup): UnpricedModel[] {
  const { providers } = house.configuration().snapshot;
  return readAsked(house).filter(({ provider, model }) => {
    const known = providers.get(provider);
    return known !== undefined && priceOfModel(lookup, known, model) === null;
  });
}

/** Empty where requests are not logged, or the log cannot be read now. */
function readAsked(house: AdminHouse): readonly UnpricedModel[] {
  try {
    return house.costLog()?.unpriced(house.now() - LATELY) ?? [];
  } catch (error) {
    if (error instanceof StoreRefusedError) return [];
    throw error;
  }
}
