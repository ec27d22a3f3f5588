// The counters of an owner's limits: what budgets and rate limits of the configuration mean for the store of counters.
import type { LimitOverride } from "../lib/windows/override.ts";
import { type WindowWords, windowSpec } from "../lib/windows/spec.ts";
import type { CounterDeclaration, CounterKind } from "./counters.ts";
import type { BudgetEntity, BudgetOverride, RateLimitEntity, StartingUsage } from "./entities.ts";

/** Ids of the counters of a rate limit; a budget's counter has the budget's id. */
export function rateCounterId(rateLimitId: string, kind: "tokens" | "requests"): string {
  return `${rateLimitId}:${kind}`;
}

/** In the order of the limits. `owner`: entity id of the one who has them. Durations were checked when the configuration was read; one that is none declares nothing. */
export function declarationsOf(
  limits: { readonly budgets: readonly BudgetEntity[]; readonly rateLimit: RateLimitEntity | null },
  owner?: string,
): CounterDeclaration[] {
  const declared = limits.budgets.map(budgetCounter);
  const rate = limits.rateLimit;
  if (rate !== null) declared.push(rateCounter(rate, "tokens"), rateCounter(rate, "requests"));
  const known = declared.filter((counter) => counter !== null);
  return owner === undefined ? known : known.map((counter) => ({ ...counter, owner }));
}

function budgetCounter(budget: BudgetEntity): CounterDeclaration | null {
  const words: WindowWords = {
    duration: budget.resetDuration,
    calendarAligned: budget.calendarAligned === true,
    ...(budget.quarterStartMonth === undefined ? {} : { quarterStartMonth: budget.quarterStartMonth }),
  };
  return declaration(words, {
    id: budget.id,
    kind: "budget",
    limit: BigInt(budget.maxLimitNano),
    hard: budget.hard === true,
    override: budget.override === undefined ? null : overrideOf(budget.override),
    start: startOf(budget.start),
  });
}

function rateCounter(rate: RateLimitEntity, kind: "tokens" | "requests"): CounterDeclaration | null {
  const isTokens = kind === "tokens";
  const limit = isTokens ? rate.tokenMaxLimit : rate.requestMaxLimit;
  if (limit === null) return null;
  const duration = isTokens ? rate.tokenResetDuration : rate.requestResetDuration;
  return declaration(
    { duration, calendarAligned: rate.calendarAligned === true, isRateLimit: true },
    {
      id: rateCounterId(rate.id, kind),
      kind: kind satisfies CounterKind,
      limit: BigInt(Math.trunc(limit)),
      hard: false,
      override: null,
      start: startOf(isTokens ? rate.tokenStart : rate.requestStart),
    },
  );
}

function declaration(words: WindowWords, rest: Omit<CounterDeclaration, "window">): CounterDeclaration | null {
  const window = windowSpec(words);
  return window === null ? null : { ...rest, window };
}

/** Counted from an anchor all windows count, else those that are left. */
function overrideOf({ amountNano, cyclesRemaining, cyclesTotal, anchorReset }: BudgetOverride): LimitOverride {
  const cycles = anchorReset === null ? cyclesRemaining : (cyclesTotal ?? cyclesRemaining);
  return { amount: BigInt(amountNano), cycles, anchorReset };
}

function startOf(start: StartingUsage | undefined): CounterDeclaration["start"] {
  return start === undefined ? null : { used: BigInt(start.used), lastReset: start.lastReset };
}
