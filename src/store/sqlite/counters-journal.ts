// A process's journal: an SQLite file of its own beside the counters, held under an exclusive lock for as long as the process lives.
import { closeSync, openSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { APPLICATION_IDS, guarded, inTransaction, isBusy, pragma } from "./file.ts";

/** What a loop posted, as it stands in a journal. */
export interface JournalRow {
  /** Rises within the journal. */
  readonly seq: number;
  readonly loop: string;
  /** The loop's number of the post; 0 = written by the store itself. */
  readonly message: number;
  readonly bytes: Uint8Array;
}

const SCHEMA = `
CREATE TABLE journal (node TEXT NOT NULL, store TEXT NOT NULL) STRICT;
CREATE TABLE entries (seq INTEGER PRIMARY KEY, loop TEXT NOT NULL, message INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
`;

/**
 * Never open such a file by other means in the process that holds it: closing any descriptor of a file frees all locks
 * that the process has on it (POSIX).
 */
function openLocked(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 0 });
  return guarded(database, () => {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    database.exec("BEGIN EXCLUSIVE; COMMIT");
  });
}

export function journalPath(counters: string, node: string): string {
  return `${counters.replace(/\.db$/, "")}-journal-${node}.db`;
}

/** The journals beside a counters file: path and node. */
export function journalsOf(counters: string): { readonly path: string; readonly node: string }[] {
  const prefix = `${basename(counters).replace(/\.db$/, "")}-journal-`;
  const found: { path: string; node: string }[] = [];
  for (const name of readdirSync(dirname(counters))) {
    const [, node] = /^([0-9a-f-]+)\.db$/.exec(name.startsWith(prefix) ? name.slice(prefix.length) : "") ?? [];
    if (node !== undefined) found.push({ path: join(dirname(counters), name), node });
  }
  return found;
}

export function removeJournal(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) rmSync(file, { force: true });
}

/** Appended to in memory, made durable by `commit`: one write and one sync for all that waits. */
export class Journal {
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  #waiting: JournalRow[] = [];
  #lastSeq = 0;
  #rows = 0;
  #bytes = 0;

  private constructor(path: string, database: DatabaseSync) {
    this.path = path;
    this.#database = database;
    this.#insert = database.prepare("INSERT INTO entries VALUES (?, ?, ?, ?)");
  }

  /** Null when another process took the new file for a dead one: begin again under another name. */
  static create(path: string, node: string, store: string): Journal | null {
    closeSync(openSync(path, "wx", 0o600));
    const { ino } = statSync(path);
    try {
      const database = openLocked(path);
      database.exec(SCHEMA);
      database.prepare("INSERT INTO journal VALUES (?, ?)").run(node, store);
      database.exec(`PRAGMA application_id = ${APPLICATION_IDS.journal}; PRAGMA user_version = 1`);
      if (statSync(path, { throwIfNoEntry: false })?.ino === ino) return new Journal(path, database);
      database.close();
      return null;
    } catch (error) {
      if (isBusy(error)) return null;
      throw error;
    }
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Rows and bytes that a replay would read. */
  get size(): { readonly rows: number; readonly bytes: number } {
    return { rows: this.#rows, bytes: this.#bytes };
  }

  append(loop: string, message: number, bytes: Uint8Array): void {
    this.#waiting.push({ seq: ++this.#lastSeq, loop, message, bytes });
  }

  /** What is durable now and was not before. Throws while it cannot be written; what waits goes on waiting. */
  commit(): readonly JournalRow[] {
    const rows = this.#waiting;
    if (rows.length === 0) return rows;
    inTransaction(this.#database, () => {
      for (const { seq, loop, message, bytes } of rows) this.#insert.run(seq, loop, message, bytes);
    });
    this.#waiting = [];
    this.#rows += rows.length;
    for (const { bytes } of rows) this.#bytes += bytes.length;
    return rows;
  }

  /** Replaces everything by what is still open. Only when the counters know all that was committed. */
  compact(open: readonly { readonly loop: string; readonly bytes: Uint8Array }[]): void {
    if (this.#waiting.length > 0) throw new Error("what waits is committed first");
    let seq = this.#lastSeq;
    inTransaction(this.#database, () => {
      this.#database.exec("DELETE FROM entries");
      for (const { loop, bytes } of open) this.#insert.run(++seq, loop, 0, bytes);
    });
    this.#lastSeq = seq;
    this.#rows = open.length;
    this.#bytes = open.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  close(): void {
    this.#database.close();
  }
}

/** A journal whose process is gone, held by the one who decides about it. */
export interface DeadJournal {
  readonly path: string;
  /** Of the store that it belongs to; null = it was never set up. */
  readonly store: string | null;
  /** In order. */
  rows(): IterableIterator<JournalRow>;
  close(): void;
}

/** Null while its process lives, or when it is not there (any more). Throws when it cannot be read. */
export function lockDeadJournal(path: string): DeadJournal | null {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return null;
  let database: DatabaseSync;
  try {
    database = openLocked(path);
  } catch (error) {
    if (isBusy(error)) return null;
    throw error;
  }
  const store = guardedStore(database);
  return {
    path,
    store,
    rows: function* () {
      if (store === null) return;
      const all = database.prepare("SELECT seq, loop, message, bytes FROM entries ORDER BY seq");
      for (const row of all.iterate()) yield row as unknown as JournalRow;
    },
    close: () => database.close(),
  };
}

function guardedStore(database: DatabaseSync): string | null {
  let store: string | null = null;
  guarded(database, () => {
    if (pragma(database, "user_version") === 0) return;
    store = (database.prepare("SELECT store FROM journal").get() as { store: string } | undefined)?.store ?? null;
  });
  return store;
}
