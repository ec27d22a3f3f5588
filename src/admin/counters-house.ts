// Everything that a control plane does with counters, put together: their store, the loop's messages, alerts, and figures for scrapers.
import type { ConfigBook } from "../core/config-book.ts";
import type { CounterStore } from "../core/counters.ts";
import type { Upstream } from "../core/http.ts";
import type { LoopToCounters } from "../core/leases.ts";
import { BudgetAlerts, type CrossingCount } from "./counters-alerts.ts";
import { CountersKeeper, type CountersKeeperParts } from "./counters-keeper.ts";
import { BudgetMetrics, type BudgetSample } from "./counters-metrics.ts";
import { OwnerNames } from "./counters-names.ts";
import type { OwnerChange } from "./counters-owners.ts";
import type { WebhookTarget } from "./webhook-post.ts";
import { WebhookQueue } from "./webhook-queue.ts";

export interface CountersHouseParts extends Omit<CountersKeeperParts, "limitsOf" | "opened"> {
  /** Throws while there is none. */
  book(): ConfigBook;
  /** Where alerts go; null = nowhere. */
  alerts(): WebhookTarget | null;
  readonly upstream: Upstream;
  log(
    level: "debug" | "info" | "warn" | "error",
    text: string,
    fields?: Readonly<Record<string, string | number>>,
  ): void;
  now(): number;
}

/** What is told of budgets and their counters at this moment. */
export interface CountersFigures {
  readonly budgets: readonly BudgetSample[];
  readonly crossings: readonly CrossingCount[];
  /** ms */
  readonly lag: number;
  /** Webhooks that are not delivered yet. */
  readonly webhooks: number;
}

export class CountersHouse {
  readonly #keeper: CountersKeeper;
  readonly #names: OwnerNames;
  readonly #webhooks: WebhookQueue;
  readonly #alerts: BudgetAlerts;
  readonly #metrics: BudgetMetrics;

  constructor(parts: CountersHouseParts) {
    const { book, alerts, upstream, log, now } = parts;
    this.#names = new OwnerNames(book);
    this.#webhooks = new WebhookQueue({ upstream, target: alerts, log, now });
    this.#alerts = new BudgetAlerts({ names: this.#names, webhooks: this.#webhooks, log });
    this.#keeper = new CountersKeeper({
      ...parts,
      limitsOf: async (entityId) => book().limitsOf(entityId),
      opened: (store) => void store.onCrossed((crossings) => void this.#alerts.tell(crossings)),
    });
    this.#metrics = new BudgetMetrics({
      names: this.#names,
      counters: () => this.#keeper.store,
      inUse: (most) => this.#keeper.budgetsInUse(most),
    });
  }

  /** Null while it could not be opened. */
  get store(): CounterStore | null {
    return this.#keeper.store;
  }

  begin(path: string): void {
    this.#keeper.begin(path);
  }

  receive(message: LoopToCounters): void {
    this.#keeper.receive(message);
  }

  /** Resolves when the counters follow what became of these owners. */
  changed(change: OwnerChange): Promise<void> {
    this.#names.forget();
    return this.#keeper.changed(change);
  }

  /** Budgets as they are now, or as they were when the store does not answer. */
  async figures(): Promise<CountersFigures> {
    await this.#metrics.refresh();
    return this.latest;
  }

  /** Budgets as they were at the last `figures`. */
  get latest(): CountersFigures {
    return {
      budgets: this.#metrics.samples,
      crossings: this.#alerts.counts,
      lag: this.#keeper.store?.lag ?? 0,
      webhooks: this.#webhooks.size,
    };
  }

  /** See CountersKeeper. */
  async stop(): Promise<void> {
    await this.#keeper.stop();
    this.#webhooks.stop();
  }

  /** See CountersKeeper. */
  async leave(): Promise<void> {
    await this.#keeper.leave();
    this.#webhooks.stop();
  }
}
