// Prices as lists of models show them: dollars of one unit, as text, so that no digit is lost.
import type { PriceTarget, Rates } from "../core/price.ts";
import type { Provider } from "../core/snapshot.ts";
import type { PriceLookup, PriceNow } from "./prices-port.ts";

const PICO_DIGITS = 12;

/** Member of the list → the rate that it shows; the first that is known. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  prompt: ["input"],
  completion: ["output"],
  request: ["request"],
  image: ["image_in", "image_out"],
  web_search: ["web_search", "grounded_prompt"],
  internal_reasoning: ["reasoning"],
  input_cache_read: ["cached_input"],
  input_cache_write: ["cache_write_5m"],
};

/** Pico-dollars as decimal dollars: `0.0000025`. */
export function dollarsOf(pico: number): string {
  const digits = String(pico).padStart(PICO_DIGITS + 1, "0");
  const fraction = digits.slice(-PICO_DIGITS).replace(/0+$/, "");
  return digits.slice(0, -PICO_DIGITS) + (fraction === "" ? "" : `.${fraction}`);
}

/** What has no price is left out: it is unknown, not free. */
export function shownPricing(rates: Rates): Readonly<Record<string, string>> {
  const shown: Record<string, string> = {};
  for (const [member, names] of Object.entries(MEMBERS)) {
    const name = names.find((one) => rates[one] !== undefined);
    if (name !== undefined) shown[member] = dollarsOf(rates[name] as number);
  }
  return shown;
}

/** The price of a model for everybody, through the provider's first key. `model`: as it is asked. */
export function priceOfModel(lookup: PriceLookup, provider: Provider, model: string): PriceNow | null {
  const key = provider.keys.find((one) => one.enabled && Object.hasOwn(one.entity.aliases, model)) ?? provider.keys[0];
  const spelled = key === undefined ? model : spelledModel(key.entity.aliases, model);
  const target: PriceTarget = {
    provider: provider.name,
    base: provider.entity.base,
    model: spelled,
    askedModel: model,
    modelName: key?.entity.modelNames?.[model] ?? null,
    providerKeyId: key?.id ?? "",
    providerKeyName: key?.name ?? "",
    virtualKeyId: null,
    requestType: requestTypeOf(provider, model),
  };
  return lookup(target);
}

function spelledModel(aliases: Readonly<Record<string, string>>, model: string): string {
  return Object.hasOwn(aliases, model) ? (aliases[model] as string) : model;
}

/** Overrides hold for kinds of requests: of a list most people mean chats, of a model for embeddings those. */
function requestTypeOf(provider: Provider, model: string): string {
  return /embed/i.test(model) && provider.adapter.operations.includes("embeddings") ? "embedding" : "chat_completion";
}
