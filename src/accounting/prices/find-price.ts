// Looks a model's price up: in the price sheet before the bundled prices, under the provider's own name before its base type.
import type { ModelPrice } from "../../core/price.ts";
import { modelForms } from "./model-forms.ts";
import { samePrices } from "./provider-names.ts";

/** One source of prices, by provider as we call it and by model. */
export interface PriceTable {
  /** The price under exactly this name; `*` is the provider of an entry that names none. */
  get(provider: string, model: string): ModelPrice | null;
}

export interface PriceQuery {
  /** As configured: a custom provider has a name of its own. */
  readonly provider: string;
  /** The adapter. */
  readonly base: string;
  /** Alias's model name, model as the provider spells it, model as the caller wrote it: the first with a price counts. */
  readonly models: readonly (string | null)[];
}

/** Any provider: for entries of a sheet that name none, and prices of all models of one provider. */
export const ANY = "*";

/**
 * The price of a model; null: it has none. `tables` in order of their right. Exact spellings are tried everywhere before any
 * spelling without its date or region is, so that a dated model with a price of its own keeps it.
 */
export function findPrice(tables: readonly PriceTable[], query: PriceQuery): ModelPrice | null {
  const own = [...new Set([query.provider, query.base])];
  const others = samePrices(query.base);
  const models = [...new Set(query.models)].filter((model): model is string => model !== null && model !== "");
  const forms = models.map((model) => modelForms(model, [...own, ...others]));
  const exact = forms.map((of) => of.slice(0, 1));
  const nearly = forms.map((of) => of.slice(1));
  return (
    search(tables, [...own, ANY], exact) ??
    search(tables, others, exact) ??
    search(tables, [...own, ANY], nearly) ??
    search(tables, others, nearly) ??
    search(tables, own, [[ANY]])
  );
}

function search(
  tables: readonly PriceTable[],
  names: readonly string[],
  spellings: readonly (readonly string[])[],
): ModelPrice | null {
  for (const table of tables) {
    for (const name of names) {
      for (const spelling of spellings.flat()) {
        const found = table.get(name, spelling);
        if (found !== null) return found;
      }
    }
  }
  return null;
}
