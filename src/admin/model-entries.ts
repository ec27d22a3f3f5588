// Makes the entries of the models list from what a provider told, the catalogue, its keys and the caller's virtual key.
import type { Provider, ProviderKey, VirtualKeyProvider } from "../core/snapshot.ts";
import type { LiveModel } from "./live-models.ts";
import type { PriceLookup } from "./prices-port.ts";
import { priceOfModel, shownPricing } from "./prices-shown.ts";

/** One entry as OpenAI clients read it, with what Bifrost adds. */
export interface ModelEntry {
  /** `provider/model`. */
  readonly id: string;
  readonly object: "model";
  /** Unix seconds; 0 = not known. */
  readonly created: number;
  readonly owned_by: string;
  readonly name: string;
  readonly canonical_slug: string;
  /** The provider's model that this name stands for. */
  readonly alias?: string;
  readonly context_length?: number;
  readonly max_input_tokens?: number;
  readonly max_output_tokens?: number;
  /** Dollars of one unit, as text. Absent: the model has no price here. */
  readonly pricing?: Readonly<Record<string, string>>;
  readonly top_provider?: { readonly context_length?: number; readonly max_completion_tokens?: number };
  readonly supported_methods: readonly string[];
}

/** Models that some key of the provider serves to this caller, aliases among them, sorted by id. */
export function modelEntries(
  provider: Provider,
  models: readonly LiveModel[],
  scope: VirtualKeyProvider | null,
  lookup: PriceLookup,
): ModelEntry[] {
  const keys = provider.keys.filter((key) => key.enabled && isInScope(key, scope));
  const live = new Map(models.map((model) => [model.id, model]));
  const entries: ModelEntry[] = [];
  for (const model of models)
    if (isOffered(model.id, keys, scope)) entries.push(entryOf(provider, model.id, model, lookup));
  for (const [name, target] of aliasesOf(keys)) {
    if (live.has(name) || !isOffered(name, keys, scope)) continue;
    entries.push({ ...entryOf(provider, name, live.get(target), lookup), alias: target });
  }
  return entries.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function isInScope(key: ProviderKey, scope: VirtualKeyProvider | null): boolean {
  const ids = scope?.keyIds ?? null;
  return ids === null || ids.has(key.id) || ids.has(key.name);
}

/** Whether one of these keys serves the model, to a caller with this scope. */
export function isOffered(model: string, keys: readonly ProviderKey[], scope: VirtualKeyProvider | null): boolean {
  if (scope?.blocked.has(model) === true) return false;
  if (scope?.allowed && !scope.allowed.has(model)) return false;
  return keys.some(
    (key) =>
      !key.blocked.has(model) &&
      (key.models === null || key.models.has(model) || Object.hasOwn(key.entity.aliases, model)),
  );
}

/** Names under which these keys offer other models. */
export function aliasesOf(keys: readonly ProviderKey[]): Map<string, string> {
  const aliases = new Map<string, string>();
  for (const key of keys)
    for (const [name, target] of Object.entries(key.entity.aliases)) if (!aliases.has(name)) aliases.set(name, target);
  return aliases;
}

function entryOf(provider: Provider, model: string, live: LiveModel | undefined, lookup: PriceLookup): ModelEntry {
  const known = provider.models.get(live?.id ?? model) ?? provider.models.get(model);
  const price = priceOfModel(lookup, provider, model);
  const window = live?.contextWindow ?? known?.contextWindow ?? price?.maxInputTokens ?? null;
  const output = known?.maxOutputTokens ?? price?.maxOutputTokens ?? null;
  const windows = window === null ? {} : { context_length: window };
  const outputs = output === null ? {} : { max_completion_tokens: output };
  return {
    id: `${provider.name}/${model}`,
    object: "model",
    created: live?.created ?? 0,
    owned_by: live?.ownedBy ?? provider.name,
    name: model,
    canonical_slug: `${provider.name}/${live?.id ?? model}`,
    ...(window === null ? {} : { context_length: window, max_input_tokens: window }),
    ...(output === null ? {} : { max_output_tokens: output }),
    ...(price === null ? {} : { pricing: shownPricing(price.rates) }),
    ...(window === null && output === null ? {} : { top_provider: { ...windows, ...outputs } }),
    supported_methods: provider.adapter.operations.filter((operation) => operation !== "models"),
  };
}
