// Where the log routes read from, what they answer while there is no store, and sums as answers tell them.
import { GatewayError } from "../core/errors.ts";
import { type LogReader, type LogStats, type LogSums, StoreRefusedError } from "../core/stores.ts";

/** Where rows come from; without a store, why there is none. */
export type LogSource =
  | { readonly type: "store"; readonly reader: LogReader }
  | { readonly type: "off"; readonly reason: string };

/** What the log routes stand on. */
export interface LogDesk {
  readonly source: LogSource;
  now(): number;
}

const NANO = 1e9;

export const NO_SUMS: LogSums = {
  requests: 0,
  success: 0,
  error: 0,
  cancelled: 0,
  promptTokens: 0,
  completionTokens: 0,
  totalTokens: 0,
  cachedReadTokens: 0,
  costNano: 0,
  unpriced: 0,
  latencyMs: 0,
  p50: null,
  p90: null,
  p95: null,
  p99: null,
  overheadUs: 0,
  overheadCount: 0,
  retried: 0,
  exact: true,
};

/** Asks the store; without one, `otherwise`. A store that cannot be read is no fault of the caller's, and no fault of ours to hide. */
export function ask<T>(source: LogSource, question: (reader: LogReader) => T, otherwise: T): T {
  if (source.type === "off") return otherwise;
  try {
    return question(source.reader);
  } catch (error) {
    if (!(error instanceof StoreRefusedError)) throw error;
    throw new GatewayError("control_plane_unavailable", `the request log cannot be read: ${error.message}`, {
      retryAfter: 5,
      cause: error,
    });
  }
}

/** Why an answer is emptier than asked for, where it is. */
export function withNotes<T extends object>(answer: T, source: LogSource, warnings: readonly string[]): T {
  const notes = source.type === "off" ? [source.reason, ...warnings] : warnings;
  return notes.length === 0 ? answer : { ...answer, warnings: notes };
}

/** The stats of a page. One row is one request of a caller, so both rates are the same. */
export function pageStats(sums: LogSums): LogStats {
  return {
    total_requests: sums.requests,
    success_rate: share(sums.success, sums.requests),
    user_facing_success_rate: share(sums.success, sums.requests),
    user_facing_total_requests: sums.requests,
    average_latency: ratio(sums.latencyMs, sums.requests),
    total_tokens: sums.totalTokens,
    prompt_tokens: sums.promptTokens,
    completion_tokens: sums.completionTokens,
    total_cost: sums.costNano / NANO,
    unpriced_requests: sums.unpriced,
    cache_hit_rate_total_requests: 0,
    direct_cache_hits: 0,
    semantic_cache_hits: 0,
  };
}

/** The same with what only sums know: counts by outcome, percentiles, overhead of the gateway. */
export function wholeStats(sums: LogSums) {
  return {
    ...pageStats(sums),
    success_count: sums.success,
    error_count: sums.error,
    cancelled_count: sums.cancelled,
    retried_requests: sums.retried,
    cached_read_tokens: sums.cachedReadTokens,
    p50_latency: sums.p50,
    p90_latency: sums.p90,
    p95_latency: sums.p95,
    p99_latency: sums.p99,
    /** µs that the gateway itself took, of the requests that tell it; null = none does. */
    average_overhead_us: sums.overheadCount === 0 ? null : sums.overheadUs / sums.overheadCount,
    exact: sums.exact,
  };
}

/** USD; null = something was used, and nothing of it has a price. */
export function costOf(sums: LogSums): number | null {
  return sums.costNano === 0 && sums.unpriced > 0 ? null : sums.costNano / NANO;
}

/** Percent, 0 of nothing. */
export function share(part: number, whole: number): number {
  return ratio(part, whole) * 100;
}

export function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** Tokens of the answers for each second that they took. */
export function throughput(sums: LogSums): number {
  return ratio(sums.completionTokens * 1000, sums.latencyMs);
}
