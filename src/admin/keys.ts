// The routes of /api/providers/{provider}/keys and /api/keys: the keys of the providers.
import type { Applied, ConfigBook, ProviderKeyItem } from "../core/config-book.ts";
import type { JsonObject } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import { nearestName } from "../lib/nearest.ts";
import { jsonAnswer } from "./answers.ts";
import type { AdminHouse } from "./house.ts";
import { readKey, showFlatKey, showKey } from "./keys-shape.ts";
import { demandProvider } from "./providers.ts";
import { own } from "./restore-shown.ts";
import type { Route } from "./router.ts";
import { readBody } from "./strict-body.ts";

const LIST = "/api/providers/{provider}/keys";
const ONE = "/api/providers/{provider}/keys/{key_id}";

type Names = Readonly<Record<string, string>>;

export function keyRoutes(house: AdminHouse): Route[] {
  return [
    { method: "GET", path: "/api/keys", demands: "read", handle: () => jsonAnswer(everyKey(house.book)) },
    {
      method: "GET",
      path: LIST,
      demands: "read",
      handle: (_request, names) => jsonAnswer(listKeys(house.book, names)),
    },
    {
      method: "POST",
      path: LIST,
      demands: "write",
      handle: async (request, names) => jsonAnswer(await createKey(house.book, names, readBody(request))),
    },
    {
      method: "GET",
      path: ONE,
      demands: "read",
      handle: (_request, names) => jsonAnswer(showKey(demandKey(house.book, names))),
    },
    {
      method: "PUT",
      path: ONE,
      demands: "write",
      handle: async (request, names) => jsonAnswer(await putKey(house.book, names, readBody(request))),
    },
    {
      method: "DELETE",
      path: ONE,
      demands: "write",
      handle: async (_request, names) => jsonAnswer(await removeKey(house.book, names)),
    },
  ];
}

/** The key that the path names by its id or, for people, by its name. Throws GatewayError. */
export function demandKey(book: ConfigBook, names: Names): ProviderKeyItem {
  const provider = demandProvider(book, names["provider"] ?? "");
  const asked = names["key_id"] ?? "";
  const found = provider.keys.find((key) => key.id === asked) ?? provider.keys.find((key) => key.name === asked);
  if (found !== undefined) return found;
  const nearest = nearestName(
    asked,
    provider.keys.map((key) => key.name),
  );
  const hint = nearest === undefined ? "" : `; did you mean '${nearest}'?`;
  throw new GatewayError("not_found", `provider '${provider.name}' has no key '${asked.slice(0, 100)}'${hint}`, {
    param: "key_id",
  });
}

function everyKey(book: ConfigBook): JsonObject[] {
  return book.providers().flatMap((provider) => provider.keys.map(showFlatKey));
}

function listKeys(book: ConfigBook, names: Names): JsonObject {
  const { keys } = demandProvider(book, names["provider"] ?? "");
  return { keys: keys.map(showKey), total: keys.length };
}

async function createKey(book: ConfigBook, names: Names, body: JsonObject): Promise<JsonObject> {
  const provider = demandProvider(book, names["provider"] ?? "");
  return applied(await book.createKey(provider.name, readKey(body, undefined)));
}

async function putKey(book: ConfigBook, names: Names, body: JsonObject): Promise<JsonObject> {
  const held = demandKey(book, names);
  const id = own(body, "id");
  if (id !== undefined && id !== null && id !== held.id)
    throw new GatewayError("invalid_request", "'id' differs from the key's id; the id of a key cannot be changed", {
      param: "id",
    });
  return applied(await book.putKey(held.provider, held.id, readKey(body, held)));
}

async function removeKey(book: ConfigBook, names: Names): Promise<JsonObject> {
  const held = demandKey(book, names);
  return showKey(await book.removeKey(held.provider, held.id));
}

function applied({ item, warnings }: Applied<ProviderKeyItem>): JsonObject {
  return { ...showKey(item), ...(warnings.length === 0 ? {} : { warnings: [...warnings] }) };
}
