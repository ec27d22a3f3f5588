// A quantile of recent values in two numbers: each value moves it a step up or down, so that old ones fade.

/** The step once it has settled, as a part of the value: about thirty values until an old one has faded. */
const SETTLED_STEP = 0.05;

export class LearnedQuantile {
  #value = 0;
  #count = 0;
  readonly #part: number;
  /** What a settled step multiplies by. */
  readonly #up: number;
  readonly #down: number;

  /** `part`: 0.5 is the median. */
  constructor(part: number) {
    this.#part = part;
    this.#up = Math.exp(part * 2 * SETTLED_STEP);
    this.#down = Math.exp((part - 1) * 2 * SETTLED_STEP);
  }

  get count(): number {
    return this.#count;
  }

  /** Values that are no positive numbers teach nothing. */
  learn(value: number): void {
    if (!(value > 0) || !Number.isFinite(value)) return;
    this.#count++;
    if (this.#count === 1) this.#value = value;
    // no step goes beyond the value itself
    else if (value > this.#value) this.#value = Math.min(value, this.#value * this.#factorUp());
    else if (value < this.#value) this.#value = Math.max(value, this.#value * this.#factorDown());
  }

  /** Large steps at first. */
  #factorUp(): number {
    return this.#count * SETTLED_STEP >= 1 ? this.#up : Math.exp((this.#part * 2) / this.#count);
  }

  #factorDown(): number {
    return this.#count * SETTLED_STEP >= 1 ? this.#down : Math.exp(((this.#part - 1) * 2) / this.#count);
  }

  /** 0 before the first value. */
  get value(): number {
    return this.#value;
  }
}
