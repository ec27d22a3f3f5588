// Keeps the counters of limits that a wanted body changes: a budget or rate limit without an id has the one it had before.
import type { JsonObject, JsonValue } from "../../core/config-store.ts";
import { parseDuration } from "../durations.ts";
import { isObject } from "./pointers.ts";

/** The wanted body of an owner with the ids that its limits have in the known one. */
export function withKnownLimitIds(wanted: JsonObject, known: JsonObject): JsonObject {
  const budgets = budgetsOf(known);
  const limit = known["rate_limit"];
  const changed: Record<string, JsonValue> = {};
  if (isObject(wanted["budget"])) changed["budget"] = withIds([wanted["budget"]], budgets)[0]!;
  if (Array.isArray(wanted["budgets"])) changed["budgets"] = withIds(wanted["budgets"], budgets);
  if (isObject(wanted["rate_limit"]) && isObject(limit)) changed["rate_limit"] = withId(wanted["rate_limit"], limit);
  return { ...wanted, ...changed };
}

/** A virtual key: also within its provider configs and their models. */
export function withKnownKeyIds(wanted: JsonObject, known: JsonObject): JsonObject {
  const scopes = wanted["provider_configs"];
  const own = withKnownLimitIds(wanted, known);
  if (!Array.isArray(scopes)) return own;
  return { ...own, provider_configs: matched(scopes, known["provider_configs"], "provider", withKnownScopeIds) };
}

function withKnownScopeIds(wanted: JsonObject, known: JsonObject): JsonObject {
  const own = withKnownLimitIds(wanted, known);
  const kept = own["id"] === undefined && known["id"] !== undefined ? { ...own, id: known["id"] } : own;
  const models = wanted["model_budgets"];
  if (!Array.isArray(models)) return kept;
  return { ...kept, model_budgets: matched(models, known["model_budgets"], "model_name", withKnownLimitIds) };
}

/** Each item with the known one that has the same word in this member. */
function matched(
  wanted: readonly JsonValue[],
  known: JsonValue | undefined,
  member: string,
  keep: (wanted: JsonObject, known: JsonObject) => JsonObject,
): JsonValue[] {
  const others = Array.isArray(known) ? known.filter(isObject) : [];
  return wanted.map((item) => {
    const other = isObject(item) ? others.find((one) => one[member] === item[member]) : undefined;
    return isObject(item) && other !== undefined ? keep(item, other) : item;
  });
}

function budgetsOf(known: JsonObject): JsonObject[] {
  const list = known["budgets"];
  return Array.isArray(list) ? list.filter(isObject) : [];
}

/** By the window, else the only one. */
function withIds(wanted: readonly JsonValue[], known: readonly JsonObject[]): JsonValue[] {
  return wanted.map((budget) => {
    if (!isObject(budget)) return budget;
    const same = known.find((other) => windowOf(other) === windowOf(budget));
    const only = wanted.length === 1 && known.length === 1 ? known[0] : undefined;
    const other = same ?? only;
    return other === undefined ? budget : withId(budget, other);
  });
}

function withId(wanted: JsonObject, known: JsonObject): JsonObject {
  const id = wanted["id"];
  const isWithout = id === undefined || id === null || id === "";
  return isWithout && known["id"] !== undefined ? { ...wanted, id: known["id"] } : wanted;
}

function windowOf(budget: JsonObject): string {
  const written = budget["reset_duration"];
  return typeof written === "string" && written !== "" ? (parseDuration(written)?.text ?? written) : "never";
}
