// A request that waits for room or for a lease: it holds nothing, stands in the queues of what blocks it, and is judged again and again.
import type { Grant, GrantReply } from "../core/counters.ts";
import type { AdmissionAsk, PassedOver } from "./admission-ask.ts";
import type { Asker } from "./lease-desk.ts";
import type { LoopCounter, Queued, Verdict } from "./loop-counter.ts";
import type { Reservation } from "./reservation.ts";

/** A counter that did not take an amount. */
export interface Block {
  readonly counter: LoopCounter;
  readonly amount: number;
  readonly verdict: Verdict;
}

/** Why a request was not let through; `blocks` and `passed` by target, in their order. */
export interface Refused {
  readonly type: "refused";
  readonly reason: "limits" | "contended" | "store-down" | "stopping";
  readonly targets: readonly { readonly passed: PassedOver | null; readonly blocks: readonly Block[] }[];
}

/** The target does not take what the reservation would have to become: go on to the next. */
export interface NoRoom {
  readonly type: "no-room";
  readonly passed: PassedOver | null;
  readonly blocks: readonly Block[];
}

export type Outcome = Reservation | Refused | NoRoom;

/** What a waiter needs of the one who judges it. */
export interface WaiterKeeper {
  leave(waiter: Waiter): void;
  judge(waiter: Waiter): void;
  /** An answer to its ask has come. */
  replied(waiter: Waiter, reply: GrantReply): void;
}

export class Waiter implements Asker, Queued {
  readonly type = "waiting";
  readonly ask: AdmissionAsk;
  /** Index of the first target that it may have; a raise has this one only. */
  readonly from: number;
  /** The reservation that is to become another; null = a newcomer. */
  readonly own: Reservation | null;
  /** Lower ones came earlier; those of raises lie below all newcomers. */
  readonly sequence: number;
  /** Monotonic ms since others' reservations stand in its way; -1 = they do not. */
  contendedSince = -1;
  /** Its ask is under way: it is judged when that is answered. */
  isAsking = false;
  /** It waits for a grant, or until entries are durable, and not only for others. */
  isUnknown = false;
  askedOf: readonly LoopCounter[] = [];
  /** As an applicant: what the store reserved for it is taken over or given back when it comes. */
  readonly exact: readonly Grant[] = [];
  counters: readonly LoopCounter[] = [];
  outcome: Outcome | null = null;
  isOver = false;
  readonly #keeper: WaiterKeeper;
  #handler: ((outcome: Outcome) => void) | null = null;
  #isCancelled = false;

  constructor(keeper: WaiterKeeper, ask: AdmissionAsk, from: number, own: Reservation | null, sequence: number) {
    this.#keeper = keeper;
    this.ask = ask;
    this.from = from;
    this.own = own;
    this.sequence = sequence;
  }

  /** Calls the handler once, when it is decided; never after `cancel`. */
  onOutcome(handler: (outcome: Outcome) => void): void {
    this.#handler = handler;
    if (this.outcome !== null) handler(this.outcome);
  }

  look(): void {
    this.#keeper.judge(this);
  }

  replied(reply: GrantReply): void {
    this.#keeper.replied(this, reply);
  }

  /** The client is gone: the wait ends at once. A newcomer that is let through at this very moment lets go of everything. */
  cancel(): void {
    this.#isCancelled = true;
    if (!this.isOver) this.#keeper.leave(this);
  }

  decide(outcome: Outcome): void {
    this.outcome = outcome;
    if (!this.#isCancelled) this.#handler?.(outcome);
    else if (outcome.type === "admitted" && this.own === null) outcome.finish({ cost: 0, tokens: 0 });
  }

  /** Takes its place in the queues of what blocks it; a place once left is not lost: queues go by sequence. */
  stand(blocks: readonly Block[]): void {
    if (this.#standsAt(blocks)) return;
    this.standDown();
    const counters: LoopCounter[] = [];
    for (const { counter, amount } of blocks) {
      if (counters.includes(counter)) continue;
      counters.push(counter);
      const queue = counter.waiters;
      let at = queue.length;
      while (at > 0 && queue[at - 1]!.waiter.sequence > this.sequence) at--;
      queue.splice(at, 0, { waiter: this, amount });
    }
    this.counters = counters;
  }

  #standsAt(blocks: readonly Block[]): boolean {
    const { counters } = this;
    return counters.length === blocks.length && blocks.every(({ counter }, at) => counter === counters[at]);
  }

  standDown(): void {
    for (const counter of this.counters) {
      const at = counter.waiters.findIndex(({ waiter }) => waiter === this);
      if (at >= 0) counter.waiters.splice(at, 1);
    }
    this.counters = [];
  }
}
