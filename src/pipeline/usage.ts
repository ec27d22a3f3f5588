// Puts together what an answer tells of its usage in several places.
import type { Usage } from "../core/usage.ts";

/** What `more` knows replaces what was known. */
export function mergeUsage(into: Usage, more: Usage | undefined): void {
  if (more === undefined) return;
  if (more.inputTokens !== null) into.inputTokens = more.inputTokens;
  if (more.outputTokens !== null) into.outputTokens = more.outputTokens;
  if (more.cachedTokens !== null) into.cachedTokens = more.cachedTokens;
  if (more.cacheWriteTokens !== null) into.cacheWriteTokens = more.cacheWriteTokens;
  if (more.reasoningTokens !== null) into.reasoningTokens = more.reasoningTokens;
}
