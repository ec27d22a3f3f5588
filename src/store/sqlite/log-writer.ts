// Writes the request log: a batch a transaction, and memory for the rows while the file cannot be written.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { RECORD_LIMITS, type RequestRecord } from "../../core/record.ts";
import { unpackRecords } from "../../core/record-unpack.ts";
import { WordList } from "../../core/record-words.ts";
import type { AssembleText, LogWriter, StoreHealth } from "../../core/stores.ts";
import { closeJson, inputText } from "../content-text.ts";
import { inTransaction, storeReason } from "./file.ts";
import { columnValues, LOG_COLUMNS, type LogValue, shownModel, shownProvider, totalTokens } from "./log-columns.ts";
import { HourBatch, HourTable, MOST_NANO } from "./log-hours.ts";
import { LOG_MIGRATIONS } from "./log-migrations.ts";
import { openForWriting } from "./open.ts";

export interface LogWriterOptions {
  readonly path: string;
  readonly assembleText: AssembleText;
  /** Rows waiting for a failing store take this much memory at most. Bytes. */
  readonly maxPendingBytes?: number;
  /** ms between the tries of a failing store. */
  readonly retryAfter?: number;
  /** The store began to fail, or recovered. */
  readonly onHealth?: (health: StoreHealth) => void;
}

/** A row ready to be inserted. */
interface PendingRow {
  readonly values: LogValue[];
  readonly input: string | null;
  readonly output: string | null;
  /** Its content is a view of a buffer that is gone by now. */
  readonly record: Omit<RequestRecord, "input" | "output">;
  /** About what it takes in memory. */
  readonly bytes: number;
}

/** What the rows of one batch add to the running totals. */
interface Totals {
  requests: number;
  succeeded: number;
  latency: number;
  promptTokens: number;
  completionTokens: number;
  totalTokens: number;
  costNano: number;
  unpriced: number;
}

interface OpenStore {
  readonly database: DatabaseSync;
  readonly insertRow: StatementSync;
  readonly insertContent: StatementSync;
  readonly addTotals: StatementSync;
  readonly hours: HourTable;
}

const HEALTHY: StoreHealth = { ok: true, reason: "" };
const DEFAULT_PENDING = 16 * 1024 * 1024;
/** Rows a transaction: the thread must not be held for longer than about 10 ms. */
const BATCH = 1000;

/** The writer of a log file. A store that cannot be opened is told in `health` and tried again like one that cannot be written. */
export function createLogWriter(options: LogWriterOptions): LogWriter {
  return new SqliteLogWriter(options);
}

class SqliteLogWriter implements LogWriter {
  health: StoreHealth = HEALTHY;
  dropped = 0;
  readonly #options: LogWriterOptions;
  readonly #words = new WordList();
  #store: OpenStore | null = null;
  #pending: PendingRow[] = [];
  #pendingBytes = 0;
  #retry: NodeJS.Timeout | null = null;

  constructor(options: LogWriterOptions) {
    this.#options = options;
    this.flush();
  }

  write(buffer: ArrayBuffer, firstWord: number, words: readonly string[]): void {
    const rows = this.#decode(buffer, firstWord, words);
    // While it fails only the retry touches the store: each try may wait for a lock.
    const left = this.health.ok ? this.#insertAll(rows) : rows;
    for (const row of left) this.#keep(row);
  }

  flush(): void {
    const left = this.#insertAll(this.#pending);
    this.#pending = left;
    this.#pendingBytes = left.reduce((sum, row) => sum + row.bytes, 0);
  }

  close(): void {
    this.flush();
    this.dropped += this.#pending.length;
    this.#pending = [];
    this.#pendingBytes = 0;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#disconnect();
  }

  #decode(buffer: ArrayBuffer, firstWord: number, words: readonly string[]): PendingRow[] {
    const rows: PendingRow[] = [];
    const count = new Float64Array(buffer)[0] ?? 0;
    try {
      this.#words.add(firstWord, words);
      for (const record of unpackRecords(buffer, this.#words)) rows.push(this.#row(record));
    } catch {
      // A dictionary with a hole, after a restart of one side: these rows cannot be read, the next ones can.
      this.dropped += count - rows.length;
    }
    return rows;
  }

  #row(record: RequestRecord): PendingRow {
    const values = columnValues(record);
    const input = record.input === null ? null : inputText(record.input.bytes, record.input.cut);
    const output = record.output === null ? null : this.#outputText(record);
    let bytes = 1200 + 500 * record.attempts.length + (input?.length ?? 0) + (output?.length ?? 0);
    for (const value of values) bytes += typeof value === "string" ? value.length : 8;
    return { values, input, output, record, bytes };
  }

  #outputText(record: RequestRecord): string {
    const { bytes } = record.output as { bytes: Buffer };
    const text =
      this.#assemble(bytes, record) ||
      // A whole answer that was cut off is no JSON any more.
      (record.outputIsStream ? "" : this.#assemble(Buffer.from(closeJson(bytes)), record));
    return text.length > RECORD_LIMITS.input ? text.slice(0, RECORD_LIMITS.input) : text;
  }

  #assemble(bytes: Buffer, record: RequestRecord): string {
    try {
      return this.#options.assembleText(bytes, record.outputDialect, record.outputIsStream);
    } catch {
      return "";
    }
  }

  #keep(row: PendingRow): void {
    if (this.#pendingBytes + row.bytes > (this.#options.maxPendingBytes ?? DEFAULT_PENDING)) {
      this.dropped++;
      return;
    }
    this.#pendingBytes += row.bytes;
    this.#pending.push(row);
  }

  /** Inserts batch by batch; what could not be inserted comes back. */
  #insertAll(rows: PendingRow[]): PendingRow[] {
    let from = 0;
    try {
      this.#store ??= this.#open();
      while (from < rows.length) {
        const batch = rows.slice(from, from + BATCH);
        insertBatch(this.#store, batch);
        from += batch.length;
      }
      this.#tell(HEALTHY);
    } catch (error) {
      this.#tell({ ok: false, reason: storeReason(error) });
      this.#disconnect();
      this.#retryLater();
    }
    return from === 0 ? rows : rows.slice(from);
  }

  #open(): OpenStore {
    const database = openForWriting(this.#options.path, LOG_MIGRATIONS);
    const places = LOG_COLUMNS.map(() => "?").join(", ");
    return {
      database,
      // An id that is there already was written before a failure that was only reported.
      insertRow: database.prepare(
        `INSERT INTO request_log (${LOG_COLUMNS.join(", ")}) VALUES (${places}) ON CONFLICT (id) DO NOTHING`,
      ),
      insertContent: database.prepare("INSERT INTO log_content (seq, input, output) VALUES (?, ?, ?)"),
      addTotals: database.prepare(
        `UPDATE log_totals SET requests = requests + ?1, succeeded = succeeded + ?2, latency = latency + ?3,
         prompt_tokens = prompt_tokens + ?4, completion_tokens = completion_tokens + ?5,
         total_tokens = total_tokens + ?6, cost_nano = min(cost_nano + CAST(?7 AS INTEGER), ${MOST_NANO}), unpriced = unpriced + ?8`,
      ),
      hours: new HourTable(database),
    };
  }

  /** A connection that failed may go on failing when the cause is gone (a file that was read-only): the next try opens anew. */
  #disconnect(): void {
    try {
      this.#store?.database.close();
    } catch {
      // It is given up either way.
    }
    this.#store = null;
  }

  #tell(health: StoreHealth): void {
    const before = this.health;
    this.health = health;
    if (before.ok !== health.ok || before.reason !== health.reason) this.#options.onHealth?.(health);
  }

  #retryLater(): void {
    this.#retry ??= setTimeout(() => {
      this.#retry = null;
      this.flush();
    }, this.#options.retryAfter ?? 1000).unref();
  }
}

/** All rows or none, and what they add up to with them. */
function insertBatch(store: OpenStore, rows: readonly PendingRow[]): void {
  inTransaction(store.database, () => {
    const totals: Totals = {
      requests: 0,
      succeeded: 0,
      latency: 0,
      promptTokens: 0,
      completionTokens: 0,
      totalTokens: 0,
      costNano: 0,
      unpriced: 0,
    };
    const hours = new HourBatch();
    for (const row of rows) insertRow(store, row, totals, hours);
    store.addTotals.run(
      totals.requests,
      totals.succeeded,
      totals.latency,
      totals.promptTokens,
      totals.completionTokens,
      totals.totalTokens,
      Math.min(totals.costNano, Number.MAX_SAFE_INTEGER),
      totals.unpriced,
    );
    hours.write(store.hours);
  });
}

function insertRow(store: OpenStore, row: PendingRow, totals: Totals, hours: HourBatch): void {
  const { changes, lastInsertRowid } = store.insertRow.run(...row.values);
  if (changes === 0) return;
  if (row.input !== null || row.output !== null) store.insertContent.run(lastInsertRowid, row.input, row.output);
  const { usage, outcome, endedAt, costNano, isUnpriced } = row.record;
  totals.requests++;
  if (outcome === "success") totals.succeeded++;
  totals.latency += endedAt;
  totals.promptTokens += usage.inputTokens ?? 0;
  totals.completionTokens += usage.outputTokens ?? 0;
  totals.totalTokens += totalTokens(usage) ?? 0;
  totals.costNano += costNano ?? 0;
  if (isUnpriced) totals.unpriced++;
  addHour(hours, row.record);
}

function addHour(hours: HourBatch, record: PendingRow["record"]): void {
  const { usage, virtualKeyId, teamId, customerId } = record;
  const of = {
    at: record.acceptedAt,
    virtualKeyId: virtualKeyId ?? "",
    teamId: teamId ?? "",
    customerId: customerId ?? "",
  };
  hours.request(of, shownProvider(record), shownModel(record), {
    isError: record.outcome === "error",
    inputTokens: usage.inputTokens ?? 0,
    outputTokens: usage.outputTokens ?? 0,
    isUnpriced: record.isUnpriced,
  });
  let left = record.costNano ?? 0;
  for (const { provider, model, cost } of record.attempts) {
    if (cost === null) continue;
    hours.cost(of, provider, model, cost.nano);
    left -= cost.nano;
  }
  // Of very many attempts not all are kept.
  if (left !== 0) hours.cost(of, shownProvider(record), shownModel(record), left);
}
