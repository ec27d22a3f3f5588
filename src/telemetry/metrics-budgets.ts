// The series of budgets and their counters, out of what the control plane knows of them.
import type { MetricSample } from "./metrics-definitions.ts";

/** What is told; labels stand in the order of the definitions. */
export interface BudgetFigures {
  readonly budgets: readonly {
    readonly labels: readonly string[];
    readonly used: number;
    readonly limit: number;
    readonly reserved: number;
    readonly uncertain: number;
  }[];
  readonly crossings: readonly { readonly threshold: string; readonly ownerType: string; readonly count: number }[];
  /** ms */
  readonly lag: number;
  readonly webhooks: number;
}

export function budgetSamples({ budgets, crossings, lag, webhooks }: BudgetFigures): MetricSample[] {
  const samples: MetricSample[] = [
    { metric: "bifrost_counter_store_lag_seconds", labels: [], value: lag / 1000 },
    { metric: "bifrost_budget_webhooks_waiting", labels: [], value: webhooks },
  ];
  for (const { labels, used, limit, reserved, uncertain } of budgets)
    samples.push(
      { metric: "bifrost_budget_used_usd", labels, value: used },
      { metric: "bifrost_budget_limit_usd", labels, value: limit },
      { metric: "bifrost_budget_reserved_usd", labels, value: reserved },
      { metric: "bifrost_budget_uncertain_usd", labels, value: uncertain },
    );
  for (const { threshold, ownerType, count } of crossings)
    samples.push({ metric: "bifrost_budget_threshold_total", labels: [threshold, ownerType], value: count });
  return samples;
}
