// Changes of budgets and rate limits: what is left out stays, what was read and comes back changes nothing.
import { parseDuration } from "../config/durations.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import { isObject, own, sameJson, setOwn } from "./restore-shown.ts";
import { objectsOf } from "./virtual-keys-shape.ts";

/** What answers tell of a limit and nobody sets. */
const TOLD: ReadonlySet<string> = new Set([
  "virtual_key_id",
  "provider_config_id",
  "team_id",
  "customer_id",
  "model_config_id",
  "config_hash",
  "created_at",
  "updated_at",
  "current_usage",
  "last_reset",
  "token_current_usage",
  "token_last_reset",
  "request_current_usage",
  "request_last_reset",
  "override_amount",
  "override_mode",
  "override_cycles_remaining",
  "override_cycles_total",
  "override_anchor_reset",
]);

/** The members by which an owner carries its limits. */
export const LIMIT_MEMBERS: ReadonlySet<string> = new Set([
  "budget",
  "budgets",
  "budget_id",
  "rate_limit",
  "rate_limit_id",
]);

/** What is known of the owner: as answers show it, and as it is stored. */
export interface Before {
  readonly shown: JsonObject;
  readonly stored: JsonObject;
}

/** The members `budgets` and `rate_limit` that the owner gets; undefined = none. `path` is for messages. */
export function changedLimits(given: JsonObject, before: Before, path: string): JsonObject {
  for (const name of ["budget_id", "rate_limit_id"]) refuseId(given, before, name, path);
  const budgets = changedBudgets(given, before, path);
  const limit = isChanged(given, before, "rate_limit") ? own(given, "rate_limit") : undefined;
  const rateLimit = limit === undefined ? own(before.stored, "rate_limit") : changedRateLimit(limit, before.stored);
  return {
    ...(budgets === undefined ? {} : { budgets }),
    ...(rateLimit === undefined ? {} : { rate_limit: rateLimit }),
  };
}

/** Null, like leaving out, changes nothing: clients of other languages write null for what they do not set. */
function isChanged(given: JsonObject, { shown }: Before, name: string): boolean {
  const value = own(given, name) ?? null;
  return value !== null && !sameJson(value, own(shown, name) ?? null);
}

/** Limits have ids of their own here, they are not shared. */
function refuseId(given: JsonObject, before: Before, name: string, path: string): void {
  if (!isChanged(given, before, name) || own(given, name) === "") return;
  const [member, place] = [name.replace("_id", ""), `${path}${name}`];
  throw new GatewayError("invalid_request", `'${place}' cannot be set here; send the limit itself as '${member}'`, {
    param: place,
  });
}

function changedBudgets(given: JsonObject, before: Before, path: string): JsonValue | undefined {
  const stored = objectsOf(own(before.stored, "budgets"));
  const list = isChanged(given, before, "budgets") ? own(given, "budgets") : undefined;
  const single = isChanged(given, before, "budget") ? own(given, "budget") : undefined;
  if (list !== undefined && single !== undefined) {
    const first = Array.isArray(list) ? (list as JsonValue[])[0] : undefined;
    if (first === undefined || !sameJson(first, single))
      throw new GatewayError(
        "invalid_request",
        `'${path}budget' and '${path}budgets' say different things; send one of them`,
        { param: `${path}budget` },
      );
  }
  if (list !== undefined) {
    if (!Array.isArray(list))
      throw new GatewayError("invalid_request", `'${path}budgets' must be a list of budgets`, {
        param: `${path}budgets`,
      });
    const items = list as readonly JsonValue[];
    return items.map((item) => mergedBudget(item, stored, items.length === 1));
  }
  if (single !== undefined) return oneChanged(single, stored, path);
  return own(before.stored, "budgets");
}

/** The older singular form: it changes the budget that it means, and the others stay. */
function oneChanged(single: JsonValue, stored: readonly JsonObject[], path: string): JsonValue {
  const known = isObject(single) ? knownBudget(single, stored, stored.length === 1) : undefined;
  const isNew = isObject(single) && (own(single, "reset_duration") !== undefined || stored.length === 0);
  if (known === undefined && !isNew && isObject(single))
    throw new GatewayError(
      "invalid_request",
      `there are ${stored.length} budgets; name the one that '${path}budget' means by 'id' or 'reset_duration'`,
      { param: `${path}budget` },
    );
  const changed = mergedBudget(single, stored, stored.length === 1);
  return known === undefined ? [...stored, changed] : stored.map((budget) => (budget === known ? changed : budget));
}

function mergedBudget(given: JsonValue, stored: readonly JsonObject[], isOnly: boolean): JsonValue {
  if (!isObject(given)) return given;
  return merged(knownBudget(given, stored, isOnly && stored.length === 1) ?? {}, given);
}

/** By id, else by window, else the only one. */
function knownBudget(given: JsonObject, stored: readonly JsonObject[], isOnly: boolean): JsonObject | undefined {
  const id = own(given, "id");
  if (typeof id === "string" && id !== "") return stored.find((budget) => own(budget, "id") === id);
  const window = windowOf(own(given, "reset_duration"));
  const same = window === null ? undefined : stored.find((one) => windowOf(own(one, "reset_duration")) === window);
  return same ?? (isOnly ? stored[0] : undefined);
}

function windowOf(value: JsonValue | undefined): string | null {
  if (typeof value !== "string" || value === "") return null;
  return parseDuration(value)?.text ?? value;
}

/** A limit that is set to null is taken off, with its window; without any limit nothing is left. */
function changedRateLimit(given: JsonValue, stored: JsonObject): JsonValue | undefined {
  if (!isObject(given)) return given;
  const known = own(stored, "rate_limit");
  const changed: Record<string, JsonValue> = { ...merged(isObject(known) ? known : {}, given) };
  for (const kind of ["token", "request"])
    if (own(given, `${kind}_max_limit`) === null) delete changed[`${kind}_reset_duration`];
  const hasLimit = own(changed, "token_max_limit") !== undefined || own(changed, "request_max_limit") !== undefined;
  // what is no limit at all goes on to be refused by its name
  const isNothing = Object.keys(changed).every((name) => name === "id" || name === "calendar_aligned");
  return !hasLimit && (isObject(known) || isNothing) ? undefined : changed;
}

/** `stored` with what is given on top; null takes a member off. */
function merged(stored: JsonObject, given: JsonObject): JsonObject {
  const result: Record<string, JsonValue> = { ...stored };
  for (const [name, value] of Object.entries(given)) {
    if (TOLD.has(name) || (name === "id" && value === "")) continue;
    if (value === null) delete result[name];
    else setOwn(result, name, value);
  }
  return result;
}

/** Without the use that was stored as a starting value: it counts from zero. */
export function withoutUse(body: JsonObject): JsonObject {
  const budgets = own(body, "budgets");
  if (!Array.isArray(budgets)) return body;
  const fresh = (budgets as JsonValue[]).map((budget) => {
    if (!isObject(budget)) return budget;
    const { current_usage: _use, last_reset: _reset, ...rest } = budget;
    return rest;
  });
  return { ...body, budgets: fresh };
}
