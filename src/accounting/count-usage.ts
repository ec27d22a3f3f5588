// What an attempt used by the documented count, for what its provider did not report or reported wrongly.
import type { Exchange } from "../core/exchange.ts";
import { sizeOf } from "../core/measure-body.ts";
import { mediaTokens } from "../core/media.ts";
import type { RawUsage, UsageKey, UsageKind } from "../core/usage.ts";
import { kindOf } from "./prices/rate-key.ts";
import { tierOf } from "./prices/report.ts";

/** Tokens in a byte of text, of bodies and of answers. */
export const TOKENS_PER_BYTE = 0.25;

const INPUT: ReadonlySet<UsageKind> = new Set<UsageKind>([
  "input",
  "cached_input",
  "cache_write_5m",
  "cache_write_1h",
  "input_audio",
  "cached_audio",
  "input_image",
  "cached_image",
  "input_video",
]);
const OUTPUT: ReadonlySet<UsageKind> = new Set<UsageKind>([
  "output",
  "reasoning",
  "output_audio",
  "output_image",
  "output_video",
]);

export type Side = "input" | "output";

/** The side of a request on which a kind counts in tokens; null: it is no such tokens. */
export function sideOf(key: UsageKey): Side | null {
  const kind = kindOf(key);
  if (INPUT.has(kind)) return "input";
  return OUTPUT.has(kind) ? "output" : null;
}

/** Tokens of one side. */
export function tokensOf({ counts }: RawUsage, side: Side): number {
  let sum = 0;
  for (const key in counts) if (sideOf(key as UsageKey) === side) sum += counts[key as UsageKey] as number;
  return sum;
}

/** The body's text in bytes, a quarter of a token each, and pictures, documents and sound by their defaults. */
export function countedInput(exchange: Exchange): number {
  const { textBytes, media } = sizeOf(exchange);
  return Math.ceil(textBytes * TOKENS_PER_BYTE) + mediaTokens(media);
}

/** The text that the attempt under way has brought. */
export function countedOutput(exchange: Exchange): number {
  return Math.ceil(exchange.textOut * TOKENS_PER_BYTE);
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
