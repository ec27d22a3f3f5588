// What a set of rates charges each kind of usage at, found once for each tier and length: a price is asked for every answer.
import type { RateKey, Rates } from "../../core/price.ts";
import type { UsageKey } from "../../core/usage.ts";
import { GROUNDED_PROMPT, isTokenKind, kindOf } from "./rate-key.ts";
import { contextSteps, resolveRate, type ServedAs } from "./resolve-rate.ts";

/** The rate that a kind is charged at. */
export interface ResolvedRate {
  readonly rate: RateKey;
  readonly pico: number;
  /** Raised by the region in which it was served. */
  readonly isToken: boolean;
}

/** Reports may name any variant; beyond so many the answers are found anew. */
const MOST = 500;

/** What the kinds of usage cost in one tier and at one length of the input. */
export class KindRates {
  readonly #rates: Rates;
  readonly #served: ServedAs;
  readonly #found = new Map<UsageKey, ResolvedRate | null>();

  constructor(rates: Rates, served: ServedAs) {
    this.#rates = rates;
    this.#served = served;
  }

  /** Null: the kind has no price. */
  find(key: UsageKey): ResolvedRate | null {
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    const resolved = this.#resolve(key);
    if (this.#found.size >= MOST) this.#found.clear();
    this.#found.set(key, resolved);
    return resolved;
  }

  #resolve(key: UsageKey): ResolvedRate | null {
    const kind = kindOf(key);
    const isFlat = kind === "web_search" && this.#rates[GROUNDED_PROMPT] !== undefined;
    const rate = isFlat ? GROUNDED_PROMPT : resolveRate(this.#rates, key, this.#served);
    return rate === null ? null : { rate, pico: this.#rates[rate] as number, isToken: isTokenKind(kind) };
  }
}

/** One for each set of rates, by `planOf`. */
export class RatePlan {
  readonly #rates: Rates;
  /** The highest first. */
  readonly #steps: readonly number[];
  /** Tier → one for each step, the last one for short inputs. */
  readonly #tiers = new Map<string | null, readonly KindRates[]>();
  /** A request that searched at all has one price, however often it did. */
  readonly isFlatSearch: boolean;
  /** Each request has a price of its own. */
  readonly isPerRequest: boolean;

  constructor(rates: Rates) {
    this.#rates = rates;
    this.#steps = contextSteps(rates);
    this.isFlatSearch = rates[GROUNDED_PROMPT] !== undefined;
    this.isPerRequest = rates["request"] !== undefined;
  }

  /** `context`: tokens of the whole input. */
  servedAs(tier: string | null, context: number): KindRates {
    let step = 0;
    while (step < this.#steps.length && context <= (this.#steps[step] as number)) step += 1;
    return (this.#tiers.get(tier) ?? this.#open(tier))[step] as KindRates;
  }

  #open(tier: string | null): readonly KindRates[] {
    if (this.#tiers.size >= MOST) this.#tiers.clear();
    const lengths = [...this.#steps, -1].map((above) => new KindRates(this.#rates, { tier, context: above + 1 }));
    this.#tiers.set(tier, lengths);
    return lengths;
  }
}

const plans = new WeakMap<Rates, RatePlan>();

export function planOf(rates: Rates): RatePlan {
  let plan = plans.get(rates);
  if (plan === undefined) plans.set(rates, (plan = new RatePlan(rates)));
  return plan;
}
