// Makes one price of what two sources say of a model, and lists where they differ.

import { readRateKey } from "../../src/accounting/prices/rate-key.ts";
import type { PricePeriod, Rates } from "../../src/core/price.ts";
import { CORRECTIONS, DECISIONS, type Decision, type Source } from "./decisions.ts";
import { type Draft, type Drafts, PROVIDERS } from "./draft.ts";

/** Whose figures a price is made of. */
export type Origin = Source | "both" | "hand";

export interface Merged extends Draft {
  readonly origin: Origin;
}

export interface Difference {
  readonly provider: string;
  readonly model: string;
  readonly rate: string;
  readonly genai: number;
  readonly litellm: number;
  readonly take: Source;
  readonly why: string;
}

export interface MergeResult {
  readonly models: ReadonlyMap<string, ReadonlyMap<string, Merged>>;
  readonly differences: readonly Difference[];
}

const hasRates = (draft: Draft | undefined): boolean =>
  draft?.periods.some(({ rates }) => Object.keys(rates).length > 0) === true;

const whatOf = (key: string): string => readRateKey(key)?.what ?? key;

/** The period that is in force now, all day. */
function current(draft: Draft, now: number): PricePeriod {
  const found = draft.periods.findLast(({ from, windows }) => windows === null && (from === null || from <= now));
  return found ?? (draft.periods[0] as PricePeriod);
}

function decide(provider: string, model: string): Decision {
  const found = DECISIONS.find((decision) => decision.provider === provider && decision.model.test(model));
  if (found === undefined)
    throw new Error(`nothing decides on ${provider}/${model}: add it to scripts/prices/decisions.ts`);
  return found;
}

function differing(genai: Rates, litellm: Rates): string[] {
  return Object.keys(genai).filter((key) => litellm[key] !== undefined && litellm[key] !== genai[key]);
}

/** The rates of `more` for what `rates` has no price of; what differed is one source's alone, its tiers and steps included. */
function filledUp(rates: Rates, more: Rates, differed: ReadonlySet<string>): Rates {
  const added = Object.entries(more).filter(([key]) => rates[key] === undefined && !differed.has(whatOf(key)));
  return { ...rates, ...Object.fromEntries(added) };
}

function joined(first: Draft, second: Draft, differed: ReadonlySet<string>, now: number): Draft {
  const more = current(second, now).rates;
  const isOver = ({ to }: PricePeriod, at: number): boolean => {
    const next = first.periods.slice(at + 1).find(({ windows, from }) => windows === null && from !== null);
    return (to !== null && to <= now) || (next !== undefined && (next.from as number) <= now);
  };
  return {
    // what the other source says of today is not put into the past
    periods: first.periods.map((period, at) =>
      isOver(period, at) && period.windows === null
        ? period
        : { ...period, rates: filledUp(period.rates, more, differed) },
    ),
    uplift: first.uplift ?? second.uplift,
    maxInputTokens: first.maxInputTokens ?? second.maxInputTokens,
    maxOutputTokens: first.maxOutputTokens ?? second.maxOutputTokens,
  };
}

function mergeModel(
  place: { readonly provider: string; readonly model: string },
  genai: Draft,
  litellm: Draft,
  now: number,
): { merged: Merged; differences: Difference[] } {
  const [ours, theirs] = [current(genai, now).rates, current(litellm, now).rates];
  const keys = differing(ours, theirs);
  const decision = keys.length === 0 ? null : decide(place.provider, place.model);
  const take = decision?.take ?? "genai";
  const [first, second] = take === "genai" ? [genai, litellm] : [litellm, genai];
  const merged = { ...joined(first, second, new Set(keys.map(whatOf)), now), origin: "both" as const };
  const differences = keys.map((rate) => ({
    ...place,
    rate,
    genai: ours[rate] as number,
    litellm: theirs[rate] as number,
    take,
    why: decision?.why ?? "",
  }));
  // limits: the sheet that has both of them says what is let in; the other one the whole window
  const maxInputTokens = litellm.maxInputTokens ?? genai.maxInputTokens;
  return { merged: { ...merged, maxInputTokens }, differences };
}

/** All models of both sources. `now`: Unix ms of the build's date. */
export function merge(genai: Drafts, litellm: Drafts, now: number): MergeResult {
  const models = new Map<string, Map<string, Merged>>();
  const differences: Difference[] = [];
  for (const provider of PROVIDERS) {
    const [a, b] = [genai.get(provider), litellm.get(provider)];
    const hand = CORRECTIONS[provider] ?? {};
    const names = new Set([...(a?.keys() ?? []), ...(b?.keys() ?? []), ...Object.keys(hand)]);
    const merged = new Map<string, Merged>();
    for (const model of [...names].toSorted()) {
      const [first, second] = [a?.get(model), b?.get(model)].map((draft) => (hasRates(draft) ? draft : undefined));
      const fixed = hand[model];
      if (fixed !== undefined) merged.set(model, { ...fixed, origin: "hand" });
      else if (first !== undefined && second !== undefined) {
        const both = mergeModel({ provider, model }, first, second, now);
        merged.set(model, both.merged);
        differences.push(...both.differences);
      } else if (first !== undefined) merged.set(model, { ...first, origin: "genai" });
      else if (second !== undefined) merged.set(model, { ...second, origin: "litellm" });
    }
    models.set(provider, merged);
  }
  return { models, differences };
}
