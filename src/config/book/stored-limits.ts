// The quick way from stored budgets and rate limits, checked when they were stored, to what the loop is told of them.
import type { JsonObject, JsonValue } from "../../core/config-store.ts";
import type { BudgetEntity, BudgetOverride, OwnedLimits, RateLimitEntity, StartingUsage } from "../../core/entities.ts";
import { remember } from "../../lib/remember.ts";
import { parseDuration } from "../durations.ts";
import { parseDollars } from "../money.ts";
import { isObject } from "./pointers.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const NONE: readonly BudgetEntity[] = [];

/** The limits of an owner whose body this is. */
export function storedLimits(body: JsonObject): OwnedLimits {
  const aligned = body["calendar_aligned"] === true;
  return { budgets: budgetsOf(body["budgets"], aligned), rateLimit: rateLimitOf(body["rate_limit"], aligned) };
}

function budgetsOf(value: JsonValue | undefined, aligned: boolean): readonly BudgetEntity[] {
  if (!Array.isArray(value) || value.length === 0) return NONE;
  return (value as JsonObject[]).map((budget) => budgetOf(budget, aligned));
}

function budgetOf(budget: JsonObject, aligned: boolean): BudgetEntity {
  const entity: Writable<BudgetEntity> = {
    id: String(budget["id"]),
    maxLimitNano: nanoOf(budget["max_limit"]),
    resetDuration: windowOf(budget["reset_duration"]),
  };
  const reset = budget["reset_config"];
  const quarter = isObject(reset) ? reset["quarter_start_month"] : undefined;
  const override = overrideOf(budget);
  const start = startOf(budget["current_usage"], budget["last_reset"], nanoOf);
  if (budget["hard"] === true) entity.hard = true;
  if ((budget["calendar_aligned"] ?? aligned) === true) entity.calendarAligned = true;
  if (typeof quarter === "number") entity.quarterStartMonth = quarter;
  if (override !== null) entity.override = override;
  if (start !== null) entity.start = start;
  return entity;
}

function overrideOf(budget: JsonObject): BudgetOverride | null {
  const amount = budget["override_amount"];
  if (amount === undefined || amount === 0) return null;
  const isForever = budget["override_mode"] === "forever";
  const remaining = numberOr(budget["override_cycles_remaining"], 0);
  return {
    amountNano: nanoOf(amount),
    cyclesRemaining: isForever ? null : remaining,
    cyclesTotal: isForever ? null : numberOr(budget["override_cycles_total"], remaining),
    anchorReset: timeOf(budget["override_anchor_reset"]),
  };
}

function rateLimitOf(value: JsonValue | undefined, aligned: boolean): RateLimitEntity | null {
  if (!isObject(value)) return null;
  const entity: Writable<RateLimitEntity> = {
    id: String(value["id"]),
    tokenMaxLimit: numberOr(value["token_max_limit"], null),
    tokenResetDuration: windowOf(value["token_reset_duration"]),
    requestMaxLimit: numberOr(value["request_max_limit"], null),
    requestResetDuration: windowOf(value["request_reset_duration"]),
  };
  const tokenStart = startOf(value["token_current_usage"], value["token_last_reset"], String);
  const requestStart = startOf(value["request_current_usage"], value["request_last_reset"], String);
  const maxParallel = value["max_parallel"];
  if ((value["calendar_aligned"] ?? aligned) === true) entity.calendarAligned = true;
  if (tokenStart !== null) entity.tokenStart = tokenStart;
  if (requestStart !== null) entity.requestStart = requestStart;
  if (typeof maxParallel === "number") entity.maxParallel = maxParallel;
  return entity;
}

function startOf(
  used: JsonValue | undefined,
  reset: JsonValue | undefined,
  read: (used: JsonValue) => string,
): StartingUsage | null {
  const lastReset = timeOf(reset);
  if (used === undefined && lastReset === null) return null;
  return { used: used === undefined ? "0" : read(used), lastReset };
}

function numberOr<T>(value: JsonValue | undefined, otherwise: T): number | T {
  return typeof value === "number" ? value : otherwise;
}

function timeOf(value: JsonValue | undefined): number | null {
  return typeof value === "string" && value !== "" ? Date.parse(value) : null;
}

/** The few spellings that there are come again and again. */
const textOfWindow = remember(1000, (text) => parseDuration(text)?.text ?? text);
const nanoOfText = remember(1000, (text) => String(parseDollars(text) ?? 0n));

function nanoOf(value: JsonValue | undefined): string {
  return nanoOfText(String(value));
}

/** As answers write it. */
function windowOf(value: JsonValue | undefined): string | null {
  return typeof value === "string" && value !== "" ? textOfWindow(value) : null;
}
