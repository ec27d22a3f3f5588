// Who waits, for how long, and how many at most: the bounds of waiting, and the telling of what came of it.
import type { LoopCounter } from "./loop-counter.ts";
import type { Outcome, Waiter } from "./waiter.ts";

export interface WaitingLimits {
  /** ms that a request waits for others at most. */
  readonly longest: number;
  readonly most: number;
  /** Of the bodies of those who wait. */
  readonly mostBytes: number;
}

export const WAITING_LIMITS: WaitingLimits = { longest: 10_000, most: 1000, mostBytes: 64 * 1024 * 1024 };

export class WaitingRoom {
  readonly #limits: WaitingLimits;
  readonly #waiters = new Set<Waiter>();
  #contended = 0;
  #bytes = 0;
  #decided: [Waiter, Outcome][] = [];
  #isTelling = false;

  constructor(limits: WaitingLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#waiters.size;
  }

  list(): readonly Waiter[] {
    return [...this.#waiters];
  }

  /** Where somebody waits. */
  counters(): ReadonlySet<LoopCounter> {
    const counters = new Set<LoopCounter>();
    for (const waiter of this.#waiters) for (const counter of waiter.counters) counters.add(counter);
    return counters;
  }

  /** It waits for an answer of the store; that is soon. */
  wait(waiter: Waiter): void {
    waiter.isUnknown = true;
    this.#waiters.add(waiter);
  }

  /** It waits for others. False: there are too many already. The time counts from the first. */
  contend(waiter: Waiter, monotonic: number): boolean {
    waiter.isUnknown = false;
    if (waiter.contendedSince < 0) {
      const { bodyBytes } = waiter.ask;
      if (this.#contended >= this.#limits.most || this.#bytes + bodyBytes > this.#limits.mostBytes) return false;
      waiter.contendedSince = monotonic;
      this.#contended++;
      this.#bytes += bodyBytes;
    }
    this.#waiters.add(waiter);
    return true;
  }

  isTimeUp(waiter: Waiter, monotonic: number): boolean {
    return waiter.contendedSince >= 0 && monotonic - waiter.contendedSince >= this.#limits.longest;
  }

  remove(waiter: Waiter): void {
    waiter.isOver = true;
    waiter.standDown();
    if (!this.#waiters.delete(waiter) || waiter.contendedSince < 0) return;
    this.#contended--;
    this.#bytes -= waiter.ask.bodyBytes;
  }

  /** It is told by `tell`: what it does then may change every queue. */
  decide(waiter: Waiter, outcome: Outcome): void {
    this.remove(waiter);
    this.#decided.push([waiter, outcome]);
  }

  /** Tells everybody what was decided. */
  tell(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      for (let next = this.#decided.shift(); next !== undefined; next = this.#decided.shift()) next[0].decide(next[1]);
    } finally {
      this.#isTelling = false;
    }
  }
}
