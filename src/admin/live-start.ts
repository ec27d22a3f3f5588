// Puts the live stream of a control plane together, and tells it of changes of the configuration.
import type { StateView } from "../core/decision.ts";
import { type Entity, entityId } from "../core/entities.ts";
import type { LiveWatch } from "../core/live-watch.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { BudgetSample } from "./counters-metrics.ts";
import { LiveHub } from "./live-hub.ts";
import { budgetSource, healthSource } from "./live-sources.ts";

export interface LiveStart {
  send(message: LiveWatch): void;
  /** Throws while there is none. */
  snapshot(): Snapshot;
  /** What the loop knows of keys. */
  state(): Promise<StateView>;
  budgets(): Promise<readonly BudgetSample[]>;
}

export function createLive({ send, snapshot, state, budgets }: LiveStart): LiveHub {
  const health = healthSource({ snapshot, state, now: Date.now });
  return new LiveHub({ send, sources: [health, budgetSource(budgets)], now: Date.now });
}

/** A change of the configuration is in force. */
export function tellChange(
  live: LiveHub,
  version: number,
  { upserts, removes }: { readonly upserts: readonly Entity[]; readonly removes: readonly string[] },
): void {
  const ids = [...upserts.map(entityId), ...removes];
  live.configChanged(version, [...new Set(ids.map((id) => id.split(":")[0] as string))]);
}
