// Brings bodies of the file and of the API into one form: the spellings and the meaning of version 2, every id written down.
import type { JsonObject, JsonValue } from "../../core/config-store.ts";
import { parseDuration } from "../durations.ts";
import { stableId } from "../reading.ts";
import { fromEntries, isObject } from "./pointers.ts";
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
const ALL = ["*"];

/** Without the members of these names, and without those that are null where null means absent. */
function without(body: JsonObject, names: readonly string[], nullable: readonly string[] = []): JsonObject {
  return fromEntries(
    Object.entries(body).filter(
      ([name, value]) => !names.includes(name) && (value !== null || nullable.includes(name)),
    ),
  );
}

/** A body of `providers.NAME` without its keys. */
export function normalProvider(body: JsonObject): JsonObject {
  const plain = without(body, [...WRITTEN_BY_PROGRAM, "keys", "api_keys", "name", "provider"]);
  const network = plain["network_config"];
  return isObject(network) ? { ...plain, network_config: normalNetwork(network) } : plain;
}

/** The older spelling counts where the newer is absent. */
function normalNetwork(network: JsonObject): JsonObject {
  const renamed: [string, JsonValue][] = [];
  for (const [name, value] of Object.entries(without(network, []))) {
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
  const { key, value, ...rest } = without(given, WRITTEN_BY_PROGRAM);
  const secret = value === undefined || value === "" ? (key ?? value) : value;
  const name = textOr(rest["name"], `${provider}-${number}`);
  const id = textOr(rest["id"], stableId("provider-key", provider, name));
  const body: JsonObject = { ...rest, id, name, ...(secret === undefined ? {} : { value: bareSecret(secret) }) };
  return meaning.emptyMeansAll && isEmptyList(body["models"]) ? { ...body, models: ALL } : body;
}

/** A body of one virtual key, still with its secret. `fallbackName` is for one that has neither name nor secret. */
export function normalVirtualKey(given: JsonObject, names: { name: string; id: string }, meaning: Meaning): JsonObject {
  const { virtual_key: other, value, provider_configs: configs, ...rest } = without(given, WRITTEN_BY_PROGRAM, []);
  const secret = value ?? other;
  const { id, name } = names;
  const limits = withLimits(rest, { kind: "virtual_key_id", names: [id, name], seed: id }, meaning);
  const list = Array.isArray(configs) ? configs : [];
  const scopes =
    meaning.emptyMeansAll && list.length === 0
      ? [{ provider: "*" }]
      : list.map((item) => (isObject(item) ? normalScope(item, id, meaning) : item));
  return {
    ...limits,
    id,
    name,
    ...(secret === undefined ? {} : { value: bareSecret(secret) }),
    ...(configs === undefined && scopes.length === 0 ? {} : { provider_configs: scopes }),
  };
}

function normalScope(given: JsonObject, virtualKey: string, meaning: Meaning): JsonObject {
  const {
    keys,
    key_ids: ids,
    allow_all_keys: all,
    ...rest
  } = without(given, ["virtual_key_id", ...WRITTEN_BY_PROGRAM], ["weight"]);
  const provider = String(rest["provider"] ?? "");
  const id = rest["id"] === undefined ? `${virtualKey}/${provider}` : String(rest["id"]);
  const seed = `${virtualKey}/${provider}`;
  const scope = { ...withLimits(rest, { kind: "provider_config_id", names: [id], seed }, meaning) };
  const allowed = scope["allowed_models"];
  const chosen = all === true ? ALL : (ids ?? (Array.isArray(keys) && keys.length > 0 ? keyNames(keys) : undefined));
  return {
    ...scope,
    ...(meaning.emptyMeansAll && isEmptyList(allowed) ? { allowed_models: ALL } : {}),
    ...(chosen === undefined ? {} : { key_ids: meaning.emptyMeansAll && isEmptyList(chosen) ? ALL : chosen }),
  };
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
function withLimits(given: JsonObject, owner: LimitOwner, meaning: Meaning): JsonObject {
  const { budget, budgets, budget_id: budgetId, rate_limit: own, rate_limit_id: rateLimitId, ...rest } = given;
  const found = [
    ...(budget === undefined ? [] : [budget]),
    ...(Array.isArray(budgets) ? budgets : []),
    ...sharedBy(meaning.shared.budgets, owner, budgetId),
  ];
  const rateLimit = own ?? sharedBy(meaning.shared.rateLimits, owner, rateLimitId)[0];
  const isGiven = budget !== undefined || budgets !== undefined || found.length > 0;
  return {
    ...rest,
    ...(isGiven ? { budgets: found.map((item) => normalBudget(item, owner)) } : {}),
    ...(rateLimit === undefined ? {} : { rate_limit: normalRateLimit(rateLimit, owner) }),
  };
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
  const budget = without(given, [...OWNERS, ...WRITTEN_BY_PROGRAM]);
  const written = textOr(budget["reset_duration"], "");
  // the same id for every spelling of the window
  const window = written === "" ? "never" : (parseDuration(written)?.text ?? written);
  return { ...budget, id: textOr(budget["id"], stableId("budget", owner.seed, window)) };
}

function normalRateLimit(given: JsonValue, owner: LimitOwner): JsonValue {
  if (!isObject(given)) return given;
  const limit = without(given, [...OWNERS, ...WRITTEN_BY_PROGRAM]);
  return { ...limit, id: textOr(limit["id"], stableId("rate-limit", owner.seed)) };
}

function isEmptyList(value: JsonValue | undefined): boolean {
  return Array.isArray(value) && value.length === 0;
}

function textOr(value: JsonValue | undefined, otherwise: string): string {
  return typeof value === "string" && value !== "" ? value : otherwise;
}
