// What the targets of a planned request would reserve, worked out when admission looks at them: most requests need the first alone.
import type { PlannedTarget } from "../core/decision.ts";
import type { Exchange } from "../core/exchange.ts";
import { sizeOf, wholeSizeOf } from "../core/measure-body.ts";
import type { TargetPrice } from "../core/request-size.ts";
import type { TargetAsk, TargetList } from "./admission-ask.ts";
import type { Estimator, LearnedHere } from "./estimator.ts";
import { NO_LEVELS, type TargetLevels } from "./levels.ts";
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
    const size = levels.hasHard ? wholeSizeOf(exchange) : sizeOf(exchange);
    const learned = learnedAt(this.#estimator, exchange, target, levels);
    return askOf(
      {
        provider: target.provider.name,
        model: target.model,
        levels,
        size,
        price,
        maxOutputTokens,
        toolCalls: levels.hasHard ? mostToolCalls(exchange.request.body.bytes) : 0,
        unpriced: virtualKey?.entity.unpricedModels ?? snapshot.settings.unpricedModels ?? "allow",
        maxCost: exchange.options.maxCost,
      },
      this.#estimator.estimate(learned, size, price),
    );
  }
}

/** Callers name what they like where all models are allowed. */
const MOST_LEARNED = 200;

/** What was learned of the caller's requests to this target; kept beside its levels, which are his alone. */
export function learnedAt(
  estimator: Estimator,
  { virtualKey }: Exchange,
  { provider, model }: PlannedTarget,
  levels: TargetLevels,
): LearnedHere {
  const { learned } = levels;
  const known = learned.get(model);
  if (known !== undefined) return known;
  const found = estimator.here(virtualKey?.id ?? null, `${provider.name}/${model}`);
  // these are everybody's
  if (levels === NO_LEVELS) return found;
  if (learned.size >= MOST_LEARNED) learned.clear();
  learned.set(model, found);
  return found;
}
