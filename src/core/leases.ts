// What the loop and the keeper of counters say to each other: asks of requests and their answers, entries, renewals, ended leases.
import type { CounterPost, GrantReply, GrantRequest, LeaseNotice } from "./counters.ts";

export type LoopToCounters =
  /** The loop is there, or asks anew after the other side was started again. */
  | { readonly type: "counter-attach"; readonly loop: string }
  /** All asks of one turn. One that is not answered is sent again with the same (loop, seq). */
  | { readonly type: "counter-ask"; readonly requests: readonly GrantRequest[] }
  /** Kept and sent again until it is taken. Entries that happened before an ask are sent before it. */
  | { readonly type: "counter-post"; readonly post: CounterPost }
  /** Requests to models without a price, by budget. Sent again until it is taken; one number means the same counts. */
  | {
      readonly type: "counter-unpriced";
      readonly loop: string;
      readonly seq: number;
      readonly counts: readonly (readonly [counter: string, count: number])[];
    }
  /** Each second. */
  | { readonly type: "counter-renew"; readonly loop: string; readonly seq: number };

export type CountersToLoop =
  /** Posts up to `taken` were taken; every lease that was granted before is over. */
  | { readonly type: "counter-welcome"; readonly taken: number; readonly leaseMs: number }
  /** Leases hold for `leaseMs` from the moment at which the ask was sent. */
  | { readonly type: "counter-reply"; readonly seq: number; readonly reply: GrantReply }
  /** The entries are durable. */
  | { readonly type: "counter-posted"; readonly seq: number }
  | { readonly type: "counter-unpriced-taken"; readonly seq: number }
  /** All leases hold for `leaseMs` from the moment at which the renewal was sent; 0 = they had ended. */
  | { readonly type: "counter-renewed"; readonly seq: number; readonly leaseMs: number }
  /** Also after a change of limits and owners: the waiters concerned are judged anew. */
  | { readonly type: "counter-leases"; readonly notice: LeaseNotice };

/** The loop's end: ordered, never waits. */
export interface CountersPort {
  send(message: LoopToCounters): void;
}
