// One filter of viewers on the loop: shows its requests one by one, or sums them up while they are more than anybody reads.
import type { Exchange } from "../core/exchange.ts";
import type { LiveFilter, LiveLens, LiveSum } from "../core/live-watch.ts";
import { servedBy } from "./live-request.ts";

/** Requests in a second above which they are summed up. */
const BUSY_FROM = 200;
/** Requests in a whole second at which they are shown again: less, so that it does not go to and fro. */
const CALM_BELOW = 160;
/** Providers of a sum; a caller cannot make up more. */
const MOST_PROVIDERS = 100;

export class LensView {
  readonly id: number;
  readonly filter: LiveFilter;
  /** Requests are summed up; those that were shown before are shown to their end. */
  isBusy = false;
  #from: number;
  /** New in this second. */
  #count = 0;
  #success = 0;
  #error = 0;
  #cancelled = 0;
  #byProvider: Record<string, { requests: number; error: number }> = {};

  constructor({ id, filter }: LiveLens, now: number) {
    this.id = id;
    this.filter = filter;
    this.#from = now;
  }

  /** Whether one more request is shown. `isFull`: there is no room for any. */
  admits(isFull: boolean): boolean {
    if (++this.#count > BUSY_FROM || isFull) this.isBusy = true;
    return !this.isBusy;
  }

  /** A request that ended unseen. */
  sumUp(exchange: Exchange): void {
    const isError = exchange.outcome === "error";
    if (isError) this.#error++;
    else if (exchange.outcome === "success") this.#success++;
    else this.#cancelled++;
    const { provider } = servedBy(exchange);
    if (provider === "") return;
    const known = Object.hasOwn(this.#byProvider, provider) ? this.#byProvider[provider] : undefined;
    if (known !== undefined) {
      known.requests++;
      if (isError) known.error++;
    } else if (Object.keys(this.#byProvider).length < MOST_PROVIDERS)
      this.#byProvider[provider] = { requests: 1, error: isError ? 1 : 0 };
  }

  /** The sum of the second that ends now; null when all was shown. */
  endSecond(now: number): LiveSum | null {
    const summed = this.#success + this.#error + this.#cancelled;
    const sum = this.isBusy ? this.#sum(now) : null;
    // While busy nothing is counted as new: what ended is the measure.
    if (this.isBusy && Math.max(summed, this.#count) <= CALM_BELOW) this.isBusy = false;
    this.#from = now;
    this.#count = 0;
    this.#success = this.#error = this.#cancelled = 0;
    this.#byProvider = {};
    return sum;
  }

  #sum(to: number): LiveSum {
    return {
      lens: this.id,
      from: this.#from,
      to,
      success: this.#success,
      error: this.#error,
      cancelled: this.#cancelled,
      byProvider: this.#byProvider,
    };
  }
}
