// What an attempt used and cost, as lists without names: so older rows have it, and those that were priced anew.
import type { Cost } from "../../core/price.ts";
import type { AttemptRecord, CostRecord } from "../../core/record.ts";
import type { RawUsage, UsageKey } from "../../core/usage.ts";

/** [kind, count, kind, count …], tier, region, what the provider charges, members that were no counts. */
export type StoredUsage = [
  counts: (string | number)[],
  tier: string | null,
  region: string | null,
  reportedNano: number | null,
  refused: string[],
];

/** `parts`: [kind, count, rate, pico-dollars …]. */
export type StoredCost = [
  nano: number,
  isReported: 0 | 1,
  computedNano: number,
  reportedNano: number | null,
  priceVersion: string | null,
  source: string | null,
  parts: (string | number)[],
  unpriced: string[],
];

const ORIGINS = ["none", "reported", "counted"] as const;

/** As it stands in a row. */
export type StoredOrigin = 0 | 1 | 2;

export function storedOrigin(origin: AttemptRecord["usageOrigin"]): StoredOrigin {
  return ORIGINS.indexOf(origin) as StoredOrigin;
}

export function usageOrigin(stored: StoredOrigin | undefined): AttemptRecord["usageOrigin"] {
  return ORIGINS[stored ?? 0];
}

export function storedUsage({ counts, tier, region, reportedNano, refused }: RawUsage): StoredUsage {
  return [Object.entries(counts).flat() as StoredUsage[0], tier, region, reportedNano, [...refused]];
}

/** A cost as its record has it. */
export function recordedCost(cost: CostRecord): StoredCost {
  const { nano, origin, computedNano, reportedNano, priceVersion, source, parts, unpriced } = cost;
  const isReported = origin === "reported" ? 1 : 0;
  return [nano, isReported, computedNano, reportedNano, priceVersion, source, flatParts(parts), [...unpriced]];
}

function flatParts(parts: CostRecord["parts"]): (string | number)[] {
  return parts.flatMap(({ kind, count, rate, unitPico }) => [kind, count, rate, unitPico]);
}

export function decodeUsage([flat, tier, region, reportedNano, refused]: StoredUsage): RawUsage {
  const counts: Partial<Record<UsageKey, number>> = {};
  for (let i = 0; i < flat.length; i += 2) counts[flat[i] as UsageKey] = flat[i + 1] as number;
  return { counts, tier, region, reportedNano, refused };
}

export function decodeCost(stored: StoredCost): CostRecord {
  const [nano, isReported, computedNano, reportedNano, priceVersion, source, flat, unpriced] = stored;
  const parts: CostRecord["parts"][number][] = [];
  for (let i = 0; i < flat.length; i += 4)
    parts.push({
      kind: flat[i] as UsageKey,
      count: flat[i + 1] as number,
      rate: flat[i + 2] as string,
      unitPico: flat[i + 3] as number,
    });
  const origin = isReported === 1 ? "reported" : "computed";
  return {
    nano,
    origin,
    computedNano,
    reportedNano,
    priceVersion,
    source,
    parts,
    unpriced: unpriced as UsageKey[],
  };
}

/** A cost that was made anew. */
export function storedCost({ nano, origin, reportedNano, computed, unpriced }: Cost): StoredCost {
  return [
    nano,
    origin === "reported" ? 1 : 0,
    computed.nano,
    reportedNano,
    computed.priceVersion,
    computed.source,
    flatParts(computed.parts),
    [...unpriced],
  ];
}
