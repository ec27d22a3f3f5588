// Sums by value and by time while they are added up, from rows and from sums over time alike.
import type { LogBucket, LogDimension, LogGroup, LogGroupQuery, LogValueName } from "../../core/stores.ts";
import type { LogBlock } from "./log-block.ts";
import { LogTally } from "./log-tally.ts";
import { OTHER } from "./rollup-table.ts";
import { FACT } from "./row-facts.ts";

/** One value of a dimension. */
class Value {
  name: string;
  readonly times = new Map<number, LogTally>();
  /** Of a model: requests by provider. */
  readonly providers = new Map<string, number>();

  constructor(name: string) {
    this.name = name;
  }

  get tally(): LogTally {
    const sum = new LogTally();
    for (const tally of this.times.values()) sum.add(tally);
    return sum;
  }
}

/** The words of a dimension in a block, the outcome among them. */
export function wordsOf(
  block: LogBlock,
  by: LogDimension,
): { of: (row: number) => number; words: readonly string[]; names?: readonly string[] | undefined } {
  if (by === "status") {
    const of = (row: number): number => (block.flags[row] as number) & (FACT.error | FACT.cancelled);
    return { of, words: ["success", "error", "cancelled"] };
  }
  const { index, words, names } = block.dimension(by);
  return { of: index === null ? () => 0 : (row) => index[row] as number, words, names };
}

export class Cells {
  readonly by: LogDimension | null;
  /** ms; null: all time is one. */
  readonly bucket: number | null;
  readonly #values = new Map<string, Value>();

  constructor(by: LogDimension | null, bucket: number | null) {
    this.by = by;
    this.bucket = bucket;
  }

  /** The sums of a value at a time. Without a dimension there is one value. */
  at(id: string, name: string, time: number): LogTally {
    return this.#at(this.#value(this.by === null ? "" : id, name), time);
  }

  /** A provider served a model so often. */
  served(id: string, provider: string, requests: number): void {
    const { providers } = this.#value(this.by === null ? "" : id, "");
    providers.set(provider, (providers.get(provider) ?? 0) + requests);
  }

  addRows(block: LogBlock, rows: readonly number[]): void {
    if (rows.length === 0) return;
    if (this.by === null) {
      const value = this.#value("", "");
      for (const row of rows) this.#at(value, block.time[row] as number).addRow(block, row);
      return;
    }
    const { of, words, names } = wordsOf(block, this.by);
    const providers = this.by === "model" ? wordsOf(block, "provider") : null;
    const here: (Value | undefined)[] = [];
    for (const row of rows) {
      const word = of(row);
      const value = (here[word] ??= this.#value(words[word] as string, names?.[word] ?? ""));
      this.#at(value, block.time[row] as number).addRow(block, row);
      if (providers !== null) this.served(words[word] as string, providers.words[providers.of(row)] as string, 1);
    }
  }

  /** The most used values. */
  top(count: number): string[] {
    const all = [...this.#values].map(([id, value]) => ({ id, count: value.tally.requests }));
    all.sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1));
    return all.slice(0, count).map(({ id }) => id);
  }

  /** How many values there are. */
  get size(): number {
    return this.#values.size;
  }

  /** Sums by time of all values together. */
  times(): Map<number, LogTally> {
    const times = new Map<number, LogTally>();
    for (const value of this.#values.values())
      for (const [at, tally] of value.times) {
        let sum = times.get(at);
        if (sum === undefined) times.set(at, (sum = new LogTally()));
        sum.add(tally);
      }
    return times;
  }

  /** All together. */
  total(): LogTally {
    const sum = new LogTally();
    for (const { tally } of this.#values.values()) sum.add(tally);
    return sum;
  }

  groups(query: LogGroupQuery, isExact: boolean): LogGroup[] {
    const all = [...this.#values].map(([id, value]) => ({ id, value, tally: value.tally }));
    const measure = MEASURES[query.sortBy];
    const sign = query.order === "asc" ? 1 : -1;
    all.sort((a, b) => sign * (measure(a.tally) - measure(b.tally)) || (a.id < b.id ? -1 : 1));
    return all.slice(query.offset, query.offset + query.limit).map(({ id, value, tally }) => ({
      id,
      name: value.name || id,
      count: tally.requests,
      sums: tally.sums(isExact),
      provider: [...value.providers].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null,
    }));
  }

  /** In the order of time; beyond the most used values all others are one. */
  buckets(top: number, isExact: boolean): LogBucket[] {
    const all = [...this.#values].map(([id, value]) => ({ id, value, count: value.tally.requests }));
    all.sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1));
    const isWhole = this.by === null;
    const buckets: LogBucket[] = [];
    for (const { id, value, count } of isWhole ? all : all.slice(0, top)) {
      const group = isWhole ? null : { id, name: value.name || id, count };
      for (const [at, tally] of value.times) buckets.push({ at, group, sums: tally.sums(isExact) });
    }
    const rest = isWhole ? [] : all.slice(top).map(({ value }) => value);
    buckets.push(...othersOf(rest, isExact));
    return buckets.sort((a, b) => a.at - b.at);
  }

  #at(value: Value, time: number): LogTally {
    const at = this.bucket === null ? 0 : Math.floor(time / this.bucket) * this.bucket;
    let tally = value.times.get(at);
    if (tally === undefined) value.times.set(at, (tally = new LogTally()));
    return tally;
  }

  #value(id: string, name: string): Value {
    let value = this.#values.get(id);
    if (value === undefined) this.#values.set(id, (value = new Value(name)));
    if (value.name === "") value.name = name;
    return value;
  }
}

const MEASURES = {
  requests: (tally: LogTally) => tally.requests,
  tokens: (tally: LogTally) => tally.promptTokens + tally.completionTokens,
  cost: (tally: LogTally) => tally.costNano,
  latency: (tally: LogTally) => tally.latencyMs / tally.requests,
} as const;

function othersOf(values: readonly Value[], isExact: boolean): LogBucket[] {
  const times = new Map<number, LogTally>();
  for (const value of values)
    for (const [at, tally] of value.times) {
      let sum = times.get(at);
      if (sum === undefined) times.set(at, (sum = new LogTally()));
      sum.add(tally);
    }
  return otherBuckets(times, isExact);
}

/** What stands together because it is not among the most used values. */
export function otherBuckets(times: ReadonlyMap<number, LogTally>, isExact: boolean): LogBucket[] {
  let count = 0;
  for (const tally of times.values()) count += tally.requests;
  const group: LogValueName = { id: OTHER, name: OTHER, count };
  return [...times].map(([at, tally]) => ({ at, group, sums: tally.sums(isExact) }));
}
