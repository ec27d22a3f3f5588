// Every metric that the gateway tells: name, kind, help, labels and buckets. Both sides of the channel read this one table.

export interface MetricDefinition {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, rising, without +Inf. */
  readonly buckets?: readonly number[];
}

/** What every series of one target carries; the request type is called `method`. */
const TARGET_LABELS = [
  "provider",
  "model",
  "alias",
  "method",
  "virtual_key_id",
  "virtual_key_name",
  "routing_engine_used",
  "selected_key_id",
  "selected_key_name",
  "fallback_index",
] as const;

const HTTP_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const UPSTREAM_SECONDS = [...HTTP_SECONDS, 15, 30, 45, 60, 90, 120, 180, 300, 600, 900];
const FIRST_TOKEN_SECONDS = [...HTTP_SECONDS, 15, 30, 45, 60, 90, 120, 180, 300];
const RETRIES = [0, 1, 2, 3, 5, 10];

const HTTP_LABELS = ["path", "method", "status"];
const KEY_LABELS = ["provider", "key_id", "key_name"];
const THREAD_LABELS = ["thread"];
/** Of a budget: those that do not apply are empty. */
const BUDGET_LABELS = [
  "virtual_key_id",
  "virtual_key_name",
  "provider",
  "model",
  "team_id",
  "team_name",
  "customer_id",
  "customer_name",
  "model_config_id",
  "budget_id",
  "reset_duration",
];

/** In the order in which they are rendered. */
export const METRICS = {
  http_requests_total: {
    type: "counter",
    help: "Inference requests by route, method and status.",
    labels: HTTP_LABELS,
  },
  http_request_duration_seconds: {
    type: "histogram",
    help: "Time from accepting a request to its last byte.",
    labels: HTTP_LABELS,
    buckets: HTTP_SECONDS,
  },
  bifrost_requests_total: {
    type: "counter",
    help: "Requests by the provider that answered, or else was tried last; none: refused before any was tried.",
    labels: ["provider"],
  },
  bifrost_request_duration_seconds: {
    type: "histogram",
    help: "Time from accepting a request to its last byte, failed attempts included.",
    labels: ["provider"],
    buckets: UPSTREAM_SECONDS,
  },
  bifrost_failover_total: {
    type: "counter",
    help: "Moves of a request from a provider that failed to another one.",
    labels: ["source_provider", "target_provider"],
  },
  bifrost_errors_total: {
    type: "counter",
    help: "Failed attempts by provider, also those that a retry or a fallback made good; provider none: refused requests.",
    labels: ["provider", "kind", "status_code"],
  },
  bifrost_upstream_requests_total: {
    type: "counter",
    help: "Targets tried, each counted once with all its retries.",
    labels: TARGET_LABELS,
  },
  bifrost_success_requests_total: { type: "counter", help: "Targets that answered.", labels: TARGET_LABELS },
  bifrost_error_requests_total: {
    type: "counter",
    help: "Targets that failed after all their retries.",
    labels: [...TARGET_LABELS, "status_code"],
  },
  bifrost_upstream_latency_seconds: {
    type: "histogram",
    help: "Time spent at one target, its retries included.",
    labels: [...TARGET_LABELS, "is_success"],
    buckets: UPSTREAM_SECONDS,
  },
  bifrost_input_tokens_total: {
    type: "counter",
    help: "Input tokens as providers told them, cached ones included.",
    labels: TARGET_LABELS,
  },
  bifrost_output_tokens_total: {
    type: "counter",
    help: "Output tokens as providers told them.",
    labels: TARGET_LABELS,
  },
  bifrost_cache_read_input_tokens_total: {
    type: "counter",
    help: "Input tokens read from the provider's prompt cache.",
    labels: TARGET_LABELS,
  },
  bifrost_cache_write_input_tokens_total: {
    type: "counter",
    help: "Input tokens written to the provider's prompt cache.",
    labels: TARGET_LABELS,
  },
  bifrost_cache_write_input_tokens_5m_total: {
    type: "counter",
    help: "Input tokens written to the provider's prompt cache for five minutes.",
    labels: TARGET_LABELS,
  },
  bifrost_cache_write_input_tokens_1h_total: {
    type: "counter",
    help: "Input tokens written to the provider's prompt cache for an hour.",
    labels: TARGET_LABELS,
  },
  bifrost_cost_total: {
    type: "counter",
    help: "What attempts are charged, failed ones too, in US dollars; without what has no price.",
    labels: TARGET_LABELS,
  },
  bifrost_unpriced_requests_total: {
    type: "counter",
    help: "Attempts that used something without a price.",
    labels: ["provider", "model"],
  },
  bifrost_stream_first_token_latency_seconds: {
    type: "histogram",
    help: "Time from the first call of a target to the first content of its stream.",
    labels: TARGET_LABELS,
    buckets: FIRST_TOKEN_SECONDS,
  },
  bifrost_request_retries: {
    type: "histogram",
    help: "Attempts beyond the first at one target.",
    labels: TARGET_LABELS,
    buckets: RETRIES,
  },
  bifrost_key_rotation_events_total: {
    type: "counter",
    help: "Moves from a provider key that failed to another one of the same target.",
    labels: ["provider", "requested_model", "key_id", "key_name", "fail_reason"],
  },
  bifrost_active_requests: { type: "gauge", help: "Requests under way, by request type.", labels: ["method"] },
  bifrost_provider_key_up: {
    type: "gauge",
    help: "1: the key takes requests; 0: it is switched off, rests or was rejected.",
    labels: KEY_LABELS,
  },
  bifrost_governance_refusals_total: {
    type: "counter",
    help: "Requests refused for a budget, a limit, a price or a missing bound, by code.",
    labels: ["reason"],
  },
  bifrost_governance_reservations: { type: "gauge", help: "Requests that hold a reservation.", labels: [] },
  bifrost_governance_waiters: { type: "gauge", help: "Requests that wait for room or for a grant.", labels: [] },
  bifrost_governance_settlement_lag_seconds: {
    type: "gauge",
    help: "Age of the oldest cost that is not durable yet.",
    labels: [],
  },
  bifrost_budget_unpriced_requests_total: {
    type: "counter",
    help: "Requests to models without a price, by the budget that cannot see what they cost.",
    labels: ["budget_id"],
  },
  bifrost_budget_beyond_bound_usd_total: {
    type: "counter",
    help: "What requests cost beyond the bound that a hard budget had reserved for them, US dollars.",
    labels: ["budget_id"],
  },
  bifrost_budget_used_usd: {
    type: "gauge",
    help: "Settled in the open window of a budget over all nodes, US dollars. Of the 1000 budgets that were used last.",
    labels: BUDGET_LABELS,
  },
  bifrost_budget_limit_usd: {
    type: "gauge",
    help: "Limit of a budget with credits and override, US dollars.",
    labels: BUDGET_LABELS,
  },
  bifrost_budget_reserved_usd: {
    type: "gauge",
    help: "Reserved by requests under way, US dollars.",
    labels: BUDGET_LABELS,
  },
  bifrost_budget_uncertain_usd: {
    type: "gauge",
    help: "Charged by estimate after crashes and not released, US dollars.",
    labels: BUDGET_LABELS,
  },
  bifrost_budget_threshold_total: {
    type: "counter",
    help: "Budgets that reached 50, 80 or 100 % of their limit, found by this process; once for each window.",
    labels: ["threshold", "owner_type"],
  },
  bifrost_counter_store_lag_seconds: {
    type: "gauge",
    help: "Age of the oldest entry that does not stand in the counters yet; it is durable in the journal before.",
    labels: [],
  },
  bifrost_budget_webhooks_waiting: {
    type: "gauge",
    help: "Webhooks about budgets that are not delivered yet.",
    labels: [],
  },
  bifrost_dropped_records_total: {
    type: "counter",
    help: "Rows of the request log that were given up: no buffer (loop) or no store (control).",
    labels: THREAD_LABELS,
  },
  bifrost_dropped_contents_total: {
    type: "counter",
    help: "Contents of requests that were given up while their rows were kept: too much under way (loop) or no store (control).",
    labels: THREAD_LABELS,
  },
  process_cpu_seconds_total: { type: "counter", help: "CPU time of the process, user and system.", labels: [] },
  process_resident_memory_bytes: { type: "gauge", help: "Resident memory of the process.", labels: [] },
  process_start_time_seconds: { type: "gauge", help: "Start of the process, seconds since 1970.", labels: [] },
  nodejs_heap_size_used_bytes: { type: "gauge", help: "Heap in use, by thread.", labels: THREAD_LABELS },
  nodejs_heap_size_total_bytes: { type: "gauge", help: "Heap reserved, by thread.", labels: THREAD_LABELS },
  nodejs_external_memory_bytes: { type: "gauge", help: "Memory outside the heap, by thread.", labels: THREAD_LABELS },
  nodejs_eventloop_lag_mean_seconds: {
    type: "gauge",
    help: "Mean delay of the event loop over the last second, by thread.",
    labels: THREAD_LABELS,
  },
  nodejs_eventloop_lag_p99_seconds: {
    type: "gauge",
    help: "99th percentile of the delay of the event loop over the last second, by thread.",
    labels: THREAD_LABELS,
  },
  nodejs_eventloop_lag_max_seconds: {
    type: "gauge",
    help: "Longest delay of the event loop over the last second, by thread.",
    labels: THREAD_LABELS,
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;

/** Values that a series of this metric has: 1, or for a histogram its bucket counts with +Inf, and the sum. */
export function valueCount(metric: MetricDefinition): number {
  return metric.type === "histogram" ? (metric.buckets?.length ?? 0) + 2 : 1;
}

/** A value read when it is wanted: gauges, and counters that are counted elsewhere. */
export interface MetricSample {
  readonly metric: MetricName;
  readonly labels: readonly string[];
  readonly value: number;
}
