// Holds a whole answer in one piece of memory while it comes in, within a limit that all answers of the process share.

const FIRST = 4096;

/** What all held answers may take together, bytes. */
export class HeldBudget {
  used = 0;
  readonly limit: number;
  constructor(limit = 256 * 1024 * 1024) {
    this.limit = limit;
  }
}

/** One answer. `append` copies; `take` gives the whole; `release` gives the budget back, once, also when nothing came. */
export class HeldBody {
  #buffer: Buffer;
  #length = 0;
  #charged = 0;
  readonly #budget: HeldBudget;

  constructor(budget: HeldBudget, expected: number) {
    this.#budget = budget;
    this.#buffer = Buffer.allocUnsafe(Math.min(Math.max(expected, 0), 1 << 20) || FIRST);
  }

  get length(): number {
    return this.#length;
  }

  /** False when the process holds too much already. */
  append(bytes: Buffer): boolean {
    const needed = this.#length + bytes.length;
    if (needed > this.#buffer.length) {
      const size = Math.max(needed, this.#buffer.length * 2);
      const grown = Buffer.allocUnsafeSlow(size);
      this.#buffer.copy(grown, 0, 0, this.#length);
      this.#buffer = grown;
    }
    if (this.#budget.used + bytes.length > this.#budget.limit) return false;
    this.#budget.used += bytes.length;
    this.#charged += bytes.length;
    bytes.copy(this.#buffer, this.#length);
    this.#length = needed;
    return true;
  }

  take(): Buffer {
    return this.#length === this.#buffer.length ? this.#buffer : this.#buffer.subarray(0, this.#length);
  }

  release(): void {
    this.#budget.used -= this.#charged;
    this.#charged = 0;
  }
}
