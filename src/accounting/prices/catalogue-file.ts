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

/** One model of a provider: which of the prices, and its limits in tokens (0 = not known). */
export interface FileModel {
  readonly price: number;
  readonly maxInputTokens: number;
  readonly maxOutputTokens: number;
}

/** Models and prices are lines of text: a program that holds five thousand small lists takes twice as long to load. */
export interface CatalogueFile {
  readonly generator: string;
  /** The day on which it was last generated with another content. */
  readonly date: string;
  /** Date and hash of the content. */
  readonly version: string;
  readonly sources: readonly string[];
  readonly origins: readonly string[];
  readonly rates: readonly string[];
  /** FilePrice as JSON. */
  readonly prices: readonly string[];
  /** `price maxInputTokens maxOutputTokens name`. */
  readonly providers: Readonly<Record<string, readonly string[]>>;
}

export function printModel(name: string, { price, maxInputTokens, maxOutputTokens }: FileModel): string {
  return `${price} ${maxInputTokens} ${maxOutputTokens} ${name}`;
}

/** The name of a model in the line that printModel wrote: what stands behind three numbers. */
function nameOf(line: string): string {
  return line.slice(line.indexOf(" ", line.indexOf(" ", line.indexOf(" ") + 1) + 1) + 1);
}

function modelOf(line: string): FileModel {
  const [price, maxInputTokens, maxOutputTokens] = line.split(" ", 3).map(Number);
  if (price === undefined || maxInputTokens === undefined || maxOutputTokens === undefined)
    throw new Error(`no model of the price catalogue: ${line}`);
  return { price, maxInputTokens, maxOutputTokens };
}

/** Reads what printModel wrote. */
export function readModel(line: string): readonly [name: string, model: FileModel] {
  return [nameOf(line), modelOf(line)];
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

/** The catalogue as a table. A provider's models and a price are unpacked when they are first asked for. */
export function catalogueTable(file: CatalogueFile): PriceTable {
  return new CatalogueTable(file);
}

class CatalogueTable implements PriceTable {
  readonly #file: CatalogueFile;
  /** Names of models to their lines. */
  readonly #providers = new Map<string, ReadonlyMap<string, string>>();
  readonly #prices = new Map<number, FilePrice>();
  /** By line: equal lines are equal prices. */
  readonly #models = new Map<string, ModelPrice>();

  constructor(file: CatalogueFile) {
    this.#file = file;
  }

  get(provider: string, model: string): ModelPrice | null {
    const line = this.#modelsOf(provider)?.get(model);
    if (line === undefined) return null;
    let price = this.#models.get(line);
    if (price === undefined) this.#models.set(line, (price = this.#unpack(modelOf(line))));
    return price;
  }

  #modelsOf(provider: string): ReadonlyMap<string, string> | undefined {
    const known = this.#providers.get(provider);
    if (known !== undefined || !Object.hasOwn(this.#file.providers, provider)) return known;
    const lines = this.#file.providers[provider] as readonly string[];
    const models = new Map(lines.map((line) => [nameOf(line), line]));
    this.#providers.set(provider, models);
    return models;
  }

  #unpack({ price, maxInputTokens, maxOutputTokens }: FileModel): ModelPrice {
    let told = this.#prices.get(price);
    if (told === undefined) {
      told = JSON.parse(this.#file.prices[price] as string) as FilePrice;
      this.#prices.set(price, told);
    }
    const [origin, rates, uplift] = told;
    return {
      periods: periodsOf(this.#file, rates),
      uplift: uplift ?? null,
      maxInputTokens: maxInputTokens === 0 ? null : maxInputTokens,
      maxOutputTokens: maxOutputTokens === 0 ? null : maxOutputTokens,
      source: this.#file.origins[origin] as string,
      version: this.#file.version,
    };
  }
}
