// The budgets and rate limits of a configuration as people read them.
import { formatDollars } from "../config/money.ts";
import type { BudgetEntity, Entity, RateLimitEntity } from "../core/entities.ts";

/** One limit: whose it is, and how much in which time. */
export interface LimitLine {
  readonly owner: string;
  readonly limit: string;
}

/** The first of the limits, and how many there are besides. */
export interface LimitList {
  readonly lines: readonly LimitLine[];
  readonly more: number;
}

/** A page with more of them helps nobody. */
const MOST_LINES = 100;

/** The limits of the virtual keys and of their providers, in the order of the configuration. */
export function listLimits(entities: readonly Entity[]): LimitList {
  const lines: LimitLine[] = [];
  let more = 0;
  const add = (owner: string, budgets: readonly BudgetEntity[], rateLimit: RateLimitEntity | null): void => {
    for (const limit of [...budgets.map(budgetText), ...rateTexts(rateLimit)])
      if (lines.length < MOST_LINES) lines.push({ owner, limit });
      else more++;
  };
  for (const entity of entities) {
    if (entity.kind !== "virtual-key") continue;
    add(entity.name, entity.budgets, entity.rateLimit);
    for (const one of entity.providers ?? []) add(`${entity.name}, ${one.provider}`, one.budgets, one.rateLimit);
  }
  return { lines, more };
}

function budgetText(budget: BudgetEntity): string {
  return per(`$${formatDollars(BigInt(budget.maxLimitNano))}`, budget.resetDuration);
}

function rateTexts(limit: RateLimitEntity | null): string[] {
  if (limit === null) return [];
  const { requestMaxLimit, requestResetDuration, tokenMaxLimit, tokenResetDuration } = limit;
  return [
    ...(requestMaxLimit === null ? [] : [per(`${requestMaxLimit} requests`, requestResetDuration)]),
    ...(tokenMaxLimit === null ? [] : [per(`${tokenMaxLimit} tokens`, tokenResetDuration)]),
  ];
}

function per(amount: string, duration: string | null): string {
  return duration === null ? amount : `${amount} per ${duration}`;
}
