// A quantile of recent values in two numbers: each value moves it a step up or down, so that old ones fade.

/** The step once it has settled, as a part of the value: about thirty values until an old one has faded. */
const SETTLED_STEP = 0.05;

export class LearnedQuantile {
  #logarithm = 0;
  #count = 0;
  readonly #part: number;

  /** `part`: 0.5 is the median. */
  constructor(part: number) {
    this.#part = part;
  }

  get count(): number {
    return this.#count;
  }

  /** Values that are no positive numbers teach nothing. */
  learn(value: number): void {
    if (!(value > 0) || !Number.isFinite(value)) return;
    const logarithm = Math.log(value);
    this.#count++;
    if (this.#count === 1) {
      this.#logarithm = logarithm;
      return;
    }
    const distance = logarithm - this.#logarithm;
    if (distance === 0) return;
    // large steps at first, and none beyond the value itself
    const step = Math.max(SETTLED_STEP, 1 / this.#count) * 2;
    const move = distance > 0 ? this.#part * step : (1 - this.#part) * step;
    this.#logarithm += Math.sign(distance) * Math.min(Math.abs(distance), move);
  }

  /** 0 before the first value. */
  get value(): number {
    return this.#count === 0 ? 0 : Math.exp(this.#logarithm);
  }
}
