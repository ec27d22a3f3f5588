// Random numbers that can be drawn again: a small generator with a 32-bit seed.

/** mulberry32: the same seed gives the same numbers on every machine. */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  /** The next number in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
}

/** A fresh seed, a whole number below 2^32. */
export function randomSeed(): number {
  return Math.floor(Math.random() * 4294967296);
}
