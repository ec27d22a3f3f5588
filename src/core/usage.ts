// What an answer used, in the canonical counting: cached and written tokens are part of the input.

/** Token counts. `null` = the provider did not say. */
export interface Usage {
  /** All input tokens, cached and written ones included. */
  inputTokens: number | null;
  outputTokens: number | null;
  /** Of the input: read from the provider's prompt cache. */
  cachedTokens: number | null;
  /** Of the input: written to the provider's prompt cache. */
  cacheWriteTokens: number | null;
  /** Of the output: spent on reasoning. */
  reasoningTokens: number | null;
}

/** What a provider reports beyond `Usage`: tier, tools, kinds of tokens with prices of their own, its own figure of the cost. */
export interface UsageReport {
  /** The provider's own usage object, or its JSON text. */
  readonly usage: string | Readonly<Record<string, unknown>>;
  /** `service_tier` as it stands beside the usage; null = it does not. */
  readonly serviceTier: string | null;
}

/** What an answer, whole or in part, tells of its usage. */
export interface ToldUsage {
  readonly usage: Usage;
  /** Null: `usage` says all. */
  readonly report: UsageReport | null;
}

export function emptyUsage(): Usage {
  return { inputTokens: null, outputTokens: null, cachedTokens: null, cacheWriteTokens: null, reasoningTokens: null };
}

/** Counts above this are nobody's context window and are refused. */
export const MAX_TOKENS = 100_000_000;

/** The count, or null for whatever is no whole number between 0 and MAX_TOKENS. */
export function tokenCount(value: unknown): number | null {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_TOKENS ? value : null;
}

/** Tokens of what was sent. */
export const INPUT_KINDS = [
  "input",
  "cached_input",
  "cache_write_5m",
  "cache_write_1h",
  "input_audio",
  "cached_audio",
  "input_image",
  "cached_image",
  "input_video",
] as const;

/** Tokens of what was answered. */
export const OUTPUT_KINDS = ["output", "reasoning", "output_audio", "output_image", "output_video"] as const;

/** Everything that providers count and charge for, in tokens. Disjoint: a cached token is counted as cached alone. */
export const TOKEN_KINDS = [...INPUT_KINDS, ...OUTPUT_KINDS, "citation"] as const;

/** What is charged by the piece, the second (millionths are kept) or the character. */
export const UNIT_KINDS = [
  "request",
  "web_search",
  "search_unit",
  "file_search",
  "code_interpreter",
  "maps_search",
  "tool_call",
  "image_in",
  "image_out",
  "second_in",
  "second_out",
  "character_in",
  "character_out",
  "page",
  "annotated_page",
] as const;

export type TokenKind = (typeof TOKEN_KINDS)[number];
export type UsageKind = TokenKind | (typeof UNIT_KINDS)[number];

/** A kind, or a kind with what its price depends on: `image_out/hd/1024x1024`, `web_search/low`, `second_out/720p`. */
export type UsageKey = UsageKind | `${UsageKind}/${string}`;

/** What one attempt used, as its price needs it: what a record keeps, so that it can be priced again. Plain data. */
export interface RawUsage {
  /** Only what is above 0. */
  readonly counts: Readonly<Partial<Record<UsageKey, number>>>;
  /** The tier in which the provider says it served: `batch`, `flex`, `priority`, `fast` …; null = the standard one. */
  readonly tier: string | null;
  /** The region that the provider says it kept the work in, where that has a price; null = none. */
  readonly region: string | null;
  /** What the provider itself says it charges, nano-dollars; null = it does not say. */
  readonly reportedNano: number | null;
  /** Members of the provider's report that were no counts and were left out. */
  readonly refused: readonly string[];
}
