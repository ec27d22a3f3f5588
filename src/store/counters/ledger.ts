// The open reservations of one loop, kept by reading its entries in order, and what the entries mean for the counters.
import { ENTRY, type EntryType, type EntryVisitor, visitEntries } from "../../core/counter-entries.ts";
import { addCost, type CounterDelta, deltaOf, type LoopDeltas, type TermDelta, termOf } from "./delta.ts";

/** A reservation at one counter. */
export interface OpenLevel {
  readonly handle: number;
  term: number;
  amount: number;
}

/** With the sums that it was last added to: looking them up is most of what a replay costs. */
interface Level extends OpenLevel {
  sums: LoopDeltas | null;
  delta: CounterDelta | null;
  part: TermDelta | null;
}

export class Ledger implements EntryVisitor {
  readonly #open = new Map<number, Level[]>();
  #deltas: LoopDeltas | null = null;
  #type: EntryType = ENTRY.reserve;
  #request = 0;
  #levels: Level[] | undefined;
  /** Where the next counter of the entry most likely stands: entries of one request name them in one order. */
  #likely = 0;

  /** Requests with a reservation. */
  get size(): number {
    return this.#open.size;
  }

  /** Reads sound entries. `deltas`: what they mean is added there; null = the counters know it already. */
  read(bytes: Uint8Array, deltas: LoopDeltas | null): void {
    this.#deltas = deltas;
    visitEntries(bytes, this);
  }

  open(): IterableIterator<[number, readonly OpenLevel[]]> {
    return this.#open.entries();
  }

  find(request: number, handle: number): OpenLevel | null {
    return this.#open.get(request)?.find((level) => level.handle === handle) ?? null;
  }

  entry(type: EntryType, request: number): void {
    this.#type = type;
    this.#request = request;
    this.#levels = this.#open.get(request);
    this.#likely = 0;
  }

  level(handle: number, term: number, amount: number): void {
    if (this.#type === ENTRY.charge || this.#type === ENTRY.settle) this.#charge(handle, amount);
    else if (this.#type === ENTRY.endLease) this.#end(handle, term);
    else this.#reserve(handle, term, amount);
  }

  done(): void {
    const levels = this.#levels;
    if (levels === undefined) return;
    if (this.#type === ENTRY.settle) {
      for (const level of levels) this.#changeReserved(level, -level.amount);
      this.#open.delete(this.#request);
    } else if (levels.length === 0) this.#open.delete(this.#request);
  }

  /** A cost uses up the reservation; what goes beyond it is settled all the same. */
  #charge(handle: number, cost: number): void {
    if (cost === 0) return;
    const open = this.#levelOf(handle);
    if (open === undefined) {
      if (this.#deltas !== null) addCost(deltaOf(this.#deltas, handle), cost);
      return;
    }
    const covered = Math.min(open.amount, cost);
    open.amount -= covered;
    if (!this.#findSums(open)) return;
    addCost(open.delta as CounterDelta, cost);
    (open.part as TermDelta).covered += covered;
  }

  #end(handle: number, term: number): void {
    if (this.#deltas !== null) termOf(deltaOf(this.#deltas, handle), term).isEnded = true;
  }

  #reserve(handle: number, term: number, amount: number): void {
    if (this.#levels === undefined) this.#open.set(this.#request, (this.#levels = []));
    const known = this.#levelOf(handle);
    const isNews = this.#type === ENTRY.reserve;
    if (known === undefined) {
      if (amount === 0) return;
      const level: Level = { handle, term, amount, sums: null, delta: null, part: null };
      this.#levels.push(level);
      if (isNews) this.#changeReserved(level, amount);
      return;
    }
    if (isNews) this.#changeReserved(known, -known.amount);
    known.term = term;
    known.amount = amount;
    known.sums = null;
    if (isNews) this.#changeReserved(known, amount);
    if (amount === 0) this.#levels.splice(this.#levels.indexOf(known), 1);
  }

  #changeReserved(level: Level, change: number): void {
    if (change !== 0 && this.#findSums(level)) (level.part as TermDelta).reserved += change;
  }

  /** Whether there are sums to add to. */
  #findSums(level: Level): boolean {
    const deltas = this.#deltas;
    if (deltas === null) return false;
    if (level.sums === deltas) return true;
    level.delta = deltaOf(deltas, level.handle);
    level.part = termOf(level.delta, level.term);
    level.sums = deltas;
    return true;
  }

  #levelOf(handle: number): Level | undefined {
    const levels = this.#levels;
    if (levels === undefined) return undefined;
    const likely = levels[this.#likely++];
    if (likely !== undefined && likely.handle === handle) return likely;
    for (const level of levels) if (level.handle === handle) return level;
    return undefined;
  }
}
