// The form of the bundled price catalogue: rates by number, equal prices kept once.
import type { DailyWindow, ModelPrice, PricePeriod, Rates } from "../../core/price.ts";
import type { PriceTable } from "./find-price.ts";

/** Rate number, pico-dollars, rate number, pico-dollars, … */
export type FileRates = readonly number[];

/** Rates at a time: `from` and `to` in Unix ms. */
export interface FilePeriod {
  readonly from?: number;
  readonly to?: number;
  readonly windows?: readonly DailyWindow[];
  readonly rates: FileRates;
}

/** Whose figures (number in `origins`), the rates or the periods, what regions multiply. */
export type FilePrice = readonly [
  origin: number,
  rates: FileRates | readonly FilePeriod[],
  uplift?: Record<string, number>,
];

/** Number in `prices`, and the limits in tokens; 0 = not known. */
export type FileModel = number | readonly [price: number, maxInputTokens: number, maxOutputTokens: number];

export interface CatalogueFile {
  readonly generator: string;
  /** The day on which it was last generated with another content. */
  readonly date: string;
  /** Date and hash of the content. */
  readonly version: string;
  readonly sources: readonly string[];
  readonly origins: readonly string[];
  readonly rates: readonly string[];
  readonly prices: readonly FilePrice[];
  readonly providers: Readonly<Record<string, Readonly<Record<string, FileModel>>>>;
}

function ratesOf(file: CatalogueFile, flat: FileRates): Rates {
  const rates: Record<string, number> = {};
  for (let i = 0; i < flat.length; i += 2) rates[file.rates[flat[i] as number] as string] = flat[i + 1] as number;
  return rates;
}

function isFlat(told: FileRates | readonly FilePeriod[]): told is FileRates {
  return typeof told[0] === "number";
}

function periodsOf(file: CatalogueFile, told: FileRates | readonly FilePeriod[]): readonly PricePeriod[] {
  if (isFlat(told)) return [{ from: null, to: null, windows: null, rates: ratesOf(file, told) }];
  return told.map(({ from, to, windows, rates }) => ({
    from: from ?? null,
    to: to ?? null,
    windows: windows ?? null,
    rates: ratesOf(file, rates),
  }));
}

/** The catalogue as a table. A price is unpacked when it is first asked for, so that loading costs no more than the parse. */
export function catalogueTable(file: CatalogueFile): PriceTable {
  const unpacked = new Map<FileModel, ModelPrice>();
  const periods = new Map<number, readonly PricePeriod[]>();
  const unpack = (model: FileModel): ModelPrice => {
    const [number, maxInput, maxOutput] = typeof model === "number" ? [model, 0, 0] : model;
    const [origin, told, uplift] = file.prices[number] as FilePrice;
    let known = periods.get(number);
    if (known === undefined) periods.set(number, (known = periodsOf(file, told)));
    return {
      periods: known,
      uplift: uplift ?? null,
      maxInputTokens: maxInput === 0 ? null : maxInput,
      maxOutputTokens: maxOutput === 0 ? null : maxOutput,
      source: file.origins[origin] as string,
      version: file.version,
    };
  };
  return {
    get(provider, model) {
      const models = Object.hasOwn(file.providers, provider) ? file.providers[provider] : undefined;
      const found = models !== undefined && Object.hasOwn(models, model) ? models[model] : undefined;
      if (found === undefined) return null;
      let price = unpacked.get(found);
      if (price === undefined) unpacked.set(found, (price = unpack(found)));
      return price;
    },
  };
}
