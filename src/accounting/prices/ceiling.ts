// The dearest that a token of a model can cost: what a budget that is never exceeded has to reserve.
import type { ModelPrice, Rates } from "../../core/price.ts";
import { OUTPUT_KINDS } from "../../core/usage.ts";
import { dividedHalfUp } from "./decimal.ts";
import { ratesAt } from "./price-usage.ts";
import { GROUNDED_PROMPT, isTokenKind, readRateKey } from "./rate-key.ts";

/** Pico-dollars; null: a token of this side, or a call of a tool, has no price. */
export interface PriceCeiling {
  readonly inputPico: number | null;
  readonly outputPico: number | null;
  /** Of one call of the dearest of the provider's own tools. */
  readonly toolPico: number | null;
}

const OUTPUT_SIDE: ReadonlySet<string> = new Set(OUTPUT_KINDS);
/** What a provider's own tools are charged by. */
const TOOLS: ReadonlySet<string> = new Set([
  "web_search",
  "search_unit",
  "file_search",
  "code_interpreter",
  "maps_search",
  "tool_call",
  GROUNDED_PROMPT,
]);

function dearest(rates: Rates, tier: string | null, isOutput: boolean): number | null {
  // a discount may be refused and served as standard; an asked tier may be dearer
  const prices = Object.entries(rates).flatMap(([key, rate]) => {
    const name = readRateKey(key);
    if (name === null || !isTokenKind(name.what) || OUTPUT_SIDE.has(name.what) !== isOutput) return [];
    return name.tier === null || name.tier === tier ? [rate] : [];
  });
  const plain = rates[isOutput ? "output" : "input"];
  return plain === undefined && rates[`${isOutput ? "output" : "input"}@${tier}`] === undefined
    ? null
    : Math.max(...prices);
}

function dearestTool(rates: Rates, tier: string | null): number | null {
  const prices = Object.entries(rates).flatMap(([key, rate]) => {
    const name = readRateKey(key);
    if (name === null || (name.tier !== null && name.tier !== tier)) return [];
    return TOOLS.has(name.what.split("/", 1)[0] as string) ? [rate] : [];
  });
  return prices.length === 0 ? null : Math.max(...prices);
}

/** The dearest applicable prices: cache write, long context, asked tier, media, the dearest region. `at`: Unix ms. */
export function priceCeiling(price: ModelPrice, tier: string | null, at: number): PriceCeiling {
  return ceilingOf(ratesAt(price, at) ?? {}, price.uplift, tier);
}

/** As priceCeiling, of rates that hold. */
export function ceilingOf(rates: Rates, uplift: ModelPrice["uplift"], tier: string | null): PriceCeiling {
  const factor = Math.max(1_000_000, ...Object.values(uplift ?? {}));
  const raised = (pico: number | null): number | null =>
    pico === null ? null : Number(dividedHalfUp(BigInt(pico) * BigInt(factor), 1_000_000n));
  return {
    inputPico: raised(dearest(rates, tier, false)),
    outputPico: raised(dearest(rates, tier, true)),
    toolPico: dearestTool(rates, tier),
  };
}
