// One counter as the loop has it: its lease, what is under way on it here, and how it stood when it was last refused.
import type { CounterStanding, Grant } from "../core/counters.ts";
import type { CounterSpec } from "./counter-spec.ts";
import { LimitText } from "./limit-text.ts";
import { Rest } from "./rest.ts";

/** What a counter says to an amount. */
export const VERDICT = {
  fits: 0,
  /** The keeper of counters must be asked. */
  unknown: 1,
  /** Entries must be durable first. */
  behind: 4,
  /** Only what others have reserved stands in the way. */
  contended: 2,
  /** Settled use has reached the limit. */
  exhausted: 3,
} as const;

export type Verdict = (typeof VERDICT)[keyof typeof VERDICT];

/** ms for which a refusal is believed before it is asked again. */
export const CONTENDED_MS = 100;
const EXHAUSTED_MS = 1000;
const SECOND = 1000;

/** One who waits, as the counter knows it. */
export interface Queued {
  /** Lower ones came earlier. */
  readonly sequence: number;
  /** Monotonic ms; -1 = it does not wait for others. */
  readonly contendedSince: number;
  /** Something has changed where it waits. */
  look(): void;
}

/** A place in the queue. */
export interface Registration {
  readonly waiter: Queued;
  readonly amount: number;
}

export class LoopCounter {
  readonly id: string;
  /** Of the newest version that was used. */
  spec: CounterSpec;
  /** The store's number of it; -1 = never granted. */
  handle = -1;
  /** The lease; 0 = none. */
  term = 0;
  /** The last term that was ended here. */
  ended = 0;
  window = -1;
  /** Of the lease: neither reserved nor spent. */
  balance = 0;
  /** Which leases hold, see `LeaseDesk`: one of another epoch is over. */
  epoch = 0;
  /** Unix ms. */
  endsAt = Number.POSITIVE_INFINITY;
  /** The balance right after the last grant. */
  granted = 0;
  /** What reservations may run ahead of the journal, and do: in posts up to `olderSeq`, and in the one of `aheadSeq`. */
  ahead = Number.POSITIVE_INFINITY;
  older = 0;
  olderSeq = 0;
  newer = 0;
  newerSeq = 0;
  /** Reserved by requests under way here, and how many those are. */
  open = 0;
  openCount = 0;
  /** The last grant was for one request alone. */
  exact = false;
  standing: CounterStanding | null = null;
  /** Monotonic ms until which the last refusal is believed. */
  contendedUntil = 0;
  exhaustedUntil = 0;
  /** Monotonic ms at which `standing` was told. */
  toldAt = 0;
  /** Charged without a handle while the store was down: posted when it is known. */
  unposted = 0;
  /** Requests that have asked for it and have no answer yet. */
  asking = 0;
  /** A lease is being asked for ahead of need. */
  prefetching = false;
  lastAmount = 0;
  gone = false;
  /** It was dropped for want of use: look it up again. */
  forgotten = false;
  /** Monotonic ms. */
  usedAt = 0;
  /** What this loop believes to be left of the limit, beyond its lease. */
  readonly rest: Rest;
  /** The lines of headers that told a caller of it last. */
  readonly told = new LimitText();
  /** Those who wait here, in the order in which they came. */
  readonly waiters: Registration[] = [];
  readonly #spending = { second: 0, sum: 0, before: 0 };

  constructor(spec: CounterSpec) {
    this.id = spec.id;
    this.spec = spec;
    this.rest = new Rest(spec);
  }

  /** Another version of the same limit. */
  become(spec: CounterSpec): void {
    if (spec === this.spec) return;
    this.spec = spec;
    this.rest.become(spec);
  }

  get isIdle(): boolean {
    return this.openCount === 0 && this.waiters.length === 0 && !this.prefetching && this.unposted === 0;
  }

  /** Nothing of the lease is spent any more; what is reserved from it stays reserved, and settles under its term. */
  endLease(): void {
    this.ended = Math.max(this.ended, this.term);
    this.rest.give(this.balance);
    this.term = 0;
    this.balance = 0;
    this.granted = 0;
    this.endsAt = Number.POSITIVE_INFINITY;
  }

  /** Takes a grant. One of a lease that was ended meanwhile brings nothing to spend. */
  take(grant: Grant, monotonic: number): void {
    this.handle = grant.handle;
    this.window = grant.window;
    this.exact = grant.mode === "exact";
    this.standing = null;
    this.doubt();
    if (grant.left !== undefined) this.rest.tell(grant.left, grant.endsAt, monotonic);
    if (grant.mode === "exact" || grant.term <= this.ended) return;
    this.term = grant.term;
    this.endsAt = grant.endsAt ?? Number.POSITIVE_INFINITY;
    this.balance += grant.amount;
    this.granted = this.balance;
    this.ahead = grant.ahead;
  }

  /** Takes a refusal. */
  refuse(standing: CounterStanding, monotonic: number): void {
    this.standing = standing;
    this.handle = standing.handle ?? this.handle;
    this.toldAt = monotonic;
    if (standing.state !== "unknown")
      this.rest.tell(Number(standing.limit - standing.used) - this.open - this.balance, standing.resetsAt, monotonic);
    if (standing.state === "unknown") this.gone = true;
    if (standing.state === "contended") this.contendedUntil = monotonic + CONTENDED_MS;
    if (standing.state === "exhausted")
      this.exhaustedUntil = monotonic + Math.min(EXHAUSTED_MS, Math.max(1, standing.retryAfter ?? EXHAUSTED_MS));
  }

  /** Something has changed: what was told before is not believed any more. */
  doubt(): void {
    this.contendedUntil = 0;
    this.exhaustedUntil = 0;
  }

  /** Notes what was reserved in the post that is being written, when everything up to `posted` is durable. */
  runAhead(amount: number, writing: number, posted: number): void {
    if (this.newerSeq !== writing) {
      this.older = this.unpostedAhead(posted);
      this.olderSeq = this.newerSeq;
      this.newer = 0;
      this.newerSeq = writing;
    }
    this.newer += amount;
  }

  /** What was reserved and is not durable yet. */
  unpostedAhead(posted: number): number {
    return (this.olderSeq > posted ? this.older : 0) + (this.newerSeq > posted ? this.newer : 0);
  }

  /** For the size of leases. */
  spend(amount: number, monotonic: number): void {
    const spending = this.#spending;
    const second = Math.floor(monotonic / SECOND);
    if (second !== spending.second) {
      spending.before = second === spending.second + 1 ? spending.sum : 0;
      spending.sum = 0;
      spending.second = second;
    }
    spending.sum += amount;
  }

  /** Spent in about a second, lately. */
  recentSpending(): number {
    return Math.max(this.#spending.sum, this.#spending.before);
  }
}
