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
