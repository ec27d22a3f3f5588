// What a virtual key may still use, told to whoever holds it: GET /api/governance/virtual-keys/quota.
import type { ConfigBook, GovernanceItem, VirtualKeyItem } from "../core/config-book.ts";
import type { JsonObject } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import type { PlaneRequest } from "../lib/channel/bridge-responder.ts";
import { jsonAnswer } from "./answers.ts";
import { showLimits } from "./governance-limits-shape.ts";
import { type LimitPlace, objectsOf, placesOfItem, placesOfKey } from "./governance-places.ts";
import { readUsage, type Usage, warningsOf } from "./governance-usage.ts";
import type { AdminHouse } from "./house.ts";
import { own } from "./restore-shown.ts";
import type { Route } from "./router.ts";

export function quotaRoute(house: AdminHouse): Route {
  return {
    method: "GET",
    path: "/api/governance/virtual-keys/quota",
    demands: "inference",
    handle: async (request) => jsonAnswer(await quota(house, request)),
  };
}

async function quota(house: AdminHouse, request: PlaneRequest): Promise<JsonObject> {
  const key = await house.identify(request.headers, house.configuration());
  if (key === null)
    throw new GatewayError(
      "virtual_key_required",
      "this tells what a virtual key may use: send the key itself, in x-bf-vk or as a bearer token",
    );
  const item = await house.book.virtualKey(key.id);
  // it was deleted a moment ago
  if (item === undefined) throw new GatewayError("virtual_key_not_found", "the virtual key is not known any more");
  const models = modelConfigsOf(house.book, key.id);
  const places = [...placesOfKey(item), ...models.flatMap(placesOfItem)];
  const usage = await readUsage(house.counters(), places);
  return { ...show(item, models, usage), ...warningsOf([], usage) };
}

/** The limits of its owners and of everybody are not its holder's to know. */
function show(item: VirtualKeyItem, models: readonly GovernanceItem[], usage: Usage): JsonObject {
  const { body, entity } = item;
  const limits = (place: LimitPlace | undefined): JsonObject => (place === undefined ? {} : showLimits(place, usage));
  const [whole, ...rows] = placesOfKey(item);
  const configs = objectsOf(own(body, "provider_configs")).map((row) => ({
    provider: own(row, "provider") ?? "",
    ...limits(rows.find((place) => place.body === row)),
    model_budgets: objectsOf(own(row, "model_budgets")).map((one) => ({
      model_name: own(one, "model_name") ?? "",
      ...limits(rows.find((place) => place.body === one)),
    })),
  }));
  return {
    virtual_key_name: item.name,
    is_active: entity.active,
    expires_at: own(body, "expires_at") ?? null,
    ...limits(whole),
    provider_configs: configs,
    model_configs: models.map((model) => ({
      model_name: own(model.body, "model_name") ?? "",
      provider: own(model.body, "provider") ?? null,
      ...limits(placesOfItem(model)[0]),
    })),
  };
}

function modelConfigsOf(book: ConfigBook, keyId: string): GovernanceItem[] {
  const { items } = book.governanceItems("model-config", { limit: Number.MAX_SAFE_INTEGER, offset: 0 });
  return items.filter(({ entity }) => entity.kind === "model-limit" && entity.virtualKeyId === keyId);
}
