// Reads the request log over a read-only connection of its own: pages of rows, one row, and what they sum up to.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  type LogPage,
  type LogQuery,
  type LogReader,
  type LogRow,
  type LogStats,
  MAX_LOG_LIMIT,
  StoreRefusedError,
} from "../../core/stores.ts";
import { storeReason } from "./file.ts";
import type { LogValue, PackedRow, StoredRow } from "./log-columns.ts";
import { cursorCondition, encodeCursor, filterConditions, orderClause, whereClause } from "./log-filter.ts";
import { LOG_MIGRATIONS } from "./log-migrations.ts";
import { logRow } from "./log-rows.ts";
import { StoredWords } from "./log-words.ts";
import { openForReading } from "./open.ts";
import { addSearchFunction, type Condition } from "./text-search.ts";
import { wholeRow } from "./whole-row.ts";

/** Filtered lists are counted up to here: beyond, the page says that there are more. */
const COUNT_BOUND = 100_000;

interface OpenLog {
  readonly database: DatabaseSync;
  readonly bySeq: StatementSync;
  readonly byId: StatementSync;
  readonly totals: StatementSync;
  readonly words: StoredWords;
}

/** What rows sum up to, as the database gives it. */
interface Sums {
  readonly requests: number;
  readonly succeeded: number;
  readonly latency: number;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly cost: number;
  readonly unpriced: number;
}

const NO_SUMS: Sums = {
  requests: 0,
  succeeded: 0,
  latency: 0,
  prompt_tokens: 0,
  completion_tokens: 0,
  total_tokens: 0,
  cost: 0,
  unpriced: 0,
};

const FIND_ROW = "SELECT request_log.*, input, output FROM request_log LEFT JOIN log_content USING (seq)";

/** A reader of a log file; the file may come into being later. */
export function createLogReader(path: string): LogReader {
  return new SqliteLogReader(path);
}

class SqliteLogReader implements LogReader {
  readonly #path: string;
  #log: OpenLog | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  list(query: LogQuery): LogPage {
    return this.#reading((log) => readPage(log, query)) ?? emptyPage(query);
  }

  get(id: string): LogRow | null {
    return this.#reading((log) => {
      const stored = log.byId.get(id) as PackedRow | undefined;
      return stored === undefined ? null : logRow(wholeRow(stored, log.words));
    });
  }

  close(): void {
    this.#log?.database.close();
    this.#log = null;
  }

  /** Reads from one state of the file; null while there is none. */
  #reading<T>(read: (log: OpenLog) => T): T | null {
    this.#log ??= openLog(this.#path);
    if (this.#log === null) return null;
    const { database } = this.#log;
    try {
      database.exec("BEGIN");
      const result = read(this.#log);
      database.exec("COMMIT");
      return result;
    } catch (error) {
      this.close();
      throw error instanceof StoreRefusedError ? error : new StoreRefusedError(this.#path, storeReason(error), error);
    }
  }
}

function openLog(path: string): OpenLog | null {
  const database = openForReading(path, LOG_MIGRATIONS);
  if (database === null) return null;
  addSearchFunction(database);
  return {
    database,
    bySeq: database.prepare(`${FIND_ROW} WHERE request_log.seq = ?`),
    byId: database.prepare(`${FIND_ROW} WHERE request_log.id = ?`),
    words: new StoredWords(database),
    totals: database.prepare(
      `SELECT requests, succeeded, latency, prompt_tokens, completion_tokens, total_tokens, unpriced,
         cost_nano / 1e9 AS cost FROM log_totals`,
    ),
  };
}

function readPage(log: OpenLog, query: LogQuery): LogPage {
  const conditions = filterConditions(query);
  const rows = readRows(log, query, conditions);
  const totals = log.totals.get() as unknown as Sums;
  const sums = conditions.length === 0 ? totals : sumsOf(log, query, conditions, rows);
  const isExact = conditions.length === 0 || sums.requests < COUNT_BOUND;
  const last = rows.at(-1);
  const hasNext = query.sortBy === "timestamp" && last !== undefined && rows.length === pageLimit(query);
  return {
    logs: rows.map(logRow),
    pagination: {
      limit: pageLimit(query),
      offset: query.offset,
      sort_by: query.sortBy,
      order: query.order,
      total_count: sums.requests,
      total_count_exact: isExact,
      next: hasNext ? encodeCursor(last) : null,
    },
    stats: statsOf(sums),
    has_logs: totals.requests > 0,
  };
}

function pageLimit(query: LogQuery): number {
  return Math.max(1, Math.min(query.limit, MAX_LOG_LIMIT));
}

/** First the places of the rows, then the rows themselves: what is sorted or passed over stays small. */
function readRows(log: OpenLog, query: LogQuery, filters: readonly Condition[]): StoredRow[] {
  const cursor = cursorCondition(query);
  const conditions = cursor === null ? filters : [...filters, cursor];
  const found = log.database
    .prepare(`SELECT seq FROM request_log ${whereClause(conditions)} ${orderClause(query)} LIMIT ? OFFSET ?`)
    .all(...valuesOf(conditions), pageLimit(query), cursor === null ? Math.max(0, query.offset) : 0);
  return found.map(({ seq }) => wholeRow(log.bySeq.get(seq as number) as unknown as PackedRow, log.words));
}

function valuesOf(conditions: readonly Condition[]): LogValue[] {
  return conditions.flatMap((condition) => condition.values);
}

/** A page that holds all there is needs no second walk: with few matches the walk is what a query costs. */
function sumsOf(log: OpenLog, query: LogQuery, conditions: readonly Condition[], rows: readonly StoredRow[]): Sums {
  const isWhole = query.offset <= 0 && cursorCondition(query) === null && rows.length < pageLimit(query);
  return isWhole ? addUp(rows) : filteredSums(log.database, conditions);
}

function addUp(rows: readonly StoredRow[]): Sums {
  const sum = (value: (row: StoredRow) => number | null): number =>
    rows.reduce((total, row) => total + (value(row) ?? 0), 0);
  return {
    requests: rows.length,
    succeeded: sum((row) => (row.status === "success" ? 1 : 0)),
    latency: sum((row) => row.latency),
    prompt_tokens: sum((row) => row.prompt_tokens),
    completion_tokens: sum((row) => row.completion_tokens),
    total_tokens: sum((row) => row.total_tokens),
    cost: sum((row) => row.cost_nano) / 1e9,
    unpriced: sum((row) => row.unpriced),
  };
}

function filteredSums(database: DatabaseSync, conditions: readonly Condition[]): Sums {
  const sql = `
SELECT count(*) AS requests, total(status = 'success') AS succeeded, total(latency) AS latency,
  total(prompt_tokens) AS prompt_tokens, total(completion_tokens) AS completion_tokens,
  total(total_tokens) AS total_tokens,
  total(cost_nano) / 1e9 AS cost, total(unpriced) AS unpriced
FROM (SELECT status, latency, prompt_tokens, completion_tokens, total_tokens, cost_nano, unpriced
  FROM request_log ${whereClause(conditions)} ORDER BY seq DESC LIMIT ${COUNT_BOUND})`;
  return database.prepare(sql).get(...valuesOf(conditions)) as unknown as Sums;
}

function statsOf(sums: Sums): LogStats {
  const count = Number(sums.requests);
  const rate = count === 0 ? 0 : (sums.succeeded / count) * 100;
  return {
    total_requests: count,
    success_rate: rate,
    // One row is one request of a caller, so both rates are the same.
    user_facing_success_rate: rate,
    user_facing_total_requests: count,
    average_latency: count === 0 ? 0 : sums.latency / count,
    total_tokens: sums.total_tokens,
    prompt_tokens: sums.prompt_tokens,
    completion_tokens: sums.completion_tokens,
    total_cost: sums.cost,
    unpriced_requests: sums.unpriced,
    cache_hit_rate_total_requests: 0,
    direct_cache_hits: 0,
    semantic_cache_hits: 0,
  };
}

function emptyPage(query: LogQuery): LogPage {
  return {
    logs: [],
    pagination: {
      limit: pageLimit(query),
      offset: query.offset,
      sort_by: query.sortBy,
      order: query.order,
      total_count: 0,
      total_count_exact: true,
      next: null,
    },
    stats: statsOf(NO_SUMS),
    has_logs: false,
  };
}
