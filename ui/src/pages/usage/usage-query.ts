// What the address of the page asks for, and the addresses of the API that answer it.
import { type Dimension, dimensionOf, dimensionOfFilter } from "./dimensions.ts";

export type Measure = "cost" | "tokens" | "requests" | "latency";

export const MEASURES: readonly Measure[] = ["cost", "tokens", "requests", "latency"];
export const PERIODS = ["1h", "24h", "7d", "30d", "all"] as const;
export type Period = (typeof PERIODS)[number];

const HOUR = 3_600_000;
const SPANS: Readonly<Record<string, number>> = {
  "1h": HOUR,
  "6h": 6 * HOUR,
  "24h": 24 * HOUR,
  "7d": 168 * HOUR,
  "30d": 720 * HOUR,
};
const DEFAULT_PERIOD: Period = "24h";
/** Rows of a page of the ranking. */
export const PAGE_ROWS = 50;
/** The beginning of a period moves on in such steps, so that answers can be kept for a while. */
const STEP = 60_000;

/** The time that is looked at. */
export type UsageRange =
  | { readonly type: "period"; readonly period: Period }
  | { readonly type: "between"; readonly from: number; readonly to: number };

export interface Narrowing {
  readonly dimension: Dimension;
  readonly value: string;
}

export interface UsageQuery {
  readonly by: Dimension;
  readonly measure: Measure;
  readonly range: UsageRange;
  readonly narrowed: readonly Narrowing[];
  readonly compares: boolean;
  /** Id of the group whose details are open. */
  readonly open: string | null;
  /** Of the ranking, from 0. */
  readonly page: number;
}

/** Reads the query of the page; what makes no sense is as if it were not there. */
export function readUsage(query: URLSearchParams): UsageQuery {
  const measure = query.get("measure") as Measure;
  return {
    by: dimensionOf(query.get("by")),
    measure: MEASURES.includes(measure) ? measure : "cost",
    range: readRange(query),
    narrowed: [...query].flatMap(([name, value]) => {
      const dimension = dimensionOfFilter(name);
      return dimension === undefined || value === "" ? [] : [{ dimension, value }];
    }),
    compares: query.get("compare") === "1",
    open: query.get("open") || null,
    page: Math.max(0, Math.trunc(Number(query.get("page")) || 1) - 1),
  };
}

function readRange(query: URLSearchParams): UsageRange {
  const from = Date.parse(query.get("start_time") ?? "");
  const to = Date.parse(query.get("end_time") ?? "");
  if (from < to) return { type: "between", from, to };
  const period = query.get("period") as Period;
  return { type: "period", period: PERIODS.includes(period) ? period : DEFAULT_PERIOD };
}

/** Parameters for the time of a range; none for all of it. */
export function timeOf(range: UsageRange): Readonly<Record<string, string>> {
  if (range.type === "between") return { start_time: iso(range.from), end_time: iso(range.to) };
  return range.period === "all" ? {} : { period: range.period };
}

/** The equally long time before; null: there is none. */
export function timeBefore(range: UsageRange, now: number): Readonly<Record<string, string>> | null {
  if (range.type === "between")
    return { start_time: iso(range.from - (range.to - range.from)), end_time: iso(range.from - 1) };
  const span = SPANS[range.period];
  if (span === undefined) return null;
  const from = Math.floor((now - span) / STEP) * STEP;
  return { start_time: iso(from - span), end_time: iso(from - 1) };
}

/** Length of the range, ms; null = all of it. */
export function spanOf(range: UsageRange): number | null {
  return range.type === "between" ? range.to - range.from : (SPANS[range.period] ?? null);
}

/** The filters of a query for the API and for the page of requests. */
export function filtersOf({ narrowed }: UsageQuery): URLSearchParams {
  const query = new URLSearchParams();
  for (const { dimension, value } of narrowed) query.append(dimension.filter, value);
  return query;
}

/** An address of the log: `/api/logs/stats?…`. */
export function logPath(
  path: string,
  ...parts: readonly (URLSearchParams | Readonly<Record<string, string | number>>)[]
): string {
  const query = new URLSearchParams();
  for (const part of parts) {
    const entries = part instanceof URLSearchParams ? part : Object.entries(part);
    for (const [name, value] of entries) query.append(name, String(value));
  }
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

/** Of the filters of a query together with one group. */
export function groupFilters(query: UsageQuery, id: string): URLSearchParams {
  const filters = filtersOf(query);
  filters.delete(query.by.filter);
  filters.append(query.by.filter, id);
  return filters;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
