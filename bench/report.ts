// Turns what was measured into a table of ratios.
import type { Closed, Latency, Streams } from "./load.ts";
import type { Shape } from "./shapes.ts";

export interface Results {
  readonly closed: { shape: Shape; by: Map<string, Closed> }[];
  latency: Map<string, Latency> | null;
  streams: (Streams & { count: number }) | null;
  readonly memory: { idle: number; after: number; requests: number };
  readonly startedIn: number;
  /** What the program says. */
  governance: string | null;
  keys: Map<string, Closed> | null;
}

export function median(list: readonly number[]): number {
  const sorted = list.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** Most that a row may cost, as a multiple of nginx's CPU. */
const MUST: Record<string, number> = { chat: 3.5, stream: 3.5, prompt: 4, turns: 4 };

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.join(" | ")} |\n`;
}

function closedTable(results: Results, names: readonly string[]): string {
  let text =
    row(["request", "program", "CPU µs", "× nginx", "must", "requests/s", "of nginx's", "errors"]) +
    row(["---", "---", "---:", "---:", "---:", "---:", "---:", "---:"]);
  for (const { shape, by } of results.closed) {
    const base = by.get("nginx") as Closed;
    for (const name of names) {
      const one = by.get(name) as Closed;
      const must = name === "gateway" ? `≤ ${MUST[shape.name]}` : "";
      text += row([
        shape.label,
        name,
        one.cpu.toFixed(1),
        (one.cpu / base.cpu).toFixed(2),
        must,
        Math.round(one.rate),
        (one.rate / base.rate).toFixed(2),
        one.errors,
      ]);
    }
  }
  return text;
}

function latencyTable(latency: Map<string, Latency>, names: readonly string[]): string {
  const base = latency.get("nginx") as Latency;
  let text =
    row(["latency at 1,000 requests/s", "p50 ms", "p99 ms", "added p50", "added p99"]) +
    row(["---", "---:", "---:", "---:", "---:"]);
  for (const name of names) {
    const one = latency.get(name) as Latency;
    text += row([
      name,
      one.p50.toFixed(2),
      one.p99.toFixed(2),
      (one.p50 - base.p50).toFixed(2),
      (one.p99 - base.p99).toFixed(2),
    ]);
  }
  return text;
}

function keysText(keys: Map<string, Closed>): string {
  const [[few, alone], [many, among]] = [...keys] as [[string, Closed], [string, Closed]];
  const ratio = (among.cpu / alone.cpu).toFixed(2);
  return `A chat with ${few}: ${alone.cpu.toFixed(1)} µs of CPU; with ${many}: ${among.cpu.toFixed(1)} µs (× ${ratio}), ${alone.errors + among.errors} errors.`;
}

export function report(results: Results, names: readonly string[]): string {
  let text = results.closed.length === 0 ? "" : closedTable(results, names);
  if (results.governance !== null) text += `\n${results.governance} (must: p50 ≤ 3 µs)\n`;
  if (results.keys !== null) text += `\n${keysText(results.keys)}\n`;
  if (results.latency !== null) text += `\n${latencyTable(results.latency, names)}`;
  if (results.streams !== null) {
    const { count, whole, longestGap } = results.streams;
    text += `\n${count} streams at once, 20 ms between events: ${whole} whole, longest silence ${longestGap.toFixed(0)} ms.\n`;
    text += `Resident memory: idle ${results.memory.idle.toFixed(0)} MB, after ${results.memory.requests} more requests ${results.memory.after.toFixed(0)} MB.\n`;
  }
  text += `From the start of the process to an open port: ${results.startedIn.toFixed(0)} ms.\n`;
  return text;
}
