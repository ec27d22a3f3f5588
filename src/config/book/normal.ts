// Brings bodies of the file and of the API into one form: the spellings and the meaning of version 2, every id written down.
import type { JsonObject, JsonValue } from "../../core/config-store.ts";
import { remember } from "../../lib/remember.ts";
import { parseDuration } from "../durations.ts";
import { bareModel } from "../provider-keys.ts";
import { stableId } from "../reading.ts";
import type { OwnerKind } from "../shared-limits.ts";
import { GIVEN_IDS, type OwnerIds } from "./owner-ids.ts";
import { fromEntries, isObject, setMember } from "./pointers.ts";
import { bareSecret } from "./secrets.ts";
import { NO_SHARED, type SharedList } from "./shared-lists.ts";

/** How the body is to be understood. */
export interface Meaning {
  /** `version: 1`: an empty list means everything. */
  readonly emptyMeansAll: boolean;
  /** `governance.budgets` and `governance.rate_limits`, whose entries name their owners. */
  readonly shared: { readonly budgets: SharedList; readonly rateLimits: SharedList };
  /** Ids of those that are called by their names. */
  readonly owners: OwnerIds;
}

/** What the API brings. */
export const AS_VERSION_2: Meaning = {
  emptyMeansAll: false,
  shared: { budgets: NO_SHARED, rateLimits: NO_SHARED },
  owners: GIVEN_IDS,
};

/** Members that only answers have. */
export const WRITTEN_BY_PROGRAM = [
  "config_hash",
  "created_at",
  "updated_at",
  "provider_status",
  "status",
  "team",
  "customer",
];
const OWNERS = ["virtual_key_id", "provider_config_id", "team_id", "customer_id", "model_config_id", "provider"];
/** The members by which an owner carries its limits. */
export const LIMITS = ["budget", "budgets", "budget_id", "rate_limit", "rate_limit_id"];
const ALL = ["*"];

/** What is left out of each kind of body before its parts are put back in their normal form. */
const LEFT_OUT = {
  provider: new Set([...WRITTEN_BY_PROGRAM, "keys", "api_keys", "name", "provider"]),
  network: new Set<string>(),
  key: new Set([...WRITTEN_BY_PROGRAM, "key", "value"]),
  virtualKey: new Set([...WRITTEN_BY_PROGRAM, ...LIMITS, "virtual_key", "value", "provider_configs"]),
  scope: new Set([
    ...WRITTEN_BY_PROGRAM,
    ...LIMITS,
    "virtual_key_id",
    "keys",
    "key_ids",
    "allow_all_keys",
    "model_budgets",
  ]),
  model: new Set([...WRITTEN_BY_PROGRAM, ...LIMITS]),
  limit: new Set([...WRITTEN_BY_PROGRAM, ...OWNERS]),
} as const;

/** A body while it is put together. */
export type Draft = Record<string, JsonValue>;

/**
 * A copy without the members of these names, and without those that are null where null means absent. There may be a million
 * of these, so no lists of members are made.
 */
export function without(body: JsonObject, names: ReadonlySet<string>, nullable = ""): Draft {
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
  addOwners(body, meaning.owners);
  if (secret !== undefined) body["value"] = bareSecret(secret);
  if (configs !== undefined || scopes.length > 0) body["provider_configs"] = scopes;
  return body;
}

/** The empty text is no owner. */
function addOwners(body: Draft, owners: OwnerIds): void {
  const { team_id: team, customer_id: customer } = body;
  if (typeof team === "string") setOrRemove(body, "team_id", team === "" ? "" : owners.team(team));
  if (typeof customer === "string") setOrRemove(body, "customer_id", customer === "" ? "" : owners.customer(customer));
}

function setOrRemove(body: Draft, name: string, text: string): void {
  if (text === "") delete body[name];
  else body[name] = text;
}

function normalScope(given: JsonObject, virtualKey: string, meaning: Meaning): JsonObject {
  const [keys, ids] = [memberOf(given, "keys"), memberOf(given, "key_ids")];
  const body = without(given, LEFT_OUT.scope, "weight");
  const provider = String(body["provider"] ?? "");
  const seed = `${virtualKey}/${provider}`;
  const id = body["id"] === undefined ? seed : String(body["id"]);
  addLimits(body, given, { kind: "provider_config_id", names: [id], seed }, meaning);
  const models = memberOf(given, "model_budgets");
  if (models !== undefined)
    body["model_budgets"] = Array.isArray(models)
      ? models.map((item) => normalModel(item, { seed, provider }, meaning))
      : models;
  if (meaning.emptyMeansAll && isEmptyList(body["allowed_models"])) body["allowed_models"] = ALL;
  const named = ids ?? (Array.isArray(keys) && keys.length > 0 ? keyNames(keys) : undefined);
  const chosen = given["allow_all_keys"] === true ? ALL : named;
  if (chosen !== undefined) body["key_ids"] = meaning.emptyMeansAll && isEmptyList(chosen) ? ALL : chosen;
  return body;
}

/** Limits of one model within a provider config. */
function normalModel(
  given: JsonValue,
  scope: { readonly seed: string; readonly provider: string },
  meaning: Meaning,
): JsonValue {
  if (!isObject(given)) return given;
  const body = without(given, LEFT_OUT.model);
  const seed = `${scope.seed}/${bareModel(textOr(body["model_name"], ""), scope.provider)}`;
  addLimits(body, given, { kind: "provider_config_id", names: [], seed }, meaning);
  return body;
}

function keyNames(keys: readonly JsonValue[]): JsonValue[] {
  return keys.flatMap((key) =>
    isObject(key) ? (key["id"] ?? key["key_id"] ?? key["name"] ?? []) : key,
  ) as JsonValue[];
}

/** Whose limits are looked for. */
export interface LimitOwner {
  readonly kind: OwnerKind;
  readonly names: readonly string[];
  /** Makes the ids of limits that have none. */
  readonly seed: string;
}

/** `budget`, `budget_id` and the shared lists as one list of budgets; the same for the rate limit. */
export function addLimits(body: Draft, given: JsonObject, owner: LimitOwner, meaning: Meaning): void {
  const [budget, budgets] = [memberOf(given, "budget"), memberOf(given, "budgets")];
  const { shared } = meaning;
  const found = [
    ...(budget === undefined ? [] : [budget]),
    ...(Array.isArray(budgets) ? budgets : []),
    ...shared.budgets.find(owner.kind, owner.names, given["budget_id"]),
  ];
  const rateLimit =
    memberOf(given, "rate_limit") ?? shared.rateLimits.find(owner.kind, owner.names, given["rate_limit_id"])[0];
  if (budget !== undefined || budgets !== undefined || found.length > 0)
    body["budgets"] = found.map((item) => normalBudget(item, owner));
  if (rateLimit !== undefined) body["rate_limit"] = normalRateLimit(rateLimit, owner);
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
