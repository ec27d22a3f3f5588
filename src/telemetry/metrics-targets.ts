// Counts what became of each target of a request: latency, success, retries and tokens, under the labels of the target.
import type { Attempt, Exchange } from "../core/exchange.ts";
import { requestType } from "../core/operations.ts";
import type { Usage } from "../core/usage.ts";
import type { MetricName } from "./metrics-definitions.ts";
import { aliasOf, BoundedSets, type KnownModels, OTHER, targetLabels } from "./metrics-labels.ts";
import type { SeriesTable } from "./metrics-series.ts";

const MAX_TARGETS = 4000;
/** Statuses of one target that get a series each. */
const MAX_STATUSES = 8;

/** Series of one label set of a target; made when first needed, -1 = not yet. */
interface TargetSeries {
  readonly labels: readonly string[];
  readonly ids: Int32Array;
  /** bifrost_error_requests_total by status. */
  readonly errors: Map<number, number>;
}

/** A target's metrics, by their place in TargetSeries.ids; the two latencies differ in a label. */
const TARGET_METRICS = [
  "bifrost_upstream_requests_total",
  "bifrost_success_requests_total",
  "bifrost_request_retries",
  "bifrost_input_tokens_total",
  "bifrost_output_tokens_total",
  "bifrost_cache_read_input_tokens_total",
  "bifrost_cache_write_input_tokens_total",
  "bifrost_cache_write_input_tokens_5m_total",
  "bifrost_cache_write_input_tokens_1h_total",
  "bifrost_cost_total",
  "bifrost_stream_first_token_latency_seconds",
  "bifrost_upstream_latency_seconds",
  "bifrost_upstream_latency_seconds",
] as const satisfies readonly MetricName[];
const REQUESTS = 0;
const SUCCESSES = 1;
const RETRIES = 2;
const INPUT = 3;
const OUTPUT = 4;
const CACHE_READ = 5;
const CACHE_WRITE = 6;
const CACHE_WRITE_5M = 7;
const CACHE_WRITE_1H = 8;
const COST = 9;
const FIRST_TOKEN = 10;
const LATENCY_OF_SUCCESS = 11;
const LATENCY_OF_FAILURE = 12;
const NANO = 1e9;

const MAX_RECENT = 1000;

/** The labels of a target as the things that they come from. */
interface Recent {
  readonly target: TargetSeries;
  readonly provider: string;
  readonly model: string;
  readonly alias: string;
  readonly keyName: string;
  readonly fallbackIndex: number;
  readonly operation: string;
  readonly stream: boolean;
  readonly virtualKey: Exchange["virtualKey"];
  readonly engine: string;
}

function toRecent(exchange: Exchange, attempt: Attempt, target: TargetSeries): Recent {
  const { provider, model, keyName, fallbackIndex } = attempt;
  const { endpoint, stream, virtualKey, decision } = exchange;
  const alias = aliasOf(exchange, attempt);
  const engine = decision?.engine ?? "";
  return {
    target,
    provider,
    model,
    alias,
    keyName,
    fallbackIndex,
    operation: endpoint.operation,
    stream,
    virtualKey,
    engine,
  };
}

function isSame(recent: Recent, exchange: Exchange, attempt: Attempt): boolean {
  return (
    attempt.outcome === "" &&
    recent.model === attempt.model &&
    recent.provider === attempt.provider &&
    recent.keyName === attempt.keyName &&
    recent.fallbackIndex === attempt.fallbackIndex &&
    recent.stream === exchange.stream &&
    recent.operation === exchange.endpoint.operation &&
    recent.virtualKey === exchange.virtualKey &&
    recent.engine === (exchange.decision?.engine ?? "") &&
    recent.alias === aliasOf(exchange, attempt)
  );
}

/** The attempts that share a fallback index are one target. */
export class TargetMetrics {
  readonly #table: SeriesTable;
  readonly #models: KnownModels;
  readonly #targets = new BoundedSets<TargetSeries>(MAX_TARGETS);
  /** By key id. */
  readonly #recent = new Map<string, Recent>();

  constructor(table: SeriesTable, models: KnownModels) {
    this.#table = table;
    this.#models = models;
  }

  /** The attempts from `first` to `last` are one target's. */
  observe(exchange: Exchange, first: number, last: number): void {
    const { attempts } = exchange;
    const table = this.#table;
    const end = attempts[last] as Attempt;
    const { startedAt } = attempts[first] as Attempt;
    const target = this.#target(exchange, end);
    table.increment(this.#id(target, REQUESTS), 1);
    table.observe(this.#id(target, RETRIES), last - first);
    const seconds = Math.max(0, end.endedAt - startedAt) / 1000;
    if (end.outcome === "") {
      table.increment(this.#id(target, SUCCESSES), 1);
      table.observe(this.#id(target, LATENCY_OF_SUCCESS), seconds);
    } else if (isFailed(end)) {
      table.increment(this.#errorId(target, end.status), 1);
      table.observe(this.#id(target, LATENCY_OF_FAILURE), seconds);
    }
    if (end.firstTokenAt >= 0) table.observe(this.#id(target, FIRST_TOKEN), (end.firstTokenAt - startedAt) / 1000);
    for (let i = first; i <= last; i++) {
      const attempt = attempts[i] as Attempt;
      const usage = attempt === exchange.answeredBy ? exchange.usage : attempt.usage;
      if (usage !== null) this.#observeUsage(target, usage);
      this.#observeCost(target, attempt);
    }
  }

  #observeUsage(target: TargetSeries, usage: Usage): void {
    this.#addTokens(target, INPUT, usage.inputTokens);
    this.#addTokens(target, OUTPUT, usage.outputTokens);
    this.#addTokens(target, CACHE_READ, usage.cachedTokens);
    this.#addTokens(target, CACHE_WRITE, usage.cacheWriteTokens);
  }

  #observeCost(target: TargetSeries, { cost, rawUsage }: Attempt): void {
    if (cost !== null && cost.nano > 0) this.#table.increment(this.#id(target, COST), cost.nano / NANO);
    if (rawUsage === null) return;
    this.#addTokens(target, CACHE_WRITE_5M, rawUsage.counts.cache_write_5m ?? null);
    this.#addTokens(target, CACHE_WRITE_1H, rawUsage.counts.cache_write_1h ?? null);
  }

  #addTokens(target: TargetSeries, place: number, tokens: number | null): void {
    if (tokens !== null && tokens > 0) this.#table.increment(this.#id(target, place), tokens);
  }

  /** Usually what this key was last used for: then no label is put together. */
  #target(exchange: Exchange, attempt: Attempt): TargetSeries {
    const recent = this.#recent.get(attempt.keyId);
    if (recent !== undefined && isSame(recent, exchange, attempt)) return recent.target;
    const target = this.#find(exchange, attempt);
    if (this.#recent.size >= MAX_RECENT) this.#recent.clear();
    // What no attempt has answered yet may get a label of its own later.
    if (attempt.outcome === "") this.#recent.set(attempt.keyId, toRecent(exchange, attempt, target));
    return target;
  }

  #find(exchange: Exchange, attempt: Attempt): TargetSeries {
    const { virtualKey, decision } = exchange;
    const model = this.#models.label(exchange, attempt);
    const type = requestType(exchange.endpoint.operation, exchange.stream);
    const caller = virtualKey === null ? "" : `${virtualKey.id}\n${virtualKey.name}`;
    const engine = decision === null ? "" : decision.engine;
    const alias = model === OTHER ? "" : aliasOf(exchange, attempt);
    const key = `${attempt.provider}\n${model}\n${alias}\n${type}\n${caller}\n${engine}\n${attempt.keyId}\n${attempt.keyName}\n${attempt.fallbackIndex}`;
    return this.#targets.get(key) ?? this.#addTarget(key, targetLabels(exchange, attempt, model));
  }

  #addTarget(key: string, labels: string[]): TargetSeries {
    const hasRoom = this.#targets.hasRoom;
    const kept = hasRoom ? labels : labels.map((label, i) => (i === 0 ? label : OTHER));
    const place = hasRoom ? key : (labels[0] as string);
    return (
      this.#targets.get(place) ??
      this.#targets.set(place, {
        labels: kept,
        ids: new Int32Array(TARGET_METRICS.length).fill(-1),
        errors: new Map(),
      })
    );
  }

  #id(target: TargetSeries, place: number): number {
    const id = target.ids[place] as number;
    return id >= 0 ? id : this.#addTargetMetric(target, place);
  }

  #addTargetMetric(target: TargetSeries, place: number): number {
    const isSuccess = place === LATENCY_OF_SUCCESS ? ["true"] : place === LATENCY_OF_FAILURE ? ["false"] : [];
    const id = this.#table.add(TARGET_METRICS[place] as MetricName, [...target.labels, ...isSuccess]);
    target.ids[place] = id;
    return id;
  }

  #errorId(target: TargetSeries, given: number): number {
    const status = target.errors.size < MAX_STATUSES || target.errors.has(given) ? given : -1;
    const known = target.errors.get(status);
    if (known !== undefined) return known;
    const label = status === -1 ? OTHER : status === 0 ? "" : String(status);
    const id = this.#table.add("bifrost_error_requests_total", [...target.labels, label]);
    target.errors.set(status, id);
    return id;
  }
}

/** The attempt failed, and not because the client went away. */
export function isFailed(attempt: Attempt): boolean {
  return attempt.outcome !== "" && attempt.outcome !== "cancelled";
}
