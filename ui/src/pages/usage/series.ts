// The maths of the charts: from buckets of the API to stacked series, hours of the day, and changes.
import { type Dimension, groupName, OTHER } from "./dimensions.ts";
import type { Measure } from "./usage-query.ts";

type Told = number | null | Readonly<Record<string, number>>;

/** GET /api/logs/histogram/{measure}/by-dimension */
export interface GroupChart {
  readonly buckets: readonly { readonly timestamp: string; readonly by_dimension: Readonly<Record<string, Told>> }[];
  readonly labels: Readonly<Record<string, string>>;
  readonly bucket_size_seconds: number;
}

/** GET /api/logs/histogram/{measure}: every request together. */
export interface PlainChart {
  readonly buckets: readonly Readonly<Record<string, number | string | null | object>>[];
  readonly bucket_size_seconds: number;
}

export interface Line {
  readonly id: string;
  readonly name: string;
  readonly values: readonly (number | null)[];
}

const MEMBERS: Readonly<Record<Measure, string>> = {
  cost: "total_cost",
  tokens: "total_tokens",
  requests: "total",
  latency: "avg_latency",
};

/** What a measure says of a group in a bucket; null = nothing, or no price is known. */
function valueOf(told: Told | undefined, measure: Measure): number | null {
  if (told === undefined || told === null || typeof told === "number") return told ?? null;
  return told[MEMBERS[measure]] ?? null;
}

/** The `most` largest groups as lines, the largest first; the others add up to one more. Means do not add up: there they are left out. */
export function linesOf(chart: GroupChart, measure: Measure, dimension: Dimension, most: number): Line[] {
  const ids = new Set(chart.buckets.flatMap(({ by_dimension }) => Object.keys(by_dimension)));
  const rows = [...ids].map((id) => {
    const values = chart.buckets.map(({ by_dimension }) => valueOf(by_dimension[id], measure));
    return { id, values, sum: values.reduce<number>((sum, value) => sum + (value ?? 0), 0) };
  });
  rows.sort((a, b) => b.sum - a.sum);
  const own = rows.filter(({ id }) => id !== OTHER).slice(0, most);
  const shown = own.map(({ id, values }) => ({ id, name: groupName(dimension, id, chart.labels[id]), values }));
  const rest = rows.filter((row) => !own.includes(row));
  if (rest.length === 0 || measure === "latency") return shown;
  const values = chart.buckets.map((_, index) => rest.reduce((sum, row) => sum + (row.values[index] ?? 0), 0));
  return [...shown, { id: OTHER, name: "all others", values }];
}

/** Beginnings of the buckets, Unix ms. */
export function timesOf({ buckets }: { readonly buckets: readonly { readonly timestamp?: unknown }[] }): number[] {
  return buckets.map(({ timestamp }) => Date.parse(String(timestamp)));
}

/** All requests together, as a line. */
export function plainValues(chart: PlainChart, measure: Measure): (number | null)[] {
  const member = measure === "requests" ? "count" : MEMBERS[measure];
  return chart.buckets.map((bucket) => {
    const value = bucket[member];
    return typeof value === "number" ? value : null;
  });
}

/** A line as long as another: what came before, laid under the same times. */
export function laidUnder(values: readonly (number | null)[], length: number): (number | null)[] {
  return Array.from({ length }, (_, index) => values[index] ?? null);
}

export interface HourOfDay {
  readonly hour: number;
  readonly value: number;
}

/** Sums of the 24 hours of a day, in UTC or in the zone of the reader; means of latency are of the buckets that have one. */
export function hoursOfDay(chart: PlainChart, measure: Measure, zone: "utc" | "local"): HourOfDay[] {
  const sums = Array.from({ length: 24 }, () => ({ sum: 0, count: 0 }));
  const values = plainValues(chart, measure);
  for (const [index, time] of timesOf(chart).entries()) {
    const date = new Date(time);
    const cell = sums[zone === "utc" ? date.getUTCHours() : date.getHours()];
    const value = values[index] ?? null;
    if (cell === undefined || value === null || value === 0) continue;
    cell.sum += value;
    cell.count++;
  }
  return sums.map(({ sum, count }, hour) => ({
    hour,
    value: measure === "latency" ? sum / Math.max(1, count) : sum,
  }));
}

/** The change against before as a fraction; null: there is nothing to compare with. */
export function changeOf(now: number, before: number | null | undefined): number | null {
  return before === null || before === undefined || before === 0 ? null : (now - before) / before;
}

/** `+12 %`, `-4 %`, `×3.2` from threefold on. */
export function changeWords(change: number): string {
  if (change >= 2) return `×${Number((change + 1).toPrecision(2))}`;
  const rounded = Math.round(change * 100);
  return `${rounded > 0 ? "+" : ""}${rounded} %`;
}
