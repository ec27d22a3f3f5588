// What a request would cost at a model's price, before it is sent: the estimate and the most that it can be.
import type { ModelPrice, Rates } from "../../core/price.ts";
import type { TargetPrice } from "../../core/request-size.ts";
import { ceilingOf, type PriceCeiling } from "./ceiling.ts";
import { ratesAt } from "./price-usage.ts";
import { readRateKey } from "./rate-key.ts";
import { tierOf } from "./report.ts";
import { contextSteps, resolveRate } from "./resolve-rate.ts";

const PICO_IN_NANO = 1000;

/** Rates of text for inputs of more than `above` tokens; null: no price. */
interface Step {
  readonly above: number;
  readonly inputPico: number | null;
  readonly outputPico: number | null;
}

const NO_PRICE: TargetPrice = Object.freeze({ cost: () => null, bound: () => null });

/** Prices of one set of rates, by tier. */
type ByTier = Map<string | null, TargetPrice>;
const kept = new WeakMap<ModelPrice, Map<Rates, ByTier>>();

/**
 * The prices of a target at a moment (Unix ms), made once for each price, time of day and tier. `tier`: as the caller asked
 * for it (`service_tier`); null = none.
 */
export function targetPrice(price: ModelPrice | null, tier: string | null, at: number): TargetPrice {
  const rates = price === null ? null : ratesAt(price, at);
  if (price === null || rates === null) return NO_PRICE;
  let ofPrice = kept.get(price);
  if (ofPrice === undefined) kept.set(price, (ofPrice = new Map()));
  let byTier = ofPrice.get(rates);
  if (byTier === undefined) ofPrice.set(rates, (byTier = new Map()));
  const asked = tier === null ? null : knownTier(rates, tier);
  let made = byTier.get(asked);
  if (made === undefined) byTier.set(asked, (made = new RatedTarget(price, rates, asked)));
  return made;
}

const tiersOf = new WeakMap<Rates, ReadonlySet<string>>();

/** A tier without a price of its own is served as the standard one, or its cost is unpriced: neither has another estimate. */
function knownTier(rates: Rates, asked: string): string | null {
  let tiers = tiersOf.get(rates);
  if (tiers === undefined) {
    tiers = new Set(Object.keys(rates).flatMap((key) => readRateKey(key)?.tier ?? []));
    tiersOf.set(rates, tiers);
  }
  if (tiers.size === 0) return null;
  const tier = tierOf(asked);
  return tier !== null && tiers.has(tier) ? tier : null;
}

class RatedTarget implements TargetPrice {
  /** The highest first; the last one has no end. */
  readonly #steps: readonly Step[];
  readonly #ceiling: PriceCeiling;
  /** Of each request, whatever it uses. */
  readonly #requestPico: number;

  constructor(price: ModelPrice, rates: Rates, tier: string | null) {
    this.#steps = [...contextSteps(rates), 0].map((above) => stepOf(rates, tier, above));
    this.#ceiling = ceilingOf(rates, price.uplift, tier);
    this.#requestPico = rates["request"] ?? 0;
  }

  cost(inputTokens: number, outputTokens: number): number | null {
    const step = this.#steps.find(({ above }) => inputTokens > above) ?? (this.#steps.at(-1) as Step);
    return amount(step, inputTokens, outputTokens, this.#requestPico);
  }

  bound(inputTokens: number, outputTokens: number, toolCalls: number): number | null {
    const { toolPico } = this.#ceiling;
    if (toolCalls > 0 && toolPico === null) return null;
    return amount(this.#ceiling, inputTokens, outputTokens, this.#requestPico + toolCalls * (toolPico ?? 0));
  }
}

function stepOf(rates: Rates, tier: string | null, above: number): Step {
  const served = { tier, context: above + 1 };
  const standard = { tier: null, context: above + 1 };
  const pico = (what: "input" | "output"): number | null => {
    const key = resolveRate(rates, what, served) ?? resolveRate(rates, what, standard);
    return key === null ? null : (rates[key] as number);
  };
  // what answers without text (embeddings, rankings) has no price of output, and needs none
  const output = pico("output") ?? (hasOutput(rates) ? null : 0);
  return { above, inputPico: pico("input"), outputPico: output };
}

function hasOutput(rates: Rates): boolean {
  return Object.keys(rates).some((key) => /^(output|reasoning|image_out|second_out|character_out)/.test(key));
}

/** Nano-dollars, rounded up. A side that is not used needs no price. */
function amount(
  { inputPico, outputPico }: Pick<Step, "inputPico" | "outputPico">,
  input: number,
  output: number,
  morePico: number,
): number | null {
  if ((inputPico === null && input > 0) || (outputPico === null && output > 0)) return null;
  return Math.ceil((input * (inputPico ?? 0) + output * (outputPico ?? 0) + morePico) / PICO_IN_NANO);
}
