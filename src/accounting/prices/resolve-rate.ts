// Which of a model's rates a kind of usage is charged at: tier, length of the input, and whose price includes whose.
import type { RateKey, Rates } from "../../core/price.ts";
import type { UsageKey, UsageKind } from "../../core/usage.ts";
import { isTokenKind, kindOf, rateKey, readRateKey } from "./rate-key.ts";

/** What a request was served as. */
export interface ServedAs {
  readonly tier: string | null;
  /** Tokens of input, cached and written ones included. */
  readonly context: number;
}

/**
 * Where a kind has no rate of its own, the rate of the whole that it is part of. Only where the whole's rate cannot be too
 * little: written and audio tokens cost more than plain ones, so without a rate they stay unpriced.
 */
const INCLUDED_IN: Readonly<Partial<Record<UsageKind, readonly UsageKind[]>>> = {
  cached_input: ["input"],
  cached_audio: ["input_audio"],
  input_image: ["input"],
  input_video: ["input"],
  reasoning: ["output"],
};
/** Tiers that cost no more than the standard one: without a rate of their own the standard one is charged. */
const DISCOUNTS: ReadonlySet<string> = new Set(["batch", "flex"]);
const stepsOf = new WeakMap<Rates, readonly number[]>();

/** The long-context steps of a set of rates, the highest first. */
export function contextSteps(rates: Rates): readonly number[] {
  let steps = stepsOf.get(rates);
  if (steps === undefined) {
    const found = new Set(Object.keys(rates).map((key) => readRateKey(key)?.above ?? 0));
    found.delete(0);
    steps = [...found].toSorted((a, b) => b - a);
    stepsOf.set(rates, steps);
  }
  return steps;
}

function atLength(
  rates: Rates,
  what: string,
  tier: string | null,
  context: number,
): { key: RateKey; above: number } | null {
  for (const above of contextSteps(rates)) {
    const key = rateKey(what, tier, above);
    if (context > above && rates[key] !== undefined) return { key, above };
  }
  const key = rateKey(what, tier);
  return rates[key] === undefined ? null : { key, above: 0 };
}

function ownRate(rates: Rates, what: string, served: ServedAs): RateKey | null {
  const standard = atLength(rates, what, null, served.context);
  // what is counted by the piece costs the same in every tier, unless a rate says otherwise
  const tier = served.tier;
  if (tier === null) return standard?.key ?? null;
  const tiered = atLength(rates, what, tier, served.context);
  if (tiered === null) return DISCOUNTS.has(tier) || !isTokenKind(what) ? (standard?.key ?? null) : null;
  // a tier without a price for this length: the dearer of both, so that it is never too little
  if (standard !== null && standard.above > tiered.above)
    return (rates[standard.key] as number) > (rates[tiered.key] as number) ? standard.key : tiered.key;
  return tiered.key;
}

/** Most specific first: the key with its variant, the bare kind, and what includes it. */
function candidates(rates: Rates, key: UsageKey): readonly string[] {
  const kind = kindOf(key);
  const own = key === kind ? [kind] : [key, kind];
  // pictures cost their own rate when they have one, and else what text costs, read from the cache too
  if (kind === "cached_image") {
    const dear = Object.keys(rates).some((name) => name.startsWith("input_image"));
    return [...own, ...(dear ? ["input_image"] : ["cached_input", "input"])];
  }
  return [...own, ...(INCLUDED_IN[kind] ?? [])];
}

/** The rate that this usage is charged at; null: it has no price. */
export function resolveRate(rates: Rates, key: UsageKey, served: ServedAs): RateKey | null {
  for (const what of candidates(rates, key)) {
    const found = ownRate(rates, what, served);
    if (found !== null) return found;
  }
  return null;
}
