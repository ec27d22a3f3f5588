// Admission: reserves on all levels of the first target that has room, in one step or not at all; else it refuses or lets wait.
import { ENTRY, type EntryLevel } from "../core/counter-entries.ts";
import type { Grant, GrantReply } from "../core/counters.ts";
import type { LimitUse } from "../core/decision.ts";
import type { Clock } from "../core/ports.ts";
import type { AdmissionAsk } from "./admission-ask.ts";
import type { CounterSpec } from "./counter-spec.ts";
import type { JournalPosts } from "./journal-posts.ts";
import { type Applicant, countersOf, findBlocks, type Now, shortage, shortWithoutStore } from "./judge.ts";
import type { LeaseDesk } from "./lease-desk.ts";
import type { TargetLevels } from "./levels.ts";
import { useOnLoop } from "./limit-use.ts";
import { type LoopCounter, VERDICT } from "./loop-counter.ts";
import { type Line, Reservation, type ReservationKeeper } from "./reservation.ts";
import { type Block, type NoRoom, type Refused, Waiter, type WaiterKeeper } from "./waiter.ts";
import { WAITING_LIMITS, type WaitingLimits, WaitingRoom } from "./waiting-room.ts";

/**
 * Asks of one counter under way at once: the others wait for the answers. A lease serves them all, and each ask for one would
 * bring another; requests that are granted one by one ask for themselves; few where the last answer was that there is no room.
 */
const MOST_ASKING = 1;
const MOST_ASKING_EXACT = 64;
const MOST_ASKING_SHORT = 2;
const NONE: readonly Grant[] = [];

export interface AdmissionOptions {
  readonly desk: LeaseDesk;
  readonly clock: Clock;
  readonly limits?: WaitingLimits;
  /** An answer cost more than the bound of a hard budget. */
  readonly onBeyondBound?: (counter: string, amount: number) => void;
  /** A request goes to a model without a price under this budget, which cannot see what it costs. */
  readonly onUnpriced?: (counter: string) => void;
}

/** What came of a look at the targets of a request. */
type Finding =
  | { readonly type: "fits"; readonly index: number }
  /** Grants of this target are not known, or its entries not durable. `others`: where it would wait besides. */
  | {
      readonly type: "unknown";
      readonly index: number;
      readonly blocks: readonly Block[];
      readonly others: readonly Block[];
    }
  | { readonly type: "contended"; readonly blocks: readonly Block[]; readonly targets: Refused["targets"] }
  | { readonly type: "none"; readonly targets: Refused["targets"] };

export class Admission implements ReservationKeeper, WaiterKeeper {
  readonly #desk: LeaseDesk;
  readonly #clock: Clock;
  readonly #room: WaitingRoom;
  readonly #onBeyondBound: (counter: string, amount: number) => void;
  readonly #onUnpriced: (counter: string) => void;
  readonly #now: Now = { wall: 0, monotonic: 0 };
  /** Which target a waiter has asked for. */
  readonly #asked = new WeakMap<Waiter, number>();
  #sequence = 0;
  #reservations = 0;
  #raises = Number.MIN_SAFE_INTEGER;
  #isStopping = false;

  constructor({ desk, clock, limits, onBeyondBound, onUnpriced }: AdmissionOptions) {
    this.#desk = desk;
    this.#clock = clock;
    this.#room = new WaitingRoom(limits ?? WAITING_LIMITS);
    this.#onBeyondBound = onBeyondBound ?? (() => {});
    this.#onUnpriced = onUnpriced ?? (() => {});
    desk.onChange((counters) => {
      this.#look();
      for (const counter of counters) this.#wake(counter);
      this.#room.tell();
    });
  }

  get posts(): JournalPosts {
    return this.#desk.posts;
  }

  /** Requests that hold something. */
  get reservations(): number {
    return this.#reservations;
  }

  /** ms since the oldest entry was written that is not durable yet. */
  get settlementLag(): number {
    return this.#desk.posts.lag(this.#clock.monotonic());
  }

  /** Whether any limit is used up as far as is known here: asked before each plan. */
  get knowsUsedUp(): boolean {
    const { usedUpUntil } = this.#desk;
    return usedUpUntil > 0 && this.#clock.monotonic() < usedUpUntil;
  }

  /** Whether one of these limits is. */
  isUsedUp({ live }: TargetLevels): boolean {
    const now = this.#clock.monotonic();
    return live.some((counter) => counter !== undefined && now < counter.exhaustedUntil);
  }

  /** Percent of these limits that is used. */
  useOf(specs: readonly CounterSpec[]): LimitUse {
    const now = { wall: this.#clock.now(), monotonic: this.#clock.monotonic() };
    return useOnLoop(specs, (id) => this.#desk.find(id), now);
  }

  ended(): void {
    this.#reservations--;
  }

  /** Requests that wait. */
  get waiting(): number {
    return this.#room.size;
  }

  monotonic(): number {
    return this.#now.monotonic;
  }

  beyondBound(counter: LoopCounter, amount: number): void {
    this.#onBeyondBound(counter.id, amount);
  }

  /** A newcomer: what it may have at once, or a place to wait. */
  admit(ask: AdmissionAsk): Reservation | Refused | Waiter {
    this.#look();
    const applicant: Applicant = { own: null, sequence: ++this.#sequence, exact: NONE };
    const finding = this.#find(ask, 0, applicant);
    if (finding.type === "fits") return this.#reserve(ask, finding.index, null, NONE);
    if (finding.type === "none") return { type: "refused", reason: "limits", targets: finding.targets };
    return this.#settled(new Waiter(this, ask, 0, null, applicant.sequence), finding) as Refused | Waiter;
  }

  /**
   * The reservation becomes one for the target `index`: in one step, before newcomers, without waiting for others. What an
   * attempt cost is charged before.
   */
  raise(own: Reservation, index: number): Reservation | NoRoom | Refused | Waiter {
    this.#look();
    const applicant: Applicant = { own, sequence: ++this.#raises, exact: NONE };
    const finding = this.#find(own.ask, index, applicant);
    if (finding.type === "fits") return this.#reserve(own.ask, finding.index, own, NONE);
    if (finding.type === "none" || finding.type === "contended") return noRoom(finding.targets);
    return this.#settled(new Waiter(this, own.ask, index, own, applicant.sequence), finding) as
      | NoRoom
      | Refused
      | Waiter;
  }

  /** Every 50 ms: waits end, counters that were short are asked again. */
  tick(): void {
    this.#look();
    this.#desk.tick();
    const { monotonic } = this.#now;
    const isDown = this.#room.size > 0 && this.#desk.isDown(monotonic);
    for (const waiter of this.#room.list()) {
      if (isDown && waiter.isUnknown) this.#judge(waiter, true);
      else if (this.#room.isTimeUp(waiter, monotonic)) this.#refuse(waiter, "contended");
    }
    for (const counter of this.#room.counters()) this.#wake(counter);
    this.#room.tell();
  }

  /** SIGTERM: nobody waits any more. What is under way goes on. */
  stop(): void {
    this.#isStopping = true;
    for (const waiter of this.#room.list()) if (waiter.own === null) this.#refuse(waiter, "stopping");
    this.#room.tell();
  }

  freed(lines: readonly Line[]): void {
    if (!lines.some(isWatched)) return;
    this.#look();
    for (const { counter } of lines) {
      if (counter.exact && counter.term > 0) this.#desk.end(counter, this.#now.monotonic);
      if (counter.waiters.length === 0) continue;
      counter.contendedUntil = 0;
      this.#wake(counter);
    }
    this.#room.tell();
  }

  leave(waiter: Waiter): void {
    const { counters } = waiter;
    this.#room.remove(waiter);
    this.#look();
    for (const counter of counters) this.#wake(counter);
    this.#room.tell();
  }

  replied(waiter: Waiter, reply: GrantReply): void {
    waiter.isAsking = false;
    for (const counter of waiter.askedOf) counter.asking--;
    waiter.askedOf = [];
    const exact = reply.type === "granted" ? reply.grants.filter(({ mode }) => mode === "exact") : NONE;
    this.#look();
    if (waiter.isOver) return this.#release(waiter, exact);
    if (reply.type === "down") return this.#judge(waiter, true);
    if (exact.length > 0 && this.#takeExact(waiter, exact)) return;
    this.#judge(waiter, false);
  }

  judge(waiter: Waiter): void {
    this.#judge(waiter, false);
  }

  #look(): void {
    this.#now.wall = this.#clock.now();
    this.#now.monotonic = this.#clock.monotonic();
  }

  /** Target after target: the first that fits, or why none does. */
  #find(ask: AdmissionAsk, from: number, applicant: Applicant): Finding {
    const end = applicant.own === null ? ask.targets.length : from + 1;
    let contended: Block[] | null = null;
    const targets: Refused["targets"][number][] = [];
    for (let index = from; index < end; index++) {
      const target = ask.targets.at(index)!;
      if (target.passed !== null) {
        targets.push({ passed: target.passed, blocks: [] });
        continue;
      }
      const blocks = findBlocks(target, applicant, this.#desk, this.#now);
      if (blocks === null) return { type: "fits", index };
      targets.push({ passed: null, blocks });
      if (blocks.some(isExhausted)) continue;
      const short = blocks.filter(isContended);
      if (short.length === 0) return { type: "unknown", index, blocks, others: contended ?? [] };
      contended = contended === null ? short : [...contended, ...short];
    }
    return contended === null ? { type: "none", targets } : { type: "contended", blocks: contended, targets };
  }

  #reserve(ask: AdmissionAsk, index: number, own: Reservation | null, exact: readonly Grant[]): Reservation {
    if (own === null) this.#reservations++;
    const reservation = own ?? new Reservation(this, ask);
    const before = own === null ? null : own.lines;
    const target = ask.targets.at(index)!;
    const counters = countersOf(target.levels, this.#desk);
    reservation.hold(index, counters, exact);
    for (const counter of counters)
      if (counter.balance * 2 < counter.granted && !counter.exact) this.#desk.prefetch(counter);
    if (target.unpriced) for (const { id, spec } of counters) if (spec.kind === "budget") this.#onUnpriced(id);
    if (before !== null) this.freed(before);
    return reservation;
  }

  /** Judges a waiter anew. `isDown`: the store does not answer, so its policy decides. */
  #judge(waiter: Waiter, isDown: boolean): void {
    if (waiter.isOver || (waiter.isAsking && !isDown && !this.#desk.isDown(this.#now.monotonic))) return;
    const outcome = this.#settled(waiter, this.#find(waiter.ask, waiter.from, waiter), isDown);
    if (outcome !== waiter) this.#room.decide(waiter, outcome as Exclude<typeof outcome, Waiter>);
  }

  /** What a finding means for a waiter: an outcome, or that it waits (on). */
  #settled(waiter: Waiter, finding: Finding, isDown = false): Reservation | Refused | NoRoom | Waiter {
    const { ask, own } = waiter;
    switch (finding.type) {
      case "fits":
        this.#room.remove(waiter);
        return this.#reserve(ask, finding.index, own, NONE);
      case "none":
        return own === null ? { type: "refused", reason: "limits", targets: finding.targets } : noRoom(finding.targets);
      case "unknown":
        if (isDown || this.#desk.isDown(this.#now.monotonic)) return this.#withoutStore(waiter, finding);
        return this.#waitForGrant(waiter, finding);
      case "contended":
        if (own !== null) return noRoom(finding.targets);
        if (this.#isStopping) return { type: "refused", reason: "stopping", targets: finding.targets };
        if (!this.#room.contend(waiter, this.#now.monotonic))
          return { type: "refused", reason: "contended", targets: finding.targets };
        waiter.stand(finding.blocks);
        return waiter;
    }
  }

  /** By policy; a hard budget is never spent without a grant. */
  #withoutStore(
    waiter: Waiter,
    { index, blocks }: Extract<Finding, { type: "unknown" }>,
  ): Reservation | Refused | NoRoom | Waiter {
    const { ask, own } = waiter;
    if (ask.onStoreDown !== "serve" || ask.targets.at(index)!.levels.hasHard) {
      this.#room.remove(waiter);
      return { type: "refused", reason: "store-down", targets: [{ passed: null, blocks }] };
    }
    const short = shortWithoutStore(blocks, own, this.#now);
    if (short.length > 0) {
      const type = short.some(isExhausted) ? "none" : "contended";
      return this.#settled(waiter, { type, blocks: short, targets: [{ passed: null, blocks: short }] });
    }
    this.#room.remove(waiter);
    return this.#reserve(ask, index, own, NONE);
  }

  #waitForGrant(waiter: Waiter, { index, blocks, others }: Extract<Finding, { type: "unknown" }>): Waiter {
    this.#room.wait(waiter);
    waiter.stand([...blocks, ...others]);
    const lacking = blocks.filter(({ verdict }) => verdict === VERDICT.unknown);
    if (lacking.length < blocks.length) this.#desk.posts.flush();
    if (lacking.length === 0 || lacking.some(({ counter }) => counter.asking >= mostAsking(counter))) return waiter;
    const { monotonic } = this.#now;
    const asks = lacking.map(({ counter, amount }) => {
      // its rest goes back first: the store then grants from all that is left
      this.#desk.end(counter, monotonic);
      const own = waiter.own?.lineOn(counter) != null ? 1 : 0;
      const isAlone = counter.openCount - own === 0 && counter.asking === 0;
      counter.asking++;
      return this.#desk.askFor(counter, amount, isAlone);
    });
    waiter.isAsking = true;
    waiter.askedOf = lacking.map(({ counter }) => counter);
    this.#asked.set(waiter, index);
    this.#desk.ask(waiter.ask.request, asks, waiter.askedOf, waiter);
    return waiter;
  }

  /** The store has reserved for this request alone: it is let through, if the other levels still have room. */
  #takeExact(waiter: Waiter, exact: readonly Grant[]): boolean {
    const index = this.#asked.get(waiter) ?? -1;
    const target = index < 0 ? undefined : waiter.ask.targets.at(index);
    const applicant = { own: waiter.own, sequence: waiter.sequence, exact };
    if (target !== undefined && findBlocks(target, applicant, this.#desk, this.#now) === null) {
      this.#room.remove(waiter);
      this.#room.decide(waiter, this.#reserve(waiter.ask, index, waiter.own, exact));
      return true;
    }
    this.#release(waiter, exact);
    return false;
  }

  /** Gives back what the store has reserved for a request that does not take it: it stands as it stood before. */
  #release({ ask, own, outcome }: Waiter, exact: readonly Grant[]): void {
    const holder = own ?? (outcome?.type === "admitted" ? outcome : null);
    const levels = exact.map(({ counter, handle, term }): EntryLevel => {
      const line = holder?.lines.find((held) => held.counter.id === counter && held.isNamed);
      return line ?? { handle, term, amount: 0 };
    });
    this.#desk.posts.add(ENTRY.reserve, ask.request, levels, this.#now.monotonic);
  }

  #refuse(waiter: Waiter, reason: Refused["reason"]): void {
    if (waiter.isOver) return;
    const finding = this.#find(waiter.ask, waiter.from, waiter);
    const targets = finding.type === "none" || finding.type === "contended" ? finding.targets : [];
    const blocks = finding.type === "unknown" ? finding.blocks : [];
    this.#room.decide(waiter, {
      type: "refused",
      reason: finding.type === "none" ? "limits" : reason,
      targets: targets.length > 0 ? targets : [{ passed: null, blocks }],
    });
  }

  /** Judges those who wait there, in the order in which they came. */
  #wake(counter: LoopCounter): void {
    if (counter.waiters.length === 0) return;
    const isDown = this.#desk.isDown(this.#now.monotonic);
    for (const { waiter, amount } of counter.waiters.slice()) {
      if (!isDown && counter.asking >= mostAsking(counter)) break;
      const isTold = this.#now.monotonic < counter.contendedUntil && amount > counter.balance;
      const isShort = isTold && shortage(counter, amount) === VERDICT.contended;
      // nothing has changed for it here: a queue of a thousand is looked through in microseconds
      if (!isShort || waiter.contendedSince < 0) waiter.look();
    }
  }
}

function noRoom(targets: Refused["targets"]): NoRoom {
  return { type: "no-room", passed: targets[0]?.passed ?? null, blocks: targets[0]?.blocks ?? [] };
}

function mostAsking({ standing, exact }: LoopCounter): number {
  if (standing?.state === "contended") return MOST_ASKING_SHORT;
  return exact ? MOST_ASKING_EXACT : MOST_ASKING;
}

/** Whether anything is to be done when a reservation ends there. */
function isWatched({ counter }: Line): boolean {
  return counter.waiters.length > 0 || (counter.exact && counter.term > 0);
}

function isExhausted({ verdict }: Block): boolean {
  return verdict === VERDICT.exhausted;
}

function isContended({ verdict }: Block): boolean {
  return verdict === VERDICT.contended;
}
