// What is limited for whom: one counter of a budget or a rate limit, with the words by which people know it.
import { rateCounterId } from "../core/counter-declarations.ts";
import type { CounterKind } from "../core/counters.ts";
import type { BudgetEntity, OwnedLimits, RateLimitEntity } from "../core/entities.ts";
import { parseDuration } from "../lib/durations.ts";

/** `parallel` never leaves the loop: it counts what is under way here. */
export type SpecKind = CounterKind | "parallel";

/** Whose limit it is, as messages call it. */
export type OwnerKind = "VK" | "Team" | "Customer" | "Provider config" | "Provider" | "Model";

export interface Owner {
  readonly kind: OwnerKind;
  readonly name: string;
  /** Id of the entity that holds the limit: `virtual-key:…`, `team:…`, `provider-limit:openai`. */
  readonly entity: string;
}

/** One limit. Two specs of one id are two versions of one counter. */
export interface CounterSpec {
  readonly id: string;
  readonly kind: SpecKind;
  readonly owner: Owner;
  /** As far as a number can tell it; the keeper of counters knows it exactly. */
  readonly limit: number;
  /** As written: `1h`; null = never reset. */
  readonly reset: string | null;
  /** Never exceeded at all: reserved at the upper bound. */
  readonly hard: boolean;
}

/** Length of its window, ms; Infinity = it does not end. */
export function windowMs({ reset }: CounterSpec): number {
  return reset === null ? Number.POSITIVE_INFINITY : (parseDuration(reset)?.ms ?? Number.POSITIVE_INFINITY);
}

/** All counters of an owner, rate limits first: they are what is refused first. */
export function specsOf(owner: Owner, limits: OwnedLimits): readonly CounterSpec[] {
  const specs = limits.rateLimit === null ? [] : rateSpecs(owner, limits.rateLimit);
  for (const budget of limits.budgets) specs.push(budgetSpec(owner, budget));
  return specs;
}

function rateSpecs(owner: Owner, rate: RateLimitEntity): CounterSpec[] {
  const specs: CounterSpec[] = [];
  const add = (kind: SpecKind, id: string, limit: number | null | undefined, reset: string | null): void => {
    if (limit !== null && limit !== undefined) specs.push({ id, kind, owner, limit, reset, hard: false });
  };
  add("parallel", `${rate.id}:parallel`, rate.maxParallel, null);
  add("requests", rateCounterId(rate.id, "requests"), rate.requestMaxLimit, rate.requestResetDuration);
  add("tokens", rateCounterId(rate.id, "tokens"), rate.tokenMaxLimit, rate.tokenResetDuration);
  return specs;
}

function budgetSpec(owner: Owner, budget: BudgetEntity): CounterSpec {
  return {
    id: budget.id,
    kind: "budget",
    owner,
    limit: Number(budget.maxLimitNano),
    reset: budget.resetDuration,
    hard: budget.hard === true,
  };
}
