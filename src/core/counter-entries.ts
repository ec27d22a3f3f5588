// What a loop posts to the counters, packed: reservations, costs, ends. The same bytes stand in the journal.

/** One counter of an entry. */
export interface EntryLevel {
  readonly handle: number;
  /** The term of the lease that it is reserved from. */
  readonly term: number;
  readonly amount: number;
}

/** What happened. The numbers are written into journals: they never change their meaning. */
export const ENTRY = {
  /** The request's reservation at these counters is this, whatever it was before. Amount 0 = none any more. */
  reserve: 1,
  /** A cost while the request goes on, as of an attempt that failed: it uses up what is reserved, as far as that reaches. */
  charge: 2,
  /** A last cost, which may be none; what is left of the request's reservations is free. */
  settle: 3,
  /** The loop spends no more of this lease; what is reserved from it stays reserved. The request is 0, amounts do not count. */
  endLease: 4,
  /** As `reserve`, of what the store has taken into its counters already. Written by the store alone. */
  reservedInStore: 5,
} as const;

export type EntryType = (typeof ENTRY)[keyof typeof ENTRY];

/** type, count of levels, request */
const HEAD = 1 + 1 + 8;
/** handle, term, amount */
const LEVEL = 4 + 8 + 8;
const MOST_LEVELS = 255;
const HIGHEST_HANDLE = 2 ** 32 - 1;

/** Packs entries one after another; grows as needed. */
export class EntryWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #used = 0;

  get size(): number {
    return this.#used;
  }

  /** Throws RangeError for what is no amount, handle or term: NaN, below 0, beyond MAX_AMOUNT. */
  add(type: EntryType, request: number, levels: readonly EntryLevel[]): void {
    if (levels.length > MOST_LEVELS) throw new RangeError("an entry has 255 levels at most");
    const size = HEAD + levels.length * LEVEL;
    this.#makeRoom(size);
    let at = this.#used;
    this.#view.setUint8(at, type);
    this.#view.setUint8(at + 1, levels.length);
    this.#view.setFloat64(at + 2, whole(request, "request"), true);
    at += HEAD;
    for (const { handle, term, amount } of levels) {
      if (handle > HIGHEST_HANDLE) throw new RangeError("a handle has 32 bits");
      this.#view.setUint32(at, whole(handle, "handle"), true);
      this.#view.setFloat64(at + 4, whole(term, "term"), true);
      this.#view.setFloat64(at + 12, whole(amount, "amount"), true);
      at += LEVEL;
    }
    // Only now: an entry that threw half way was never begun.
    this.#used = at;
  }

  /** A copy of what was packed; the writer begins anew. */
  take(): Uint8Array {
    const bytes = this.#bytes.slice(0, this.#used);
    this.#used = 0;
    return bytes;
  }

  #makeRoom(size: number): void {
    if (this.#used + size <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#used + size));
    grown.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

function whole(value: number, name: string): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(`${name} ${value} is not a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
}

/** Takes entries one by one, without making an object of each: a journal holds millions. */
export interface EntryVisitor {
  entry(type: EntryType, request: number): void;
  /** The counters of the entry that was begun last. */
  level(handle: number, term: number, amount: number): void;
  /** After the last level of each entry. */
  done(): void;
}

/** Throws RangeError before the first visit if these are no whole, sound entries. */
export function readEntries(bytes: Uint8Array, visitor: EntryVisitor): void {
  checkEntries(bytes);
  visitEntries(bytes, visitor);
}

/** The same for bytes that were checked before: what stands in a journal was. */
export function visitEntries(bytes: Uint8Array, visitor: EntryVisitor): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const levels = view.getUint8(at + 1);
    visitor.entry(view.getUint8(at) as EntryType, view.getFloat64(at + 2, true));
    at += HEAD;
    for (let left = levels; left > 0; left--, at += LEVEL)
      visitor.level(view.getUint32(at, true), view.getFloat64(at + 4, true), view.getFloat64(at + 12, true));
    visitor.done();
  }
}

/** Throws RangeError. */
export function checkEntries(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at < bytes.length) {
    if (at + HEAD > bytes.length) throw new RangeError("an entry is cut off");
    const type = view.getUint8(at);
    if (type < ENTRY.reserve || type > ENTRY.reservedInStore) throw new RangeError(`${type} is no kind of entry`);
    const end = at + HEAD + view.getUint8(at + 1) * LEVEL;
    if (end > bytes.length) throw new RangeError("an entry is cut off");
    whole(view.getFloat64(at + 2, true), "request");
    for (at += HEAD; at < end; at += LEVEL) {
      whole(view.getFloat64(at + 4, true), "term");
      whole(view.getFloat64(at + 12, true), "amount");
    }
  }
}
