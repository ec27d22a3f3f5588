// Lists, makes, changes, rotates and removes virtual keys, the keys that clients use: /api/governance/virtual-keys.
import type { Applied, AppliedVirtualKey, ConfigBook, VirtualKeyItem } from "../core/config-book.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import type { PlaneRequest } from "../lib/channel/bridge-responder.ts";
import { jsonAnswer } from "./answers.ts";
import type { AdminHouse } from "./house.ts";
import { asTexts, refuseUnknown } from "./read-json.ts";
import type { Route } from "./router.ts";
import { readBody } from "./strict-body.ts";
import { readKeyListQuery } from "./virtual-keys-query.ts";
import { readChange, readNewKey } from "./virtual-keys-read.ts";
import { showVirtualKey } from "./virtual-keys-shape.ts";

const LIST = "/api/governance/virtual-keys";
const ONE = `${LIST}/{id}`;
const MOST_ROTATED = 1000;

/** A change is made from what is stored: one after another, so that none overwrites another one unseen. */
class Turns {
  #last: Promise<unknown> = Promise.resolve();
  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }
}

export function virtualKeyRoutes(house: AdminHouse): Route[] {
  const turns = new Turns();
  return [
    {
      method: "GET",
      path: LIST,
      demands: "read",
      handle: async (request) => jsonAnswer(await list(house.book, request)),
    },
    {
      method: "POST",
      path: LIST,
      demands: "write",
      handle: async (request) => jsonAnswer(await create(house.book, readBody(request))),
    },
    {
      method: "GET",
      path: ONE,
      demands: "read",
      handle: async (_request, { id = "" }) =>
        jsonAnswer({ virtual_key: showVirtualKey(await demand(house.book, id), house.book) }),
    },
    {
      method: "PUT",
      path: ONE,
      demands: "write",
      handle: async (request, { id = "" }) => {
        const body = readBody(request);
        return jsonAnswer(await turns.take(() => update(house.book, id, body)));
      },
    },
    {
      method: "DELETE",
      path: ONE,
      demands: "write",
      handle: async (_request, { id = "" }) => {
        await house.book.removeVirtualKey(id);
        return jsonAnswer({ message: "Virtual key deleted successfully" });
      },
    },
    {
      method: "POST",
      path: `${ONE}/rotate`,
      demands: "write",
      handle: async (_request, { id = "" }) => {
        const applied = await turns.take(() => house.book.rotateVirtualKey(id));
        return jsonAnswer({ message: "Virtual key rotated successfully", ...once(applied, house.book) });
      },
    },
    {
      method: "POST",
      path: `${LIST}/rotate`,
      demands: "write",
      handle: async (request) => {
        const body = readBody(request);
        return jsonAnswer(await turns.take(() => rotateAll(house.book, body)));
      },
    },
  ];
}

async function list(book: ConfigBook, request: PlaneRequest): Promise<JsonObject> {
  const { isEmpty, ...query } = readKeyListQuery(request.query);
  const page = isEmpty ? { items: [], total: 0 } : await book.virtualKeys(query);
  return {
    virtual_keys: page.items.map((item) => showVirtualKey(item, book)),
    count: page.items.length,
    total_count: page.total,
    limit: query.limit,
    offset: query.offset,
  };
}

async function create(book: ConfigBook, body: JsonObject): Promise<JsonObject> {
  const applied = await book.createVirtualKey(readNewKey(body, book));
  return { message: "Virtual key created successfully", ...once(applied, book) };
}

async function update(book: ConfigBook, id: string, body: JsonObject): Promise<JsonObject> {
  const item = await demand(book, id);
  const applied = await book.putVirtualKey(id, readChange(body, item, book));
  return {
    message: "Virtual key updated successfully",
    virtual_key: showVirtualKey(applied.item, book),
    ...warningsOf(applied),
  };
}

/** All are looked up before the first is rotated: a wrong id changes nothing. */
async function rotateAll(book: ConfigBook, body: JsonObject): Promise<JsonObject> {
  refuseUnknown(body, ["ids"]);
  const ids = [...new Set(asTexts(body["ids"], "ids"))];
  if (ids.length === 0 || ids.length > MOST_ROTATED)
    throw new GatewayError("invalid_request", `'ids' must name 1 to ${MOST_ROTATED} virtual keys`, { param: "ids" });
  for (const id of ids) await demand(book, id);
  const keys: JsonValue[] = [];
  for (const id of ids) keys.push(once(await book.rotateVirtualKey(id), book)["virtual_key"] as JsonValue);
  return { message: "Virtual keys rotated successfully", virtual_keys: keys, count: keys.length };
}

async function demand(book: ConfigBook, id: string): Promise<VirtualKeyItem> {
  const item = await book.virtualKey(id);
  if (item !== undefined) return item;
  throw new GatewayError("not_found", `there is no virtual key with the id '${id.slice(0, 100)}'`, { param: "id" });
}

/** The only answers that hold the secret in clear. */
function once(applied: AppliedVirtualKey, book: ConfigBook): JsonObject {
  return { virtual_key: showVirtualKey(applied.item, book, applied.value), ...warningsOf(applied) };
}

function warningsOf({ warnings }: Pick<Applied<unknown>, "warnings">): JsonObject {
  return warnings.length === 0 ? {} : { warnings: [...warnings] };
}
