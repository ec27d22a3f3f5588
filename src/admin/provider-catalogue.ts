// GET /api/providers/catalog and /environment: every provider that could be configured, and the usual variables that are set for one.
import type { ProviderAdapter } from "../core/provider.ts";
import { jsonAnswer } from "./answers.ts";
import { cheapModel } from "./cheap-model.ts";
import type { AdminHouse } from "./house.ts";
import { beginningsOf } from "./key-shapes.ts";
import type { PriceLookup } from "./prices-port.ts";
import type { Route } from "./router.ts";

export function providerCatalogueRoutes(house: AdminHouse): Route[] {
  return [
    {
      method: "GET",
      path: "/api/providers/catalog",
      demands: "read",
      handle: async () => jsonAnswer(await showCatalogue(house)),
    },
    {
      method: "GET",
      path: "/api/providers/environment",
      demands: "read",
      handle: () => jsonAnswer(showEnvironment(house)),
    },
  ];
}

async function showCatalogue(house: AdminHouse): Promise<object> {
  const lookup = await house.prices.lookup();
  const providers = house
    .desk()
    .registry.all()
    .map((adapter) => showType(house, adapter, lookup));
  return { providers, total: providers.length };
}

function showType(house: AdminHouse, adapter: ProviderAdapter, lookup: PriceLookup): object {
  return {
    name: adapter.name,
    label: adapter.label,
    base_url: adapter.baseUrl,
    keyless: adapter.keyless,
    dialect: adapter.dialect,
    operations: [...adapter.operations],
    key_prefixes: beginningsOf(adapter.name),
    key_fields: adapter.keyFields.map((field) => ({ ...field })),
    environment: [...adapter.environment],
    cheap_model: cheapModel(adapter, house.desk().catalogue, lookup),
    configured: house.book.provider(adapter.name) !== undefined,
  };
}

/** Names alone: what is in a variable is nobody's business here. */
function showEnvironment(house: AdminHouse): object {
  const { registry, environment } = house.desk();
  const found = registry.all().flatMap((adapter) => {
    if (house.book.provider(adapter.name) !== undefined) return [];
    const variable = adapter.environment.find((name) => (environment[name] ?? "").trim() !== "");
    return variable === undefined ? [] : [{ provider: adapter.name, label: adapter.label, variable }];
  });
  return { found, total: found.length };
}
