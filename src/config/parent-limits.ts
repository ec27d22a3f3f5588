// Finds limits that stand above a limit of their owner's own owner: the lower one is reached first.
import type { OwnedLimits, RateLimitEntity } from "../core/entities.ts";
import { parseDuration } from "./durations.ts";
import { formatDollars } from "./money.ts";

/** One limit as it is compared. */
interface Limit {
  readonly kind: "budget" | "token limit" | "request limit";
  readonly amount: bigint;
  /** null = never reset. */
  readonly window: string | null;
}

/** Says of each limit of the child that is above one of the parent's for a window that is no shorter. `parent`: for people. */
export function limitsAbove(child: OwnedLimits, parent: OwnedLimits, name: string): string[] {
  if (isWithout(child) || isWithout(parent)) return [];
  const parents = limitsOf(parent);
  return limitsOf(child).flatMap((limit) => {
    const lower = parents.find(
      (other) => other.kind === limit.kind && other.amount < limit.amount && isNoShorter(other.window, limit.window),
    );
    return lower === undefined
      ? []
      : [`the ${textOf(limit)} is above the ${textOf(lower)} of ${name}, which is reached first`];
  });
}

/** Whether the first allow less than the second in some window. */
export function isTightened(after: OwnedLimits, before: OwnedLimits): boolean {
  if (isWithout(after)) return false;
  const known = limitsOf(before);
  return limitsOf(after).some(
    (limit) =>
      !known.some(
        (other) => other.kind === limit.kind && other.amount <= limit.amount && isNoShorter(other.window, limit.window),
      ),
  );
}

function isWithout({ budgets, rateLimit }: OwnedLimits): boolean {
  return budgets.length === 0 && rateLimit === null;
}

function limitsOf({ budgets, rateLimit }: OwnedLimits): Limit[] {
  const limits: Limit[] = budgets.map((budget) => ({
    kind: "budget",
    amount: BigInt(budget.maxLimitNano) + BigInt(budget.override?.amountNano ?? 0),
    window: budget.resetDuration,
  }));
  return rateLimit === null ? limits : [...limits, ...rateLimits(rateLimit)];
}

function rateLimits(limit: RateLimitEntity): Limit[] {
  const { tokenMaxLimit, tokenResetDuration, requestMaxLimit, requestResetDuration } = limit;
  const found: Limit[] = [];
  if (tokenMaxLimit !== null)
    found.push({ kind: "token limit", amount: BigInt(tokenMaxLimit), window: tokenResetDuration });
  if (requestMaxLimit !== null)
    found.push({ kind: "request limit", amount: BigInt(requestMaxLimit), window: requestResetDuration });
  return found;
}

function isNoShorter(window: string | null, than: string | null): boolean {
  return window === than || lengthOf(window) >= lengthOf(than);
}

function lengthOf(window: string | null): number {
  return window === null ? Number.POSITIVE_INFINITY : (parseDuration(window)?.ms ?? 0);
}

function textOf({ kind, amount, window }: Limit): string {
  const size = kind === "budget" ? `${formatDollars(amount)} dollars` : String(amount);
  return `${kind} (${size}${window === null ? "" : ` per ${window}`})`;
}
