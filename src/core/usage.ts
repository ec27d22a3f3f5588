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

export function emptyUsage(): Usage {
  return { inputTokens: null, outputTokens: null, cachedTokens: null, cacheWriteTokens: null, reasoningTokens: null };
}

/** Counts above this are nobody's context window and are refused. */
export const MAX_TOKENS = 100_000_000;

/** The count, or null for whatever is no whole number between 0 and MAX_TOKENS. */
export function tokenCount(value: unknown): number | null {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_TOKENS ? value : null;
}
