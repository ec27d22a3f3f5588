// Reads bodies about virtual keys: a new one whole, a change as what differs from what is stored.
import { KNOWN_PROVIDERS } from "../config/known-providers.ts";
import type { ConfigBook, VirtualKeyItem } from "../core/config-book.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import { nearestName } from "../lib/nearest.ts";
import {
  type Before,
  changedLimits,
  demandFlag,
  isSameOwner,
  LIMIT_MEMBERS,
  NOTHING,
  withoutUse,
} from "./governance-limits-read.ts";
import { objectsOf } from "./governance-places.ts";
import { NO_USAGE } from "./governance-usage.ts";
import { isObject, own, sameJson, setOwn } from "./restore-shown.ts";
import { decodeSecret, isMask } from "./secret-shape.ts";
import { changedModels } from "./virtual-keys-models.ts";
import { ownerOf } from "./virtual-keys-owner.ts";
import { showVirtualKey } from "./virtual-keys-shape.ts";

/** What answers tell and nobody sets. */
const TOLD: ReadonlySet<string> = new Set([
  "virtual_key_id",
  "team",
  "customer",
  "config_hash",
  "source",
  "created_at",
  "updated_at",
  "warnings",
  "reset_budget_usage",
]);
/** Parts that do not exist here yet: nothing of them is nothing said. */
const EMPTY_MEANS_NOTHING: ReadonlySet<string> = new Set(["mcp_configs"]);
/** Read by functions of their own. */
const APART: ReadonlySet<string> = new Set([...LIMIT_MEMBERS, "model_budgets", "team_id", "customer_id"]);
/** Null takes them back to what holds for the whole gateway, and so does an empty list. */
const CLEARED: ReadonlySet<string> = new Set(["on_store_down", "unpriced_models", "required_headers", "content_level"]);
const ROWS: ReadonlySet<string> = new Set(["provider_configs"]);
const KEY_MEMBERS: ReadonlySet<string> = new Set(["keys", "key_ids", "allow_all_keys"]);
const LISTS = ["allowed_models", "blacklisted_models", "key_ids"];

/** The body of POST as the book takes it. Throws GatewayError. */
export function readNewKey(given: JsonObject, book: ConfigBook): JsonObject {
  demandTypes(given);
  // the secret may stand for the name, but not one that is made here: then it would never be hidden
  if ((own(given, "name") ?? "") === "" && (own(given, "value") ?? own(given, "virtual_key") ?? "") === "")
    throw new GatewayError("missing_field", "'name' is missing: a name by which people know the virtual key", {
      param: "name",
    });
  const body = { ...plain(given, NOTHING, ""), ...ownerOf(given, {}, book) };
  const rows = own(body, "provider_configs");
  const read = Array.isArray(rows)
    ? { ...body, provider_configs: rows.map((row, index) => readRow(row as JsonValue, NOTHING, index)) }
    : body;
  checkRows(read, book);
  return read;
}

/** The whole body after the change `given`, as the book takes it. Throws GatewayError. */
export function readChange(given: JsonObject, item: VirtualKeyItem, book: ConfigBook): JsonObject {
  demandTypes(given);
  const { id } = given;
  if (id !== undefined && id !== null && id !== item.id)
    throw new GatewayError(
      "invalid_request",
      "'id' differs from the id in the path; the id of a key cannot be changed",
      {
        param: "id",
      },
    );
  const shown = showVirtualKey(item, book, NO_USAGE);
  refuseForeignMask(given, item);
  const before: Before = { shown, stored: item.body };
  const body = { ...plain(given, before, "", ROWS), ...ownerOf(given, item.body, book) };
  const rows = own(given, "provider_configs");
  const wasShown = { provider_configs: own(shown, "provider_configs") ?? null };
  const isNew = Array.isArray(rows) && !isSameOwner({ provider_configs: rows }, wasShown);
  const changed = isNew ? { ...body, provider_configs: readRows(rows as readonly JsonValue[], before) } : body;
  if (isNew) checkRows(changed, book);
  const whole = own(changed, "expires_at") === "" ? without(changed, "expires_at") : changed;
  return own(given, "reset_budget_usage") === true ? withoutUse(whole) : whole;
}

/** `before.stored` with what is given on top; what is null, or as it was shown, stays. */
function plain(given: JsonObject, before: Before, path: string, apart: ReadonlySet<string> = new Set()): JsonObject {
  const result: Record<string, JsonValue> = { ...before.stored };
  for (const [name, value] of Object.entries(given)) {
    if (TOLD.has(name) || APART.has(name) || apart.has(name)) continue;
    if (EMPTY_MEANS_NOTHING.has(name) && Array.isArray(value) && value.length === 0) continue;
    const isEmpty = value === null || (Array.isArray(value) && value.length === 0);
    if (isEmpty && CLEARED.has(name)) delete result[name];
    if ((value === null && name !== "weight") || (isEmpty && CLEARED.has(name))) continue;
    const shown = own(before.shown, name);
    if (shown === undefined || !sameJson(value, shown)) setOwn(result, name, value);
  }
  const { budgets: _budgets, rate_limit: _limit, team_id: _team, customer_id: _customer, ...rest } = result;
  return { ...rest, ...changedLimits(given, before, path) };
}

/** The full wanted list; a row is the stored one with its id, else with its provider. None is meant twice: its counters are its own. */
function readRows(rows: readonly JsonValue[], before: Before): JsonValue[] {
  const shown = objectsOf(own(before.shown, "provider_configs"));
  const stored = objectsOf(own(before.stored, "provider_configs"));
  const places = rows.map(() => -1);
  for (const name of ["id", "provider"])
    for (const [index, row] of rows.entries()) {
      const value = isObject(row) ? (own(row, name) ?? null) : null;
      if (places[index] !== -1 || value === null) continue;
      places[index] = shown.findIndex((one, at) => !places.includes(at) && String(own(one, name)) === String(value));
    }
  return rows.map((row, index) => {
    const at = places[index] as number;
    return readRow(row, at < 0 ? NOTHING : { shown: shown[at] ?? {}, stored: stored[at] ?? {} }, index);
  });
}

function readRow(row: JsonValue, before: Before, index: number): JsonValue {
  if (!isObject(row)) return row;
  const path = `provider_configs[${index}].`;
  const { model_budgets: _models, ...rest } = plain(row, before, path, KEY_MEMBERS);
  const body: Record<string, JsonValue> = { ...rest, ...changedModels(row, before, path) };
  const id = own(row, "id");
  if (id === "" || id === 0) delete body["id"];
  const keys = keysOf(row, before);
  if (keys !== undefined) body["key_ids"] = keys;
  return body;
}

/** The provider keys by whichever of the three members says something new. */
function keysOf(row: JsonObject, { shown }: Before): JsonValue | undefined {
  const changed = (name: string): JsonValue | undefined => {
    const value = own(row, name) ?? null;
    return value === null || sameJson(value, own(shown, name) ?? null) ? undefined : value;
  };
  const ids = changed("key_ids");
  if (ids !== undefined) return ids;
  const keys = changed("keys");
  const all = changed("allow_all_keys");
  if (all === true) return ["*"];
  if (Array.isArray(keys) && (keys.length > 0 || all === false || shown["keys"] !== undefined))
    return (keys as JsonValue[]).map((key) =>
      isObject(key) ? (own(key, "id") ?? own(key, "key_id") ?? own(key, "name") ?? "") : key,
    );
  if (keys !== undefined && !Array.isArray(keys)) return keys;
  return all === false ? [] : undefined;
}

function demandTypes(given: JsonObject): void {
  demandFlag(given, "reset_budget_usage");
  const name = own(given, "name") ?? "";
  if (typeof name !== "string") throw new GatewayError("invalid_request", "'name' must be a text", { param: "name" });
  const rows = own(given, "provider_configs") ?? [];
  if (!Array.isArray(rows))
    throw new GatewayError(
      "invalid_request",
      "'provider_configs' must be a list of what the key may use of each provider",
      {
        param: "provider_configs",
      },
    );
}

/** Lists without repeats, and providers that somebody may know. */
function checkRows(body: JsonObject, book: ConfigBook): void {
  const rows = own(body, "provider_configs");
  if (!Array.isArray(rows)) return;
  for (const [index, row] of (rows as JsonValue[]).entries()) {
    if (!isObject(row)) continue;
    for (const name of LISTS) refuseRepeats(own(row, name), `provider_configs[${index}].${name}`);
    const provider = own(row, "provider");
    if (typeof provider === "string" && provider !== "")
      demandKnown(provider, `provider_configs[${index}].provider`, book);
  }
}

function refuseRepeats(list: JsonValue | undefined, path: string): void {
  if (!Array.isArray(list)) return;
  const seen = new Set<JsonValue>();
  for (const name of list as JsonValue[]) {
    if (seen.has(name))
      throw new GatewayError("invalid_request", `'${path}' names ${JSON.stringify(name).slice(0, 100)} twice`, {
        param: path,
      });
    seen.add(name);
  }
}

/** One that is merely not configured may come later; the answer then carries a warning. */
function demandKnown(provider: string, path: string, book: ConfigBook): void {
  if (provider === "*" || KNOWN_PROVIDERS.includes(provider) || book.provider(provider) !== undefined) return;
  const configured = book.providers().map((one) => one.name);
  const nearest = nearestName(provider, [...configured, ...KNOWN_PROVIDERS]);
  const hint = nearest === undefined ? `; configured are ${configured.join(", ")}` : `; did you mean '${nearest}'?`;
  throw new GatewayError("invalid_request", `'${path}': there is no provider '${provider.slice(0, 100)}'${hint}`, {
    param: path,
  });
}

/** A masked value is no secret, unless it is the one that stands for the secret. */
function refuseForeignMask(given: JsonObject, item: VirtualKeyItem): void {
  for (const name of ["value", "virtual_key"]) {
    const value = decodeSecret(own(given, name) ?? null);
    if (typeof value !== "string" || value === item.shownValue || !isMask(value)) continue;
    throw new GatewayError("invalid_request", `'${name}' is a masked value, and not the one that is shown now`, {
      param: name,
    });
  }
}

function without(body: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([other]) => other !== name));
}
