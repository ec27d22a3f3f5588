// Changes of budgets and rate limits: what is left out stays, what was read and comes back changes nothing.
import { randomUUID } from "node:crypto";
import { isSameWindow, parseDuration } from "../config/durations.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import { mapBudgets, objectsOf } from "./governance-places.ts";
import { isObject, own, sameJson, setOwn, without } from "./restore-shown.ts";

/** What answers tell of a limit and nobody sets. */
const TOLD: ReadonlySet<string> = new Set([
  "virtual_key_id",
  "provider_config_id",
  "team_id",
  "customer_id",
  "model_config_id",
  "provider",
  "model_name",
  "config_hash",
  "created_at",
  "updated_at",
  "current_usage",
  "last_reset",
  "resets_at",
  "reserved",
  "uncertain",
  "unpriced_requests",
  "effective_max_limit",
  "token_current_usage",
  "token_reserved",
  "token_last_reset",
  "request_current_usage",
  "request_reserved",
  "request_last_reset",
]);

const OVERRIDE = ["override_amount", "override_mode", "override_cycles_total", "override_anchor_reset"];
const NOT_MERGED: ReadonlySet<string> = new Set([...TOLD, ...OVERRIDE, "override_cycles_remaining", "id"]);

/** The members by which an owner carries its limits. */
export const LIMIT_MEMBERS: ReadonlySet<string> = new Set([
  "budget",
  "budgets",
  "budget_id",
  "rate_limit",
  "rate_limit_id",
]);

/** What is known of the owner: as answers show it without its use, and as it is stored. */
export interface Before {
  readonly shown: JsonObject;
  readonly stored: JsonObject;
}

/** A new owner. */
export const NOTHING: Before = { shown: {}, stored: {} };

/** The members `budgets` and `rate_limit` that the owner gets; undefined = none. `path` is for messages. */
export function changedLimits(given: JsonObject, before: Before, path: string): JsonObject {
  for (const name of ["budget_id", "rate_limit_id"]) refuseId(given, before, name, path);
  const budgets = changedBudgets(given, before, path);
  const limit = isChanged(given, before, "rate_limit") ? own(given, "rate_limit") : undefined;
  const rateLimit = limit === undefined ? own(before.stored, "rate_limit") : changedRateLimit(limit, before);
  return {
    ...(budgets === undefined ? {} : { budgets }),
    ...(rateLimit === undefined ? {} : { rate_limit: rateLimit }),
  };
}

/** Null, like leaving out, changes nothing: clients of other languages write null for what they do not set. */
function isChanged(given: JsonObject, { shown }: Before, name: string): boolean {
  const value = own(given, name) ?? null;
  return value !== null && !sameJson(settable(value), settable(own(shown, name) ?? null));
}

/** Without what is told: use goes on while somebody holds an answer in hand. */
function settable(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return (value as JsonValue[]).map(settable);
  if (!isObject(value)) return value;
  const rest = without(value, TOLD);
  if (own(rest, "override_cycles_total") !== undefined) delete rest["override_cycles_remaining"];
  return rest;
}

/** Whether the bodies of an owner say the same, whatever was used meanwhile. */
export function isSameOwner(a: JsonObject, b: JsonObject): boolean {
  return sameJson(settableOwner(a), settableOwner(b));
}

function settableOwner(body: JsonObject): JsonObject {
  const result: Record<string, JsonValue> = { ...body };
  for (const name of ["budget", "budgets", "rate_limit"])
    if (own(body, name) !== undefined) result[name] = settable(body[name]!);
  for (const name of ["provider_configs", "model_budgets"]) {
    const list = own(body, name);
    if (Array.isArray(list))
      result[name] = (list as JsonValue[]).map((item) => (isObject(item) ? settableOwner(item) : item));
  }
  return result;
}

/** Limits have ids of their own here, they are not shared. */
function refuseId(given: JsonObject, before: Before, name: string, path: string): void {
  if (!isChanged(given, before, name) || own(given, name) === "") return;
  const [member, place] = [name.replace("_id", ""), `${path}${name}`];
  const limit = own(given, member);
  // a copy of what an answer showed
  if (isObject(limit) && own(limit, "id") === own(given, name)) return;
  throw wrong(place, `'${place}' cannot be set here; send the limit itself as '${member}'`);
}

function changedBudgets(given: JsonObject, before: Before, path: string): JsonValue | undefined {
  const list = isChanged(given, before, "budgets") ? own(given, "budgets") : undefined;
  const single = isChanged(given, before, "budget") ? own(given, "budget") : undefined;
  if (list !== undefined && single !== undefined) {
    const first = Array.isArray(list) ? (list as JsonValue[])[0] : undefined;
    if (first === undefined || !sameJson(settable(first), settable(single)))
      throw wrong(`${path}budget`, `'${path}budget' and '${path}budgets' say different things; send one of them`);
  }
  const known = new KnownBudgets(before);
  if (list !== undefined) {
    if (!Array.isArray(list)) throw wrong(`${path}budgets`, `'${path}budgets' must be a list of budgets`);
    return known.merged(list as readonly JsonValue[]);
  }
  if (single !== undefined) return oneChanged(single, known, path);
  return own(before.stored, "budgets");
}

/** The older singular form: it changes the budget that it means, and the others stay. */
function oneChanged(single: JsonValue, known: KnownBudgets, path: string): JsonValue {
  if (!isObject(single)) return [...known.stored, single];
  const [at = -1] = known.match([single]);
  if (at < 0 && own(single, "reset_duration") === undefined && known.stored.length > 0)
    throw wrong(
      `${path}budget`,
      `there are ${known.stored.length} budgets; name the one that '${path}budget' means by 'id' or 'reset_duration'`,
    );
  const changed = known.change(single, at);
  return at < 0 ? [...known.stored, changed] : known.stored.map((budget, index) => (index === at ? changed : budget));
}

/** The budgets that the owner has. */
class KnownBudgets {
  readonly stored: readonly JsonObject[];
  readonly #shown: readonly JsonObject[];

  constructor({ stored, shown }: Before) {
    this.stored = objectsOf(own(stored, "budgets"));
    this.#shown = objectsOf(own(shown, "budgets"));
  }

  merged(items: readonly JsonValue[]): JsonValue[] {
    const places = this.match(items);
    return items.map((item, index) => (isObject(item) ? this.change(item, places[index] as number) : item));
  }

  /** Which one is meant by each: by id, else by window, however it is written, else the only one; -1 = a new one. None is meant twice. */
  match(items: readonly JsonValue[]): number[] {
    const places = items.map(() => -1);
    const find = (means: (item: JsonObject, budget: JsonObject) => boolean): void => {
      for (const [index, item] of items.entries()) {
        if (places[index] !== -1 || !isObject(item)) continue;
        places[index] = this.stored.findIndex((budget, at) => !places.includes(at) && means(item, budget));
      }
    };
    find((item, budget) => (own(item, "id") ?? "") !== "" && own(item, "id") === own(budget, "id"));
    find((item, budget) => windowOf(item) === windowOf(budget));
    find((item, budget) => isSameWindow({ resetDuration: windowOf(item) }, { resetDuration: windowOf(budget) }));
    if (items.length === 1 && this.stored.length === 1) find(() => true);
    return places;
  }

  change(given: JsonObject, at: number): JsonObject {
    const [stored, shown] = [this.stored[at] ?? {}, this.#shown[at] ?? {}];
    const changed = merged(given, stored, shown);
    if (isOverrideChanged(given, shown)) {
      for (const name of [...OVERRIDE, "override_cycles_remaining"]) {
        const value = own(given, name) ?? null;
        if (value === null) delete changed[name];
        else changed[name] = value;
      }
    }
    return { ...changed, id: own(stored, "id") ?? randomUUID() };
  }
}

function isOverrideChanged(given: JsonObject, shown: JsonObject): boolean {
  return OVERRIDE.some((name) => {
    const value = own(given, name);
    return value !== undefined && !sameJson(value, own(shown, name) ?? null);
  });
}

/** The canonical text of the window; null = none. */
function windowOf(budget: JsonObject): string | null {
  const value = own(budget, "reset_duration");
  if (typeof value !== "string" || value === "") return null;
  return parseDuration(value)?.text ?? value;
}

/** A limit that is set to null is taken off, with its window; without any limit nothing is left. */
function changedRateLimit(given: JsonValue, before: Before): JsonValue | undefined {
  if (!isObject(given)) return given;
  const [known, shown] = [own(before.stored, "rate_limit"), own(before.shown, "rate_limit")];
  const stored = isObject(known) ? known : {};
  const changed = merged(given, stored, isObject(shown) ? shown : {});
  for (const kind of ["token", "request"])
    if (own(given, `${kind}_max_limit`) === null) delete changed[`${kind}_reset_duration`];
  const limits = ["token_max_limit", "request_max_limit", "max_parallel"];
  const hasLimit = limits.some((name) => own(changed, name) !== undefined);
  // what is no limit at all goes on to be refused by its name
  const isNothing = Object.keys(changed).every((name) => name === "calendar_aligned");
  if (!hasLimit && (isObject(known) || isNothing)) return undefined;
  return { ...changed, id: own(stored, "id") ?? randomUUID() };
}

/** `stored` with what is given on top, where it is not as it was shown; null takes a member off. */
function merged(given: JsonObject, stored: JsonObject, shown: JsonObject): Record<string, JsonValue> {
  const result: Record<string, JsonValue> = { ...stored };
  delete result["id"];
  for (const [name, value] of Object.entries(given)) {
    if (NOT_MERGED.has(name) || sameJson(value, own(shown, name) ?? null)) continue;
    if (value === null) delete result[name];
    else setOwn(result, name, value);
  }
  return result;
}

/** Throws GatewayError unless the member is true, false or not said. */
export function demandFlag(given: JsonObject, name: string): void {
  const value = own(given, name) ?? false;
  if (typeof value !== "boolean") throw wrong(name, `'${name}' must be true or false`);
}

/** Without the use that was stored as a starting value: it counts from zero. */
export function withoutUse(body: JsonObject): JsonObject {
  return mapBudgets(body, (budget) => without(budget, new Set(["current_usage", "last_reset"])));
}

function wrong(param: string, message: string): GatewayError {
  return new GatewayError("invalid_request", message, { param });
}
