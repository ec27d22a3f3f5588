// Budgets that reached a threshold, as the API and webhooks show them. GET /api/governance/budget-events: the newest first.
import { formatDollars } from "../config/money.ts";
import type { BudgetCrossing } from "../core/counters.ts";
import { GatewayError } from "../core/errors.ts";
import { jsonAnswer } from "./answers.ts";
import { OwnerNames } from "./counters-names.ts";
import { readListQuery } from "./governance-query.ts";
import type { AdminHouse } from "./house.ts";
import type { Route } from "./router.ts";

/** Dollars, and times as ISO 8601. */
export interface BudgetEvent {
  readonly id: string;
  readonly type: "budget.threshold_reached";
  readonly timestamp: string;
  readonly threshold: number;
  readonly budget_id: string;
  /** Empty: nobody knows any more. */
  readonly owner_type: string;
  readonly owner_id: string;
  readonly owner_name: string;
  readonly provider: string;
  readonly model: string;
  readonly reset_duration: string;
  readonly current_usage: number;
  readonly max_limit: number;
  readonly resets_at: string | null;
}

/** All that are kept. */
const MOST = 1000;

export async function describeCrossing(crossing: BudgetCrossing, names: OwnerNames): Promise<BudgetEvent> {
  // a name that cannot be had now is no reason to be silent
  const owner = await names.of(crossing.owner).catch(() => null);
  const place = owner?.limits.get(crossing.counter);
  return {
    id: `evt_${crossing.at.toString(36)}_${crossing.id}`,
    type: "budget.threshold_reached",
    timestamp: new Date(crossing.at).toISOString(),
    threshold: crossing.threshold,
    budget_id: crossing.counter,
    owner_type: owner?.type ?? "",
    owner_id: owner?.id ?? crossing.owner.slice(crossing.owner.indexOf(":") + 1),
    owner_name: owner?.name ?? "",
    provider: place?.provider ?? "",
    model: place?.model ?? "",
    reset_duration: place?.resetDuration ?? "",
    current_usage: Number(formatDollars(crossing.used)),
    max_limit: Number(formatDollars(crossing.limit)),
    resets_at: crossing.resetsAt === null ? null : new Date(crossing.resetsAt).toISOString(),
  };
}

export function budgetEventsRoute(house: AdminHouse): Route {
  return {
    method: "GET",
    path: "/api/governance/budget-events",
    demands: "read",
    handle: async ({ query }) => {
      const counters = house.counters();
      if (counters === null)
        throw new GatewayError("store_unavailable", "the counters are not open yet; try again in a moment", {
          retryAfter: 1,
        });
      const { limit, offset } = readListQuery(query, { usual: 100, most: MOST, filters: [] });
      const names = new OwnerNames(() => house.book);
      const events: BudgetEvent[] = [];
      for (const crossing of await counters.crossings(limit, offset))
        events.push(await describeCrossing(crossing, names));
      return jsonAnswer({ events, count: events.length, limit, offset });
    },
  };
}
