// What the loop and the keeper of counters tell each other about money and limits: leases, what was spent of them, and recalls.

/** Amounts are whole numbers: nano-dollars of a budget, tokens, requests. */
export type CounterKind = "budget" | "tokens" | "requests";

/** What a loop would like to have of one counter. */
export interface LeaseWant {
  readonly counter: string;
  /** The window that the loop knows; -1 = none. */
  readonly window: number;
  /** What waiting requests lack. As much of it as there is is granted, unless `whole` is set. */
  readonly need: number;
  /** What it would like in all, `need` included; beyond `need` it is granted only away from the limit. */
  readonly want: number;
  /** What requests under way have reserved: after a reset this is carried over, and `need` includes it. */
  readonly open: number;
  /** Grant the whole need or nothing: part of it would help nobody (hard budgets). */
  readonly whole: boolean;
}

/** Leases of several counters at once. It is sent again with the same sequence until it is answered, and granted once. */
export interface LeaseAsk {
  readonly type: "lease-ask";
  readonly loop: string;
  readonly sequence: number;
  readonly wants: readonly LeaseWant[];
}

/** The answer for one counter. */
export interface LeaseGrant {
  readonly counter: string;
  /** The counter is not there (any more): it limits nothing, what settles on it is swallowed. */
  readonly gone?: true;
  /** Numbers of windows only rise; a lease of a closed window is not spent. */
  readonly window: number;
  /** Added to what the loop has; less than `need` when there is no more. */
  readonly amount: number;
  /** Near the limit: ask for each request, give back what is left of it. */
  readonly exact: boolean;
  /** Limit minus settled use, when every ledger line sent before the ask is counted; at most MAX_SAFE_INTEGER. */
  readonly left: number;
  /** Leased to other loops or carried over for them. */
  readonly elsewhere: number;
  /** For people: the limit in force (overrides included) and settled use. */
  readonly limit: bigint;
  readonly used: bigint;
  /** Unix ms at which this window ends; null = never, or it slides. */
  readonly closesAt: number | null;
  /** Unix ms at which a sliding window that is used up will have room for one; null = it does not slide, or has room. */
  readonly nextAt: number | null;
}

export interface LeaseGrants {
  readonly type: "lease-grants";
  /** Of the ask. */
  readonly sequence: number;
  /** ms for which all leases of this loop may be spent, from the moment at which the ask was sent; renewed each second. */
  readonly holdsFor: number;
  readonly grants: readonly LeaseGrant[];
}

/** Sent each second: the loop lives. */
export interface LeaseRenew {
  readonly type: "lease-renew";
  readonly loop: string;
  readonly sequence: number;
}

/** `holdsFor`: ms from the moment at which the renewal was sent. */
export interface LeaseRenewed {
  readonly type: "lease-renewed";
  readonly sequence: number;
  readonly holdsFor: number;
}

export interface LeaseReturnEntry {
  readonly counter: string;
  /** A return to a closed window is dropped. */
  readonly window: number;
  readonly amount: number;
}

/** What the loop does not need. Every ledger line written before stands in a message sent before. */
export interface LeaseReturn {
  readonly type: "lease-return";
  readonly loop: string;
  readonly sequence: number;
  /** Sequence of the recall that it answers; null = of its own accord. */
  readonly recall: number | null;
  readonly returns: readonly LeaseReturnEntry[];
}

/** Limits were lowered or raised, owners switched off or deleted, a window reset: free parts come back, waiters are judged anew. */
export interface LeaseRecall {
  readonly type: "lease-recall";
  readonly sequence: number;
  readonly counters: readonly { readonly counter: string; readonly gone: boolean }[];
}

/**
 * Lines of the journal. Of `lines` each is [LEDGER op, request, attempt, count, then count times (slot, window, amount)].
 * Taken when it is in the journal's buffer; sent again with the same sequence after a restart of the other side.
 */
export interface LedgerMessage {
  readonly type: "lease-ledger";
  readonly loop: string;
  readonly sequence: number;
  readonly lines: Float64Array;
  /** Counters that these lines may name, besides those of messages before: [slot, counter id]. */
  readonly names: readonly (readonly [number, string])[];
}

export interface LedgerTaken {
  readonly type: "ledger-taken";
  /** This and all before it. */
  readonly sequence: number;
}

/** What a line says. */
export const LEDGER = {
  /** The request reserved these amounts. */
  open: 1,
  /** An attempt cost these amounts; what it had reserved shrinks by them. */
  charge: 2,
  /** The last charge: what is still reserved is free. */
  finish: 3,
  /** What the request has reserved is now this, and nothing else. */
  move: 4,
  /** A request went to an unpriced model under these budgets; amounts are 0. */
  unpriced: 5,
} as const;

/** Numbers before the triples of a line. */
export const LEDGER_HEAD = 4;

export type LoopToCounters = LeaseAsk | LeaseRenew | LeaseReturn | LedgerMessage;
export type CountersToLoop = LeaseGrants | LeaseRenewed | LeaseRecall | LedgerTaken;

/** The loop's end: ordered, never waits. */
export interface CountersPort {
  send(message: LoopToCounters): void;
}
