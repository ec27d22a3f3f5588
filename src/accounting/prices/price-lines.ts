// The prices of one version of sheet, catalogue and overrides: looked up once a model and kept.
import type { ModelPrice, PriceBook, PriceTarget } from "../../core/price.ts";
import { findPrice, type PriceTable } from "./find-price.ts";
import { applyOverride, type CompiledOverride } from "./overrides.ts";
import { FittingOverrides } from "./overrides-fitting.ts";

/** Callers may invent model names: with more than so many the shelf begins anew. */
const MOST_LINES = 5000;

/** What is known of one model as one provider is asked for it. */
interface Line {
  readonly base: string;
  readonly askedModel: string;
  readonly modelName: string | null;
  readonly price: ModelPrice | null;
  /** Overrides that name this model; null = none. */
  readonly overrides: FittingOverrides | null;
}

/** Overrides go before the tables, these in their order. A look-up that was made before is two accesses and gives the same object. */
export class PriceLines implements PriceBook {
  readonly #tables: readonly PriceTable[];
  readonly #overrides: readonly CompiledOverride[];
  readonly #lines = new Map<string, Map<string, Line>>();
  #count = 0;
  /** Changed prices, by what they change: the same object as long as both are in force. */
  readonly #changed = new Map<CompiledOverride, Map<ModelPrice | null, ModelPrice>>();

  constructor(tables: readonly PriceTable[], overrides: readonly CompiledOverride[]) {
    this.#tables = tables;
    this.#overrides = overrides;
  }

  /** How many looked-up models are kept. */
  get size(): number {
    return this.#count;
  }

  priceOf(target: PriceTarget): ModelPrice | null {
    const line = this.#lines.get(target.provider)?.get(target.model);
    const held =
      line !== undefined &&
      line.askedModel === target.askedModel &&
      line.base === target.base &&
      line.modelName === (target.modelName ?? null)
        ? line
        : this.#lineOf(target);
    if (held.overrides === null) return held.price;
    const override = held.overrides.choose(target);
    return override === null ? held.price : this.#change(held.price, override);
  }

  /** One asked name of a model has its place; others, which are rare, share it in turn with what they give. */
  #lineOf(target: PriceTarget): Line {
    const { provider, base, model, askedModel, modelName = null } = target;
    const key = `${model}\n${askedModel}\n${base}\n${modelName ?? ""}`;
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

  #makeLine({ provider, base, model, askedModel, modelName = null }: PriceTarget): Line {
    const price = findPrice(this.#tables, { provider, base, models: [modelName, model, askedModel] });
    return { base, askedModel, modelName, price, overrides: FittingOverrides.of(this.#overrides, provider, model) };
  }

  #change(price: ModelPrice | null, override: CompiledOverride): ModelPrice {
    let prices = this.#changed.get(override);
    if (prices === undefined) this.#changed.set(override, (prices = new Map()));
    let changed = prices.get(price);
    if (changed === undefined) prices.set(price, (changed = applyOverride(price, override)));
    return changed;
  }
}
