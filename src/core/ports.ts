// The ports that rooms use of one another; implemented in the rooms and handed over by the composition roots.
import type { Exchange } from "./exchange.ts";
import type { HeaderBlock, InboundRequest, Reply } from "./http.ts";

/** Management paths go here; the answer comes from another thread. */
export interface ControlPlane {
  handle(request: InboundRequest, reply: Reply, common: HeaderBlock): void;
}

/** The end of every exchange. */
export interface Accounting {
  /** Called exactly once per exchange, whatever came of it. */
  settle(exchange: Exchange): void;
}

/** Wall clock and monotonic clock; tests move them. */
export interface Clock {
  /** Unix ms. */
  now(): number;
  /** Monotonic ms. */
  monotonic(): number;
}
