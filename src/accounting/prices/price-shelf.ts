// The prices in force in one thread: overrides before the sheet before the bundled catalogue, looked up once a model and kept.
import type { ModelPrice, PriceBook, PriceOverride, PriceTarget } from "../../core/price.ts";
import { type CatalogueFile, catalogueTable } from "./catalogue-file.ts";
import { findPrice, type PriceTable } from "./find-price.ts";
import { applyOverride, type CompiledOverride, compileOverrides, patchProblem } from "./overrides.ts";
import { FittingOverrides } from "./overrides-fitting.ts";

/** Callers may invent model names: with more than so many the shelf begins anew. */
const MOST_LINES = 5000;

/** What is known of one model as one provider is asked for it. */
interface Line {
  readonly base: string;
  readonly askedModel: string;
  readonly price: ModelPrice | null;
  /** Overrides that name this model; null = none. */
  readonly overrides: FittingOverrides | null;
}

/** One for the thread that asks. Where nothing changes a look-up is two accesses and gives the same object. */
export class PriceShelf implements PriceBook {
  readonly #lines = new Map<string, Map<string, Line>>();
  #count = 0;
  /** Changed prices, by what they change: the same object as long as both are in force. */
  readonly #changed = new Map<CompiledOverride, Map<ModelPrice | null, ModelPrice>>();
  #overrides: readonly CompiledOverride[] = [];
  #told: readonly PriceOverride[] | null = null;
  #bundled: PriceTable | null = null;
  #sheet: PriceTable | null = null;

  /** How many looked-up models are kept. */
  get size(): number {
    return this.#count;
  }

  /** The prices that come with the gateway. */
  setBundled(table: PriceTable): void {
    this.#bundled = table;
    this.#forget();
  }

  /** JSON text of a CatalogueFile, or null for none. Throws where it is something else; the one before stays then. */
  setSheet(bytes: Uint8Array | null): void {
    this.#sheet = bytes === null ? null : catalogueTable(readSheetBytes(bytes));
    this.#forget();
  }

  /** The overrides of a configuration; the same list again costs nothing. Those that are none are left out and told. */
  setOverrides(list: readonly PriceOverride[]): readonly string[] {
    if (list === this.#told) return [];
    this.#told = list;
    const problems: string[] = [];
    const usable = list.filter((override) => {
      const problem = problemOf(override);
      if (problem !== null) problems.push(problem);
      return problem === null;
    });
    this.#overrides = compileOverrides(usable);
    this.#forget();
    return problems;
  }

  priceOf(target: PriceTarget): ModelPrice | null {
    const line = this.#lines.get(target.provider)?.get(target.model);
    const held =
      line !== undefined && line.askedModel === target.askedModel && line.base === target.base
        ? line
        : this.#lineOf(target);
    if (held.overrides === null) return held.price;
    const override = held.overrides.choose(target);
    return override === null ? held.price : this.#change(held.price, override);
  }

  #forget(): void {
    this.#lines.clear();
    this.#changed.clear();
    this.#count = 0;
  }

  /** One asked name of a model has its place; others, which are rare, share it in turn with what they give. */
  #lineOf(target: PriceTarget): Line {
    const { provider, base, model, askedModel } = target;
    const key = `${model}\n${askedModel}\n${base}`;
    const known = this.#lines.get(provider)?.get(key);
    if (known !== undefined) return known;
    if (this.#count >= MOST_LINES) {
      this.#lines.clear();
      this.#count = 0;
    }
    let models = this.#lines.get(provider);
    if (models === undefined) this.#lines.set(provider, (models = new Map()));
    const line = this.#makeLine(target);
    models.set(models.has(model) ? key : model, line);
    this.#count += 1;
    return line;
  }

  #makeLine({ provider, base, model, askedModel }: PriceTarget): Line {
    const tables = [this.#sheet, this.#bundled].filter((table) => table !== null);
    const price = findPrice(tables, { provider, base, models: [model, askedModel] });
    return { base, askedModel, price, overrides: FittingOverrides.of(this.#overrides, provider, model) };
  }

  #change(price: ModelPrice | null, override: CompiledOverride): ModelPrice {
    let prices = this.#changed.get(override);
    if (prices === undefined) this.#changed.set(override, (prices = new Map()));
    let changed = prices.get(price);
    if (changed === undefined) prices.set(price, (changed = applyOverride(price, override)));
    return changed;
  }
}

function readSheetBytes(bytes: Uint8Array): CatalogueFile {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")) as CatalogueFile;
}

function problemOf({ name, patch }: PriceOverride): string | null {
  const problem = patchProblem(patch);
  return problem === null ? null : `pricing override "${name}": ${problem}`;
}
