// Answers from sums over time: whole minutes, hours and days from the sums, the rest from rows.
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { LogBucket, LogDimension, LogQuery, LogSeriesQuery } from "../../core/stores.ts";
import { hasFilters, onlyDimension, pick } from "./block-scan.ts";
import { BLOCK_COLUMNS, SCALES, type Scale, storedBlock } from "./block-store.ts";
import { Cells, otherBuckets } from "./log-cells.ts";
import { LogTally } from "./log-tally.ts";
import { ALL, hasSums, isRolled, OTHER, SCALE_MS } from "./rollup-table.ts";

/** ms that sums by minute and by hour are kept; those by day stay. */
export const KEPT_MS: Readonly<Record<Scale, number>> = {
  minute: 14 * SCALE_MS.day,
  hour: 400 * SCALE_MS.day,
  day: Infinity,
};

/** Which sums a question can be answered from. */
export interface RolledQuestion {
  readonly dimension: string;
  /** null: each. */
  readonly values: readonly string[] | null;
  /** The values are some of those that have sums: nothing of them stands with the others. */
  readonly isPart?: boolean;
}

/** null: it asks for what only rows tell. */
export function rolledQuestion(filter: LogQuery, by: LogDimension | null): RolledQuestion | null {
  if (!hasFilters(filter)) return isRolled(by ?? ALL) ? { dimension: by ?? ALL, values: null } : null;
  const only = onlyDimension(filter);
  if (only === null || !isRolled(only[0]) || (by !== null && by !== only[0])) return null;
  return { dimension: only[0], values: only[1] };
}

/** A stretch of time that one length of sums answers; null: rows do. Unix ms, the end is not in it. */
interface Stretch {
  readonly scale: Scale | null;
  readonly from: number;
  readonly to: number;
}

/** Collects what was asked for; false: values were asked for that have no sums of their own. */
export function collectRolled(
  database: DatabaseSync,
  question: RolledQuestion,
  filter: LogQuery,
  cells: Cells,
): boolean {
  const { from, to } = knownTime(database, filter);
  if (from >= to) return true;
  if (question.values !== null && question.isPart !== true && hasOthers(database, question, from, to)) return false;
  const usable = SCALES.toReversed()
    .filter((scale) => hasSums(question.dimension, scale))
    .filter((scale) => cells.bucket === null || cells.bucket % SCALE_MS[scale] === 0);
  const now = Date.now();
  for (const stretch of stretches(from, to, usable, now)) {
    if (stretch.scale !== null) addSums(database, question, stretch.scale, stretch, cells);
    addRows(database, filter, stretch, cells);
  }
  return true;
}

/** Sums by time of the most used values, and of all others together: null = it must be asked otherwise. */
export function collectTop(database: DatabaseSync, query: LogSeriesQuery, filter: LogQuery): LogBucket[] | null {
  const { by, bucket, top } = query;
  if (by === null || by.startsWith("tag:") || hasFilters(filter)) return null;
  const question = rolledQuestion(filter, by);
  if (question === null) return null;
  const ranks = new Cells(by, null, { isRank: true });
  collectRolled(database, question, filter, ranks);
  if (ranks.size <= top) return null;
  const values = ranks.top(top);
  const cells = new Cells(by, bucket);
  const wanted = { ...filter, [FILTERS[by as keyof typeof FILTERS]]: values };
  collectRolled(database, { ...question, values, isPart: true }, wanted, cells);
  const all = new Cells(null, bucket);
  collectRolled(database, { dimension: ALL, values: null }, filter, all);
  const others = all.times();
  for (const [at, tally] of cells.times()) others.get(at)?.subtract(tally);
  for (const [at, tally] of others) if (tally.requests <= 0) others.delete(at);
  return [...cells.buckets(top, true), ...otherBuckets(others, true)].sort((a, b) => a.at - b.at);
}

/** The filters of what has sums. */
const FILTERS = {
  provider: "providers",
  model: "models",
  virtual_key: "virtualKeyIds",
  team: "teamIds",
  customer: "customerIds",
  user: "userIds",
  app: "apps",
} as const;

/** The part of the asked time in which there is anything. */
function knownTime(
  database: DatabaseSync,
  { startTime = -Infinity, endTime = Infinity }: LogQuery,
): { from: number; to: number } {
  const rows = database.prepare("SELECT min(first_time) AS first, max(last_time) AS last FROM log_blocks").get() ?? {};
  const days = database
    .prepare("SELECT min(at) AS first, max(at) AS last FROM log_rollups WHERE scale = ? AND dimension = ''")
    .get(SCALE_MS.day);
  const [first, last] = [rows["first"] as number | null, rows["last"] as number | null];
  const [firstDay, lastDay] = [days?.["first"] as number | null, days?.["last"] as number | null];
  const from = Math.min(first ?? Infinity, firstDay ?? Infinity);
  const to = Math.max((last ?? -Infinity) + 1, (lastDay ?? -Infinity) + SCALE_MS.day);
  return { from: Math.max(from, startTime), to: Math.min(to, endTime + 1) };
}

function hasOthers(database: DatabaseSync, { dimension }: RolledQuestion, from: number, to: number): boolean {
  const find = database.prepare("SELECT 1 FROM log_rollups WHERE scale = ? AND dimension = ? AND at = ? AND value = ?");
  const day = SCALE_MS.day;
  for (let at = Math.floor(from / day) * day; at < to; at += day)
    if (find.get(day, dimension, at, OTHER) !== undefined) return true;
  return false;
}

/** The longest sums that fit, shorter ones at the ends, rows where none do. */
function stretches(from: number, to: number, scales: readonly Scale[], now: number): Stretch[] {
  if (from >= to) return [];
  const [scale, ...shorter] = scales;
  if (scale === undefined) return [{ scale: null, from, to }];
  const length = SCALE_MS[scale];
  const start = Math.ceil(Math.max(from, now - KEPT_MS[scale]) / length) * length;
  const end = Math.floor(to / length) * length;
  if (start >= end) return stretches(from, to, shorter, now);
  return [
    ...stretches(from, start, shorter, now),
    { scale, from: start, to: end },
    ...stretches(end, to, shorter, now),
  ];
}

interface SumsRow {
  readonly at: number;
  readonly value: string;
  readonly name: string;
  readonly requests: number;
  readonly success: number;
  readonly error: number;
  readonly cancelled: number;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly cached_tokens: number;
  readonly cost_nano: number;
  readonly unpriced: number;
  readonly latency: number;
  readonly overhead_us: number;
  readonly overhead_count: number;
  readonly retried: number;
  readonly latencies: Uint8Array;
}

/** What values are ranked by, added up where the rows are: there may be very many of them. */
const RANKS = `
SELECT ?3 AS at, value, '' AS name, sum(requests) AS requests, 0 AS success, 0 AS error, 0 AS cancelled,
  sum(prompt_tokens) AS prompt_tokens, sum(completion_tokens) AS completion_tokens, 0 AS cached_tokens,
  total(cost_nano) AS cost_nano, 0 AS unpriced, sum(latency) AS latency, 0 AS overhead_us, 0 AS overhead_count,
  0 AS retried, x'' AS latencies
FROM log_rollups WHERE scale = ?1 AND dimension = ?2 AND at >= ?3 AND at < ?4 GROUP BY value`;

function addSums(
  database: DatabaseSync,
  question: RolledQuestion,
  scale: Scale,
  { from, to }: Stretch,
  cells: Cells,
): void {
  const { dimension } = question;
  const values = question.values ?? (cells.only === null ? null : [...cells.only]);
  const length = SCALE_MS[scale];
  if (cells.isRank && values === null && cells.bucket === null) {
    const ranks = database.prepare(RANKS);
    for (const row of ranks.iterate(length, dimension, from, to)) addSum(row as unknown as SumsRow, question, cells);
    return;
  }
  if (values === null) {
    const all = database.prepare("SELECT * FROM log_rollups WHERE scale = ? AND dimension = ? AND at >= ? AND at < ?");
    for (const row of all.iterate(length, dimension, from, to)) addSum(row as unknown as SumsRow, question, cells);
    return;
  }
  const places = values.map(() => "?").join(", ");
  const some = database.prepare(
    `SELECT * FROM log_rollups WHERE scale = ? AND dimension = ? AND at = ? AND value IN (${places})`,
  );
  for (let at = from; at < to; at += length)
    for (const row of some.iterate(length, dimension, at, ...values))
      addSum(row as unknown as SumsRow, question, cells);
}

function addSum(row: SumsRow, { dimension }: RolledQuestion, cells: Cells): void {
  if (!cells.wants(row.value)) return;
  const isModel = dimension === "model";
  const cell = cells.at(row.value, isModel ? "" : row.name, row.at);
  if (isModel) cells.served(row.value, row.name, row.requests);
  cell.add(tallyOf(row, cell.isRank));
}

function tallyOf(row: SumsRow, isRank: boolean): LogTally {
  const tally = new LogTally(isRank);
  tally.requests = row.requests;
  tally.success = row.success;
  tally.error = row.error;
  tally.cancelled = row.cancelled;
  tally.promptTokens = row.prompt_tokens;
  tally.completionTokens = row.completion_tokens;
  tally.cachedTokens = row.cached_tokens;
  tally.costNano = row.cost_nano;
  tally.unpriced = row.unpriced;
  tally.latencyMs = row.latency;
  tally.overheadUs = row.overhead_us;
  tally.overheadCount = row.overhead_count;
  tally.retried = row.retried;
  tally.addBuckets(row.latencies);
  return tally;
}

/** Rows that are in no sums of this length, or all of a stretch that has none. */
function addRows(database: DatabaseSync, filter: LogQuery, { scale, from, to }: Stretch, cells: Cells): void {
  const unrolled = scale === null ? "" : `AND rolled_${scale} < rows`;
  const values: SQLInputValue[] = [from, to];
  const blocks = database
    .prepare(`SELECT ${BLOCK_COLUMNS} FROM log_blocks WHERE last_time >= ? AND first_time < ? ${unrolled}`)
    .iterate(...values);
  for (const row of blocks) {
    const { block, rolled } = storedBlock(row);
    const done = scale === null ? 0 : rolled[scale];
    const rows = pick(block, { ...filter, startTime: from, endTime: to - 1 });
    cells.addRows(block, done === 0 ? rows : rows.filter((place) => place >= done));
  }
}
