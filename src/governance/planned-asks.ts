// What the targets of a planned request would reserve, worked out when admission looks at them: most requests need the first alone.
import type { PlannedTarget } from "../core/decision.ts";
import type { Exchange } from "../core/exchange.ts";
import { sizeOf } from "../core/measure-body.ts";
import type { TargetPrice } from "../core/request-size.ts";
import type { TargetAsk, TargetList } from "./admission-ask.ts";
import type { Estimator } from "./estimator.ts";
import type { TargetLevels } from "./levels.ts";
import { askOf } from "./target-ask.ts";
import { mostToolCalls } from "./tool-calls.ts";

/** What a target costs, as far as estimates ask. */
export interface Offer {
  readonly price: TargetPrice;
  /** The longest answer of the model, tokens; null = not known. */
  readonly maxOutputTokens: number | null;
}

export type FindOffer = (exchange: Exchange, target: PlannedTarget) => Offer;

export class PlannedAsks implements TargetList {
  readonly length: number;
  readonly #exchange: Exchange;
  readonly #order: readonly PlannedTarget[];
  readonly #levels: readonly TargetLevels[];
  readonly #estimator: Estimator;
  readonly #offerOf: FindOffer;
  readonly #made: TargetAsk[] = [];

  constructor(
    exchange: Exchange,
    levels: readonly TargetLevels[],
    by: { readonly estimator: Estimator; readonly offerOf: FindOffer },
  ) {
    this.#exchange = exchange;
    this.#order = exchange.decision?.order ?? [];
    this.#levels = levels;
    this.#estimator = by.estimator;
    this.#offerOf = by.offerOf;
    this.length = this.#order.length;
  }

  at(index: number): TargetAsk | undefined {
    if (index >= this.length) return undefined;
    return (this.#made[index] ??= this.#make(index));
  }

  #make(index: number): TargetAsk {
    const exchange = this.#exchange;
    const target = this.#order[index]!;
    const levels = this.#levels[index]!;
    const { price, maxOutputTokens } = this.#offerOf(exchange, target);
    const { virtualKey, snapshot } = exchange;
    return askOf(
      {
        keyId: virtualKey?.id ?? null,
        provider: target.provider.name,
        model: target.model,
        levels,
        size: sizeOf(exchange),
        price,
        maxOutputTokens,
        toolCalls: levels.hasHard ? mostToolCalls(exchange.request.body.bytes) : 0,
        unpriced: virtualKey?.entity.unpricedModels ?? snapshot.settings.unpricedModels ?? "allow",
        maxCost: exchange.options.maxCost,
      },
      this.#estimator,
    );
  }
}
