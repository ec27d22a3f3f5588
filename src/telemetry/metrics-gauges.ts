// Gauges of what the loop knows at the moment: which keys take requests, and how much is under way.
import type { StateView } from "../core/decision.ts";
import type { Operation } from "../core/operations.ts";
import { requestType } from "../core/operations.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { MetricSample } from "./metrics-definitions.ts";

/** One sample for each provider key: 1 where requests may go to it now. */
export function keyUpSamples(snapshot: Snapshot, state: StateView): MetricSample[] {
  const samples: MetricSample[] = [];
  for (const provider of snapshot.providers.values()) {
    for (const key of provider.keys) {
      const known = state.keys.get(key.id);
      const isWell = known === undefined || (known.reason === "" && known.restUntil <= state.now);
      const value = key.enabled && isWell ? 1 : 0;
      samples.push({ metric: "bifrost_provider_key_up", labels: [provider.name, key.id, key.name], value });
    }
  }
  return samples;
}

/** What the request log of a thread gave up since its start: rows, and contents whose rows were kept. */
export function droppedSamples(thread: "loop" | "control", rows: number, contents: number): MetricSample[] {
  return [
    { metric: "bifrost_dropped_records_total", labels: [thread], value: rows },
    { metric: "bifrost_dropped_contents_total", labels: [thread], value: contents },
  ];
}

/** What governance of this loop counts. */
export interface GovernanceFacts {
  readonly reservations: number;
  readonly waiting: number;
  /** ms */
  readonly settlementLag: number;
  readonly refusals: ReadonlyMap<string, number>;
  readonly unpriced: ReadonlyMap<string, number>;
  /** Nano-dollars. */
  readonly beyondBound: ReadonlyMap<string, number>;
}

const NANO = 1e9;
const SECOND = 1000;

const each = (metric: MetricSample["metric"], sums: ReadonlyMap<string, number>, unit = 1): MetricSample[] =>
  [...sums].map(([label, value]) => ({ metric, labels: [label], value: value / unit }));

export function governanceSamples(facts: GovernanceFacts): MetricSample[] {
  return [
    { metric: "bifrost_governance_reservations", labels: [], value: facts.reservations },
    { metric: "bifrost_governance_waiters", labels: [], value: facts.waiting },
    { metric: "bifrost_governance_settlement_lag_seconds", labels: [], value: facts.settlementLag / SECOND },
    ...each("bifrost_governance_refusals_total", facts.refusals),
    ...each("bifrost_budget_unpriced_requests_total", facts.unpriced),
    ...each("bifrost_budget_beyond_bound_usd_total", facts.beyondBound, NANO),
  ];
}

/** Requests under way, counted by the one who begins and settles them. */
export class ActiveRequests {
  readonly #counts = new Map<string, number>();

  add(operation: Operation, stream: boolean, by: 1 | -1): void {
    const type = requestType(operation, stream);
    this.#counts.set(type, (this.#counts.get(type) ?? 0) + by);
  }

  samples(): MetricSample[] {
    return [...this.#counts].map(([type, value]) => ({ metric: "bifrost_active_requests", labels: [type], value }));
  }
}
