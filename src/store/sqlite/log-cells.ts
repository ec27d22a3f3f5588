// Sums by value and by time while they are added up, from rows and from sums over time alike.
import type { LogBucket, LogDimension, LogGroup, LogGroupQuery, LogValueName } from "../../core/stores.ts";
import type { LogBlock } from "./log-block.ts";
import { LogTally } from "./log-tally.ts";
import { OTHER } from "./rollup-table.ts";
import { FACT } from "./row-facts.ts";

/** One value of a dimension. */
class Value {
  name: string;
  /** Most questions know one time only. */
  #first: LogTally | null = null;
  #firstAt = 0;
  #more: Map<number, LogTally> | null = null;
  /** Of a model: requests by provider. */
  providers: Map<string, number> | null = null;

  constructor(name: string) {
    this.name = name;
  }

  at(time: number, isRank: boolean): LogTally {
    if (this.#first === null) {
      this.#firstAt = time;
      return (this.#first = new LogTally(isRank));
    }
    if (this.#firstAt === time) return this.#first;
    this.#more ??= new Map();
    let tally = this.#more.get(time);
    if (tally === undefined) this.#more.set(time, (tally = new LogTally(isRank)));
    return tally;
  }

  *times(): Iterable<readonly [number, LogTally]> {
    if (this.#first !== null) yield [this.#firstAt, this.#first];
    if (this.#more !== null) yield* this.#more;
  }

  get tally(): LogTally {
    if (this.#more === null && this.#first !== null) return this.#first;
    const sum = new LogTally();
    for (const [, tally] of this.times()) sum.add(tally);
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

export interface CellsOptions {
  /** Finds out which values come first, and nothing more of them. */
  readonly isRank?: boolean;
  /** Only these values; null: all. */
  readonly only?: ReadonlySet<string> | null;
}

export class Cells {
  readonly by: LogDimension | null;
  /** ms; null: all time is one. */
  readonly bucket: number | null;
  readonly isRank: boolean;
  readonly only: ReadonlySet<string> | null;
  readonly #values = new Map<string, Value>();

  constructor(by: LogDimension | null, bucket: number | null, { isRank = false, only = null }: CellsOptions = {}) {
    this.by = by;
    this.bucket = bucket;
    this.isRank = isRank;
    this.only = only;
  }

  /** Whether this value is asked for. */
  wants(id: string): boolean {
    return this.only === null || this.only.has(id);
  }

  /** The sums of a value at a time. Without a dimension there is one value. */
  at(id: string, name: string, time: number): LogTally {
    return this.#at(this.#value(this.by === null ? "" : id, name), time);
  }

  /** A provider served a model so often. */
  served(id: string, provider: string, requests: number): void {
    if (this.isRank) return;
    const providers = (this.#value(this.by === null ? "" : id, "").providers ??= new Map());
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
    const providers = this.by === "model" && !this.isRank ? wordsOf(block, "provider") : null;
    const here: (Value | null | undefined)[] = [];
    for (const row of rows) {
      const word = of(row);
      if (here[word] === undefined) {
        const id = words[word] as string;
        here[word] = this.wants(id) ? this.#value(id, names?.[word] ?? "") : null;
      }
      const value = here[word];
      if (value == null) continue;
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

  /** The values of a page in the order of a query. */
  page({ sortBy, order, offset, limit }: LogGroupQuery): string[] {
    const measure = MEASURES[sortBy];
    const sign = order === "asc" ? 1 : -1;
    return [...this.#values]
      .map(([id, { tally }]) => ({ id, measured: measure(tally) }))
      .sort((a, b) => sign * (a.measured - b.measured) || (a.id < b.id ? -1 : 1))
      .slice(offset, offset + limit)
      .map(({ id }) => id);
  }

  /** How many values there are. */
  get size(): number {
    return this.#values.size;
  }

  /** Sums by time of all values together. */
  times(): Map<number, LogTally> {
    const times = new Map<number, LogTally>();
    for (const value of this.#values.values())
      for (const [at, tally] of value.times()) {
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
    return this.page(query).map((id) => {
      const value = this.#values.get(id) as Value;
      const { tally } = value;
      return {
        id,
        name: value.name || id,
        count: tally.requests,
        sums: tally.sums(isExact),
        provider: [...(value.providers ?? [])].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null,
      };
    });
  }

  /** In the order of time; beyond the most used values all others are one. */
  buckets(top: number, isExact: boolean): LogBucket[] {
    const all = [...this.#values].map(([id, value]) => ({ id, value, count: value.tally.requests }));
    all.sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1));
    const isWhole = this.by === null;
    const buckets: LogBucket[] = [];
    for (const { id, value, count } of isWhole ? all : all.slice(0, top)) {
      const group = isWhole ? null : { id, name: value.name || id, count };
      for (const [at, tally] of value.times()) buckets.push({ at, group, sums: tally.sums(isExact) });
    }
    const rest = isWhole ? [] : all.slice(top).map(({ value }) => value);
    buckets.push(...othersOf(rest, isExact));
    return buckets.sort((a, b) => a.at - b.at);
  }

  #at(value: Value, time: number): LogTally {
    const at = this.bucket === null ? 0 : Math.floor(time / this.bucket) * this.bucket;
    return value.at(at, this.isRank);
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
    for (const [at, tally] of value.times()) {
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
