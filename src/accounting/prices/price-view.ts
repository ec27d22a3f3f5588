// The prices in force as the control plane shows them: loaded when somebody first asks.
import type { ModelPrice, PriceOverride, PriceTarget, Rates } from "../../core/price.ts";
import { bundledPrices } from "./bundled.ts";
import { PriceShelf } from "./price-shelf.ts";
import { ratesAt } from "./price-usage.ts";
import type { CompactSheet } from "./sheet-reading.ts";

export interface PriceViewOptions {
  /** The sheet in force; null = none. */
  readonly sheet: () => CompactSheet | null;
  readonly overrides: () => readonly PriceOverride[];
  readonly now: () => number;
}

/** A price with the rates of this moment. */
export interface ViewedPrice extends Omit<ModelPrice, "periods" | "uplift"> {
  readonly rates: Rates;
}

export class PriceView {
  readonly #options: PriceViewOptions;
  #shelf: PriceShelf | null = null;
  #sheet: CompactSheet | null = null;

  constructor(options: PriceViewOptions) {
    this.#options = options;
  }

  /** Null: the model has no price now. */
  async lookup(): Promise<(target: PriceTarget) => ViewedPrice | null> {
    const shelf = await this.shelf();
    const now = this.#options.now();
    return (target) => {
      const price = shelf.priceOf(target);
      const rates = price === null ? null : ratesAt(price, now);
      if (price === null || rates === null) return null;
      const { maxInputTokens, maxOutputTokens, source, version } = price;
      return { rates, maxInputTokens, maxOutputTokens, source, version };
    };
  }

  /** The prices as the loop has them. */
  async shelf(): Promise<PriceShelf> {
    const { table } = await bundledPrices();
    const { sheet, overrides } = this.#options;
    if (this.#shelf === null) {
      this.#shelf = new PriceShelf();
      this.#shelf.setBundled(table);
    }
    const inForce = sheet();
    if (inForce !== this.#sheet) {
      this.#shelf.setSheet(inForce?.catalogue ?? null);
      this.#sheet = inForce;
    }
    this.#shelf.setOverrides(overrides());
    return this.#shelf;
  }
}
