// Counts what administrators should know of governance on this loop: refusals, models without a price, costs beyond a bound.
import type { ErrorCode } from "../core/errors.ts";

/** Budgets that are told one by one; further ones are summed up under an empty id. */
const MOST_BUDGETS = 500;

export class GovernanceTally {
  /** By error code. */
  readonly refusals = new Map<ErrorCode, number>();
  /** Requests to models without a price, by the budget that cannot see what they cost. */
  readonly unpriced = new Map<string, number>();
  /** Nano-dollars beyond what was reserved, by budget that is hard. */
  readonly beyondBound = new Map<string, number>();

  refused(code: ErrorCode): void {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }

  unpricedUnder(budget: string): void {
    add(this.unpriced, budget, 1);
  }

  beyond(budget: string, amount: number): void {
    add(this.beyondBound, budget, amount);
  }
}

function add(sums: Map<string, number>, id: string, amount: number): void {
  const name = sums.has(id) || sums.size < MOST_BUDGETS ? id : "";
  sums.set(name, (sums.get(name) ?? 0) + amount);
}
