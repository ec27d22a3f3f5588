// What loop and control plane say to each other of running requests, while somebody watches them.
import type { Exchange, Outcome } from "./exchange.ts";
import type { LiveRequest } from "./live.ts";

/**
 * Which requests a viewer wants; every member that is given must hold, of its values one. Providers and models match any try,
 * and what is planned before there is one; a status matches once the request is over.
 */
export interface LiveFilter {
  readonly status?: readonly Outcome[];
  /** Ids or names. */
  readonly virtualKeys?: readonly string[];
  readonly providers?: readonly string[];
  /** As asked for, or as tried. */
  readonly models?: readonly string[];
  readonly users?: readonly string[];
  readonly apps?: readonly string[];
}

/** One filter that somebody watches through. */
export interface LiveLens {
  readonly id: number;
  readonly filter: LiveFilter;
}

export type LiveRequestType = "request.started" | "request.attempt" | "request.first_token" | "request.finished";

/** A request as it stands now, with the last that happened to it. */
export interface LiveNews {
  readonly type: LiveRequestType;
  readonly request: LiveRequest;
  /** The lenses that show it. */
  readonly lenses: readonly number[];
}

/** Finished requests that a lens did not show one by one, for they were too many. */
export interface LiveSum {
  readonly lens: number;
  /** Unix ms. */
  readonly from: number;
  readonly to: number;
  readonly success: number;
  readonly error: number;
  readonly cancelled: number;
  readonly byProvider: Readonly<Record<string, { readonly requests: number; readonly error: number }>>;
}

/** From the loop, at most each 20 ms; answered with `live-taken`. */
export interface LiveMessage {
  readonly type: "live";
  readonly news: readonly LiveNews[];
  readonly sums: readonly LiveSum[];
  /** Events that had no room since the last message. */
  readonly lost: number;
}

/** To the loop. An empty list: nobody watches. */
export type LiveWatch =
  | { readonly type: "live-watch"; readonly lenses: readonly LiveLens[] }
  | { readonly type: "live-taken" };

/** What the corridor tells of a request while somebody watches. */
export interface LiveTap {
  /** It has a plan and goes on its way. */
  started(exchange: Exchange): void;
  /** A try begins or has ended. */
  attempted(exchange: Exchange): void;
  firstToken(exchange: Exchange): void;
  /** It is settled. Its body and headers are not read. */
  finished(exchange: Exchange): void;
}

/** Where the corridor looks for somebody who watches; null: nobody does, and nothing is told. */
export interface LiveHook {
  readonly tap: LiveTap | null;
}
