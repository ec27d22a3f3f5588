// The port of the counters behind budgets and limits: leases are granted, reservations and costs are posted, and nothing is counted twice.
import type { LimitOverride } from "../lib/windows/override.ts";
import type { WindowSpec } from "../lib/windows/spec.ts";
import type { StoreHealth } from "./stores.ts";

/** Amounts: nano-dollars of a budget, tokens, or requests. One amount is a whole number up to this; sums are BigInt. */
export const MAX_AMOUNT: number = Number.MAX_SAFE_INTEGER;

export type CounterKind = "budget" | "tokens" | "requests";

/** What the configuration says of a counter. */
export interface CounterDeclaration {
  readonly id: string;
  /** Entity id of the one whose limit it is; absent = as it was. */
  readonly owner?: string;
  readonly kind: CounterKind;
  /** From 0 to 9 × 10^18. */
  readonly limit: bigint;
  readonly window: WindowSpec;
  /** Never granted beyond what is left. */
  readonly hard: boolean;
  readonly override: LimitOverride | null;
  /** What was used before: taken when the counter is first seen, and never again. */
  readonly start: { readonly used: bigint; readonly lastReset: number | null } | null;
}

/** What a request needs of one counter. */
export interface GrantAsk {
  readonly counter: string;
  /** Entity id of the one whose limit it is (`virtual-key:…`, `team:…`): by it a counter that is not declared yet is found. */
  readonly owner?: string;
  /** What the request reserves; of a request that has a reservation here already, the new whole. */
  readonly estimate: number;
  /**
   * What the loop spends in about a second: a lease is never larger. 0 = for this request alone. With an estimate of 0 it
   * is a lease alone that is asked for, and the request's reservation stays what it is.
   */
  readonly want: number;
  /** The last term of a lease of this counter that the loop has ended; 0 = none. */
  readonly ended: number;
  /** Nothing else is in flight here: it goes ahead while anything is left. */
  readonly alone: boolean;
}

/**
 * One message for all levels of a request: all of them are granted or none. (loop, seq) names it: the same one asked
 * again gets the same answer. Before it asks the loop posts what it has: posts are taken first. Where its own lease stands
 * in the way of a request, it ends that lease and asks for the whole. A grant of a term that the loop has ended meanwhile
 * is void.
 */
export interface GrantRequest {
  readonly loop: string;
  readonly seq: number;
  /** The loop's number of the request. From 1. */
  readonly request: number;
  readonly asks: readonly GrantAsk[];
}

/** Part of an answer, in the order of the asks. */
export interface Grant {
  readonly counter: string;
  /** Names the counter in entries. */
  readonly handle: number;
  /** Names the lease in entries. A term belongs to one window and never comes again. 0 of an exact grant: what it does not cost goes back to the store. */
  readonly term: number;
  /** The window's number. */
  readonly window: number;
  /**
   * `lease`: `amount` was added to the loop's lease, and the request reserves from it. `exact`: the estimate is reserved
   * for the request already, in store and journal; the loop posts no reservation of it, and settles it like any other.
   */
  readonly mode: "lease" | "exact";
  readonly amount: number;
  /**
   * By so much the loop's reservations of this lease may run ahead of the journal; beyond, they wait for an
   * acknowledgement. After a crash no more than this is charged for what the journal does not know.
   */
  readonly ahead: number;
  /** Unix ms at which the window ends and the lease with it; null = it has no such end. */
  readonly endsAt: number | null;
  /** What nobody holds after this grant; below 0 where a request alone goes beyond the limit. */
  readonly left?: number;
}

/** How a counter stands. */
export interface CounterStanding {
  readonly counter: string;
  /** Names it in entries: so a loop that served without a grant can post what it owes. Absent where there is no such counter. */
  readonly handle?: number;
  /**
   * `room`: it would have been granted. `contended`: only what others have reserved stands in the way. `exhausted`: what
   * is used has reached the limit. `unknown`: there is no such counter (it was deleted).
   */
  readonly state: "room" | "contended" | "exhausted" | "unknown";
  readonly used: bigint;
  readonly limit: bigint;
  readonly lastReset: number;
  /** Unix ms; null = never by itself. */
  readonly resetsAt: number | null;
  /** ms after which the request fits if nothing else is used; null = not by waiting. */
  readonly retryAfter: number | null;
}

export type GrantReply =
  | { readonly type: "granted"; readonly grants: readonly Grant[] }
  | { readonly type: "refused"; readonly standings: readonly CounterStanding[] }
  /** Not decided within 250 ms: the key's `on_store_down` decides. */
  | { readonly type: "down"; readonly reason: string };

/** Entries of one loop (core/counter-entries.ts), in the order in which they happened. */
export interface CounterPost {
  readonly loop: string;
  /** Rises with each message of the loop; a number that was taken before is acknowledged and does nothing. */
  readonly seq: number;
  readonly entries: Uint8Array;
}

/** Leases that are over: the loop spends nothing of terms up to `through`, and posts an end entry for the one it had. */
export interface LeaseNotice {
  readonly loop: string;
  readonly leases: readonly { readonly counter: string; readonly handle: number; readonly through: number }[];
}

/** What a loop hears when it comes, or comes again after its control plane was started anew. */
export interface LoopWelcome {
  /** Its posts up to this number were taken. Every lease it had is over. */
  readonly taken: number;
}

export interface CounterReading {
  readonly id: string;
  /** Entity id of the one whose limit it is; empty or absent = nobody said. */
  readonly owner?: string;
  readonly kind: CounterKind;
  /** As configured. */
  readonly maxLimit: bigint;
  /** With credits and override. */
  readonly limit: bigint;
  readonly hard: boolean;
  readonly window: number;
  readonly lastReset: number;
  readonly resetsAt: number | null;
  /** `current_usage`: settled over all nodes in this window. */
  readonly settled: bigint;
  /** In the hands of loops: open reservations. */
  readonly reserved: bigint;
  /** In the hands of loops: not reserved yet. */
  readonly leased: bigint;
  /** Charged after crashes by estimate: counts as used until it is released or the window ends. */
  readonly uncertain: bigint;
  /** Requests to models without a price in this window: what they cost is not in what is settled. */
  readonly unpriced?: number;
  /** Windows of the override that are left; null = for ever, or there is none. */
  readonly overrideCyclesLeft: number | null;
  /** Everything ever settled here, over all windows. */
  readonly settledEver: bigint;
}

/** What the configuration says of an owner from now on. */
export interface OwnerCounters {
  readonly owner: string;
  /** Every one that it has. */
  readonly counters: readonly CounterDeclaration[];
  /** It is switched off: leases are called back whatever became of its limits. */
  readonly isClosed: boolean;
}

/** What is used of a budget has reached this part of its limit, in percent. */
export type Threshold = 50 | 80 | 100;

/** A budget reached a threshold: once in each window, over all nodes. */
export interface BudgetCrossing {
  /** Rises. */
  readonly id: number;
  /** Unix ms. */
  readonly at: number;
  readonly counter: string;
  readonly owner: string;
  readonly threshold: Threshold;
  /** Settled and uncertain. Nano-dollars. */
  readonly used: bigint;
  readonly limit: bigint;
  readonly window: number;
  readonly resetsAt: number | null;
}

/** A posting by hand, made once per key. */
export interface CounterPosting {
  readonly counter: string;
  /** Of the one who posts: a second one with the same key does nothing. */
  readonly key: string;
  /** `credit` raises what a prepaid budget allows; `adjustment` changes what was used in the open window, up or down. */
  readonly type: "credit" | "adjustment";
  readonly amount: bigint;
  readonly note: string;
}

/** A posting that cannot be made, or a counter that is not there: the message is for the one who asked. */
export class CounterRefusedError extends Error {
  readonly code: "unknown-counter" | "not-prepaid" | "key-used" | "out-of-range";
  constructor(code: CounterRefusedError["code"], message: string) {
    super(message);
    this.name = "CounterRefusedError";
    this.code = code;
  }
}

/** A node's way to the counters of its installation; lives in the control plane, and never sees a request. */
export interface CounterStore {
  /** Makes counters and changes them. Where a limit falls or a window changes, leases are called back before this resolves. */
  declare(counters: readonly CounterDeclaration[]): Promise<void>;
  /**
   * Owners were changed or deleted (no counters): their counters that were declared once are as told here when this
   * resolves, those that they have no more are removed; none is made. Leases are called back first where need be.
   */
  change(owners: readonly OwnerCounters[]): Promise<void>;
  /** Forgets counters. What is still in flight on them settles into nothing. */
  remove(ids: readonly string[]): Promise<void>;
  /** Before a loop's first message, and again when the control plane was started anew under it. */
  attach(loop: string): Promise<LoopWelcome>;
  grant(request: GrantRequest): Promise<GrantReply>;
  /** Resolves when the entries are durable; until then the loop keeps them. Throws RangeError for entries that are none. */
  post(post: CounterPost): Promise<void>;
  /**
   * Once a second: the loop's leases hold for `leaseMs` from the moment at which it asked. False = they had been taken
   * back meanwhile (the process stood still) and are over; notices say so too, and come first. Rejects with
   * CountersUnavailableError when the store cannot tell; the leases then end by themselves.
   */
  renew(loop: string): Promise<boolean>;
  onLeases(listener: (notice: LeaseNotice) => void): () => void;
  /** Resolves when nobody holds a lease that was granted before. What is reserved stays so. */
  recall(ids: readonly string[]): Promise<void>;
  /** A new window by hand. Resolves when no lease of the old one is held. */
  reset(id: string): Promise<void>;
  /** Whether it was made now: false = it had been made before. Throws CounterRefusedError. */
  postByHand(posting: CounterPosting): Promise<boolean>;
  /** Takes back what was charged by estimate after crashes; returns how much. */
  releaseUncertain(id: string): Promise<bigint>;
  /** Requests to models without a price, by budget; durable when it resolves. What is not there is not counted. */
  countUnpriced?(counts: readonly (readonly [counter: string, count: number])[]): Promise<void>;
  /** In the order of the ids; null = there is no such counter. */
  read(ids: readonly string[]): Promise<readonly (CounterReading | null)[]>;
  /** Every counter, page by page; not one state of all of them. */
  each(visit: (reading: CounterReading) => void): Promise<void>;
  /** What this node has found; durable before it is told. */
  onCrossed(listener: (crossings: readonly BudgetCrossing[]) => void): () => void;
  /** The newest ones of all nodes; no more than a thousand are kept. */
  crossings(limit: number, offset: number): Promise<readonly BudgetCrossing[]>;
  /** The age of the oldest entry that does not stand in the counters yet. ms; 0 = there is none. */
  readonly lag: number;
  /** How long a lease holds after it was granted or renewed. ms, monotonic. */
  readonly leaseMs: number;
  readonly health: StoreHealth;
  /** Settles what was posted and gives every lease back. Loops spend nothing any more when this is called. */
  close(): Promise<void>;
}

/** The counters cannot be reached or written now. */
export class CountersUnavailableError extends Error {
  readonly reason: string;
  constructor(reason: string) {
    super(`the counters are not available: ${reason}`);
    this.name = "CountersUnavailableError";
    this.reason = reason;
  }
}
