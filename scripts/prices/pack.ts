// Packs merged prices into the compact file: rates by number, equal prices once, models that a look-up finds anyway left out.
import { createHash } from "node:crypto";
import {
  type CatalogueFile,
  type FilePeriod,
  type FilePrice,
  type FileRates,
  printModel,
} from "../../src/accounting/prices/catalogue-file.ts";
import { modelForms } from "../../src/accounting/prices/model-forms.ts";
import { samePrices } from "../../src/accounting/prices/provider-names.ts";
import type { PricePeriod } from "../../src/core/price.ts";
import type { Merged, Origin } from "./merge.ts";

type Models = ReadonlyMap<string, ReadonlyMap<string, Merged>>;

const ORIGINS: readonly Origin[] = ["genai", "litellm", "both", "hand"];

class Numbers {
  readonly texts: string[] = [];
  readonly #known = new Map<string, number>();

  of(text: string): number {
    let number = this.#known.get(text);
    if (number === undefined) {
      number = this.texts.push(text) - 1;
      this.#known.set(text, number);
    }
    return number;
  }
}

function filePrice({ origin, periods, uplift }: Merged, names: Numbers): FilePrice {
  const flat = (period: PricePeriod): FileRates =>
    Object.entries(period.rates)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([key, rate]) => [names.of(key), rate]);
  const [only] = periods;
  const isPlain = periods.length === 1 && only?.from === null && only.to === null && only.windows === null;
  const dated = (period: PricePeriod): FilePeriod => ({
    ...(period.from === null ? {} : { from: period.from }),
    ...(period.to === null ? {} : { to: period.to }),
    ...(period.windows === null ? {} : { windows: period.windows }),
    rates: flat(period),
  });
  const told = isPlain ? flat(only) : periods.map(dated);
  const number = ORIGINS.indexOf(origin);
  return uplift === null ? [number, told] : [number, told, uplift];
}

const meaning = (model: Merged): string =>
  JSON.stringify([model.periods, model.uplift, model.maxInputTokens, model.maxOutputTokens]);

/** The models without those whose other spelling leads to the same price. */
function withoutTwins(provider: string, models: ReadonlyMap<string, Merged>): Map<string, Merged> {
  const kept = new Map(models);
  // another provider's exact spelling is asked before this one's twin
  if (samePrices(provider).length > 0) return kept;
  for (const [name, model] of models) {
    const twin = modelForms(name, [provider])
      .slice(1)
      .find((form) => kept.has(form));
    if (twin !== undefined && twin !== name && meaning(kept.get(twin) as Merged) === meaning(model)) kept.delete(name);
  }
  return kept;
}

/** The file's content, without date and version. */
export function pack(models: Models): Pick<CatalogueFile, "rates" | "prices" | "providers"> {
  const names = new Numbers();
  const prices = new Numbers();
  const line = ([name, model]: [string, Merged]): string =>
    printModel(name, {
      price: prices.of(JSON.stringify(filePrice(model, names))),
      maxInputTokens: model.maxInputTokens ?? 0,
      maxOutputTokens: model.maxOutputTokens ?? 0,
    });
  const providers = [...models].map(
    ([provider, all]) => [provider, [...withoutTwins(provider, all)].map(line)] as const,
  );
  return { providers: Object.fromEntries(providers), rates: names.texts, prices: prices.texts };
}

export function hashOf(content: unknown): string {
  return createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 12);
}

const list = (lines: readonly string[]): string => `[\n${lines.map((text) => JSON.stringify(text)).join(",\n")}\n]`;

/** One price and one model a line: a change of a source is readable as a difference. */
export function print(file: CatalogueFile): string {
  const { prices, providers, ...head } = file;
  const fields = Object.entries(head).map(([name, value]) => `"${name}":${JSON.stringify(value)},\n`);
  const models = Object.entries(providers).map(([provider, lines]) => `${JSON.stringify(provider)}:${list(lines)}`);
  return `{\n${fields.join("")}"prices":${list(prices)},\n"providers":{\n${models.join(",\n")}\n}}\n`;
}
