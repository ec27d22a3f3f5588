// Keeps short runs of bytes for numbered slots, packed in slabs outside of the heap; room of what went is used again.

const SLAB = 64 * 1024;
/** Before each run: its slot and its length. */
const HEAD = 8;
/** A slab of which less than this share is in use is emptied into the open one. */
const THIN = 0.25;

interface Slab {
  readonly bytes: Buffer;
  /** Where the next run goes. */
  end: number;
  /** Bytes of runs that are still somebody's. */
  live: number;
}

/** Where a run stands: valid until the next `put` or `free`. */
export interface Run {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

export class LabelSlabs {
  readonly #slabs: (Slab | null)[] = [];
  readonly #unused: number[] = [];
  /** The slab that takes new runs. */
  #open = -1;
  /** Slot → slab and offset, as one number; 0 = none. */
  #places = new Float64Array(1024);

  put(slot: number, from: Buffer, start: number, end: number): void {
    const length = end - start;
    const number = this.#roomFor(HEAD + length);
    const slab = this.#slabs[number]!;
    const at = slab.end;
    slab.bytes.writeUInt32LE(slot, at);
    slab.bytes.writeUInt32LE(length, at + 4);
    from.copy(slab.bytes, at + HEAD, start, end);
    slab.end += HEAD + length;
    slab.live += HEAD + length;
    this.#setPlace(slot, number, at);
  }

  get(slot: number): Run {
    const [number, at] = this.#place(slot);
    const { bytes } = this.#slabs[number]!;
    const start = at + HEAD;
    return { bytes, start, end: start + bytes.readUInt32LE(at + 4) };
  }

  free(slot: number): void {
    const [number, at] = this.#place(slot);
    const slab = this.#slabs[number]!;
    slab.live -= HEAD + slab.bytes.readUInt32LE(at + 4);
    this.#places[slot] = 0;
    if (number !== this.#open && slab.live < slab.bytes.length * THIN) this.#empty(number);
  }

  /** How many bytes the slabs take. */
  get size(): number {
    return this.#slabs.reduce((sum, slab) => sum + (slab?.bytes.length ?? 0), 0);
  }

  #roomFor(length: number): number {
    const open = this.#slabs[this.#open];
    if (open != null && open.end + length <= open.bytes.length) return this.#open;
    const isLarge = length > SLAB;
    const number = this.#unused.pop() ?? this.#slabs.length;
    // of its own memory: a pooled buffer would keep the pool
    const bytes = Buffer.from(new ArrayBuffer(isLarge ? length : SLAB));
    this.#slabs[number] = { bytes, end: 0, live: 0 };
    if (isLarge) return number;
    const before = this.#open;
    this.#open = number;
    if (open != null && open.live < open.bytes.length * THIN) this.#empty(before);
    return this.#open;
  }

  /** Moves what is left in a slab, a few kilobytes, and gives the slab up. */
  #empty(number: number): void {
    const slab = this.#slabs[number]!;
    this.#slabs[number] = null;
    for (let at = 0; at < slab.end; ) {
      const slot = slab.bytes.readUInt32LE(at);
      const start = at + HEAD;
      const end = start + slab.bytes.readUInt32LE(at + 4);
      const [owner, place] = this.#place(slot);
      if (owner === number && place === at && this.#places[slot] !== 0) this.put(slot, slab.bytes, start, end);
      at = end;
    }
    this.#unused.push(number);
  }

  /** One more than the place, so that 0 is none. */
  #setPlace(slot: number, slab: number, at: number): void {
    if (slot >= this.#places.length) {
      const grown = new Float64Array(Math.max(slot + 1, this.#places.length * 2));
      grown.set(this.#places);
      this.#places = grown;
    }
    this.#places[slot] = slab * SLAB + at + 1;
  }

  #place(slot: number): [number, number] {
    const place = (this.#places[slot] ?? 0) - 1;
    return [Math.floor(place / SLAB), place % SLAB];
  }
}
