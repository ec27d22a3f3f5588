// The Prometheus text format 0.0.4: names, labels and values as a scraper reads them.

/** A number as the format spells it. */
export function formatValue(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}

/** `name="value"` pairs joined by commas, without braces; empty without labels. */
export function formatLabels(names: readonly string[], values: readonly string[]): string {
  return names.map((name, i) => `${name}="${escapeLabel(values[i] ?? "")}"`).join(",");
}

function escapeLabel(value: string): string {
  if (!/[\\"\n]/.test(value)) return value;
  return value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}

/** The two lines before a metric's samples. */
export function formatHead(name: string, type: string, help: string): string {
  return `# HELP ${name} ${help.replace(/\\/g, "\\\\").replace(/\n/g, "\\n")}\n# TYPE ${name} ${type}\n`;
}

/** One sample line. `labels` as formatLabels makes them. */
export function formatSample(name: string, labels: string, value: number): string {
  return `${name}${labels === "" ? "" : `{${labels}}`} ${formatValue(value)}\n`;
}

/** The lines of a histogram. `values`: counts of each bucket and of +Inf, then the sum. */
export function formatHistogram(
  name: string,
  labels: string,
  buckets: readonly number[],
  values: Float64Array,
): string {
  const before = labels === "" ? "" : `${labels},`;
  let count = 0;
  let text = "";
  for (let i = 0; i <= buckets.length; i++) {
    count += values[i] as number;
    text += formatSample(
      `${name}_bucket`,
      `${before}le="${formatValue(buckets[i] ?? Number.POSITIVE_INFINITY)}"`,
      count,
    );
  }
  const sum = values[buckets.length + 1] as number;
  return text + formatSample(`${name}_sum`, labels, sum) + formatSample(`${name}_count`, labels, count);
}
