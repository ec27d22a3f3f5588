// What requests sum up to, by time and by the values of a dimension: from sums over time where they tell it, else from rows.
import type { DatabaseSync } from "node:sqlite";
import type {
  LogBucket,
  LogDimension,
  LogGroup,
  LogGroupQuery,
  LogQuery,
  LogSeriesQuery,
  LogSums,
  LogValueName,
} from "../../core/stores.ts";
import { blocksOf } from "./block-scan.ts";
import type { LogBlock } from "./log-block.ts";
import { Cells, type CellsOptions, wordsOf } from "./log-cells.ts";
import { MOST_COUNTED, picked } from "./log-page.ts";
import { collectRolled, collectTop, rolledQuestion } from "./rollup-read.ts";

/** Rows of the newest blocks that lists of values are made of. */
const LATELY = 200_000;

/** Adds up what a filter asks for. */
function collect(
  database: DatabaseSync,
  filter: LogQuery,
  by: LogDimension | null,
  bucket: number | null,
  options: CellsOptions = {},
): { cells: Cells; isExact: boolean } {
  const question = rolledQuestion(filter, by);
  if (question !== null) {
    const cells = new Cells(by, bucket, options);
    if (collectRolled(database, question, filter, cells)) return { cells, isExact: !hasOlder(database) };
  }
  const cells = new Cells(by, bucket, options);
  let counted = 0;
  for (const { block, rows } of picked(database, { ...filter, order: "desc" })) {
    const room = MOST_COUNTED - counted;
    cells.addRows(block, rows.length > room ? rows.slice(-room) : rows);
    counted += rows.length;
    if (counted > MOST_COUNTED) break;
  }
  return { cells, isExact: counted <= MOST_COUNTED && !hasOlder(database) };
}

/** Rows of an older file are still being taken over. */
export function hasOlder(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM log_older WHERE seq > 0").get() !== undefined;
}

/** All that a filter asks for. */
export function sumsOf(database: DatabaseSync, filter: LogQuery): LogSums {
  const { cells, isExact } = collect(database, filter, null, null);
  return cells.total().sums(isExact);
}

/** Dimensions that may have as many values as there are requests. */
const MANY: ReadonlySet<LogDimension> = new Set(["user", "session", "user_agent", "virtual_key", "requested_model"]);

function hasMany(by: LogDimension): boolean {
  return MANY.has(by) || by.startsWith("tag:");
}

/** Sums by the values of a dimension. */
export function groupsOf(database: DatabaseSync, query: LogGroupQuery): LogGroup[] {
  const { filter, by } = query;
  if (!hasMany(by)) {
    const { cells, isExact } = collect(database, filter, by, null);
    return cells.groups(query, isExact);
  }
  // percentiles cost most of it: they are made for the values of this page alone
  const ranks = collect(database, filter, by, null, { isRank: true }).cells;
  const page = ranks.page(query);
  const { cells, isExact } = collect(database, filter, by, null, { only: new Set(page) });
  return cells.groups({ ...query, offset: 0 }, isExact);
}

/** Sums by time, and by value. Buckets begin at whole multiples of their length. */
export function seriesOf(database: DatabaseSync, query: LogSeriesQuery): LogBucket[] {
  const startTime = Math.max(query.filter.startTime ?? -Infinity, query.from);
  const endTime = Math.min(query.filter.endTime ?? Infinity, query.to - 1);
  const filter = { ...query.filter, startTime, endTime };
  const top = hasOlder(database) ? null : collectTop(database, query, filter);
  if (top !== null) return top;
  const { cells, isExact } = collect(database, filter, query.by, query.bucket);
  return cells.buckets(query.top, isExact);
}

/** Values that were seen lately; of `tag:` alone the names of tags. */
export function valuesOf(
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
    if (dimension === "tag:") addTags(block, add);
    else countWords(block, dimension, add);
    rows += block.rows;
    if (rows >= LATELY) break;
  }
  const wanted = search.toLowerCase();
  return [...found]
    .map(([id, { name, count }]) => ({ id, name: name || id, count }))
    .filter(({ id, name }) => id.toLowerCase().includes(wanted) || name.toLowerCase().includes(wanted))
    .sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1))
    .slice(0, limit);
}

type AddValue = (id: string, name: string, count: number) => void;

function addTags(block: LogBlock, add: AddValue): void {
  for (const name of block.dimensions) {
    if (!name.startsWith("tag:")) continue;
    let used = 0;
    countWords(block, name as LogDimension, (id, _name, count) => (used += id === "" ? 0 : count));
    add(name.slice("tag:".length), "", used);
  }
}

function countWords(block: LogBlock, dimension: LogDimension, add: AddValue): void {
  const { of, words, names } = wordsOf(block, dimension);
  const counts = words.map(() => 0);
  for (let row = 0; row < block.rows; row++) {
    const word = of(row);
    counts[word] = (counts[word] as number) + 1;
  }
  words.forEach((word, number) => add(word, names?.[number] ?? "", counts[number] as number));
}
