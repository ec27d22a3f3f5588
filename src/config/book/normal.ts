// Brings bodies of the file and of the API into one form: the spellings and the meaning of version 2, every id written down.
import type { JsonObject, JsonValue } from "../../core/config-store.ts";
import { remember } from "../../lib/remember.ts";
import { parseDuration } from "../durations.ts";
import { stableId } from "../reading.ts";
import { fromEntries, isObject, setMember } from "./pointers.ts";
import { bareSecret } from "./secrets.ts";

/** How the body is to be understood. */
export interface Meaning {
  /** `version: 1`: an empty list means everything. */
  readonly emptyMeansAll: boolean;
  /** `governance.budgets` and `governance.rate_limits`, whose entries name their owners. */
  readonly shared: SharedLists;
}

export interface SharedLists {
  readonly budgets: readonly JsonObject[];
  readonly rateLimits: readonly JsonObject[];
}

/** What the API brings. */
export const AS_VERSION_2: Meaning = { emptyMeansAll: false, shared: { budgets: [], rateLimits: [] } };

const WRITTEN_BY_PROGRAM = ["config_hash", "created_at", "updated_at", "provider_status", "status", "team", "customer"];
const OWNERS = ["virtual_key_id", "provider_config_id", "team_id", "customer_id", "model_config_id"];
const LIMITS = ["budget", "budgets", "budget_id", "rate_limit", "rate_limit_id"];
const ALL = ["*"];

/** What is left out of each kind of body before its parts are put back in their normal form. */
const LEFT_OUT = {
  provider: new Set([...WRITTEN_BY_PROGRAM, "keys", "api_keys", "name", "provider"]),
  network: new Set<string>(),
  key: new Set([...WRITTEN_BY_PROGRAM, "key", "value"]),
  virtualKey: new Set([...WRITTEN_BY_PROGRAM, ...LIMITS, "virtual_key", "value", "provider_configs"]),
  scope: new Set([...WRITTEN_BY_PROGRAM, ...LIMITS, "virtual_key_id", "keys", "key_ids", "allow_all_keys"]),
  limit: new Set([...WRITTEN_BY_PROGRAM, ...OWNERS]),
} as const;

/** A body while it is put together. */
type Draft = Record<string, JsonValue>;

/**
 * A copy without the members of these names, and without those that are null where null means absent. There may be a million
 * of these, so no lists of members are made.
 */
function without(body: JsonObject, names: ReadonlySet<string>, nullable = ""): Draft {
  const left: Draft = {};
  for (const name in body) {
    const value = body[name]!;
    if (names.has(name) || (value === null && name !== nullable)) continue;
    setMember(left, name, value);
  }
  return left;
}

/** The member, where null means absent. */
function memberOf(body: JsonObject, name: string): JsonValue | undefined {
  return body[name] ?? undefined;
}

/** A body of `providers.NAME` without its keys. */
export function normalProvider(body: JsonObject): JsonObject {
  const plain = without(body, LEFT_OUT.provider);
  const network = plain["network_config"];
  return isObject(network) ? { ...plain, network_config: normalNetwork(network) } : plain;
}

/** The older spelling counts where the newer is absent. */
function normalNetwork(network: JsonObject): JsonObject {
  const renamed: [string, JsonValue][] = [];
  for (const [name, value] of Object.entries(without(network, LEFT_OUT.network))) {
    const newer = name.replace(/_ms$/, "");
    if (name !== newer && /^retry_backoff_(initial|max)_ms$/.test(name)) {
      if (network[newer] === undefined || network[newer] === null) renamed.push([newer, value]);
    } else renamed.push([name, value]);
  }
  return fromEntries(renamed);
}

/** The keys of a provider's body in their order, `api_keys` after `keys`, each as an object. */
export function keysOf(body: JsonObject): JsonObject[] | undefined {
  const lists = [body["keys"], body["api_keys"]].filter((list) => Array.isArray(list)) as JsonValue[][];
  if (lists.length === 0) return undefined;
  return lists.flat().map((item) => (isObject(item) ? item : { value: item }));
}

/** A body of one key. `number` counts the provider's keys from 1 and makes the name of a nameless one. */
export function normalKey(given: JsonObject, provider: string, number: number, meaning: Meaning): JsonObject {
  const value = memberOf(given, "value");
  const secret = value === undefined || value === "" ? (memberOf(given, "key") ?? value) : value;
  const body = without(given, LEFT_OUT.key);
  const name = textOr(body["name"], `${provider}-${number}`);
  body["id"] = ownId(body["id"]) ?? stableId("provider-key", provider, name);
  body["name"] = name;
  if (secret !== undefined) body["value"] = bareSecret(secret);
  if (meaning.emptyMeansAll && isEmptyList(body["models"])) body["models"] = ALL;
  return body;
}

/** A body of one virtual key, still with its secret. `fallbackName` is for one that has neither name nor secret. */
export function normalVirtualKey(given: JsonObject, names: { name: string; id: string }, meaning: Meaning): JsonObject {
  const secret = memberOf(given, "value") ?? memberOf(given, "virtual_key");
  const configs = memberOf(given, "provider_configs");
  const { id, name } = names;
  const body = without(given, LEFT_OUT.virtualKey);
  addLimits(body, given, { kind: "virtual_key_id", names: [id, name], seed: id }, meaning);
  const list = Array.isArray(configs) ? configs : [];
  const scopes =
    meaning.emptyMeansAll && list.length === 0
      ? [{ provider: "*" }]
      : list.map((item) => (isObject(item) ? normalScope(item, id, meaning) : item));
  body["id"] = id;
  body["name"] = name;
  if (secret !== undefined) body["value"] = bareSecret(secret);
  if (configs !== undefined || scopes.length > 0) body["provider_configs"] = scopes;
  return body;
}

function normalScope(given: JsonObject, virtualKey: string, meaning: Meaning): JsonObject {
  const [keys, ids] = [memberOf(given, "keys"), memberOf(given, "key_ids")];
  const body = without(given, LEFT_OUT.scope, "weight");
  const seed = `${virtualKey}/${String(body["provider"] ?? "")}`;
  const id = body["id"] === undefined ? seed : String(body["id"]);
  addLimits(body, given, { kind: "provider_config_id", names: [id], seed }, meaning);
  if (meaning.emptyMeansAll && isEmptyList(body["allowed_models"])) body["allowed_models"] = ALL;
  const named = ids ?? (Array.isArray(keys) && keys.length > 0 ? keyNames(keys) : undefined);
  const chosen = given["allow_all_keys"] === true ? ALL : named;
  if (chosen !== undefined) body["key_ids"] = meaning.emptyMeansAll && isEmptyList(chosen) ? ALL : chosen;
  return body;
}

function keyNames(keys: readonly JsonValue[]): JsonValue[] {
  return keys.flatMap((key) =>
    isObject(key) ? (key["id"] ?? key["key_id"] ?? key["name"] ?? []) : key,
  ) as JsonValue[];
}

interface LimitOwner {
  readonly kind: "virtual_key_id" | "provider_config_id";
  readonly names: readonly string[];
  /** Makes the ids of limits that have none. */
  readonly seed: string;
}

/** `budget`, `budget_id` and the shared lists as one list of budgets; the same for the rate limit. */
function addLimits(body: Draft, given: JsonObject, owner: LimitOwner, meaning: Meaning): void {
  const [budget, budgets] = [memberOf(given, "budget"), memberOf(given, "budgets")];
  const { shared } = meaning;
  const found = [
    ...(budget === undefined ? [] : [budget]),
    ...(Array.isArray(budgets) ? budgets : []),
    ...sharedBy(shared.budgets, owner, given["budget_id"]),
  ];
  const rateLimit = memberOf(given, "rate_limit") ?? sharedBy(shared.rateLimits, owner, given["rate_limit_id"])[0];
  if (budget !== undefined || budgets !== undefined || found.length > 0)
    body["budgets"] = found.map((item) => normalBudget(item, owner));
  if (rateLimit !== undefined) body["rate_limit"] = normalRateLimit(rateLimit, owner);
}

function sharedBy(entries: readonly JsonObject[], owner: LimitOwner, id: JsonValue | undefined): JsonObject[] {
  return entries.filter(
    (entry) =>
      (entry[owner.kind] !== undefined && owner.names.includes(String(entry[owner.kind]))) ||
      (typeof id === "string" && id !== "" && entry["id"] === id),
  );
}

function normalBudget(given: JsonValue, owner: LimitOwner): JsonValue {
  if (!isObject(given)) return given;
  const budget = without(given, LEFT_OUT.limit);
  const written = textOr(budget["reset_duration"], "");
  // the same id for every spelling of the window
  const window = written === "" ? "never" : windowText(written);
  budget["id"] = ownId(budget["id"]) ?? stableId("budget", owner.seed, window);
  return budget;
}

function normalRateLimit(given: JsonValue, owner: LimitOwner): JsonValue {
  if (!isObject(given)) return given;
  const limit = without(given, LEFT_OUT.limit);
  limit["id"] = ownId(limit["id"]) ?? stableId("rate-limit", owner.seed);
  return limit;
}

/** The few spellings that there are come again and again. */
const windowText = remember(1000, (text) => parseDuration(text)?.text ?? text);

function ownId(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isEmptyList(value: JsonValue | undefined): boolean {
  return Array.isArray(value) && value.length === 0;
}

function textOr(value: JsonValue | undefined, otherwise: string): string {
  return typeof value === "string" && value !== "" ? value : otherwise;
}
