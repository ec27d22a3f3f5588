// How the loop tells its metrics to the control plane, each second.

/** Increments since the last delta, one entry per series that changed: [series id, values…]. */
export interface MetricsDelta {
  readonly type: "metrics";
  /** New series in the order of their ids: [id, metric name, label values…]. */
  readonly series: readonly (readonly [number, string, ...string[]])[];
  /** Flat: id, count of values, values … (counters: 1 value; histograms: bucket counts, sum). */
  readonly values: Float64Array;
}
