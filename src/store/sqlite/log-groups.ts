// What rows sum up to, by time and by the values of a dimension, counted from blocks.
import type { DatabaseSync } from "node:sqlite";
import type {
  LogBucket,
  LogDimension,
  LogGroup,
  LogGroupQuery,
  LogQuery,
  LogSeriesQuery,
  LogValueName,
} from "../../core/stores.ts";
import { blocksOf } from "./block-scan.ts";
import type { LogBlock } from "./log-block.ts";
import { MOST_COUNTED, picked } from "./log-page.ts";
import { LogTally } from "./log-tally.ts";
import { FACT } from "./row-facts.ts";

/** Rows of the newest blocks that lists of values are made of. */
const LATELY = 200_000;
export const OTHER = "other";

/** A value with its sums, while they are added up. */
class Group {
  readonly id: string;
  name: string;
  readonly tally = new LogTally();
  /** Requests by provider, where it is told. */
  readonly providers = new Map<string, number>();

  constructor(id: string, name: string) {
    this.id = id;
    this.name = name;
  }
}

/** The words of a dimension in a block, the outcome among them. */
function wordsOf(
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

/** Sums by the values of a dimension. */
export function groupRows(database: DatabaseSync, query: LogGroupQuery): LogGroup[] {
  const groups = new Map<string, Group>();
  let counted = 0;
  for (const { block, rows } of picked(database, { ...query.filter, order: "desc" })) {
    const { of, words, names } = wordsOf(block, query.by);
    const here: (Group | undefined)[] = [];
    const providers = query.by === "model" ? wordsOf(block, "provider") : null;
    for (const row of rows) {
      const word = of(row);
      const group = (here[word] ??= groupOf(groups, words[word] as string, names?.[word] ?? ""));
      group.tally.addRow(block, row);
      if (providers !== null) {
        const provider = providers.words[providers.of(row)] as string;
        group.providers.set(provider, (group.providers.get(provider) ?? 0) + 1);
      }
    }
    counted += rows.length;
    if (counted >= MOST_COUNTED) break;
  }
  return [...groups.values()]
    .sort(orderOf(query))
    .slice(query.offset, query.offset + query.limit)
    .map((group) => shown(group, counted));
}

function groupOf(groups: Map<string, Group>, id: string, name: string): Group {
  let group = groups.get(id);
  if (group === undefined) {
    group = new Group(id, name);
    groups.set(id, group);
  }
  if (group.name === "") group.name = name;
  return group;
}

function shown({ id, name, tally, providers }: Group, counted: number): LogGroup {
  const [most] = [...providers].sort((a, b) => b[1] - a[1]);
  const sums = tally.sums(counted < MOST_COUNTED);
  return { id, name: name || id, count: tally.requests, sums, provider: most?.[0] ?? null };
}

const MEASURES = {
  requests: (tally: LogTally) => tally.requests,
  tokens: (tally: LogTally) => tally.promptTokens + tally.completionTokens,
  cost: (tally: LogTally) => tally.costNano,
  latency: (tally: LogTally) => tally.latencyMs / tally.requests,
} as const;

function orderOf({ sortBy, order }: LogGroupQuery): (a: Group, b: Group) => number {
  const measure = MEASURES[sortBy];
  const sign = order === "asc" ? 1 : -1;
  return (a, b) => sign * (measure(a.tally) - measure(b.tally)) || (a.id < b.id ? -1 : 1);
}

/** The filter of a query within its time. */
export function within({ filter, from, to }: LogSeriesQuery): LogQuery {
  const startTime = Math.max(filter.startTime ?? -Infinity, from);
  return { ...filter, order: "desc", startTime, endTime: Math.min(filter.endTime ?? Infinity, to - 1) };
}

/** Sums by time, and by value. */
export function seriesOfRows(database: DatabaseSync, query: LogSeriesQuery): LogBucket[] {
  const cells = new Map<string, Map<number, LogTally>>();
  const names = new Map<string, string>();
  let counted = 0;
  for (const { block, rows } of picked(database, within(query))) {
    const dimension = query.by === null ? null : wordsOf(block, query.by);
    for (const row of rows) {
      const word = dimension === null ? 0 : dimension.of(row);
      const id = dimension === null ? "" : (dimension.words[word] as string);
      if (dimension !== null && !names.has(id)) names.set(id, dimension.names?.[word] ?? "");
      const at = Math.floor((block.time[row] as number) / query.bucket) * query.bucket;
      let times = cells.get(id);
      if (times === undefined) cells.set(id, (times = new Map()));
      let tally = times.get(at);
      if (tally === undefined) times.set(at, (tally = new LogTally()));
      tally.addRow(block, row);
    }
    counted += rows.length;
    if (counted >= MOST_COUNTED) break;
  }
  return bucketsOf(query, cells, names, counted < MOST_COUNTED);
}

/** The buckets in the order of time; beyond the most used values all others are one. */
function bucketsOf(
  query: LogSeriesQuery,
  cells: Map<string, Map<number, LogTally>>,
  names: Map<string, string>,
  isExact: boolean,
): LogBucket[] {
  const counts = [...cells].map(([id, times]) => ({ id, times, count: total(times) }));
  counts.sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1));
  const kept = query.by === null ? counts : counts.slice(0, query.top);
  const rest = query.by === null ? [] : counts.slice(query.top);
  const buckets: LogBucket[] = [];
  for (const { id, times, count } of kept) {
    const group = query.by === null ? null : { id, name: names.get(id) || id, count };
    for (const [at, tally] of times) buckets.push({ at, group, sums: tally.sums(isExact) });
  }
  if (rest.length > 0) {
    const others = new Map<number, LogTally>();
    for (const { times } of rest)
      for (const [at, tally] of times) {
        let sum = others.get(at);
        if (sum === undefined) others.set(at, (sum = new LogTally()));
        sum.add(tally);
      }
    const group: LogValueName = { id: OTHER, name: OTHER, count: total(others) };
    for (const [at, tally] of others) buckets.push({ at, group, sums: tally.sums(isExact) });
  }
  return buckets.sort((a, b) => a.at - b.at);
}

function total(times: ReadonlyMap<number, LogTally>): number {
  let count = 0;
  for (const tally of times.values()) count += tally.requests;
  return count;
}

/** Values that were seen lately; of `tag:` alone the names of tags. */
export function valuesOfRows(
  database: DatabaseSync,
  dimension: LogDimension,
  search: string,
  limit: number,
): LogValueName[] {
  const found = new Map<string, { name: string; count: number }>();
  const add = (id: string, name: string, count: number): void => {
    if (id === "" || count === 0) return;
    const known = found.get(id);
    if (known === undefined) found.set(id, { name, count });
    else known.count += count;
  };
  let rows = 0;
  for (const { block } of blocksOf(database, { from: -Infinity, to: Infinity, order: "desc" })) {
    if (dimension === "tag:") {
      for (const name of block.dimensions)
        if (name.startsWith("tag:")) add(name.slice(4), "", usedRows(block, name as LogDimension));
    } else countWords(block, dimension, add);
    rows += block.rows;
    if (rows >= LATELY) break;
  }
  const wanted = search.toLowerCase();
  return [...found]
    .map(([id, { name, count }]) => ({ id, name: name || id, count }))
    .filter(({ id, name }) => wanted === "" || id.toLowerCase().includes(wanted) || name.toLowerCase().includes(wanted))
    .sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1))
    .slice(0, limit);
}

function countWords(
  block: LogBlock,
  dimension: LogDimension,
  add: (id: string, name: string, count: number) => void,
): void {
  const { of, words, names } = wordsOf(block, dimension);
  const counts = words.map(() => 0);
  for (let row = 0; row < block.rows; row++) {
    const word = of(row);
    counts[word] = (counts[word] as number) + 1;
  }
  words.forEach((word, number) => add(word, names?.[number] ?? "", counts[number] as number));
}

/** Rows that have a value. */
function usedRows(block: LogBlock, dimension: LogDimension): number {
  let used = 0;
  countWords(block, dimension, (id, _name, count) => (used += id === "" ? 0 : count));
  return used;
}
