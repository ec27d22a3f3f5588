// An index from 32-bit hashes to numbered slots in two words an entry, that grows a little with each change and never at once.

const EMPTY = 0;
const GONE = -1;
const SMALLEST = 64;
/** Entries moved with each change while the table grows: it is done long before the next growth is due. */
const MOVED = 64;

/** Pairs of hash and slot + 1, with open addressing. */
interface Table {
  readonly cells: Int32Array;
  readonly mask: number;
  /** Cells that are not empty, gone ones included. */
  used: number;
}

function tableOf(size: number): Table {
  return { cells: new Int32Array(size * 2), mask: size - 1, used: 0 };
}

/** Equal hashes are told apart by the caller. */
export class SlotIndex {
  #table: Table = tableOf(SMALLEST);
  /** The table before it grew, until all of it was moved. */
  #old: Table | null = null;
  #moved = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The slot with this hash for which `matches` holds; -1 = none. */
  find(hash: number, matches: (slot: number) => boolean): number {
    const cell = cellOf(this.#table, hash, matches);
    if (cell >= 0) return this.#table.cells[cell + 1]! - 1;
    const old = this.#old;
    const before = old === null ? -1 : cellOf(old, hash, matches);
    return old === null || before < 0 ? -1 : old.cells[before + 1]! - 1;
  }

  add(hash: number, slot: number): void {
    this.#grow();
    put(this.#table, hash | 0, slot);
    this.#count++;
  }

  remove(hash: number, slot: number): void {
    this.#move();
    for (const table of this.#old === null ? [this.#table] : [this.#table, this.#old]) {
      const cell = cellOf(table, hash, (found) => found === slot);
      if (cell < 0) continue;
      table.cells[cell + 1] = GONE;
      this.#count--;
      return;
    }
  }

  /** Also makes room again where many entries are gone. */
  #grow(): void {
    this.#move();
    const size = this.#table.mask + 1;
    if (this.#old !== null || this.#table.used * 2 < size) return;
    this.#old = this.#table;
    this.#moved = 0;
    this.#table = tableOf(this.#count * 3 > size ? size * 2 : size);
    this.#move();
  }

  #move(): void {
    const old = this.#old;
    if (old === null) return;
    const end = Math.min(this.#moved + MOVED, old.mask + 1);
    for (let at = this.#moved; at < end; at++) {
      const slot = old.cells[at * 2 + 1]!;
      if (slot <= 0) continue;
      put(this.#table, old.cells[at * 2]!, slot - 1);
      old.cells[at * 2 + 1] = GONE;
    }
    this.#moved = end;
    if (end > old.mask) this.#old = null;
  }
}

function put(table: Table, hash: number, slot: number): void {
  const { cells, mask } = table;
  let at = start(hash, mask);
  while (cells[at * 2 + 1] !== EMPTY) at = (at + 1) & mask;
  cells[at * 2] = hash;
  cells[at * 2 + 1] = slot + 1;
  table.used++;
}

/** Where the pair stands; -1 = nowhere. */
function cellOf({ cells, mask }: Table, hash: number, matches: (slot: number) => boolean): number {
  const wanted = hash | 0;
  for (let at = start(wanted, mask); cells[at * 2 + 1] !== EMPTY; at = (at + 1) & mask) {
    const slot = cells[at * 2 + 1]!;
    if (slot > 0 && cells[at * 2] === wanted && matches(slot - 1)) return at * 2;
  }
  return -1;
}

/** Hashes that differ in their high bits alone begin apart too. */
function start(hash: number, mask: number): number {
  return (Math.imul(hash, 0x9e3779b1) >>> 7) & mask;
}
