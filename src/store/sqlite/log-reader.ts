// Reads the request log over a read-only connection of its own: pages of rows, one row, and what they sum up to.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  type AssembleText,
  type LogBucket,
  type LogDimension,
  type LogGroup,
  type LogGroupQuery,
  type LogPage,
  type LogQuery,
  type LogReader,
  type LogRow,
  type LogSeriesQuery,
  type LogSums,
  type LogValueName,
  MAX_LOG_LIMIT,
  StoreRefusedError,
} from "../../core/stores.ts";
import { hasFilters } from "./block-scan.ts";
import { searchContent } from "./content-scan.ts";
import { storeReason } from "./file.ts";
import type { PackedRow } from "./log-columns.ts";
import { encodeCursor, readCursor } from "./log-filter.ts";
import { groupsOf, hasOlder, seriesOf, sumsOf, valuesOf } from "./log-groups.ts";
import { LOG_MIGRATIONS } from "./log-migrations.ts";
import { type Place, picked, placesByTime, placesByValue, tallyOf } from "./log-page.ts";
import { logRow } from "./log-rows.ts";
import { NO_STATS, statsOf, sumsOfTotals } from "./log-stats.ts";
import { LogTally } from "./log-tally.ts";
import { NO_WHOLE, wholeText } from "./log-whole.ts";
import { StoredWords } from "./log-words.ts";
import { openForReading } from "./open.ts";
import { addSearchFunction } from "./text-search.ts";
import { wholeRow } from "./whole-row.ts";

interface OpenLog {
  readonly database: DatabaseSync;
  readonly bySeq: StatementSync;
  readonly byId: StatementSync;
  readonly whole: StatementSync;
  readonly words: StoredWords;
}

const FIND_ROW = "SELECT request_log.*, input, output FROM request_log LEFT JOIN log_content USING (seq)";
const NO_SUMS = new LogTally().sums(true);

/** A reader of a log file; the file may come into being later. `assembleText` makes text of whole answers. */
export function createLogReader(path: string, assembleText: AssembleText | null = null): LogReader {
  return new SqliteLogReader(path, assembleText);
}

class SqliteLogReader implements LogReader {
  readonly #path: string;
  readonly #assemble: AssembleText | null;
  #log: OpenLog | null = null;

  constructor(path: string, assemble: AssembleText | null) {
    this.#path = path;
    this.#assemble = assemble;
  }

  list(query: LogQuery): LogPage {
    return this.#reading((log) => readPage(log, query)) ?? emptyPage(query);
  }

  get(id: string): LogRow | null {
    return this.#reading((log) => {
      const stored = log.byId.get(id) as PackedRow | undefined;
      if (stored === undefined) return null;
      const whole = log.whole.get(stored.seq) as { request: Uint8Array; response: Uint8Array } | undefined;
      const text = whole === undefined ? NO_WHOLE : wholeText(whole.request, whole.response, this.#assemble);
      return logRow(wholeRow(stored, log.words), text);
    });
  }

  sums(query: LogQuery): LogSums {
    return this.#reading(({ database }) => sumsOf(database, query)) ?? NO_SUMS;
  }

  series(query: LogSeriesQuery): readonly LogBucket[] {
    return this.#reading(({ database }) => seriesOf(database, query)) ?? [];
  }

  groups(query: LogGroupQuery): readonly LogGroup[] {
    return this.#reading(({ database }) => groupsOf(database, query)) ?? [];
  }

  values(dimension: LogDimension, search: string, limit: number): readonly LogValueName[] {
    return this.#reading(({ database }) => valuesOf(database, dimension, search, limit)) ?? [];
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
    whole: database.prepare("SELECT request, response FROM log_whole WHERE seq = ?"),
    words: new StoredWords(database),
  };
}

function readPage(log: OpenLog, asked: LogQuery): LogPage {
  const { database } = log;
  const query = { ...asked, limit: Math.max(1, Math.min(asked.limit, MAX_LOG_LIMIT)) };
  const cursor = readCursor(query);
  const search = query.contentSearch ? searchContent(database, query, cursor, Date.now) : null;
  const places = search?.places ?? pagePlaces(database, query, cursor);
  const rows = places.map(({ seq }) => log.bySeq.get(seq) as PackedRow | undefined).filter((row) => row !== undefined);
  const totals = sumsOfTotals(database);
  const isAll = !hasFilters(query) && query.startTime === undefined && query.endTime === undefined;
  const { sums, least } =
    search !== null
      ? foundSums(log, places, search.stopped)
      : isAll || query.rowsOnly === true
        ? { sums: totals, least: null }
        : countedSums(database, query);
  const last = search === null ? places.at(-1) : (search.stopped ?? undefined);
  const hasNext =
    query.sortBy === "timestamp" && last !== undefined && (search !== null || places.length === query.limit);
  return {
    logs: rows.map((row) => logRow(wholeRow(row, log.words))),
    pagination: {
      limit: query.limit,
      offset: query.offset,
      sort_by: query.sortBy,
      order: query.order,
      total_count: sums.requests,
      total_count_at_least: least,
      searched_until: search?.isLate === true && last !== undefined ? new Date(last.timestamp).toISOString() : null,
      next: hasNext ? encodeCursor(last) : null,
    },
    stats: statsOf(sums),
    has_logs: totals.requests > 0,
  };
}

function pagePlaces(database: DatabaseSync, query: LogQuery, cursor: ReturnType<typeof readCursor>): Place[] {
  return query.sortBy === "timestamp" ? placesByTime(database, query, cursor) : placesByValue(database, query);
}

function countedSums(database: DatabaseSync, query: LogQuery): { sums: LogSums; least: number | null } {
  const { tally, isExact } = tallyOf(database, query);
  // Of an older file rows are still taken over.
  const least = isExact ? (hasOlder(database) ? tally.requests : null) : tally.requests + 1;
  return { sums: tally.sums(least === null), least };
}

/** Of a search the page's own rows are known, and no more. */
function foundSums(
  { database }: OpenLog,
  places: readonly Place[],
  stopped: Place | null,
): { sums: LogSums; least: number | null } {
  const times = places.map(({ timestamp }) => timestamp);
  const seqs = new Set(places.map(({ seq }) => seq));
  const tally = new LogTally();
  if (places.length > 0) {
    const query: LogQuery = {
      sortBy: "timestamp",
      order: "desc",
      limit: 1,
      offset: 0,
      startTime: Math.min(...times),
      endTime: Math.max(...times),
    };
    for (const { block, rows } of picked(database, query))
      for (const row of rows) if (seqs.has(block.seq[row] as number)) tally.addRow(block, row);
  }
  return { sums: tally.sums(stopped === null), least: stopped === null ? null : places.length };
}

function emptyPage(query: LogQuery): LogPage {
  return {
    logs: [],
    pagination: {
      limit: Math.max(1, Math.min(query.limit, MAX_LOG_LIMIT)),
      offset: query.offset,
      sort_by: query.sortBy,
      order: query.order,
      total_count: 0,
      total_count_at_least: null,
      searched_until: null,
      next: null,
    },
    stats: NO_STATS,
    has_logs: false,
  };
}
