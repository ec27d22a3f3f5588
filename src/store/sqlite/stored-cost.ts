// What an attempt used and cost, as the row of its request keeps it: JSON lists without names, for every row has them.
import type { Cost } from "../../core/price.ts";
import type { AttemptRecord, CostRecord } from "../../core/record.ts";
import type { RawUsage, UsageKey } from "../../core/usage.ts";
import { number, quote } from "./json-text.ts";

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

export function originText(origin: AttemptRecord["usageOrigin"]): string {
  return origin === "reported" ? "1" : origin === "counted" ? "2" : "0";
}

export function usageOrigin(stored: StoredOrigin | undefined): AttemptRecord["usageOrigin"] {
  return ORIGINS[stored ?? 0];
}

/** A StoredUsage as JSON text, put together by hand. */
export function usageText(usage: RawUsage | null): string {
  if (usage === null) return "null";
  let counts = "";
  for (const kind in usage.counts)
    counts += `${counts === "" ? "" : ","}${quote(kind)},${number(usage.counts[kind as UsageKey] as number)}`;
  const { tier, region, reportedNano, refused } = usage;
  return `[[${counts}],${textOrNull(tier)},${textOrNull(region)},${number(reportedNano)},${list(refused)}]`;
}

/** A StoredCost as JSON text. */
export function costText(cost: CostRecord | null): string {
  if (cost === null) return "null";
  let parts = "";
  for (const { kind, count, rate, unitPico } of cost.parts)
    parts += `${parts === "" ? "" : ","}${quote(kind)},${number(count)},${quote(rate)},${number(unitPico)}`;
  return (
    `[${number(cost.nano)},${cost.origin === "reported" ? 1 : 0},${number(cost.computedNano)},${number(cost.reportedNano)},` +
    `${textOrNull(cost.priceVersion)},${textOrNull(cost.source)},[${parts}],${list(cost.unpriced)}]`
  );
}

function textOrNull(value: string | null): string {
  return value === null ? "null" : quote(value);
}

function list(values: readonly string[]): string {
  return values.length === 0 ? "[]" : `[${values.map(quote).join(",")}]`;
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
    computed.parts.flatMap(({ kind, count, rate, unitPico }) => [kind, count, rate, unitPico]),
    [...unpriced],
  ];
}
