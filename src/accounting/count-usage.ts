// What an attempt used by the documented count, for what its provider did not report or reported wrongly.
import type { Exchange } from "../core/exchange.ts";
import { sizeOf } from "../core/measure-body.ts";
import { mediaTokens } from "../core/media.ts";
import { INPUT_KINDS, OUTPUT_KINDS, type RawUsage, type UsageKey } from "../core/usage.ts";
import { kindOf } from "./prices/rate-key.ts";
import { tierOf } from "./prices/report.ts";

/** Tokens in a byte of text, of bodies and of answers. */
export const TOKENS_PER_BYTE = 0.25;

export type Side = "input" | "output";

const SIDES: ReadonlyMap<string, Side> = new Map<string, Side>([
  ...INPUT_KINDS.map((kind) => [kind, "input"] as const),
  ...OUTPUT_KINDS.map((kind) => [kind, "output"] as const),
]);

/** The side of a request on which a kind counts in tokens; null: it is no such tokens. */
export function sideOf(key: UsageKey): Side | null {
  return SIDES.get(key) ?? (key.includes("/") ? SIDES.get(kindOf(key)) : undefined) ?? null;
}

/** A usage by sides. */
export interface Tally {
  input: number;
  output: number;
  /** Kinds beside the tokens of both: tools, pieces, seconds. */
  others: number;
}

/** Tokens of both sides, and how many kinds there are beside them. */
export function tally({ counts }: RawUsage): Tally {
  const sums: Tally = { input: 0, output: 0, others: 0 };
  for (const key in counts) {
    const side = sideOf(key as UsageKey);
    if (side === null) sums.others += key === "request" ? 0 : 1;
    else sums[side] += counts[key as UsageKey] as number;
  }
  return sums;
}

/** The body's text in bytes, a quarter of a token each, and pictures, documents and sound by their defaults. */
export function countedInput(exchange: Exchange): number {
  const { textBytes, media } = sizeOf(exchange);
  return Math.ceil(textBytes * TOKENS_PER_BYTE) + mediaTokens(media);
}

/** The text that the attempt under way has brought. */
export function countedOutput(exchange: Exchange): number {
  const bytes = exchange.measureText?.() ?? exchange.textOut;
  return Math.ceil(bytes * TOKENS_PER_BYTE);
}

const ASKED_TIERS: ReadonlySet<string> = new Set(["batch", "flex", "priority"]);

/** The tier that was asked for, where nobody tells in which one it was served. */
function askedTier({ serviceTier }: Exchange): string | null {
  const tier = tierOf(serviceTier);
  return tier !== null && ASKED_TIERS.has(tier) ? tier : null;
}

/** What was reported, with the count in place of the sides that were not; `refused` names what is not believed. */
export function withCounted(
  exchange: Exchange,
  reported: RawUsage | null,
  sides: readonly Side[],
  refused: readonly string[],
): RawUsage {
  const counts: Partial<Record<UsageKey, number>> = {};
  for (const [key, count] of Object.entries(reported?.counts ?? {}) as [UsageKey, number][]) {
    const side = sideOf(key);
    if (side === null || !sides.includes(side)) counts[key] = count;
  }
  for (const side of sides) {
    const count = side === "input" ? countedInput(exchange) : countedOutput(exchange);
    if (count > 0) counts[side] = count;
  }
  return {
    counts,
    tier: reported === null ? askedTier(exchange) : reported.tier,
    region: reported?.region ?? null,
    reportedNano: reported?.reportedNano ?? null,
    refused: [...new Set([...(reported?.refused ?? []), ...refused])],
  };
}
