// One provider as the management API shows and takes it: P of 1.4, with its keys, and of 2.x.
import { networkSchema } from "../config/schema/providers.ts";
import { defaultsOf, type Shape } from "../config/validate.ts";
import type { ProviderItem, ProviderKeyItem } from "../core/config-book.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import { provenance, readKey, showKey } from "./keys-shape.ts";
import { isObject, own, restoreShown, without } from "./restore-shown.ts";
import { decodePlaces, encodePlaces, keepMasked, type Place, shownText, withMasked } from "./secret-places.ts";

const PROXY = "proxy_config";
const NETWORK = "network_config";

const PLACES: readonly Place[] = [
  { path: [PROXY, "password"], secret: true, asObject: true },
  { path: [PROXY, "username"], secret: false, asObject: false },
  { path: [PROXY, "url"], secret: false, asObject: false },
  { path: [PROXY, "ca_cert_pem"], secret: false, asObject: false },
  { path: [NETWORK, "ca_cert_pem"], secret: false, asObject: false },
  { path: [NETWORK, "base_url"], secret: false, asObject: false, isAddress: true },
  { path: [NETWORK, "extra_headers", "*"], secret: true, asObject: false },
];

/** Members that answers have and changes ignore. The name of a request stands in its path. */
const READ_ONLY: ReadonlySet<string> = new Set([
  "name",
  "provider",
  "provider_status",
  "status",
  "description",
  "config_hash",
  "source",
  "created_at",
  "updated_at",
  "warnings",
]);

/** Older spellings: the book writes the newer ones. */
const OLDER: ReadonlySet<string> = new Set(["retry_backoff_initial_ms", "retry_backoff_max_ms"]);

const NETWORK_DEFAULTS: JsonObject = {
  base_url: "",
  extra_headers: {},
  ...without(defaultsOf(networkSchema as Shape) as JsonObject, OLDER),
};

/** Bifrost's own sizes: what its clients send when nobody chose any. */
const SIZES: JsonObject = { concurrency: 1000, buffer_size: 5000 };

/** What holds where a provider says nothing. */
const DEFAULTS: JsonObject = {
  proxy_config: null,
  send_back_raw_request: false,
  send_back_raw_response: false,
  store_raw_request_response: false,
  custom_provider_config: null,
  openai_config: null,
  network_config: NETWORK_DEFAULTS,
  concurrency_and_buffer_size: SIZES,
};

/** The provider without its keys as it is shown, secrets as bare text. */
function plainProvider(item: ProviderItem): JsonObject {
  const body = without(shownText(item, PLACES), READ_ONLY);
  return {
    ...DEFAULTS,
    ...body,
    network_config: showNetwork(item, own(body, NETWORK)),
    concurrency_and_buffer_size: { ...SIZES, ...blockOf(body, "concurrency_and_buffer_size") },
  };
}

/** Waits are whole milliseconds, as both versions read them, however they were written. */
function showNetwork(item: ProviderItem, written: JsonValue | undefined): JsonObject {
  const shown = { ...NETWORK_DEFAULTS, ...(isObject(written) ? written : {}) };
  const network = item.entity?.network;
  if (network === undefined) return shown;
  return { ...shown, retry_backoff_initial: network.backoffInitial, retry_backoff_max: network.backoffMax };
}

function blockOf(body: JsonObject, name: string): JsonObject {
  const block = own(body, name);
  return isObject(block) ? block : {};
}

/** P: one provider in an answer. */
export function showProvider(item: ProviderItem): JsonObject {
  const isActive = item.problem === null && item.entity !== null;
  return {
    name: item.name,
    ...encodePlaces(plainProvider(item), item, PLACES),
    keys: item.keys.map(showKey),
    provider_status: isActive ? "active" : "error",
    status: "",
    description: item.problem ?? own(item.body, "description") ?? "",
    ...provenance(item),
  };
}

/** A provider of a request as the book takes it. `item`: the provider that it replaces. */
export function readProvider(given: JsonObject, item: ProviderItem | undefined): JsonObject {
  const { keys, api_keys: more, ...rest } = without(decodePlaces(given, PLACES), READ_ONLY);
  const list = readKeys(keys, more, item?.keys ?? []);
  const body = item === undefined ? newProvider(rest) : restoreProvider(rest, item);
  return { ...keepMasked(body, item, PLACES), ...(list === undefined ? {} : { keys: list }) };
}

/** Pages send every member; those that say what holds anyway are not written down. */
function newProvider(given: JsonObject): JsonObject {
  return restoreShown(withoutNulls(given), withoutNulls(DEFAULTS), {}) as JsonObject;
}

/** A block that is null is one that is left out. */
function restoreProvider(given: JsonObject, item: ProviderItem): JsonObject {
  const stored = item.source.type === "built-in" ? item.body : withMasked(item);
  const restored = restoreShown(withoutNulls(given), withoutNulls(plainProvider(item)), stored) as JsonObject;
  const description = own(item.body, "description");
  return { ...restored, ...(description === undefined ? {} : { description }) };
}

function withoutNulls(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

/** Both lists as one; undefined: there is none, the keys stay. */
function readKeys(
  keys: JsonValue | undefined,
  more: JsonValue | undefined,
  held: readonly ProviderKeyItem[],
): JsonObject[] | undefined {
  const lists = [
    ["keys", keys ?? undefined],
    ["api_keys", more ?? undefined],
  ] as const;
  if (lists.every(([, list]) => list === undefined)) return undefined;
  return lists.flatMap(([name, list]) => {
    if (list === undefined) return [];
    if (!Array.isArray(list))
      throw new GatewayError("invalid_request", `'${name}' must be a list of keys`, { param: name });
    return list.map((entry, index) => readListed(entry, held, `${name}[${index}]`));
  });
}

function readListed(given: JsonValue, held: readonly ProviderKeyItem[], path: string): JsonObject {
  const entry = typeof given === "string" ? { value: given } : given;
  return readKey(entry, isObject(entry) ? matching(entry, held) : undefined, path);
}

/** By id, then by name. */
function matching(given: JsonObject, held: readonly ProviderKeyItem[]): ProviderKeyItem | undefined {
  const id = own(given, "id");
  const name = own(given, "name");
  return held.find((key) => key.id === id) ?? held.find((key) => key.name === name);
}
