// Lists, makes, changes, rotates and removes virtual keys, the keys that clients use: /api/governance/virtual-keys.
import type { AppliedVirtualKey, ConfigBook, VirtualKeyItem } from "../core/config-book.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import type { PlaneRequest } from "../lib/channel/bridge-responder.ts";
import { jsonAnswer } from "./answers.ts";
import { resetUse } from "./governance-budget-acts.ts";
import { limitsOfKey, placesOfKey } from "./governance-places.ts";
import { orphanedRules } from "./governance-rules.ts";
import { NO_USAGE, readUsage, warningsOf } from "./governance-usage.ts";
import type { AdminHouse } from "./house.ts";
import { asTexts, refuseUnknown } from "./read-json.ts";
import type { Route } from "./router.ts";
import { readBody, readPutBody } from "./strict-body.ts";
import type { Turns } from "./turns.ts";
import { findKeys, readKeyListQuery } from "./virtual-keys-query.ts";
import { readChange, readNewKey } from "./virtual-keys-read.ts";
import { showVirtualKey } from "./virtual-keys-shape.ts";

const LIST = "/api/governance/virtual-keys";
const ONE = `${LIST}/{id}`;
const MOST_ROTATED = 1000;

/** `turns`: those of all changes of limits. */
export function virtualKeyRoutes(house: AdminHouse, turns: Turns): Route[] {
  return [
    {
      method: "GET",
      path: LIST,
      demands: "read",
      handle: async (request) => jsonAnswer(await list(house, request)),
    },
    {
      method: "POST",
      path: LIST,
      demands: "write",
      handle: async (request) => jsonAnswer(await create(house, readBody(request))),
    },
    {
      method: "GET",
      path: ONE,
      demands: "read",
      handle: async (_request, { id = "" }) => jsonAnswer(await shown(await demandKey(house.book, id), house, [])),
    },
    {
      method: "PUT",
      path: ONE,
      demands: "write",
      handle: async (request, { id = "" }) => {
        const body = readPutBody(request, "virtual_key");
        return jsonAnswer(await turns.take(() => update(house, id, body)));
      },
    },
    {
      method: "DELETE",
      path: ONE,
      demands: "write",
      handle: async (_request, { id = "" }) => {
        await house.book.removeVirtualKey(id);
        const left = orphanedRules(house.book, "virtual_key", id);
        return jsonAnswer({ message: "Virtual key deleted successfully", ...warningsOf(left, NO_USAGE) });
      },
    },
    {
      method: "POST",
      path: `${ONE}/rotate`,
      demands: "write",
      handle: async (_request, { id = "" }) => {
        const applied = await turns.take(() => house.book.rotateVirtualKey(id));
        return jsonAnswer({ message: "Virtual key rotated successfully", ...(await once(applied, house)) });
      },
    },
    {
      method: "POST",
      path: `${LIST}/rotate`,
      demands: "write",
      handle: async (request) => {
        const body = readBody(request);
        return jsonAnswer(await turns.take(() => rotateAll(house, body)));
      },
    },
  ];
}

async function list(house: AdminHouse, request: PlaneRequest): Promise<JsonObject> {
  const query = readKeyListQuery(request.query);
  const { items, total } = await findKeys(house.book, query);
  const usage = await readUsage(house.counters(), items.flatMap(placesOfKey));
  return {
    virtual_keys: items.map((item) => showVirtualKey(item, house.book, usage)),
    count: items.length,
    total_count: total,
    limit: query.limit,
    offset: query.offset,
    ...warningsOf([], usage),
  };
}

async function create(house: AdminHouse, body: JsonObject): Promise<JsonObject> {
  const applied = await house.book.createVirtualKey(readNewKey(body, house.book));
  return { message: "Virtual key created successfully", ...(await once(applied, house)) };
}

async function update(house: AdminHouse, id: string, body: JsonObject): Promise<JsonObject> {
  const item = await demandKey(house.book, id);
  const applied = await house.book.putVirtualKey(id, readChange(body, item, house.book));
  if (body["reset_budget_usage"] === true) await resetUse(house.counters(), limitsOfKey(applied.item.entity));
  return { message: "Virtual key updated successfully", ...(await shown(applied.item, house, applied.warnings)) };
}

/** All are looked up before the first is rotated: a wrong id changes nothing. */
async function rotateAll(house: AdminHouse, body: JsonObject): Promise<JsonObject> {
  refuseUnknown(body, ["ids"]);
  const ids = [...new Set(asTexts(body["ids"], "ids"))];
  if (ids.length === 0 || ids.length > MOST_ROTATED)
    throw new GatewayError("invalid_request", `'ids' must name 1 to ${MOST_ROTATED} virtual keys`, { param: "ids" });
  for (const id of ids) await demandKey(house.book, id);
  const keys: JsonValue[] = [];
  for (const id of ids)
    keys.push((await once(await house.book.rotateVirtualKey(id), house))["virtual_key"] as JsonValue);
  return { message: "Virtual keys rotated successfully", virtual_keys: keys, count: keys.length };
}

/** The key with this id. Throws GatewayError 404. */
export async function demandKey(book: ConfigBook, id: string): Promise<VirtualKeyItem> {
  const item = await book.virtualKey(id);
  if (item !== undefined) return item;
  throw new GatewayError("not_found", `there is no virtual key with the id '${id.slice(0, 100)}'`, { param: "id" });
}

/** The only answers that hold the secret in clear. */
function once({ item, warnings, value }: AppliedVirtualKey, house: AdminHouse): Promise<JsonObject> {
  return shown(item, house, warnings, value);
}

async function shown(
  item: VirtualKeyItem,
  house: AdminHouse,
  warnings: readonly string[],
  value?: string,
): Promise<JsonObject> {
  const usage = await readUsage(house.counters(), placesOfKey(item));
  return { virtual_key: showVirtualKey(item, house.book, usage, value), ...warningsOf(warnings, usage) };
}
