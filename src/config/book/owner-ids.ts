// Resolves the names by which a file calls teams, customers and virtual keys to the ids under which they are or will be stored.
import type { ConfigStore, EntryKind, JsonObject, JsonValue, StoredEntry } from "../../core/config-store.ts";
import type { LoadedFile } from "../load.ts";
import { stableId } from "../reading.ts";
import { isObject } from "./pointers.ts";

/** What is not known stays as it was written. */
export interface OwnerIds {
  team(idOrName: string): string;
  customer(idOrName: string): string;
  virtualKey(idOrName: string): string;
}

/** Everything is an id. */
export const GIVEN_IDS: OwnerIds = {
  team: (id) => id,
  customer: (id) => id,
  virtualKey: (id) => id,
};

export async function ownerIds(store: ConfigStore, file: LoadedFile): Promise<OwnerIds> {
  const teams = await idsOf(store, file, "team");
  const customers = await idsOf(store, file, "customer");
  const keys = await keyIds(store, file);
  return {
    team: (text) => teams.get(text) ?? text,
    customer: (text) => customers.get(text) ?? text,
    virtualKey: (text) => keys.get(text) ?? text,
  };
}

/** Ids and names to ids: what has a name in the store keeps the id that it has there. */
async function idsOf(store: ConfigStore, file: LoadedFile, kind: "team" | "customer"): Promise<Map<string, string>> {
  const [byName, byId] = [new Map<string, string>(), new Map<string, string>()];
  await store.each(kind, (entry) => {
    if (entry.deleted) return;
    byName.set(entry.name, entry.id);
    byId.set(entry.id, entry.id);
  });
  for (const given of listIn(file, `${kind}s`)) {
    const name = textOf(given["name"]);
    if (name === "") continue;
    const own = textOf(given["id"]) || stableId(kind, name);
    const id = byName.get(name) ?? own;
    byName.set(name, id);
    byId.set(own, id);
  }
  return new Map([...byName, ...byId]);
}

/** Only those that are named: there may be very many. */
async function keyIds(store: ConfigStore, file: LoadedFile): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  const left = new Set<string>();
  for (const text of namedKeys(file)) {
    const entry = await findKey(store, text);
    if (entry === null) left.add(text);
    else ids.set(text, entry.id);
  }
  if (left.size === 0) return ids;
  for (const given of listIn(file, "virtual_keys")) {
    const name = textOf(given["name"]);
    const id = textOf(given["id"]) || stableId("virtual-key", name);
    if (left.has(id)) ids.set(id, id);
    if (left.has(name) && !ids.has(name)) ids.set(name, id);
  }
  return ids;
}

function namedKeys(file: LoadedFile): Set<string> {
  const scopes = [...listIn(file, "model_configs")].map((given) =>
    given["scope"] === "virtual_key" ? textOf(given["scope_id"]) : "",
  );
  const overrides = [...listIn(file, "pricing_overrides")].map((given) => textOf(given["virtual_key_id"]));
  const rules = [...listIn(file, "routing_rules")].map((given) =>
    given["scope"] === "virtual_key" ? textOf(given["scope_id"]) : "",
  );
  return new Set([...scopes, ...overrides, ...rules].filter((text) => text !== ""));
}

const PAGE = 100;

/** A virtual key by its id, else by its name. */
export async function findKey(store: ConfigStore, idOrName: string): Promise<StoredEntry | null> {
  const kind: EntryKind = "virtual-key";
  const found = await store.get(kind, idOrName);
  if (found !== null && !found.deleted) return found;
  for (let offset = 0; ; offset += PAGE) {
    const { entries, total } = await store.list(kind, { search: idOrName, sort: "name", limit: PAGE, offset });
    const named = entries.find((entry) => entry.name === idOrName);
    if (named !== undefined) return named;
    if (offset + PAGE >= total) return null;
  }
}

function* listIn(file: LoadedFile, name: string): Generator<JsonObject> {
  const governance = file.members["governance"];
  if (!isObject(governance as JsonValue)) return;
  // an array, or a long list
  const list = (governance as Readonly<Record<string, unknown>>)[name] as Iterable<JsonValue> | null | undefined;
  if (typeof list !== "object" || list === null || !(Symbol.iterator in list)) return;
  for (const given of list) if (isObject(given)) yield given;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
