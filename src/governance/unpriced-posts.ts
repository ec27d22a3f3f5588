// Requests to models without a price, by budget, on their way to the store: each is counted once, and kept until it is taken.

/** By counter. */
export type UnpricedCounts = readonly (readonly [counter: string, count: number])[];

/** Budgets that are counted between two messages. */
const MOST_BUDGETS = 1000;
/** ms after which what was not taken is sent again. */
const AGAIN = 5000;

export class UnpricedPosts {
  #counting = new Map<string, number>();
  #sent: UnpricedCounts | null = null;
  #sentAt = 0;
  #seq = 0;

  add(counter: string): void {
    const known = this.#counting.get(counter);
    if (known !== undefined || this.#counting.size < MOST_BUDGETS) this.#counting.set(counter, (known ?? 0) + 1);
  }

  /** What is to be sent now; the same number once more means the same counts. Null = nothing. */
  due(monotonic: number): { readonly seq: number; readonly counts: UnpricedCounts } | null {
    if (this.#sent === null) {
      if (this.#counting.size === 0) return null;
      this.#sent = [...this.#counting];
      this.#counting = new Map();
      this.#seq++;
    } else if (monotonic - this.#sentAt < AGAIN) return null;
    this.#sentAt = monotonic;
    return { seq: this.#seq, counts: this.#sent };
  }

  taken(seq: number): void {
    if (seq === this.#seq) this.#sent = null;
  }
}
