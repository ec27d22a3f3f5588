// Gathers the deltas of the loop in the control plane and renders them for a scraper.
import type { MetricsDelta } from "../core/metrics-delta.ts";
import type { MetricsStore } from "../core/stores.ts";
import {
  METRICS,
  type MetricDefinition,
  type MetricName,
  type MetricSample,
  valueCount,
} from "./metrics-definitions.ts";
import { formatHead, formatHistogram, formatLabels, formatSample } from "./prometheus-text.ts";

interface Series {
  readonly metric: MetricName;
  /** As they stand in the text. */
  readonly labels: string;
  readonly values: Float64Array;
}

/** The metrics of one loop. `samples` are this thread's own, read at each rendering. */
export function createMetricsStore(samples: () => readonly MetricSample[] = () => []): MetricsStore {
  return new DeltaStore(samples);
}

class DeltaStore implements MetricsStore {
  readonly #samples: () => readonly MetricSample[];
  /** By the loop's series id. */
  readonly #series: Series[] = [];
  /** By metric, in the order of their labels; null where it must be sorted anew. */
  readonly #sorted = new Map<string, Series[] | null>();

  constructor(samples: () => readonly MetricSample[]) {
    this.#samples = samples;
  }

  apply(delta: MetricsDelta): void {
    for (const [id, name, ...labels] of delta.series) this.#announce(id, name, labels);
    const { values } = delta;
    let at = 0;
    while (at + 2 <= values.length) {
      const count = values[at + 1] as number;
      const series = this.#series[values[at] as number];
      if (series !== undefined) add(series, values, at + 2, count);
      at += 2 + count;
    }
  }

  render(): string {
    const sampled = this.#sampledSeries();
    let text = "";
    for (const [name, definition] of Object.entries(METRICS) as [MetricName, MetricDefinition][]) {
      const series = [...this.#inOrder(name), ...(sampled.get(name) ?? [])];
      const lines = series.map((one) => renderSeries(name, definition, one)).join("");
      if (lines !== "") text += formatHead(name, definition.type, definition.help) + lines;
    }
    return text;
  }

  #announce(id: number, name: string, labels: readonly string[]): void {
    if (!Object.hasOwn(METRICS, name)) return;
    const metric = name as MetricName;
    this.#series[id] = newSeries(metric, labels);
    this.#sorted.set(metric, null);
  }

  #inOrder(name: MetricName): readonly Series[] {
    const sorted = this.#sorted.get(name);
    if (sorted !== null) return sorted ?? [];
    const found = this.#series.filter((series) => series?.metric === name);
    found.sort((a, b) => (a.labels < b.labels ? -1 : 1));
    this.#sorted.set(name, found);
    return found;
  }

  #sampledSeries(): Map<MetricName, Series[]> {
    const found = new Map<MetricName, Series[]>();
    for (const { metric, labels, value } of this.#samples()) {
      const series = newSeries(metric, labels);
      series.values[0] = value;
      const known = found.get(metric);
      if (known === undefined) found.set(metric, [series]);
      else known.push(series);
    }
    return found;
  }
}

function newSeries(metric: MetricName, labels: readonly string[]): Series {
  const definition: MetricDefinition = METRICS[metric];
  return { metric, labels: formatLabels(definition.labels, labels), values: new Float64Array(valueCount(definition)) };
}

function add(series: Series, values: Float64Array, from: number, count: number): void {
  const isGauge = METRICS[series.metric].type === "gauge";
  const kept = Math.min(count, series.values.length);
  for (let i = 0; i < kept; i++) {
    const value = values[from + i] as number;
    series.values[i] = isGauge ? value : (series.values[i] as number) + value;
  }
}

function renderSeries(name: string, definition: MetricDefinition, series: Series): string {
  const value = series.values[0] as number;
  if (definition.type === "histogram") {
    return formatHistogram(name, series.labels, definition.buckets ?? [], series.values);
  }
  // A gauge whose thing is gone.
  if (Number.isNaN(value)) return "";
  return formatSample(name, series.labels, value);
}
