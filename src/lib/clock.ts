// The clocks: real ones for the house, one that tests move by hand.
import type { Clock } from "../core/ports.ts";

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

/** A clock that stands still until it is told to move. */
export class ManualClock implements Clock {
  #now: number;
  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }
  now(): number {
    return this.#now;
  }
  monotonic(): number {
    return this.#now;
  }
  advance(ms: number): void {
    this.#now += ms;
  }
}
