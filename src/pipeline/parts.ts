// What the corridor is built of: handed over once by the composition root.
import type { Decision, RequestFeatures, StateView } from "../core/decision.ts";
import type { Exchange } from "../core/exchange.ts";
import type { Upstream } from "../core/http.ts";
import type { KeyTokens } from "../core/key-tokens.ts";
import type { LiveHook } from "../core/live-watch.ts";
import type { Operation } from "../core/operations.ts";
import type { Accounting, Clock } from "../core/ports.ts";
import type { PriceSource } from "../core/price.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { Governor } from "../governance/governor.ts";
import type { RoutingState } from "../routing/state.ts";

export interface PipelineParts {
  readonly identify: (exchange: Exchange, now: number) => void;
  readonly plan: (features: RequestFeatures, snapshot: Snapshot, view: StateView, seed: number) => Decision;
  readonly state: RoutingState;
  readonly upstream: Upstream;
  /** What keys without a value are traded for. */
  readonly tokens: KeyTokens;
  readonly accounting: Accounting;
  /** Budgets and limits. */
  readonly governor: Governor;
  readonly prices: PriceSource;
  readonly clock: Clock;
  readonly seed: () => number;
  /** Who watches requests while they run. */
  readonly live: LiveHook;
  /** Counts the requests under way by operation. */
  readonly active: { add(operation: Operation, stream: boolean, by: 1 | -1): void };
  readonly log: (
    level: "debug" | "info" | "warn" | "error",
    text: string,
    fields?: Record<string, string | number>,
  ) => void;
}
