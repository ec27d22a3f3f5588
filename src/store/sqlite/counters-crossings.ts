// Rows of budgets that reached a threshold: written with the sums that did it, the newest thousand kept.
import type { BudgetCrossing, Threshold } from "../../core/counters.ts";
import type { CounterStatements } from "./counters-statements.ts";

const KEPT = 1000;

/** Within the transaction of the sums. */
export function keepCrossing(statements: CounterStatements, crossing: Omit<BudgetCrossing, "id">): BudgetCrossing {
  const { at, counter, owner, threshold, used, limit, window, resetsAt } = crossing;
  const added = statements.addCrossing.run(at, counter, owner, threshold, used, limit, window, resetsAt);
  const id = Number(added.lastInsertRowid);
  statements.forgetCrossings.run(id - KEPT);
  return { ...crossing, id };
}

type Row = readonly [
  id: bigint,
  at: bigint,
  counter: string,
  owner: string,
  threshold: bigint,
  used: bigint,
  limit: bigint,
  window: bigint,
  resetsAt: bigint | null,
];

/** Newest first. */
export function readCrossings(statements: CounterStatements, limit: number, offset: number): BudgetCrossing[] {
  const rows = statements.crossings.all(Math.min(limit, KEPT), offset) as unknown as Row[];
  return rows.map(([id, at, counter, owner, threshold, used, max, window, resetsAt]) => ({
    id: Number(id),
    at: Number(at),
    counter,
    owner,
    threshold: Number(threshold) as Threshold,
    used,
    limit: max,
    window: Number(window),
    resetsAt: resetsAt === null ? null : Number(resetsAt),
  }));
}
