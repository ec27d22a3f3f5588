// What a request costs: the sum of its attempts, and whether something of it has no price.
import type { UsageKey } from "./usage.ts";

/** What of an attempt decides on it; as Attempt of core/exchange.ts has it, and its record. */
export interface ChargedAttempt {
  readonly usage: { readonly inputTokens: number | null; readonly outputTokens: number | null } | null;
  readonly rawUsage: object | null;
  readonly cost: { readonly nano: number; readonly unpriced: readonly UsageKey[] } | null;
}

/** Something was used that has no price, in whole or in part. */
export function hasUnpriced(attempts: readonly ChargedAttempt[]): boolean {
  for (let i = 0; i < attempts.length; i++) {
    const { cost, usage, rawUsage } = attempts[i] as ChargedAttempt;
    if (cost === null ? rawUsage !== null || isUsed(usage) : cost.unpriced.length > 0) return true;
  }
  return false;
}

function isUsed(usage: ChargedAttempt["usage"]): boolean {
  return usage !== null && (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0) > 0;
}

/** Nano-dollars of all priced parts; 0 where nothing was used, null where nothing of what was used has a price. */
export function costOf(attempts: readonly ChargedAttempt[]): number | null {
  let nano = 0;
  for (let i = 0; i < attempts.length; i++) nano += (attempts[i] as ChargedAttempt).cost?.nano ?? 0;
  if (nano === 0 && hasUnpriced(attempts)) return null;
  return nano > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : nano;
}
