// Writes prices in the form of the bundled catalogue: small, and quick to take in for another thread.
import type { ModelPrice, PricePeriod } from "../../core/price.ts";
import { type CatalogueFile, type FilePeriod, type FilePrice, type FileRates, printModel } from "./catalogue-file.ts";
import { type PriceSheet, sheetEntries } from "./read-sheet.ts";

/** Gives each text a number, in the order in which they come. */
class Numbers {
  readonly #known = new Map<string, number>();

  of(text: string): number {
    let number = this.#known.get(text);
    if (number === undefined) this.#known.set(text, (number = this.#known.size));
    return number;
  }

  get texts(): string[] {
    return [...this.#known.keys()];
  }
}

function flatRates({ rates }: PricePeriod, names: Numbers): FileRates {
  return Object.entries(rates).flatMap(([name, pico]) => [names.of(name), pico]);
}

function isAlways({ from, to, windows }: PricePeriod): boolean {
  return from === null && to === null && windows === null;
}

function filePeriod(period: PricePeriod, names: Numbers): FilePeriod {
  const { from, to, windows } = period;
  return {
    ...(from === null ? {} : { from }),
    ...(to === null ? {} : { to }),
    ...(windows === null ? {} : { windows }),
    rates: flatRates(period, names),
  };
}

function filePrice(price: ModelPrice, names: Numbers, origins: Numbers): FilePrice {
  const { periods, uplift, source } = price;
  const [first] = periods;
  const rates =
    periods.length === 1 && first !== undefined && isAlways(first)
      ? flatRates(first, names)
      : periods.map((period) => filePeriod(period, names));
  return uplift === null ? [origins.of(source), rates] : [origins.of(source), rates, uplift];
}

/** A sheet as a catalogue. `date`: the day of its content. */
export function catalogueOf(sheet: PriceSheet, date: string): CatalogueFile {
  const names = new Numbers();
  const origins = new Numbers();
  const prices = new Numbers();
  const providers: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (const { provider, model, price } of sheetEntries(sheet)) {
    const { maxInputTokens, maxOutputTokens } = price;
    const number = prices.of(JSON.stringify(filePrice(price, names, origins)));
    const line = { price: number, maxInputTokens: maxInputTokens ?? 0, maxOutputTokens: maxOutputTokens ?? 0 };
    (providers[provider] ??= []).push(printModel(model, line));
  }
  return {
    generator: "price sheet",
    date,
    version: sheet.version,
    sources: origins.texts,
    origins: origins.texts,
    rates: names.texts,
    prices: prices.texts,
    providers,
  };
}

/** As it travels: UTF-8 of JSON, in memory of its own. */
export function catalogueBytes(sheet: PriceSheet, date = ""): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(catalogueOf(sheet, date)));
}
