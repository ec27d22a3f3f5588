// What a request brings to admission: its targets in their order, and what each of them would reserve.
import type { OnStoreDown } from "../core/entities.ts";
import type { TargetLevels } from "./levels.ts";

/** Why a target was passed over before anything was reserved. */
export interface PassedOver {
  readonly reason: "max-cost" | "unpriced" | "no-bound";
  /** One sentence for the caller: what and what to do. */
  readonly text: string;
  /** The field of the request that would help. */
  readonly param?: string;
}

/** What one planned target would reserve. Amounts are whole: nano-dollars, tokens. */
export interface TargetAsk {
  readonly levels: TargetLevels;
  /** Estimated cost; 0 for models without a price. */
  readonly cost: number;
  /** The most that it can cost, for budgets that are never exceeded; only read where there is one. */
  readonly bound: number;
  /** Estimated tokens, input and output. */
  readonly tokens: number;
  readonly unpriced: boolean;
  readonly passed: PassedOver | null;
}

/** A list, or what makes its elements when they are asked for: most requests are served by their first target. */
export interface TargetList {
  readonly length: number;
  at(index: number): TargetAsk | undefined;
}

/** One request at admission. */
export interface AdmissionAsk {
  /** The gateway's own number of the request, unique on this loop. From 1. */
  readonly request: number;
  /** In the order of the plan. */
  readonly targets: TargetList;
  /** Held while it waits. */
  readonly bodyBytes: number;
  readonly onStoreDown: OnStoreDown;
}
