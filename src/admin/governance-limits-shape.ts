// Budgets and rate limits as the management API shows them: members of 1.4 and 2.x side by side, with what is used now.
import { parseDuration } from "../config/durations.ts";
import { formatDollars } from "../config/money.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { rateCounterId } from "../core/counter-declarations.ts";
import type { CounterReading } from "../core/counters.ts";
import { unusedBudget, unusedRate } from "./governance-limits-unused.ts";
import { type LimitPlace, objectsOf } from "./governance-places.ts";
import type { Usage } from "./governance-usage.ts";
import { isObject, own } from "./restore-shown.ts";

/** `budgets`, `budget` as the first of them, and the rate limit. */
export function showLimits(place: LimitPlace, usage: Usage): JsonObject {
  const budgets = showBudgets(place, usage);
  const rateLimit = showRateLimit(place, usage);
  return {
    budgets,
    budget: budgets[0] ?? null,
    rate_limit_id: rateLimit === null ? null : rateLimit["id"]!,
    rate_limit: rateLimit,
  };
}

export function showBudgets(place: LimitPlace, usage: Usage): JsonObject[] {
  return objectsOf(own(place.body, "budgets")).map((budget) =>
    showBudget(budget, place, usage.of(String(own(budget, "id") ?? ""))),
  );
}

function showBudget(budget: JsonObject, { body, owner, model }: LimitPlace, reading?: CounterReading): JsonObject {
  const limit = Number(own(budget, "max_limit") ?? 0);
  const amount = Number(own(budget, "override_amount") ?? 0);
  const begun = unusedBudget(budget, body, Date.now());
  return {
    id: own(budget, "id") ?? "",
    max_limit: limit,
    reset_duration: windowText(own(budget, "reset_duration")) ?? "",
    ...(reading === undefined
      ? {
          current_usage: begun.used,
          reserved: 0,
          uncertain: 0,
          unpriced_requests: 0,
          effective_max_limit: limit + amount,
          last_reset: timeText(begun.lastReset ?? (owner.createdAt || null)),
          resets_at: timeText(begun.resetsAt),
        }
      : showReading(reading)),
    calendar_aligned: own(budget, "calendar_aligned") ?? own(body, "calendar_aligned") ?? false,
    ...kept(budget, ["hard", "reset_config"]),
    ...(amount === 0 ? {} : showOverride(budget, reading)),
    [owner.member]: owner.id,
    ...(model === undefined ? {} : { model_name: model }),
  };
}

/** What a budget's counter tells, in dollars. */
export function showReading(reading: CounterReading): JsonObject {
  return {
    current_usage: dollars(reading.settled),
    reserved: dollars(reading.reserved),
    uncertain: dollars(reading.uncertain),
    unpriced_requests: reading.unpriced ?? 0,
    effective_max_limit: dollars(reading.limit),
    last_reset: timeText(reading.lastReset),
    resets_at: timeText(reading.resetsAt),
  };
}

function showOverride(budget: JsonObject, reading: CounterReading | undefined): JsonObject {
  const mode = own(budget, "override_mode") ?? "cycles";
  const left = mode === "forever" ? null : (reading?.overrideCyclesLeft ?? own(budget, "override_cycles_remaining"));
  return {
    override_amount: budget["override_amount"]!,
    override_mode: mode,
    ...(left === null || left === undefined ? {} : { override_cycles_remaining: left }),
    ...kept(budget, ["override_cycles_total", "override_anchor_reset"]),
  };
}

export function showRateLimit({ body, owner, model }: LimitPlace, usage: Usage): JsonObject | null {
  const limit = own(body, "rate_limit");
  if (!isObject(limit)) return null;
  const id = String(own(limit, "id") ?? "");
  const part = (kind: "token" | "request"): JsonObject => {
    const reading = usage.of(rateCounterId(id, `${kind}s`));
    const begun = unusedRate(limit, body, kind, Date.now());
    return {
      [`${kind}_max_limit`]: own(limit, `${kind}_max_limit`) ?? null,
      [`${kind}_reset_duration`]: windowText(own(limit, `${kind}_reset_duration`)) ?? null,
      [`${kind}_current_usage`]: reading === undefined ? begun.used : used(reading),
      [`${kind}_reserved`]: Number(reading?.reserved ?? 0n),
      [`${kind}_last_reset`]:
        reading === undefined ? timeText(begun.lastReset ?? (owner.createdAt || null)) : timeText(reading.lastReset),
    };
  };
  return {
    id,
    ...part("token"),
    ...part("request"),
    max_parallel: own(limit, "max_parallel") ?? null,
    ...kept(limit, ["calendar_aligned"]),
    [owner.member]: owner.id,
    ...(model === undefined ? {} : { model_name: model }),
  };
}

/** Tokens and requests that were charged after a crash count as used; nobody releases them one by one. */
function used({ settled, uncertain }: CounterReading): number {
  return Number(settled + uncertain);
}

/** As a number of JSON: the nearest one that there is. */
export function dollars(nano: bigint): number {
  return Number(formatDollars(nano));
}

/** One spelling for each length: `1mo` is `1M`. */
export function windowText(value: JsonValue | undefined): JsonValue | undefined {
  return typeof value === "string" ? (parseDuration(value)?.text ?? value) : value;
}

function timeText(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

function kept(body: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.flatMap((name) => (own(body, name) === undefined ? [] : [[name, body[name]!]])));
}
