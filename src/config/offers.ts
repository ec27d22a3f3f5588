// Which configured providers offer which bare model.
import type { Provider, ProviderKey } from "../core/snapshot.ts";

/** Model → names of the providers that offer it, in their order. */
export function findOffers(providers: Iterable<Provider>): ReadonlyMap<string, readonly string[]> {
  const offers = new Map<string, string[]>();
  for (const provider of providers) {
    const models = new Set(provider.keys.flatMap((key) => modelsOf(provider, key)));
    for (const model of models) {
      const names = offers.get(model);
      if (names === undefined) offers.set(model, [provider.name]);
      else names.push(provider.name);
    }
  }
  for (const names of offers.values()) Object.freeze(names);
  return offers;
}

/** What one key serves, as far as it can be known: its list, else the catalogue; and its aliases. */
function modelsOf(provider: Provider, key: ProviderKey): string[] {
  if (!key.enabled) return [];
  const listed = key.models ?? provider.models.keys();
  const named = Object.keys(key.entity.aliases);
  // a key that serves nothing does not serve it under another name either
  const aliases = key.models?.size === 0 ? [] : named;
  return [...listed, ...aliases].filter((model) => !key.blocked.has(model));
}
