// Writes the request log: a batch a transaction, and memory for the rows while the file cannot be written.
import type { DatabaseSync } from "node:sqlite";
import { RECORD_LIMITS } from "../../core/record.ts";
import { FLAG } from "../../core/record-codec.ts";
import { type ContentPlace, RecordView } from "../../core/record-view.ts";
import {
  type AssembleText,
  type LogWriter,
  type StoreHealth,
  StoreRefusedError,
  type WholeContent,
} from "../../core/stores.ts";
import { redactText } from "../../lib/redact-text.ts";
import { closeJson, inputText } from "../content-text.ts";
import { inTransaction, storeReason } from "./file.ts";
import { type ContentText, LogInsert } from "./log-insert.ts";
import { LOG_MIGRATIONS } from "./log-migrations.ts";
import { removeRows } from "./log-remove.ts";
import { LogKeeper, type Retention } from "./log-retention.ts";
import { LogUpkeep } from "./log-upkeep.ts";
import { packWhole, WholeTable } from "./log-whole.ts";
import { LogDictionary } from "./log-words.ts";
import { openForWriting } from "./open.ts";

export interface LogWriterOptions {
  readonly path: string;
  readonly assembleText: AssembleText;
  /** Rows waiting for a failing store take this much memory at most. Bytes. */
  readonly maxPendingBytes?: number;
  /** ms between the tries of a failing store. */
  readonly retryAfter?: number;
  /** For how long and in how much room rows are kept; absent = for ever. */
  readonly retention?: () => Retention;
  /** The store began to fail, or recovered. */
  readonly onHealth?: (health: StoreHealth) => void;
}

/** A record on its own: the buffer that it came in went back to the loop. */
interface PendingRow {
  readonly buffer: ArrayBuffer;
  readonly dictionary: LogDictionary;
}

interface OpenStore {
  readonly database: DatabaseSync;
  readonly insert: LogInsert;
  readonly wholes: WholeTable;
  readonly upkeep: LogUpkeep;
}

const HEALTHY: StoreHealth = { ok: true, reason: "" };
const DEFAULT_PENDING = 16 * 1024 * 1024;
/** What a waiting row takes beyond its bytes, about. */
const PENDING_OVERHEAD = 200;
/** ms from a batch to the first step of what is made of it, and between steps. */
const UPKEEP_AFTER = 100;
const UPKEEP_PAUSE = 10;
/** Rows a transaction: the thread must not be held for longer than about 10 ms. */
const BATCH = 1000;

/** The writer of a log file. A store that cannot be opened is told in `health` and tried again like one that cannot be written. */
export function createLogWriter(options: LogWriterOptions): LogWriter {
  return new SqliteLogWriter(options);
}

class SqliteLogWriter implements LogWriter {
  health: StoreHealth = HEALTHY;
  dropped = 0;
  droppedContent = 0;
  readonly #options: LogWriterOptions;
  #dictionary = new LogDictionary();
  #store: OpenStore | null = null;
  #pending: PendingRow[] = [];
  #pendingBytes = 0;
  #retry: NodeJS.Timeout | null = null;
  #isClosed = false;
  readonly #keeper: LogKeeper | null;
  #upkeepTimer: NodeJS.Timeout | null = null;

  constructor(options: LogWriterOptions) {
    this.#options = options;
    this.flush();
    this.#upkeepLater();
    const { path, retention } = options;
    this.#keeper = retention === undefined ? null : new LogKeeper({ path, retention });
  }

  write(buffer: ArrayBuffer, firstWord: number, words: readonly string[]): void {
    const view = new RecordView(buffer, this.#learn(firstWord, words));
    const dictionary = this.#dictionary;
    let left = view.count;
    let at = 1;
    try {
      if (dictionary.words.size !== firstWord + words.length) throw new RangeError("words are missing");
      // While it fails only the retry touches the store: each try may wait for a lock.
      while (left > 0 && this.health.ok) {
        const rows = Math.min(left, BATCH);
        const next = this.#tryInserting((insert) => this.#insertRows(insert, view, at, rows));
        if (next === null) break;
        at = next;
        left -= rows;
      }
      for (; left > 0; left--) {
        const next = view.move(at);
        this.#keep(view, dictionary);
        at = next;
      }
      this.#upkeepLater();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // A dictionary with a hole, after a restart of one side: these rows cannot be read, the next ones can.
      this.dropped += left;
    }
  }

  writeContent(content: WholeContent, done: () => void): void {
    packWhole(content)
      .then((packed) => {
        // Of a failing store only the rows wait: content is the first that goes.
        if (!this.health.ok || this.#store === null || this.#isClosed) return false;
        return this.#store.wholes.add(content.id, packed);
      })
      .catch(() => false)
      .then((isKept) => {
        if (!isKept) this.droppedContent++;
        done();
      });
  }

  remove(ids: readonly string[]): number {
    try {
      this.#store ??= this.#open();
      return removeRows(this.#store.database, ids);
    } catch (error) {
      throw new StoreRefusedError(this.#options.path, storeReason(error), error);
    }
  }

  flush(): void {
    const written = this.#insertPending();
    for (const { buffer } of this.#pending.splice(0, written))
      this.#pendingBytes -= buffer.byteLength + PENDING_OVERHEAD;
  }

  close(): void {
    this.flush();
    this.#isClosed = true;
    this.#keeper?.close();
    if (this.#upkeepTimer !== null) clearTimeout(this.#upkeepTimer);
    this.#upkeepTimer = null;
    this.dropped += this.#pending.length;
    this.#pending = [];
    this.#pendingBytes = 0;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#disconnect();
  }

  /** The words of the loop, with those that came now, if they follow what is known. */
  #learn(firstWord: number, words: readonly string[]): LogDictionary["words"] {
    if (firstWord === 0 && this.#dictionary.words.size > 0) this.#dictionary = new LogDictionary();
    const { words: known } = this.#dictionary;
    if (firstWord === known.size) known.add(firstWord, words);
    return known;
  }

  /** Returns where the next record begins. */
  #insertRows(insert: LogInsert, view: RecordView, from: number, rows: number): number {
    let at = from;
    for (let left = rows; left > 0; left--) {
      at = view.move(at);
      insert.add(view, this.#dictionary, this.#contentText(view));
    }
    return at;
  }

  /** How many of those that wait were written; the first try opens the store. */
  #insertPending(): number {
    let done = 0;
    do {
      const batch = this.#pending.slice(done, done + BATCH);
      if (!this.#isInserted(batch)) break;
      done += batch.length;
    } while (done < this.#pending.length);
    return done;
  }

  #isInserted(batch: readonly PendingRow[]): boolean {
    try {
      const inserted = this.#tryInserting((insert) => {
        for (const { buffer, dictionary } of batch) {
          const view = new RecordView(buffer, dictionary.words);
          view.move(1);
          insert.add(view, dictionary, this.#contentText(view));
        }
        return true;
      });
      return inserted !== null;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.dropped += batch.length;
      return true;
    }
  }

  /** All rows of a batch or none; null when the store failed. Throws RangeError for what is no record. */
  #tryInserting<T>(add: (insert: LogInsert) => T): T | null {
    try {
      this.#store ??= this.#open();
      const { database, insert } = this.#store;
      const result = insertBatch(database, insert, add);
      this.#tell(HEALTHY);
      return result;
    } catch (error) {
      if (error instanceof RangeError) throw error;
      this.#tell({ ok: false, reason: storeReason(error) });
      this.#disconnect();
      this.#retryLater();
      return null;
    }
  }

  #contentText(view: RecordView): ContentText {
    const { input, output } = view;
    if (input === null && output === null) return NO_CONTENT;
    return {
      input: input === null ? null : this.#inputText(view, bytesOf(view, input)),
      output: output === null ? null : this.#outputText(view, bytesOf(view, output)),
    };
  }

  #inputText(view: RecordView, bytes: Buffer): string {
    const isCut = view.has(FLAG.inputCut);
    return shown(view, inputText(bytes, isCut), isCut);
  }

  #outputText(view: RecordView, bytes: Buffer): string {
    const assembled =
      this.#assemble(view, bytes) ||
      // A whole answer that was cut off is no JSON any more.
      (view.has(FLAG.outputIsStream) ? "" : this.#assemble(view, Buffer.from(closeJson(bytes))));
    const text = shown(view, assembled, view.has(FLAG.outputCut));
    return text.length > RECORD_LIMITS.input ? text.slice(0, RECORD_LIMITS.input) : text;
  }

  #assemble(view: RecordView, bytes: Buffer): string {
    const dialect = view.has(FLAG.outputIsAnthropic) ? "anthropic" : "openai";
    try {
      return this.#options.assembleText(bytes, dialect, view.has(FLAG.outputIsStream));
    } catch {
      return "";
    }
  }

  /** While memory lasts rows wait with their content, then without, then not at all. */
  #keep(view: RecordView, dictionary: LogDictionary): void {
    const room = (this.#options.maxPendingBytes ?? DEFAULT_PENDING) - this.#pendingBytes;
    let buffer = view.copy();
    const hasContent = view.input !== null || view.output !== null;
    if (hasContent && buffer.byteLength + PENDING_OVERHEAD > room / 2) {
      buffer = view.copyBare();
      this.droppedContent++;
    }
    const bytes = buffer.byteLength + PENDING_OVERHEAD;
    if (bytes > room) {
      this.dropped++;
      return;
    }
    this.#pendingBytes += bytes;
    this.#pending.push({ buffer, dictionary });
  }

  #open(): OpenStore {
    const database = openForWriting(this.#options.path, LOG_MIGRATIONS);
    return {
      database,
      insert: new LogInsert(database),
      wholes: new WholeTable(database),
      upkeep: new LogUpkeep(database),
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

  /** Sums over time are made between the batches, a few ms at once. */
  #upkeepLater(wait = UPKEEP_AFTER): void {
    if (this.#isClosed) return;
    this.#upkeepTimer ??= setTimeout(() => {
      this.#upkeepTimer = null;
      // A failing store is tried again with its rows; what is left to do is still there then.
      if (!this.health.ok || this.#store === null) return;
      try {
        if (this.#store.upkeep.step()) this.#upkeepLater(UPKEEP_PAUSE);
      } catch (error) {
        this.#tell({ ok: false, reason: storeReason(error) });
        this.#disconnect();
        this.#retryLater();
      }
    }, wait).unref();
  }

  #retryLater(): void {
    this.#retry ??= setTimeout(() => {
      this.#retry = null;
      this.flush();
    }, this.#options.retryAfter ?? 1000).unref();
  }
}

const NO_CONTENT: ContentText = { input: null, output: null };

/** What may be stored of a text. Blotted before it is cut, so that no half of a secret stays. */
function shown(view: RecordView, text: string, isCut: boolean): string {
  return view.contentLevel === "redacted" ? redactText(text, isCut) : text;
}

function bytesOf({ bytes }: RecordView, { from, to }: ContentPlace): Buffer {
  return bytes.subarray(from, to);
}

/** All rows or none, and what they add up to with them. */
function insertBatch<T>(database: DatabaseSync, insert: LogInsert, add: (insert: LogInsert) => T): T {
  let isCommitted = false;
  try {
    const result = inTransaction(database, () => {
      insert.begin();
      const result = add(insert);
      insert.finish();
      return result;
    });
    isCommitted = true;
    return result;
  } finally {
    insert.done(isCommitted);
  }
}
