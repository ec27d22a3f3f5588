// How budgets stand, for a scraper: read page by page when it asks, of those that are in use here.
import type { CounterReading, CounterStore } from "../core/counters.ts";
import type { OwnerFacts, OwnerNames } from "./counters-names.ts";

export interface BudgetMetricsParts {
  readonly names: OwnerNames;
  counters(): CounterStore | null;
  /** Ids of their counters. */
  inUse(most: number): readonly string[];
}

/** What a series of a budget carries, in the order of the labels in telemetry/metrics-definitions. */
export interface BudgetSample {
  readonly labels: readonly string[];
  /** US dollars. */
  readonly used: number;
  readonly limit: number;
  readonly uncertain: number;
  readonly reserved: number;
}

/** Budgets that were asked for last: so many are told. */
const MOST = 1000;
/** Counters of one look at the store: it takes a few ms. */
const PAGE = 50;
/** Owners that are looked up in one turn of the thread. */
const NAMES = 10;
/** A scraper gets what was read before when the store takes longer, ms. */
const PATIENCE = 1000;
/** Reads within this time are one, ms. */
const FRESH = 500;

export class BudgetMetrics {
  readonly #parts: BudgetMetricsParts;
  #samples: readonly BudgetSample[] = [];
  #reading: Promise<void> | null = null;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(parts: BudgetMetricsParts) {
    this.#parts = parts;
  }

  get samples(): readonly BudgetSample[] {
    return this.#samples;
  }

  /** Resolves when the samples are of now, or when it took too long. */
  async refresh(): Promise<void> {
    if (performance.now() - this.#readAt < FRESH) return;
    // a store that is down keeps its last figures
    this.#reading ??= this.#read()
      .catch(() => {})
      .finally(() => (this.#reading = null));
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, PATIENCE);
    await Promise.race([this.#reading, promise]);
    clearTimeout(timer);
  }

  async #read(): Promise<void> {
    const { counters, inUse, names } = this.#parts;
    const store = counters();
    if (store === null) return;
    const used = inUse(MOST);
    const samples: BudgetSample[] = [];
    for (let at = 0; at < used.length; at += PAGE) {
      for (const [index, reading] of (await store.read(used.slice(at, at + PAGE))).entries()) {
        if (index % NAMES === 0) await new Promise((resolve) => setImmediate(resolve));
        const owner = reading === null ? null : await names.of(reading.owner ?? "");
        if (reading !== null && owner !== null) samples.push(sampleOf(reading, owner));
      }
    }
    this.#samples = samples;
    this.#readAt = performance.now();
  }
}

function sampleOf(reading: CounterReading, owner: OwnerFacts): BudgetSample {
  return {
    labels: labelsOf(reading.id, owner),
    used: dollars(reading.settled),
    limit: dollars(reading.limit),
    uncertain: dollars(reading.uncertain),
    reserved: dollars(reading.reserved),
  };
}

/** What does not apply is empty, which to a scraper is no label at all. */
function labelsOf(budget: string, owner: OwnerFacts): readonly string[] {
  const of = (type: OwnerFacts["type"]): readonly [string, string] =>
    owner.type === type ? [owner.id, owner.name] : ["", ""];
  const { provider = "", model = "", resetDuration = "" } = owner.limits.get(budget) ?? {};
  return [
    ...of("virtual_key"),
    provider,
    model,
    ...of("team"),
    ...of("customer"),
    owner.type === "model_config" ? owner.id : "",
    budget,
    resetDuration,
  ];
}

function dollars(nano: bigint): number {
  return Number(nano) / 1e9;
}
