// Reads counts out of a provider's report and gathers them by kind: what is no count is left out and named.
import { MAX_TOKENS, type RawUsage, tokenCount, type UsageKey } from "../../core/usage.ts";
import { scaledDecimal } from "./decimal.ts";

export type Json = Readonly<Record<string, unknown>>;

/** Tiers that are the standard one, in the words of several providers. */
const STANDARD: ReadonlySet<string> = new Set(["default", "standard", "auto", "on_demand", "unspecified", "none"]);
const TIER = /^[a-z][a-z0-9_]{0,31}$/;
/** A report of more than these is nobody's. */
const MOST_PIECES = 1_000_000;
/** Nine million dollars for one answer is no cost. */
const MOST_NANO = BigInt(Number.MAX_SAFE_INTEGER);

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member that is an object; without one an empty one. */
export function inner(value: Json, name: string): Json {
  const found = value[name];
  return isObject(found) ? found : {};
}

/** The tier in our words: null is the standard one. Vertex writes `ON_DEMAND_FLEX`. */
export function tierOf(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const tier = value
    .toLowerCase()
    .replace(/^(traffic_type|service_tier)_/, "")
    .replace(/^on_demand_/, "");
  return STANDARD.has(tier) || !TIER.test(tier) ? null : tier;
}

/** Dollars that a provider reports, a number or decimal text, in nano-dollars; null: no amount. */
export function reportedNano(value: unknown): number | null {
  if (typeof value !== "number" && typeof value !== "string") return null;
  const nano = scaledDecimal(String(value).trim(), 9);
  return nano === null || nano < 0n || nano > MOST_NANO ? null : Number(nano);
}

/** Gathers what one report says. */
export class Report {
  readonly #counts: Partial<Record<UsageKey, number>> = {};
  readonly #refused: string[] = [];
  tier: string | null = null;
  region: string | null = null;
  reportedNano: number | null = null;

  /** A count of tokens of a member; 0 where it is absent or no count. `null` is absent. */
  tokens(from: Json, name: string): number {
    return this.tokensIfTold(from, name) ?? 0;
  }

  /** As `tokens`; null where the member is absent or no count. */
  tokensIfTold(from: Json, name: string): number | null {
    const value = from[name];
    if (value === undefined || value === null) return null;
    const count = tokenCount(value);
    if (count === null) this.refuse(name);
    return count;
  }

  /** A part of a whole: no more than what is left of it. More is named, and cut. */
  part(from: Json, name: string, whole: number): number {
    const count = this.tokens(from, name);
    if (count <= whole) return count;
    this.refuse(name);
    return whole;
  }

  /** A number of pieces, seconds or characters, which may have decimals; 0 where it is none. */
  amount(from: Json, name: string): number {
    const value = from[name];
    if (value === undefined || value === null) return 0;
    const most = name.includes("character") ? MAX_TOKENS : MOST_PIECES;
    if (typeof value === "number" && value >= 0 && value <= most) return value;
    this.refuse(name);
    return 0;
  }

  refuse(name: string): void {
    if (!this.#refused.includes(name)) this.#refused.push(name);
  }

  add(key: UsageKey, count: number): void {
    if (count > 0) this.#counts[key] = (this.#counts[key] ?? 0) + count;
  }

  get usage(): RawUsage {
    const { tier, region, reportedNano } = this;
    return { counts: this.#counts, tier, region, reportedNano, refused: this.#refused };
  }
}
