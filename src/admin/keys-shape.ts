// One key of a provider as the management API shows and takes it: members of 1.4 and 2.x side by side.
import type { ProviderKeyItem } from "../core/config-book.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import { isObject, own, restoreShown, without } from "./restore-shown.ts";
import { decodePlaces, encodePlaces, keepMasked, type Place, shownText, withMasked } from "./secret-places.ts";

const secret = (...path: string[]): Place => ({ path, secret: true, asObject: true });
const text = (...path: string[]): Place => ({ path, secret: false, asObject: true });
const address = (...path: string[]): Place => ({ path, secret: false, asObject: true, isAddress: true });

const AWS_SECRETS = ["access_key", "secret_key", "session_token"];
const AWS_TEXTS = ["region", "arn", "role_arn", "external_id", "session_name"];

/** The members that may be references, and in which Bifrost writes objects. */
export const KEY_PLACES: readonly Place[] = [
  secret("value"),
  secret("key"),
  address("azure_key_config", "endpoint"),
  ...["api_version", "client_id", "tenant_id"].map((name) => text("azure_key_config", name)),
  secret("azure_key_config", "client_secret"),
  ...["project_id", "project_number", "region"].map((name) => text("vertex_key_config", name)),
  secret("vertex_key_config", "auth_credentials"),
  ...["bedrock_key_config", "bedrock_mantle_key_config"].flatMap((block) => [
    ...AWS_SECRETS.map((name) => secret(block, name)),
    ...AWS_TEXTS.map((name) => text(block, name)),
  ]),
  ...["vllm_key_config", "ollama_key_config", "sgl_key_config"].map((block) => address(block, "url")),
];

/** Members that answers have and changes ignore. */
const READ_ONLY: ReadonlySet<string> = new Set([
  "provider",
  "provider_id",
  "key_id",
  "status",
  "description",
  "config_hash",
  "source",
  "created_at",
  "updated_at",
  "warnings",
]);

const IDENTITY: ReadonlySet<string> = new Set(["id", "name"]);

/** What holds where a key says nothing. */
const DEFAULTS: JsonObject = {
  value: "",
  models: ["*"],
  blacklisted_models: [],
  weight: 1,
  enabled: true,
  use_for_batch_api: false,
  aliases: {},
};

/** The key as it is shown, secrets as bare text. */
function plainKey(item: ProviderKeyItem): JsonObject {
  const body = without(shownText(item, KEY_PLACES), READ_ONLY);
  return { id: item.id, name: item.name, ...DEFAULTS, ...without(body, IDENTITY) };
}

/** K: one key in an answer. */
export function showKey(item: ProviderKeyItem): JsonObject {
  return {
    ...encodePlaces(plainKey(item), item, KEY_PLACES),
    provider: item.provider,
    status: item.problem === null ? "success" : "error",
    description: item.problem ?? own(item.body, "description") ?? "",
    ...provenance(item),
  };
}

/** An entry of the flat list over all providers. */
export function showFlatKey(item: ProviderKeyItem): JsonObject {
  return { ...showKey(item), key_id: item.id, provider_id: item.provider };
}

/** Where an item comes from and when it changed. */
export function provenance(
  item: Pick<ProviderKeyItem, "source" | "hash" | "createdAt" | "updatedAt">,
): Record<string, JsonValue> {
  return {
    config_hash: item.hash,
    source: { ...item.source },
    ...(item.createdAt === 0 ? {} : { created_at: new Date(item.createdAt).toISOString() }),
    ...(item.updatedAt === 0 ? {} : { updated_at: new Date(item.updatedAt).toISOString() }),
  };
}

/** A key of a request as the book takes it. `item`: the key that it replaces, whose name and secret stay when they are left out. */
export function readKey(given: JsonValue, item: ProviderKeyItem | undefined, path = ""): JsonObject {
  if (!isObject(given))
    throw new GatewayError("invalid_request", `'${path || "the key"}' must be an object`, { param: path });
  const bare = oneValue(without(decodePlaces(given, KEY_PLACES), READ_ONLY));
  if (item === undefined) return keepMasked(bare, undefined, KEY_PLACES);
  const stored = withMasked(item);
  const restored = restoreShown(bare, plainKey(item), { ...stored, id: item.id, name: item.name }) as JsonObject;
  const description = own(item.body, "description");
  const kept: JsonObject = {
    ...(own(bare, "value") === undefined && own(stored, "value") !== undefined ? { value: stored["value"]! } : {}),
    ...(description === undefined ? {} : { description }),
    ...restored,
    id: item.id,
    name: own(restored, "name") ?? item.name,
  };
  return keepMasked(kept, item, KEY_PLACES);
}

/** `key` is the older spelling of `value`. */
function oneValue(given: Record<string, JsonValue>): JsonObject {
  const { key, ...rest } = given;
  if (key === undefined) return given;
  return rest["value"] === undefined ? { ...rest, value: key } : given;
}
