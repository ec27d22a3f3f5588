// The counters and histograms of one loop as numbers in one array, and what changed in it since the last look.
import type { MetricsDelta } from "../core/metrics-delta.ts";
import { METRICS, type MetricDefinition, type MetricName, valueCount } from "./metrics-definitions.ts";

const FIRST_SERIES = 256;
const FIRST_VALUES = 4096;

export class SeriesTable {
  /** Totals since the start, of all series one behind the other; `#sent` is as much of them as was told. */
  #values = new Float64Array(FIRST_VALUES);
  #sent = new Float64Array(FIRST_VALUES);
  #used = 0;
  /** By series id. */
  readonly #series: (readonly [number, string, ...string[]])[] = [];
  readonly #starts: number[] = [];
  readonly #definitions: MetricDefinition[] = [];
  #changed = new Uint8Array(FIRST_SERIES);
  #changes: number[] = [];
  #announced = 0;

  /** A new series; its id is what the other methods take. */
  add(metric: MetricName, labels: readonly string[]): number {
    const id = this.#series.length;
    const definition: MetricDefinition = METRICS[metric];
    this.#series.push([id, metric, ...labels]);
    this.#definitions.push(definition);
    this.#starts.push(this.#used);
    this.#used += valueCount(definition);
    if (this.#used > this.#values.length) {
      this.#values = grown(this.#values);
      this.#sent = grown(this.#sent);
    }
    if (id >= this.#changed.length) {
      const changed = new Uint8Array(this.#changed.length * 2);
      changed.set(this.#changed);
      this.#changed = changed;
    }
    return id;
  }

  increment(id: number, by: number): void {
    const start = this.#starts[id] as number;
    this.#values[start] = (this.#values[start] as number) + by;
    if (this.#changed[id] === 0) this.#mark(id);
  }

  /** Replaces the value of a gauge, or of a counter that is counted elsewhere. NaN takes a gauge out of the text. */
  set(id: number, value: number): void {
    this.#values[this.#starts[id] as number] = value;
    if (this.#changed[id] === 0) this.#mark(id);
  }

  /** Adds one observation to a histogram. */
  observe(id: number, value: number): void {
    const buckets = (this.#definitions[id] as MetricDefinition).buckets as readonly number[];
    const start = this.#starts[id] as number;
    const values = this.#values;
    const count = buckets.length;
    let bucket = 0;
    while (bucket < count && value > (buckets[bucket] as number)) bucket++;
    values[start + bucket] = (values[start + bucket] as number) + 1;
    values[start + count + 1] = (values[start + count + 1] as number) + value;
    if (this.#changed[id] === 0) this.#mark(id);
  }

  /** What is new since the last call; null when nothing is. Gauges are told as they stand, all else as increments. */
  takeDelta(): MetricsDelta | null {
    if (this.#changes.length === 0 && this.#announced === this.#series.length) return null;
    const series = this.#series.slice(this.#announced);
    this.#announced = this.#series.length;
    let length = 0;
    for (const id of this.#changes) length += 2 + valueCount(this.#definitions[id] as MetricDefinition);
    const flat = new Float64Array(length);
    let at = 0;
    for (const id of this.#changes) at = this.#tell(id, flat, at);
    this.#changes = [];
    return { type: "metrics", series, values: flat };
  }

  /** The receiver began anew: the next delta holds everything. */
  restart(): void {
    this.#sent.fill(0);
    this.#announced = 0;
    for (let id = 0; id < this.#series.length; id++) if (this.#changed[id] === 0) this.#mark(id);
  }

  #tell(id: number, flat: Float64Array, from: number): number {
    const definition = this.#definitions[id] as MetricDefinition;
    const start = this.#starts[id] as number;
    const count = valueCount(definition);
    const isGauge = definition.type === "gauge";
    flat[from] = id;
    flat[from + 1] = count;
    for (let i = 0; i < count; i++) {
      const value = this.#values[start + i] as number;
      flat[from + 2 + i] = isGauge ? value : value - (this.#sent[start + i] as number);
      this.#sent[start + i] = value;
    }
    this.#changed[id] = 0;
    return from + 2 + count;
  }

  #mark(id: number): void {
    this.#changed[id] = 1;
    this.#changes.push(id);
  }
}

function grown(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(values.length * 2);
  larger.set(values);
  return larger;
}
