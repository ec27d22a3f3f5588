// The open reservations of one loop, kept by reading its entries in order, and what the entries mean for the counters.
import { ENTRY, type EntryType, type EntryVisitor, visitEntries } from "../../core/counter-entries.ts";
import { addCost, deltaOf, type LoopDeltas, termOf } from "./delta.ts";

/** A reservation at one counter. */
export interface OpenLevel {
  readonly handle: number;
  term: number;
  amount: number;
}

export class Ledger implements EntryVisitor {
  readonly #open = new Map<number, OpenLevel[]>();
  #deltas: LoopDeltas | null = null;
  #type: EntryType = ENTRY.reserve;
  #request = 0;
  #levels: OpenLevel[] | undefined;

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
      for (const { handle, term, amount } of levels) this.#changeReserved(handle, term, -amount);
      this.#open.delete(this.#request);
    } else if (levels.length === 0) this.#open.delete(this.#request);
  }

  /** A cost uses up the reservation; what goes beyond it is settled all the same. */
  #charge(handle: number, cost: number): void {
    if (cost === 0) return;
    const delta = this.#deltas === null ? null : deltaOf(this.#deltas, handle);
    if (delta !== null) addCost(delta, cost);
    const open = this.#levels === undefined ? undefined : levelOf(this.#levels, handle);
    if (open === undefined) return;
    const covered = Math.min(open.amount, cost);
    open.amount -= covered;
    if (delta !== null) termOf(delta, open.term).covered += covered;
  }

  #end(handle: number, term: number): void {
    if (this.#deltas !== null) termOf(deltaOf(this.#deltas, handle), term).isEnded = true;
  }

  #reserve(handle: number, term: number, amount: number): void {
    if (this.#levels === undefined) this.#open.set(this.#request, (this.#levels = []));
    const levels = this.#levels;
    const known = levelOf(levels, handle);
    if (this.#type === ENTRY.reserve) {
      if (known !== undefined) this.#changeReserved(handle, known.term, -known.amount);
      this.#changeReserved(handle, term, amount);
    }
    if (amount === 0) remove(levels, handle);
    else if (known === undefined) levels.push({ handle, term, amount });
    else {
      known.term = term;
      known.amount = amount;
    }
  }

  #changeReserved(handle: number, term: number, change: number): void {
    if (this.#deltas !== null && change !== 0) termOf(deltaOf(this.#deltas, handle), term).reserved += change;
  }
}

function levelOf(levels: readonly OpenLevel[], handle: number): OpenLevel | undefined {
  for (const level of levels) if (level.handle === handle) return level;
  return undefined;
}

function remove(levels: OpenLevel[], handle: number): void {
  const at = levels.findIndex((level) => level.handle === handle);
  if (at >= 0) levels.splice(at, 1);
}
