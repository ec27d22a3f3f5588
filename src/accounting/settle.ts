// The end of every exchange: settled once, counted once, and handed to the record and to the metrics.
import type { Exchange } from "../core/exchange.ts";
import type { Accounting, Clock } from "../core/ports.ts";

export interface AccountingOptions {
  /** Takes the exchange for its row in the request log. */
  readonly records: { add(exchange: Exchange): void };
  readonly metrics: { observe(exchange: Exchange): void };
  readonly clock: Clock;
  /** A fault of ours in one of the sinks: it costs its row or its count, not the answer. */
  readonly onFault: (error: unknown) => void;
}

class Settlement implements Accounting {
  readonly #options: AccountingOptions;

  constructor(options: AccountingOptions) {
    this.#options = options;
  }

  settle(exchange: Exchange): void {
    if (exchange.settled) return;
    exchange.settled = true;
    exchange.endedAt = this.#options.clock.monotonic() - exchange.startedAt;
    try {
      this.#options.metrics.observe(exchange);
    } catch (error) {
      this.#options.onFault(error);
    }
    try {
      this.#options.records.add(exchange);
    } catch (error) {
      this.#options.onFault(error);
    }
  }
}

/** The accounting of one loop. The exchange's body and answer are read before `settle` returns and may be released then. */
export function createAccounting(options: AccountingOptions): Accounting {
  return new Settlement(options);
}
