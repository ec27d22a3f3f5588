// Prices that providers state as a rule for all their models, where the sheets name them for some only.

import { isTokenKind, rateKey, readRateKey } from "../../src/accounting/prices/rate-key.ts";
import type { PricePeriod, Rates } from "../../src/core/price.ts";
import type { Merged } from "./merge.ts";

type Models = ReadonlyMap<string, ReadonlyMap<string, Merged>>;

/** The entry of a sheet under which the price of a session of the code interpreter stands. */
const CONTAINER = "container";
const HOSTED_TOOLS: ReadonlySet<string> = new Set(["openai", "azure"]);

function hasHalfPrice(rates: Rates): boolean {
  const [full, batch] = [rates["input"], rates["input@batch"]];
  return full !== undefined && full > 0 && batch !== undefined && batch * 2 === full;
}

/** Anthropic's batches halve every price of a token, caches included. */
function withHalves(rates: Rates): Rates {
  if (!hasHalfPrice(rates)) return rates;
  const halves = Object.entries(rates).flatMap(([key, rate]) => {
    const name = readRateKey(key);
    if (name === null || name.tier !== null || !isTokenKind(name.what)) return [];
    const half = rateKey(name.what, "batch", name.above);
    return rates[half] === undefined ? [[half, Math.round(rate / 2)] as const] : [];
  });
  return { ...rates, ...Object.fromEntries(halves) };
}

/** A model that takes the provider's hosted tools takes its code interpreter too. */
function withInterpreter(rates: Rates, session: number): Rates {
  const takesTools = rates["web_search"] !== undefined || rates["file_search"] !== undefined;
  return takesTools && rates["code_interpreter"] === undefined ? { ...rates, code_interpreter: session } : rates;
}

function changed(model: Merged, change: (rates: Rates) => Rates): Merged {
  const periods = model.periods.map((period): PricePeriod => ({ ...period, rates: change(period.rates) }));
  return { ...model, periods };
}

function deriveProvider(provider: string, models: ReadonlyMap<string, Merged>): ReadonlyMap<string, Merged> {
  const session = models.get(CONTAINER)?.periods[0]?.rates["code_interpreter"];
  const change = (rates: Rates): Rates => {
    if (provider === "anthropic") return withHalves(rates);
    return HOSTED_TOOLS.has(provider) && session !== undefined ? withInterpreter(rates, session) : rates;
  };
  return new Map([...models].map(([name, model]) => [name, changed(model, change)]));
}

/** The models with what follows from their provider's rules. */
export function derive(models: Models): Models {
  return new Map([...models].map(([provider, own]) => [provider, deriveProvider(provider, own)]));
}
