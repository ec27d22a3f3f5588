// A row of the ranking, and the sums over all rows, as the API tells them.

/** GET /api/logs/rankings/by-dimension */
export interface Ranked {
  readonly id: string;
  readonly name: string;
  readonly total_requests: number;
  readonly success_count: number;
  readonly error_count: number;
  readonly cancelled_count: number;
  readonly total_tokens: number;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  /** USD; null = nothing of it has a price. */
  readonly total_cost: number | null;
  readonly unpriced_requests: number;
  readonly avg_latency: number;
  readonly p95_latency: number | null;
  readonly trend: {
    readonly has_previous_period: boolean;
    /** Percent. */
    readonly requests_trend: number | null;
    readonly tokens_trend: number | null;
    readonly cost_trend: number | null;
    readonly latency_trend: number | null;
  };
}

export interface Ranking {
  readonly rankings: readonly Ranked[];
  readonly warnings?: readonly string[];
}

/** GET /api/logs/stats */
export interface UsageStats {
  readonly total_requests: number;
  readonly success_rate: number;
  readonly average_latency: number;
  readonly p95_latency: number | null;
  readonly total_tokens: number;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_cost: number;
  readonly unpriced_requests: number;
  readonly error_count: number;
  readonly exact: boolean;
  readonly warnings?: readonly string[];
}
