// The stats of a page, and the running totals of the whole log.
import type { DatabaseSync } from "node:sqlite";
import type { LogStats, LogSums } from "../../core/stores.ts";
import { LogTally } from "./log-tally.ts";

/** As GET /api/logs tells them. */
export function statsOf(sums: LogSums): LogStats {
  const count = sums.requests;
  const rate = count === 0 ? 0 : (sums.success / count) * 100;
  return {
    total_requests: count,
    success_rate: rate,
    // One row is one request of a caller, so both rates are the same.
    user_facing_success_rate: rate,
    user_facing_total_requests: count,
    average_latency: count === 0 ? 0 : sums.latencyMs / count,
    total_tokens: sums.totalTokens,
    prompt_tokens: sums.promptTokens,
    completion_tokens: sums.completionTokens,
    total_cost: sums.costNano / 1e9,
    unpriced_requests: sums.unpriced,
    cache_hit_rate_total_requests: 0,
    direct_cache_hits: 0,
    semantic_cache_hits: 0,
  };
}

export const NO_STATS: LogStats = statsOf(new LogTally().sums(true));

/** Of all rows there are, kept with each transaction: nothing has to be counted. */
export function sumsOfTotals(database: DatabaseSync): LogSums {
  const row = database
    .prepare(
      `SELECT requests, succeeded, latency, prompt_tokens, completion_tokens, unpriced,
         CAST(cost_nano AS REAL) AS cost FROM log_totals`,
    )
    .get() as Record<string, number>;
  const tally = new LogTally();
  tally.requests = row["requests"] ?? 0;
  tally.success = row["succeeded"] ?? 0;
  tally.latencyMs = row["latency"] ?? 0;
  tally.promptTokens = row["prompt_tokens"] ?? 0;
  tally.completionTokens = row["completion_tokens"] ?? 0;
  tally.unpriced = row["unpriced"] ?? 0;
  tally.costNano = row["cost"] ?? 0;
  return tally.sums(true);
}
