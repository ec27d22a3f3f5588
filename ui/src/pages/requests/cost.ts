// Sums over the parts of a cost.
import type { LogCostPart } from "../../../../src/core/stores.ts";

/** USD that tokens read from the provider's cache cost less than fresh ones; null: none were, or the price of fresh ones is not told. */
export function savedByCache(parts: readonly LogCostPart[]): number | null {
  const fresh = parts.find(({ kind }) => kind === "input");
  const cached = parts.filter(({ kind }) => kind === "cached_input");
  if (fresh === undefined || cached.length === 0) return null;
  const saved = cached.reduce((sum, part) => sum + part.count * (fresh.unit_price - part.unit_price), 0);
  return saved > 0 ? saved : null;
}
