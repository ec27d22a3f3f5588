// Counts settled exchanges on the loop and sends what changed to the control plane once a second; nothing is rendered here.
import type { Attempt, Exchange } from "../core/exchange.ts";
import type { MetricsDelta } from "../core/metrics-delta.ts";
import { METRICS, type MetricName, type MetricSample } from "./metrics-definitions.ts";
import { aliasOf, BoundedSets, KnownModels, KnownPaths, OTHER } from "./metrics-labels.ts";
import { SeriesTable } from "./metrics-series.ts";
import { isFailed, TargetMetrics } from "./metrics-targets.ts";

const SEND_EVERY = 1000;
const MAX_SMALL_SETS = 1000;
/** nginx's word for a client that went away before it got a status. */
const CLIENT_GONE = 499;
const NO_PROVIDER = "none";

export interface LoopMetricsOptions {
  /** Sends to the control plane; false when there is none: everything is then told again later. */
  readonly send: (delta: MetricsDelta) => boolean;
  /** The route for the label `path`; without it the path itself, which must then hold no names. */
  readonly routeOf?: (exchange: Exchange) => string;
  /** Gauges, and counters counted elsewhere, read once a second. */
  readonly samples?: () => readonly MetricSample[];
}

/** Series of one route, method and status. */
interface HttpSeries {
  readonly requests: number;
  readonly duration: number;
}

export class LoopMetrics {
  readonly #table = new SeriesTable();
  readonly #models = new KnownModels();
  readonly #targets = new TargetMetrics(this.#table, this.#models);
  readonly #paths = new KnownPaths();
  /** What the last exchange was counted under: usually the next one's too. */
  #lastHttp: { path: string; method: string; status: number; series: HttpSeries } | null = null;
  readonly #http = new BoundedSets<HttpSeries>(MAX_SMALL_SETS);
  readonly #providers = new BoundedSets<HttpSeries>(MAX_SMALL_SETS);
  readonly #counters = new BoundedSets<number>(MAX_SMALL_SETS);
  readonly #sampled = new Map<string, number>();
  #gauges: ReadonlySet<number> = new Set();
  readonly #options: LoopMetricsOptions;
  readonly #timer: NodeJS.Timeout;

  constructor(options: LoopMetricsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.flush(), SEND_EVERY).unref();
  }

  /** Counts an exchange that was settled. */
  observe(exchange: Exchange): void {
    const seconds = exchange.endedAt / 1000;
    this.#observeHttp(exchange, seconds);
    this.#observeProvider(exchange, seconds);
    const { attempts } = exchange;
    if (attempts.length === 0) {
      if (exchange.error !== null) this.#countError(NO_PROVIDER, exchange.error.code, exchange.error.status);
      return;
    }
    let first = 0;
    for (let i = 0; i < attempts.length; i++) {
      const attempt = attempts[i] as Attempt;
      if (i > 0) this.#observeMove(exchange, attempts[i - 1] as Attempt, attempt);
      if (isFailed(attempt)) this.#countError(attempt.provider, attempt.outcome, attempt.status);
      if (attempt.cost !== null && attempt.cost.unpriced.length > 0)
        this.#count("bifrost_unpriced_requests_total", [attempt.provider, this.#models.label(exchange, attempt)]);
      if (attempts[i + 1]?.fallbackIndex === attempt.fallbackIndex) continue;
      this.#targets.observe(exchange, first, i);
      first = i + 1;
    }
  }

  /** Sends what changed. Called each second, and before the end. */
  flush(): void {
    this.#readSamples();
    const delta = this.#table.takeDelta();
    if (delta !== null && !this.#options.send(delta)) this.restart();
  }

  /** The control plane began anew: it is told everything again. */
  restart(): void {
    this.#table.restart();
  }

  close(): void {
    clearInterval(this.#timer);
    this.flush();
  }

  #observeHttp(exchange: Exchange, seconds: number): void {
    const { method } = exchange.request;
    const last = this.#lastHttp;
    if (
      last !== null &&
      last.path === exchange.request.path &&
      last.method === method &&
      last.status === exchange.status
    ) {
      this.#table.increment(last.series.requests, 1);
      return this.#table.observe(last.series.duration, seconds);
    }
    const path = this.#paths.label(this.#options.routeOf?.(exchange) ?? exchange.request.path);
    const status = exchange.status === 0 && exchange.outcome === "cancelled" ? CLIENT_GONE : exchange.status;
    const series =
      this.#http.get(`${path} ${method} ${status}`) ?? this.#addHttp(path, method, status === 0 ? "" : String(status));
    if (this.#options.routeOf === undefined && exchange.status !== 0)
      this.#lastHttp = { path: exchange.request.path, method, status: exchange.status, series };
    this.#table.increment(series.requests, 1);
    this.#table.observe(series.duration, seconds);
  }

  #addHttp(path: string, method: string, status: string): HttpSeries {
    const labels = this.#http.hasRoom ? [path, method, status] : [OTHER, OTHER, OTHER];
    const key = labels.join(" ");
    return (
      this.#http.get(key) ??
      this.#http.set(key, {
        requests: this.#table.add("http_requests_total", labels),
        duration: this.#table.add("http_request_duration_seconds", labels),
      })
    );
  }

  #observeProvider(exchange: Exchange, seconds: number): void {
    const attempt = exchange.answeredBy ?? exchange.attempts.at(-1);
    const provider = attempt === undefined ? NO_PROVIDER : attempt.provider;
    const series = this.#providers.get(provider) ?? this.#addProvider(provider);
    this.#table.increment(series.requests, 1);
    this.#table.observe(series.duration, seconds);
  }

  #addProvider(name: string): HttpSeries {
    const provider = this.#providers.hasRoom ? name : OTHER;
    return (
      this.#providers.get(provider) ??
      this.#providers.set(provider, {
        requests: this.#table.add("bifrost_requests_total", [provider]),
        duration: this.#table.add("bifrost_request_duration_seconds", [provider]),
      })
    );
  }

  /** From one attempt to the next: another provider, or another key of the same target. */
  #observeMove(exchange: Exchange, from: Attempt, to: Attempt): void {
    if (from.provider !== to.provider) {
      this.#count("bifrost_failover_total", [from.provider, to.provider]);
    } else if (from.fallbackIndex === to.fallbackIndex && from.keyId !== to.keyId) {
      const model = this.#models.label(exchange, from);
      const requested = model === OTHER ? OTHER : aliasOf(exchange, from) || model;
      const labels = [from.provider, requested, from.keyId, from.keyName, from.outcome];
      this.#count("bifrost_key_rotation_events_total", labels);
    }
  }

  #countError(provider: string, kind: string, status: number): void {
    this.#count("bifrost_errors_total", [provider, kind, status === 0 ? "" : String(status)]);
  }

  /** Counters that only failures touch: found by their labels. */
  #count(metric: MetricName, labels: readonly string[]): void {
    const key = `${metric}\n${labels.join("\n")}`;
    this.#table.increment(this.#counters.get(key) ?? this.#addCounter(metric, labels, key), 1);
  }

  #addCounter(metric: MetricName, labels: readonly string[], key: string): number {
    if (this.#counters.hasRoom) return this.#counters.set(key, this.#table.add(metric, labels));
    return (
      this.#counters.get(metric) ??
      this.#counters.set(
        metric,
        this.#table.add(
          metric,
          labels.map(() => OTHER),
        ),
      )
    );
  }

  /** A gauge that is no longer told leaves the text. */
  #readSamples(): void {
    const seen = new Set<number>();
    for (const { metric, labels, value } of this.#options.samples?.() ?? []) {
      const key = `${metric}\n${labels.join("\n")}`;
      let id = this.#sampled.get(key);
      if (id === undefined) {
        id = this.#table.add(metric, labels);
        this.#sampled.set(key, id);
      }
      this.#table.set(id, value);
      if (METRICS[metric].type === "gauge") seen.add(id);
    }
    for (const id of this.#gauges) if (!seen.has(id)) this.#table.set(id, Number.NaN);
    this.#gauges = seen;
  }
}
