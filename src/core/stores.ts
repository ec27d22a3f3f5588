// The ports of the stores that the planes use: the request log, written and read, and the metrics as they are rendered.
import type { Dialect } from "./chat.ts";
import type { ContentLevel } from "./entities.ts";
import type { Outcome } from "./exchange.ts";
import type { MetricsDelta } from "./metrics-delta.ts";
import type { RawUsage } from "./usage.ts";

/** Whether a store takes what it is given. `reason` is the system's own word for what is wrong; empty when `ok`. */
export interface StoreHealth {
  readonly ok: boolean;
  readonly reason: string;
}

/** What rows can be grouped and filtered by; `tag:NAME`: a tag of the request; `tag:` alone, for `values`: the names of tags. */
export type LogDimension =
  | "provider"
  | "model"
  | "requested_model"
  | "virtual_key"
  | "selected_key"
  | "team"
  | "customer"
  | "user"
  | "app"
  | "user_agent"
  | "session"
  | "routing_rule"
  | "routing_engine"
  | "stop_reason"
  | "status"
  | "object"
  | `tag:${string}`;

/** Of requests as the clients saw them. */
export interface LogSums {
  readonly requests: number;
  readonly success: number;
  readonly error: number;
  readonly cancelled: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly totalTokens: number;
  readonly cachedReadTokens: number;
  /** Nano-dollars, of what has a price. */
  readonly costNano: number;
  readonly unpriced: number;
  /** Sum, ms; the mean is latencyMs / requests. */
  readonly latencyMs: number;
  /** ms; null = no requests. Within 5 % of the true value. */
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** Sum over requests that told it, µs, and how many did. */
  readonly overheadUs: number;
  readonly overheadCount: number;
  /** Requests that needed a fallback or another try. */
  readonly retried: number;
  /** False: more rows match than are counted; the sums speak of the newest million. */
  readonly exact: boolean;
}

export interface LogSeriesQuery {
  readonly filter: LogQuery;
  /** Unix ms; `from` inclusive, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  /** ms; a whole number of minutes where it is longer than one. */
  readonly bucket: number;
  readonly by: LogDimension | null;
  /** With `by`: so many values by requests, the others together as `other`. */
  readonly top: number;
}

export interface LogBucket {
  /** Unix ms of its beginning. */
  readonly at: number;
  /** null without `by`; empty = the request has none. */
  readonly group: LogValueName | null;
  readonly sums: LogSums;
}

export interface LogGroupQuery {
  readonly filter: LogQuery;
  readonly by: LogDimension;
  readonly sortBy: "requests" | "tokens" | "cost" | "latency";
  readonly order: "asc" | "desc";
  readonly limit: number;
  readonly offset: number;
}

export interface LogGroup extends LogValueName {
  readonly sums: LogSums;
  /** Of `model`: the provider that served most of it; else null. */
  readonly provider: string | null;
}

export interface LogValueName {
  readonly id: string;
  readonly name: string;
  readonly count: number;
}

/** A request and its answer whole, as client and provider sent them (content level `full`). */
export interface WholeContent {
  /** Of the request; its row was written before. */
  readonly id: string;
  /** When it was accepted, Unix ms. */
  readonly acceptedAt: number;
  /** Of the two together at most RECORD_LIMITS.whole bytes are kept. */
  readonly input: Uint8Array;
  readonly inputCut: boolean;
  /** JSON, or the SSE bytes of a stream; empty where there was no answer. */
  readonly output: Uint8Array;
  readonly outputCut: boolean;
  readonly outputIsStream: boolean;
  readonly outputDialect: Dialect;
}

/** Takes packed records (core/record-codec.ts) and makes rows of them; lives in the control plane. Never throws after it was opened. */
export interface LogWriter {
  /**
   * Writes one buffer of records before it returns: the buffer may be handed back at once. `words` are new words of the
   * sender's dictionary, the first has number `firstWord`; a message with `firstWord` 0 begins a new dictionary.
   */
  write(buffer: ArrayBuffer, firstWord: number, words: readonly string[]): void;
  /** Keeps a whole content, compressed by threads of their own; `done` is called once its bytes are let go. */
  writeContent(content: WholeContent, done: () => void): void;
  /** Deletes rows with their content, and says how many there were. What they sum up to stays counted. Throws StoreRefusedError. */
  remove(ids: readonly string[]): number;
  /** Tries to write what a failing store left in memory. */
  flush(): void;
  /** Flushes and closes. What cannot be written now is dropped and counted. */
  close(): void;
  readonly health: StoreHealth;
  /** Rows given up since the start, for want of room while the store failed or because they could not be read. */
  readonly dropped: number;
  /** Contents given up since the start, of which the row is there. */
  readonly droppedContent: number;
}

/** Reads the request log; lives in the query plane with a connection of its own. An unopened or empty store reads as no rows. */
export interface LogReader {
  /** Throws StoreRefusedError when the store cannot be read as it stands. */
  list(query: LogQuery): LogPage;
  get(id: string): LogRow | null;
  /** What the rows of a query sum up to; limit, offset, order and cursor of the query say nothing here. */
  sums(query: LogQuery): LogSums;
  /** Sums by time, of all rows together or of each value of a dimension. Buckets without rows are left out. */
  series(query: LogSeriesQuery): readonly LogBucket[];
  /** Sums by the values of a dimension. */
  groups(query: LogGroupQuery): readonly LogGroup[];
  /** Values of a dimension that were seen lately, the most frequent first; `search`: part of id or name, any case. */
  values(dimension: LogDimension, search: string, limit: number): readonly LogValueName[];
  close(): void;
}

/** The metrics of all loops together, in the control plane, which alone renders them. */
export interface MetricsStore {
  apply(delta: MetricsDelta): void;
  /** Prometheus text format 0.0.4. */
  render(): string;
}

/** A store file that is not ours to use: corrupted, of a newer version, or out of reach. It is left as it is. */
export class StoreRefusedError extends Error {
  readonly path: string;
  /** What is wrong, without the path. */
  readonly reason: string;
  constructor(path: string, reason: string, cause?: unknown) {
    super(`${path}: ${reason}`, cause === undefined ? undefined : { cause });
    this.name = "StoreRefusedError";
    this.path = path;
    this.reason = reason;
  }
}

/** Readable text of an answer: a whole JSON answer, or the SSE bytes of a stream. Either may be cut off at its cap. */
export type AssembleText = (bytes: Buffer, dialect: Dialect, isStream: boolean) => string;

export type LogSort = "timestamp" | "latency" | "tokens" | "cost";

/** The largest page. */
export const MAX_LOG_LIMIT = 1000;

/** Every field that is given must hold; an empty list matches nothing. Of list fields one value must match. */
export interface LogQuery {
  readonly providers?: readonly string[] | undefined;
  readonly models?: readonly string[] | undefined;
  readonly status?: readonly Outcome[] | undefined;
  readonly virtualKeyIds?: readonly string[] | undefined;
  readonly selectedKeyIds?: readonly string[] | undefined;
  readonly stopReasons?: readonly string[] | undefined;
  /** Request types, e.g. `chat_completion_stream`. */
  readonly objects?: readonly string[] | undefined;
  /** Unix ms, both inclusive. */
  readonly startTime?: number | undefined;
  readonly endTime?: number | undefined;
  /** ms, both inclusive. */
  readonly minLatency?: number | undefined;
  readonly maxLatency?: number | undefined;
  /** Of input and output together, both inclusive. */
  readonly minTokens?: number | undefined;
  readonly maxTokens?: number | undefined;
  /** Nano-dollars, both inclusive. */
  readonly minCost?: number | undefined;
  readonly maxCost?: number | undefined;
  /** True: something that was used has no price. */
  readonly missingCostOnly?: boolean | undefined;
  readonly teamIds?: readonly string[] | undefined;
  readonly customerIds?: readonly string[] | undefined;
  readonly stream?: boolean | undefined;
  /** The model as it was asked for. */
  readonly requestedModels?: readonly string[] | undefined;
  readonly userIds?: readonly string[] | undefined;
  readonly apps?: readonly string[] | undefined;
  readonly userAgents?: readonly string[] | undefined;
  readonly sessionIds?: readonly string[] | undefined;
  readonly routingRuleIds?: readonly string[] | undefined;
  readonly routingEngines?: readonly string[] | undefined;
  /** Tag → values of which one must match. */
  readonly tags?: Readonly<Record<string, readonly string[]>> | undefined;
  /** True: only what needed a fallback or another try. */
  readonly retriedOnly?: boolean | undefined;
  readonly clientRequestId?: string | undefined;
  /** Literal text, without regard to case, anywhere in input or output. */
  readonly contentSearch?: string | undefined;
  /** `pagination.next` of the page before (sort by timestamp only); takes the place of `offset`. */
  readonly after?: string | undefined;
  /** True: totals and stats of the page are not looked at, and need not be counted: the pages of an export. */
  readonly rowsOnly?: boolean | undefined;
  /** True: content, decision and costs of attempts are not looked at, and need not be read: the rows of a table. */
  readonly light?: boolean | undefined;
  readonly sortBy: LogSort;
  readonly order: "asc" | "desc";
  /** 1 to MAX_LOG_LIMIT. */
  readonly limit: number;
  readonly offset: number;
}

/** The answer of `GET /api/logs`, ready for JSON. */
export interface LogPage {
  readonly logs: readonly LogRow[];
  readonly pagination: {
    readonly limit: number;
    readonly offset: number;
    readonly sort_by: LogSort;
    readonly order: "asc" | "desc";
    readonly total_count: number;
    /** Null: `total_count` and `stats` are exact. Else more rows match than are counted, which are at least so many. */
    readonly total_count_at_least: number | null;
    /** RFC 3339: a content search stopped here for want of time, `next` goes on; null: it came to its end. */
    readonly searched_until: string | null;
    /** Cursor of the next page; null on the last one, and when the list is not sorted by timestamp. */
    readonly next: string | null;
  };
  readonly stats: LogStats;
  readonly has_logs: boolean;
}

/** Rates are percentages, 0 when there are no requests; latency in ms; cost in USD, of the priced rows. */
export interface LogStats {
  readonly total_requests: number;
  readonly success_rate: number;
  readonly user_facing_success_rate: number;
  readonly user_facing_total_requests: number;
  readonly average_latency: number;
  readonly total_tokens: number;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_cost: number;
  readonly unpriced_requests: number;
  readonly cache_hit_rate_total_requests: number;
  readonly direct_cache_hits: number;
  readonly semantic_cache_hits: number;
}

/** Counts as providers' dialects call them; what the provider did not tell is null. */
export interface LogTokenUsage {
  readonly prompt_tokens: number | null;
  readonly completion_tokens: number | null;
  readonly total_tokens: number | null;
  readonly prompt_tokens_details: {
    readonly cached_read_tokens: number | null;
    readonly cached_write_tokens: number | null;
  };
  readonly completion_tokens_details: { readonly reasoning_tokens: number | null };
}

/** One summand of a cost. */
export interface LogCostPart {
  readonly kind: string;
  readonly count: number;
  /** The rate that was taken; it names another kind where that one's price includes this kind. */
  readonly rate: string;
  /** USD for one token, piece, second or character. */
  readonly unit_price: number;
  /** USD. */
  readonly cost: number;
}

/** How a cost came about. */
export interface LogCostDetails {
  readonly parts: readonly LogCostPart[];
  /** Kinds that were used and have no price. */
  readonly unpriced: readonly string[];
  /** Of the prices that it was made with; null = the model is unknown. */
  readonly price_version: string | null;
  readonly source: string | null;
  /** USD, what the provider itself says it charges; null = it does not say. */
  readonly reported: number | null;
}

/** What of the usage decides on the price: the counts by kind, each kind apart. */
export interface LogUsageDetails {
  readonly counts: RawUsage["counts"];
  readonly tier: string | null;
  readonly region: string | null;
  /** Members of the provider's report that were no counts and were left out. */
  readonly refused: readonly string[];
}

/** One try. Times in ms since the request was accepted; null = did not happen. */
export interface LogAttempt {
  readonly provider: string;
  readonly model: string;
  /** Name of the provider key. */
  readonly key: string;
  readonly key_id: string;
  readonly fallback_index: number;
  /** The provider's status; null = no answer. */
  readonly status: number | null;
  /** Empty when it answered; else the kind of failure, or `cancelled`. */
  readonly outcome: string;
  readonly error: string;
  /** Why this try was made. */
  readonly reason: string;
  readonly start: number;
  readonly connected: number | null;
  readonly first_byte: number | null;
  readonly first_token: number | null;
  readonly end: number | null;
  readonly possibly_billed: boolean;
  readonly token_usage: LogTokenUsage | null;
  /** Whether the provider reported what was used, or it was counted here; `none`: nothing is known, or nothing was used. */
  readonly usage_origin: "reported" | "counted" | "none";
  readonly usage_details: LogUsageDetails | null;
  /** USD; null = nothing was used, or nothing of it has a price. */
  readonly cost: number | null;
  readonly cost_details: LogCostDetails | null;
}

export interface LogCandidate {
  readonly provider: string;
  readonly model: string;
  readonly weight: number | null;
  readonly share: number;
  readonly health: number;
  /** Why it was not tried. */
  readonly removed?: string;
}

export interface LogDecision {
  readonly order: readonly {
    readonly provider: string;
    readonly model: string;
    readonly key: string;
    readonly reason: string;
  }[];
  readonly candidates: readonly LogCandidate[];
  readonly draw: number | null;
  readonly seed: number;
  readonly rules: readonly { readonly name: string; readonly matched: boolean; readonly why: string }[];
  readonly engine: string;
  readonly snapshot_version: number;
}

export interface LogMessage {
  readonly role: string;
  readonly content: string;
  /** What it holds: `text`, `image`, `tool_call` … Absent: text. */
  readonly kind?: string;
  /** Bytes of it as it was sent; told where the content itself is not kept, or cut. */
  readonly bytes?: number;
}

/** One request, as `GET /api/logs` tells it. Provider, key and fallback index are those of the attempt that answered, or of the last. */
export interface LogRow {
  readonly id: string;
  readonly parent_request_id: null;
  /** RFC 3339, when the request was accepted. */
  readonly timestamp: string;
  readonly created_at: string;
  /** The request type, e.g. `chat_completion`. */
  readonly object: string;
  readonly provider: string;
  readonly model: string;
  /** As the caller named it. */
  readonly requested_model: string;
  /** Attempts beyond the first at each provider. */
  readonly number_of_retries: number;
  readonly fallback_index: number;
  readonly selected_key_id: string;
  readonly selected_key_name: string;
  readonly virtual_key_id: string | null;
  readonly virtual_key_name: string | null;
  readonly team_id: string | null;
  readonly team_name: string | null;
  /** The key's own customer, or its team's. */
  readonly customer_id: string | null;
  readonly customer_name: string | null;
  readonly routing_engines_used: readonly string[];
  /** The decision and what became of it in words, a line a step. */
  readonly routing_engine_logs: string;
  /** The last user message, its text cut at 8 KB; empty when content is not logged. */
  readonly input_history: readonly LogMessage[];
  readonly output_message: LogMessage | null;
  /** Input or output were kept out of the log by configuration. */
  readonly content_hidden: boolean;
  readonly token_usage: LogTokenUsage | null;
  /** USD, of all attempts together; null = unpriced. What is priced in part has a cost, and names the rest in `cost_details`. */
  readonly cost: number | null;
  /** Of all attempts together; null = nothing was used. Version and source are those of the last one that was charged. */
  readonly cost_details: LogCostDetails | null;
  /** ms from accept to the last byte. */
  readonly latency: number;
  /** ms from accept to the first content of a stream. */
  readonly time_to_first_token: number | null;
  readonly status: Outcome;
  /** The status that the client saw; null = none. */
  readonly status_code: number | null;
  readonly stop_reason: string | null;
  readonly error_details: {
    readonly status_code: number;
    readonly type: string;
    readonly code: string;
    readonly message: string;
  } | null;
  readonly stream: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  /** What was kept of the content. */
  readonly content_level: ContentLevel;
  /** What should have been kept was given up for want of room. */
  readonly content_dropped: boolean;
  /** As the client sent it (content level `full`); null = not kept. */
  readonly raw_request: string | null;
  /** As the provider sent it: JSON, or the events of a stream. */
  readonly raw_response: string | null;
  readonly user_id: string | null;
  readonly app: string | null;
  readonly session_id: string | null;
  /** µs that the gateway itself took; null = not known. */
  readonly overhead_us: number | null;
  readonly routing_rule_id: string | null;
  readonly routing_rule_name: string | null;
  readonly client_request_id: string | null;
  readonly user_agent: string | null;
  readonly attempts: readonly LogAttempt[];
  readonly decision: LogDecision | null;
  /** Fields of the request that the target could not be given. */
  readonly dropped_params: readonly string[];
}
