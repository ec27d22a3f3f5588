// GET /api/logs/histogram and its kin: requests, tokens, costs, latency and throughput over time, together or by a dimension.
import type { LogBucket, LogDimension, LogQuery, LogSums } from "../core/stores.ts";
import type { PlaneRequest } from "../lib/channel/bridge-responder.ts";
import { jsonAnswer } from "./answers.ts";
import { readDimension } from "./log-dimensions.ts";
import { wholeNumber } from "./log-parameters.ts";
import { readLogQuery } from "./log-query.ts";
import { BUCKET_PARAMETER, type LogRange, readBuckets, readRange } from "./log-range.ts";
import { costOf, type LogDesk, type LogSource, NO_SUMS, ratio, throughput, withNotes } from "./log-source.ts";
import type { Route } from "./router.ts";

/** What a bucket tells of its requests. */
type Measure = (sums: LogSums) => object;

/** A stretch of time with the sums of each group in it. */
export type Bucket = ReturnType<typeof readBuckets>[number];

/** The member that lists the groups, and that of a bucket which holds them. */
type GroupList = "models" | "providers" | "dimension_values";
const MEMBERS: Readonly<Record<GroupList, string>> = {
  models: "by_model",
  providers: "by_provider",
  dimension_values: "by_dimension",
};
const NOWHERE: LogSource = { type: "off", reason: "" };

export interface ChartQuery {
  readonly desk: LogDesk;
  readonly query: LogQuery;
  readonly range: LogRange;
  /** With groups: so many of them, the others together as `other`. */
  readonly top: number;
}

const DEFAULT_TOP = 20;
const MOST_TOP = 100;

export const countMeasure: Measure = ({ requests, success, error, cancelled }) => ({
  count: requests,
  success,
  error,
  cancelled,
});

export const tokenMeasure: Measure = (sums) => ({
  prompt_tokens: sums.promptTokens,
  completion_tokens: sums.completionTokens,
  total_tokens: sums.totalTokens,
  cached_read_tokens: sums.cachedReadTokens,
});

export const latencyMeasure: Measure = (sums) => ({
  avg_latency: ratio(sums.latencyMs, sums.requests),
  p50_latency: sums.p50 ?? 0,
  p90_latency: sums.p90 ?? 0,
  p95_latency: sums.p95 ?? 0,
  p99_latency: sums.p99 ?? 0,
  total_requests: sums.requests,
});

export const throughputMeasure: Measure = (sums) => ({
  tokens_per_second: throughput(sums),
  total_completion_tokens: sums.completionTokens,
  total_requests: sums.requests,
});

export const outcomeMeasure: Measure = ({ requests, success, error, cancelled }) => ({
  total: requests,
  success,
  error,
  cancelled,
});

/** What is told of each group of a bucket. */
const GROUPED: Readonly<Record<string, (sums: LogSums) => unknown>> = {
  requests: outcomeMeasure,
  tokens: tokenMeasure,
  cost: costOf,
  latency: latencyMeasure,
  throughput: throughputMeasure,
};

export function chartRoutes(desk: LogDesk): Route[] {
  const plain = { tokens: tokenMeasure, latency: latencyMeasure, throughput: throughputMeasure };
  return [
    chart(desk, "", (asked) => plainChart(asked, countMeasure)),
    ...Object.entries(plain).map(([name, measure]) => chart(desk, `/${name}`, (asked) => plainChart(asked, measure))),
    chart(desk, "/cost", (asked) => costChart(asked, readGroups(asked, "model"), "models")),
    chart(desk, "/models", (asked) => groupChart(asked, readGroups(asked, "model"), "models", outcomeMeasure)),
    ...Object.keys(GROUPED).flatMap((name) => [
      chart(desk, `/${name}/by-provider`, (asked) => measureChart(asked, name, "provider", "providers")),
      chart(desk, `/${name}/by-dimension`, (asked, request) => dimensionChart(asked, name, request)),
    ]),
  ];
}

function chart(desk: LogDesk, suffix: string, draw: (asked: ChartQuery, request: PlaneRequest) => object): Route {
  const own = [BUCKET_PARAMETER, "top", ...(suffix.endsWith("/by-dimension") ? ["dimension"] : [])];
  return {
    method: "GET",
    path: `/api/logs/histogram${suffix}`,
    demands: "read",
    handle: (request) => {
      const { query, warnings } = readLogQuery(request.query, desk.now(), { own });
      const range = readRange(desk, query, request.query);
      const drawn = draw({ desk, query, range, top: readTop(request.query) }, request);
      return jsonAnswer(withNotes(drawn, desk.source, warnings));
    },
  };
}

function readTop(parameters: URLSearchParams): number {
  const value = parameters.get("top") ?? "";
  return value === "" ? DEFAULT_TOP : Math.min(wholeNumber(value, "top", 1), MOST_TOP);
}

/** One line: every request together. */
export function plainChart(asked: ChartQuery, measure: Measure): object {
  return drawPlain(readPlain(asked), asked.range, measure);
}

/** The sums of each bucket; several charts can be drawn of them. */
export function readPlain({ desk, query, range }: ChartQuery): readonly Bucket[] {
  return readBuckets(desk, query, range, null);
}

export function drawPlain(buckets: readonly Bucket[], range: LogRange, measure: Measure): object {
  return {
    buckets: buckets.map(({ at, entries }) => ({ timestamp: timestamp(at), ...measure(entries[0]?.sums ?? NO_SUMS) })),
    bucket_size_seconds: range.bucket / 1000,
  };
}

/** The sums of each bucket by the values of a dimension. */
export function readGroups({ desk, query, range, top }: ChartQuery, by: LogDimension): readonly Bucket[] {
  return readBuckets(desk, query, range, { by, top });
}

function measureChart(asked: ChartQuery, name: string, by: "provider" | "model", list: GroupList): object {
  const groups = readGroups(asked, by);
  return name === "cost" ? costChart(asked, groups, list) : groupChart(asked, groups, list, measureOf(name));
}

function dimensionChart(asked: ChartQuery, name: string, request: PlaneRequest): object {
  const by = readDimension(request.query);
  const groups =
    by === null
      ? readBuckets({ ...asked.desk, source: NOWHERE }, asked.query, asked.range, null)
      : readGroups(asked, by);
  const drawn =
    name === "cost"
      ? costChart(asked, groups, "dimension_values")
      : groupChart(asked, groups, "dimension_values", measureOf(name));
  return { dimension: request.query.get("dimension"), ...drawn, labels: labelsOf(groups) };
}

function measureOf(name: string): (sums: LogSums) => unknown {
  return GROUPED[name] as (sums: LogSums) => unknown;
}

/** Groups by their ids, and which there are. A request without one stands under the empty name. */
export function groupChart(
  { range }: Pick<ChartQuery, "range">,
  groups: readonly Bucket[],
  list: GroupList,
  measure: (sums: LogSums) => unknown,
): object {
  return {
    buckets: groups.map(({ at, entries }) => ({
      timestamp: timestamp(at),
      [MEMBERS[list]]: Object.fromEntries(entries.map(({ group, sums }) => [group?.id ?? "", measure(sums)])),
    })),
    [list]: idsOf(groups),
    bucket_size_seconds: range.bucket / 1000,
  };
}

export function costChart({ range }: Pick<ChartQuery, "range">, groups: readonly Bucket[], list: GroupList): object {
  return {
    buckets: groups.map(({ at, entries }) => ({
      timestamp: timestamp(at),
      ...totalCost(entries),
      [MEMBERS[list]]: Object.fromEntries(entries.map(({ group, sums }) => [group?.id ?? "", costOf(sums)])),
    })),
    [list]: idsOf(groups),
    bucket_size_seconds: range.bucket / 1000,
  };
}

function totalCost(entries: readonly LogBucket[]): object {
  const costNano = entries.reduce((sum, entry) => sum + entry.sums.costNano, 0);
  const unpriced = entries.reduce((sum, entry) => sum + entry.sums.unpriced, 0);
  return { total_cost: costOf({ ...NO_SUMS, costNano, unpriced }), unpriced_requests: unpriced };
}

/** Those with the most requests first. */
function idsOf(groups: readonly Bucket[]): string[] {
  const counts = new Map<string, number>();
  for (const { group, sums } of groups.flatMap(({ entries }) => entries))
    counts.set(group?.id ?? "", (counts.get(group?.id ?? "") ?? 0) + sums.requests);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([id]) => id);
}

/** Names for people by ids. */
function labelsOf(groups: readonly Bucket[]): object {
  const named = groups.flatMap(({ entries }) => entries.flatMap(({ group }) => (group === null ? [] : [group])));
  return Object.fromEntries(named.map(({ id, name }) => [id, name || id]));
}

function timestamp(at: number): string {
  return new Date(at).toISOString();
}
