// Tells of budgets that reached 50, 80 or 100 % of their limit: in the log, in a metric and to a webhook.
import type { BudgetCrossing } from "../core/counters.ts";
import { type BudgetEvent, describeCrossing } from "./counters-events.ts";
import type { OwnerNames } from "./counters-names.ts";
import type { WebhookQueue } from "./webhook-queue.ts";

export interface BudgetAlertsParts {
  readonly names: OwnerNames;
  readonly webhooks: WebhookQueue;
  log(level: "info" | "warn", text: string, fields: Readonly<Record<string, string | number>>): void;
}

/** How often it happened. */
export interface CrossingCount {
  readonly threshold: string;
  readonly ownerType: string;
  count: number;
}

export class BudgetAlerts {
  readonly counts: CrossingCount[] = [];
  readonly #parts: BudgetAlertsParts;

  constructor(parts: BudgetAlertsParts) {
    this.#parts = parts;
  }

  /** They are durable already, and told here once. */
  async tell(crossings: readonly BudgetCrossing[]): Promise<void> {
    const { names, webhooks } = this.#parts;
    for (const crossing of crossings) {
      const event = await describeCrossing(crossing, names);
      this.#count(event);
      this.#write(event);
      const { id, type, timestamp, ...data } = event;
      webhooks.add({ id, body: JSON.stringify({ type, timestamp, data: { id, ...data } }) });
    }
  }

  #count({ threshold, owner_type }: BudgetEvent): void {
    const known = this.counts.find((one) => one.threshold === String(threshold) && one.ownerType === owner_type);
    if (known === undefined) this.counts.push({ threshold: String(threshold), ownerType: owner_type, count: 1 });
    else known.count++;
  }

  #write(event: BudgetEvent): void {
    const { threshold, owner_type, owner_name, provider, model } = event;
    this.#parts.log(threshold === 100 ? "warn" : "info", `a budget reached ${threshold} % of its limit`, {
      budget: event.budget_id,
      threshold,
      [owner_type === "" ? "owner" : owner_type]: owner_name === "" ? event.owner_id : owner_name,
      ...(provider === "" ? {} : { provider }),
      ...(model === "" ? {} : { model }),
      used_usd: event.current_usage,
      limit_usd: event.max_limit,
    });
  }
}
