// How a rate is named: what is counted, in which tier, above which length of the input.
import type { RateKey } from "../../core/price.ts";
import { TOKEN_KINDS, UNIT_KINDS, type UsageKey, type UsageKind } from "../../core/usage.ts";

const tokenKinds: ReadonlySet<string> = new Set(TOKEN_KINDS);
const kinds: ReadonlySet<string> = new Set<string>([...TOKEN_KINDS, ...UNIT_KINDS]);
const KEY = /^([a-z0-9_]+)(\/[^@>]+)?(?:@([a-z0-9_]+))?(?:>(\d+))?$/;

/** The price of a request that searched at all; not a kind of usage, since the searches are. */
export const GROUNDED_PROMPT = "grounded_prompt";

export interface RateName {
  /** A usage key or `grounded_prompt`. */
  readonly what: string;
  readonly tier: string | null;
  /** Tokens of input above which it holds; 0 = always. */
  readonly above: number;
}

export function rateKey(what: string, tier: string | null = null, above = 0): RateKey {
  return `${what}${tier === null ? "" : `@${tier}`}${above === 0 ? "" : `>${above}`}`;
}

/** The parts of a rate key; null where it is none. */
export function readRateKey(key: string): RateName | null {
  const match = KEY.exec(key);
  if (match === null) return null;
  const [, kind = "", variant = "", tier, above] = match;
  if (!kinds.has(kind) && kind !== GROUNDED_PROMPT) return null;
  return { what: kind + variant, tier: tier ?? null, above: above === undefined ? 0 : Number(above) };
}

/** The kind of a usage key. */
export function kindOf(key: UsageKey): UsageKind {
  const slash = key.indexOf("/");
  return (slash < 0 ? key : key.slice(0, slash)) as UsageKind;
}

export function isUsageKey(key: string): key is UsageKey {
  return kinds.has(kindOf(key as UsageKey));
}

export function isTokenKind(kind: string): boolean {
  return tokenKinds.has(kind);
}
