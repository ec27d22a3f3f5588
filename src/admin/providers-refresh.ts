// POST …/refresh-models: asks a provider, or one of its keys, for its models now.
import { GatewayError } from "../core/errors.ts";
import type { Provider } from "../core/snapshot.ts";
import type { PlaneAnswer } from "../lib/channel/bridge-responder.ts";
import { jsonAnswer } from "./answers.ts";
import type { AdminHouse } from "./house.ts";
import { demandKey } from "./keys.ts";
import type { Listing, LiveModels } from "./live-models.ts";
import { hasList } from "./models.ts";
import { demandProvider } from "./providers.ts";
import type { Route } from "./router.ts";

type Names = Readonly<Record<string, string>>;

export function refreshRoutes(house: AdminHouse, live: LiveModels): Route[] {
  return [
    {
      method: "POST",
      path: "/api/providers/{provider}/refresh-models",
      demands: "write",
      handle: (_request, names) => refreshProvider(house, live, names),
    },
    {
      method: "POST",
      path: "/api/providers/{provider}/keys/{key_id}/refresh-models",
      demands: "write",
      handle: (_request, names) => refreshKey(house, live, names),
    },
  ];
}

async function refreshProvider(house: AdminHouse, live: LiveModels, names: Names): Promise<PlaneAnswer> {
  const provider = demandListing(house, names["provider"] ?? "");
  return answer(provider.name, await live.refresh(provider));
}

async function refreshKey(house: AdminHouse, live: LiveModels, names: Names): Promise<PlaneAnswer> {
  const item = demandKey(house.book, names);
  const provider = demandListing(house, item.provider);
  const key = provider.keys.find((one) => one.id === item.id);
  if (key?.enabled !== true)
    throw new GatewayError(
      "invalid_request",
      `key '${item.name}' is not used: ${item.problem ?? "it is switched off"}`,
      {
        param: "key_id",
      },
    );
  return answer(provider.name, await live.refreshKey(provider, key));
}

/** The provider as it is served. Throws when it cannot be asked. */
function demandListing(house: AdminHouse, name: string): Provider {
  const item = demandProvider(house.book, name);
  const provider = house.configuration().snapshot.providers.get(item.name);
  if (provider === undefined)
    throw new GatewayError(
      "invalid_request",
      `provider '${item.name}' cannot run: ${item.problem ?? "see its problem"}`,
    );
  if (!hasList(provider))
    throw new GatewayError("unsupported_operation", `list_models is not supported by ${item.name} provider`);
  return provider;
}

function answer(name: string, listing: Listing): PlaneAnswer {
  if (listing.type === "failed")
    throw new GatewayError("upstream_error", `provider '${name}' gave no list of models: ${listing.reason}`, {
      provider: name,
    });
  const models = listing.models.map((model) => model.id);
  return jsonAnswer({ message: `models of ${name} refreshed`, provider: name, models, total: models.length });
}
