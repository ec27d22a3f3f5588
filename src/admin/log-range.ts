// The time that a chart speaks of, and the size of its buckets: as many as an eye can tell apart.
import { GatewayError } from "../core/errors.ts";
import type { LogBucket, LogDimension, LogQuery } from "../core/stores.ts";
import { wholeNumber } from "./log-parameters.ts";
import { ask, type LogDesk } from "./log-source.ts";

/** Unix ms; `from` inclusive, `to` exclusive; `bucket` in ms. Buckets begin at multiples of their size since 1970, UTC. */
export interface LogRange {
  readonly from: number;
  readonly to: number;
  readonly bucket: number;
}

export const BUCKET_PARAMETER = "bucket_size_seconds";
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Each at most four times the one before, so that a chart has 30 to 120 buckets. */
const STEPS = [
  ...[1, 2, 5, 10, 20, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7, 14, 28, 91, 364].map((count) => count * DAY),
];
const MOST_CHOSEN = 120;
/** Most buckets that a caller may ask for. */
const MOST_BUCKETS = 2000;

/** Of a query and of the parameter for the bucket's size. Without a beginning a chart begins with the oldest request. */
export function readRange(desk: LogDesk, query: LogQuery, parameters: URLSearchParams): LogRange {
  const to = query.endTime === undefined ? desk.now() + 1 : query.endTime + 1;
  const from = query.startTime ?? Math.min(to, oldest(desk, to));
  const asked = parameters.get(BUCKET_PARAMETER) ?? "";
  const bucket = asked === "" ? chooseBucket(to - from) : askedBucket(asked, to - from);
  return { from, to, bucket };
}

/** ms; the smallest that does not make too many. */
export function chooseBucket(span: number): number {
  // buckets that are cut off at both ends make one more than fit
  return STEPS.find((step) => span / step <= MOST_CHOSEN - 1) ?? (STEPS.at(-1) as number);
}

function askedBucket(value: string, span: number): number {
  const seconds = wholeNumber(value, BUCKET_PARAMETER, 1);
  if (seconds > 60 && seconds % 60 !== 0) throw refusedBucket("must be a whole number of minutes (from 60 seconds on)");
  if (span / (seconds * SECOND) > MOST_BUCKETS) {
    const least = STEPS.find((step) => span / step <= MOST_BUCKETS) ?? (STEPS.at(-1) as number);
    throw refusedBucket(`makes more than ${MOST_BUCKETS} buckets of this time; ${least / SECOND} or more do not`);
  }
  return seconds * SECOND;
}

function refusedBucket(why: string): GatewayError {
  return new GatewayError("invalid_request", `query parameter '${BUCKET_PARAMETER}' ${why}`, {
    param: BUCKET_PARAMETER,
  });
}

/** Unix ms of the minute in which the first request was counted; `to` when there is none. Days, hours and minutes are summed up already. */
function oldest(desk: LogDesk, to: number): number {
  let range = { from: 0, to, bucket: DAY };
  for (const bucket of [DAY, HOUR, MINUTE]) {
    range = { ...range, bucket };
    const first = ask(desk.source, (reader) => reader.series({ filter: ALL, ...range, by: null, top: 1 }), [])[0];
    if (first === undefined) return range.from === 0 ? to : range.from;
    const at = Math.max(range.from, Math.floor(first.at / bucket) * bucket);
    range = { from: at, to: Math.min(to, at + bucket), bucket };
  }
  return range.from;
}

/** Every request. */
const ALL: LogQuery = { sortBy: "timestamp", order: "desc", limit: 1, offset: 0 };

/** The buckets of a range, told by the store or empty, oldest first; `by` groups each. */
export function readBuckets(
  { source }: LogDesk,
  query: LogQuery,
  range: LogRange,
  grouping: { readonly by: LogDimension; readonly top: number } | null,
): readonly { readonly at: number; readonly entries: readonly LogBucket[] }[] {
  const { startTime: _from, endTime: _to, ...filter } = query;
  const asked = { filter, ...range, by: grouping?.by ?? null, top: grouping?.top ?? 1 };
  const told = range.from < range.to ? ask(source, (reader) => reader.series(asked), []) : [];
  const byTime = Map.groupBy(told, ({ at }) => floor(at, range.bucket));
  const buckets: { at: number; entries: readonly LogBucket[] }[] = [];
  for (let at = floor(range.from, range.bucket); at < range.to; at += range.bucket)
    buckets.push({ at, entries: byTime.get(at) ?? [] });
  return buckets;
}

function floor(at: number, bucket: number): number {
  return Math.floor(at / bucket) * bucket;
}
