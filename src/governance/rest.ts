// What a loop believes to be left of a limit: the store's last word, and what was taken and given back here since.
import { type CounterSpec, windowMs } from "./counter-spec.ts";

export class Rest {
  #spec: CounterSpec;
  /** Of its window, ms; worked out when it is first asked for. */
  #length = 0;
  /** Null: nothing is known. May fall below 0. */
  #amount: number | null = null;
  /** Unix ms; null = bit by bit, or never. */
  #endsAt: number | null = null;
  /** Monotonic ms. */
  #toldAt = 0;

  constructor(spec: CounterSpec) {
    this.#spec = spec;
  }

  /** The limit has changed: so much more or less is left of it. */
  become(spec: CounterSpec): void {
    if (this.#amount !== null) this.#amount += spec.limit - this.#spec.limit;
    if (spec.reset !== this.#spec.reset) this.#length = 0;
    this.#spec = spec;
  }

  /** The store's word: what nobody holds, and when the window ends. */
  tell(left: number, endsAt: number | null, monotonic: number): void {
    this.#amount = left;
    this.#endsAt = endsAt;
    this.#toldAt = monotonic;
  }

  /** Taken without a lease, or beyond what was reserved. */
  use(amount: number): void {
    if (this.#amount !== null) this.#amount -= amount;
  }

  give(amount: number): void {
    if (this.#amount !== null) this.#amount += amount;
  }

  /**
   * Beyond the lease. A window that has ended leaves everything; of one that slides, that is taken to be so after its
   * length. Where nothing was ever told it is the limit as it is configured; Infinity for one without reset, which credits
   * may have raised. `open`: what is reserved here.
   */
  left(wall: number, monotonic: number, open: number): number {
    if (this.#amount !== null && !this.#isPast(wall, monotonic)) return this.#amount;
    if (this.#spec.reset === null) return this.#amount ?? Number.POSITIVE_INFINITY;
    this.tell(this.#spec.limit - open, null, monotonic);
    return this.#amount as unknown as number;
  }

  #isPast(wall: number, monotonic: number): boolean {
    if (this.#endsAt !== null) return wall >= this.#endsAt;
    return monotonic - this.#toldAt >= this.#windowMs();
  }

  #windowMs(): number {
    if (this.#length === 0) this.#length = windowMs(this.#spec);
    return this.#length;
  }

  /** Unix ms at which all of the limit is free again, as far as it is known; null = never by itself. */
  resetsAt(wall: number): number | null {
    if (this.#endsAt !== null && this.#endsAt > wall) return this.#endsAt;
    const length = this.#windowMs();
    return Number.isFinite(length) ? wall + length : null;
  }
}
