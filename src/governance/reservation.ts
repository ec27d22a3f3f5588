// What one request has reserved, on all levels of the target that it is at: charged, moved and freed as its attempts go.
import { ENTRY, type EntryLevel } from "../core/counter-entries.ts";
import type { Grant } from "../core/counters.ts";
import type { AdmissionAsk, TargetAsk } from "./admission-ask.ts";
import type { CounterSpec } from "./counter-spec.ts";
import type { JournalPosts } from "./journal-posts.ts";
import type { LoopCounter } from "./loop-counter.ts";

/** What an attempt used. */
export interface Spent {
  /** Nano-dollars; the priced part, where a part has no price. */
  readonly cost: number;
  /** Input, with cached and written, and output. */
  readonly tokens: number;
  /** Neither reported nor countable: budgets that are hard are charged their bound. */
  readonly isUnknown?: boolean;
}

export const NOTHING_SPENT: Spent = { cost: 0, tokens: 0 };

/** What a reservation needs of the one who made it. */
export interface ReservationKeeper {
  readonly posts: JournalPosts;
  monotonic(): number;
  /** A reservation has ended, or was charged: there may be room. */
  freed(lines: readonly Line[]): void;
  /** A hard budget was charged more than was reserved for it: counted and shown. */
  beyondBound(counter: LoopCounter, amount: number): void;
  /** A reservation has come to its end. */
  ended(): void;
}

/** A reservation at one counter, as it stands in entries. */
export class Line implements EntryLevel {
  readonly counter: LoopCounter;
  handle: number;
  /** The lease that it was reserved from; 0 = none, for the store was down. */
  term: number;
  amount: number;

  constructor(counter: LoopCounter, amount: number, term: number) {
    this.counter = counter;
    this.handle = counter.handle;
    this.term = term;
    this.amount = amount;
  }

  /** It has a name that the journal knows. */
  get isNamed(): boolean {
    return this.handle >= 0;
  }
}

export class Reservation {
  readonly type = "admitted";
  readonly ask: AdmissionAsk;
  /** Which of the targets it is for. */
  index = -1;
  lines: readonly Line[] = [];
  /** Counters of requests that have counted this one. */
  readonly #counted: LoopCounter[] = [];
  readonly #keeper: ReservationKeeper;
  isOver = false;

  constructor(keeper: ReservationKeeper, ask: AdmissionAsk) {
    this.#keeper = keeper;
    this.ask = ask;
  }

  /** What it is for; undefined before it holds anything. */
  get target(): TargetAsk | undefined {
    return this.index < 0 ? undefined : this.ask.targets.at(this.index);
  }

  /** What it has reserved there; null = it does not stand there. */
  lineOn(counter: LoopCounter): Line | null {
    for (const line of this.lines) if (line.counter === counter) return line;
    return null;
  }

  /** A request counts once at each counter. */
  hasCounted(counter: LoopCounter): boolean {
    return counter.spec.kind === "requests" && this.#counted.includes(counter);
  }

  /**
   * Reserves for this target, and for nothing else any more. It is known that everything fits. `exact`: what the store has
   * reserved for this request already.
   */
  hold(index: number, counters: readonly LoopCounter[], exact: readonly Grant[]): void {
    const { posts } = this.#keeper;
    const now = this.#keeper.monotonic();
    const before = this.lines;
    const target = this.ask.targets.at(index)!;
    this.index = index;
    const lines: Line[] = [];
    let posted: EntryLevel[] | null = null;
    for (const counter of counters) {
      const amount = this.hasCounted(counter) ? 0 : amountFor(counter.spec, target);
      if (amount > 0) counter.lastAmount = amount;
      const grant = exact.length === 0 ? undefined : exact.find((given) => given.counter === counter.id);
      const own = before.length === 0 ? null : this.lineOn(counter);
      const line = grant === undefined ? reserve(counter, amount, own, posts) : takeOver(counter, amount, own, grant);
      lines.push(line);
      if (grant !== undefined || !line.isNamed) posted ??= namedBut(lines, line);
      else posted?.push(line);
    }
    this.lines = lines;
    const held = posted ?? lines;
    posts.add(ENTRY.reserve, this.ask.request, before.length === 0 ? held : [...held, ...leave(before, lines)], now);
  }

  /** An attempt was sent: the request counts, where it has not yet, whatever comes of it. */
  sent(): void {
    if (this.isOver) return;
    let counted: Line[] | null = null;
    for (const line of this.lines) {
      const { counter } = line;
      if (counter.spec.kind !== "requests" || this.#counted.includes(counter)) continue;
      this.#counted.push(counter);
      if (line.isNamed) (counted ??= []).push(line);
      else counter.unposted += 1;
    }
    if (counted === null) return;
    const now = this.#keeper.monotonic();
    const { posts } = this.#keeper;
    posts.add(ENTRY.charge, this.ask.request, counted, now);
    for (const line of counted) {
      line.counter.open -= line.amount;
      line.counter.spend(1, now);
      line.amount = 0;
    }
  }

  /** A failed attempt cost something: it is charged and uses up the reservation; the rest stays for the next attempt. */
  charge(spent: Spent): void {
    if (this.isOver || (spent.cost === 0 && spent.tokens === 0 && !spent.isUnknown)) return;
    const now = this.#keeper.monotonic();
    this.#keeper.posts.add(ENTRY.charge, this.ask.request, this.#costs(spent, now), now);
    this.#keeper.freed(this.lines);
  }

  /** The one end: the last attempt is charged with what it truly cost, the rest is free. Later calls do nothing. */
  finish(spent: Spent): void {
    if (this.isOver) return;
    this.isOver = true;
    const now = this.#keeper.monotonic();
    const { lines } = this;
    this.#keeper.posts.add(ENTRY.settle, this.ask.request, this.#costs(spent, now), now);
    for (const line of lines) letGo(line);
    this.lines = [];
    this.#keeper.ended();
    this.#keeper.freed(lines);
  }

  /** The costs counter by counter; each line keeps what is left of its reservation. */
  #costs(spent: Spent, now: number): EntryLevel[] {
    const costs: EntryLevel[] = [];
    const { target } = this;
    for (const line of this.lines) {
      const { counter } = line;
      const amount = target === undefined ? 0 : spentOn(counter.spec, spent, target);
      if (amount === 0) continue;
      const covered = Math.min(line.amount, amount);
      if (counter.spec.hard && amount > covered) this.#keeper.beyondBound(counter, amount - covered);
      if (amount > covered) counter.rest.use(amount - covered);
      line.amount -= covered;
      counter.open -= covered;
      counter.spend(amount, now);
      if (line.isNamed) costs.push({ handle: line.handle, term: line.term, amount });
      else counter.unposted += amount;
    }
    return costs;
  }
}

/** Takes it from the lease, or from what is reserved already, where that is enough. */
function reserve(counter: LoopCounter, amount: number, own: Line | null, posts: JournalPosts): Line {
  if (own !== null && amount <= own.amount) return shrink(own, amount);
  if (own !== null) letGo(own);
  if (counter.term > 0) counter.balance -= amount;
  else counter.rest.use(amount);
  counter.open += amount;
  counter.openCount++;
  if (counter.term > 0 && amount > 0) counter.runAhead(amount, posts.writing, posts.posted);
  return new Line(counter, amount, counter.term);
}

function shrink({ counter, amount: before, term }: Line, amount: number): Line {
  counter.open -= before - amount;
  giveBack(counter, term, before - amount);
  return new Line(counter, amount, term);
}

/** Takes over what the store has reserved; what was reserved before is part of it. */
function takeOver(counter: LoopCounter, amount: number, own: Line | null, grant: Grant): Line {
  if (own !== null) {
    counter.open -= own.amount;
    counter.openCount--;
  }
  counter.open += amount;
  counter.openCount++;
  return new Line(counter, amount, grant.term);
}

/** What is still reserved goes back to the lease that it came from, if that has not ended. */
function letGo({ counter, amount, term }: Line): void {
  counter.open -= amount;
  counter.openCount--;
  giveBack(counter, term, amount);
}

function giveBack(counter: LoopCounter, term: number, amount: number): void {
  if (term > 0 && term === counter.term) counter.balance += amount;
  else counter.rest.give(amount);
}

/** Lets go of what the new target does not stand on. */
function leave(before: readonly Line[], lines: readonly Line[]): EntryLevel[] {
  const left = before.filter((line) => !lines.some(({ counter }) => counter === line.counter));
  const ended = left.filter((line) => line.isNamed && line.amount > 0).map(nothingOf);
  for (const line of left) letGo(line);
  return ended;
}

function namedBut(lines: readonly Line[], last: Line): EntryLevel[] {
  return lines.filter((line) => line !== last);
}

function nothingOf({ handle, term }: Line): EntryLevel {
  return { handle, term, amount: 0 };
}

/** What a counter must have room for. */
export function amountFor(spec: CounterSpec, target: TargetAsk): number {
  switch (spec.kind) {
    case "budget":
      return spec.hard ? target.bound : target.cost;
    case "tokens":
      return target.tokens;
    default:
      return 1;
  }
}

function spentOn(spec: CounterSpec, spent: Spent, target: TargetAsk): number {
  if (spec.kind === "tokens") return spent.tokens;
  if (spec.kind !== "budget") return 0;
  return spec.hard && spent.isUnknown ? target.bound : spent.cost;
}
