// What every SQLite file of ours has in common: private to its owner, marked as ours, its version, and words for what is wrong with it.
import { accessSync, chmodSync, closeSync, constants, existsSync, openSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { StoreRefusedError } from "../../core/stores.ts";

/** Marks of SQLite's header that tell what a file of ours is for, as four letters. */
export const APPLICATION_IDS = {
  log: 0x44524247,
  configuration: 0x44524243,
  counters: 0x4452424e,
  journal: 0x4452424a,
} as const;

const CONTENTS: Readonly<Record<number, string>> = {
  [APPLICATION_IDS.log]: "the request log",
  [APPLICATION_IDS.configuration]: "a store of the configuration",
  [APPLICATION_IDS.counters]: "a store of counters",
  [APPLICATION_IDS.journal]: "a journal of counters",
};

/** Primary result codes of SQLite that are acted on. */
export const SQLITE = {
  busy: 5,
  locked: 6,
  full: 13,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  cannotOpen: 14,
  notADatabase: 26,
  constraint: 19,
} as const;

/** With less the files beside a database cannot be made. Bytes. */
const LEAST_FREE = 64 * 1024;

/** The primary result code behind an error of SQLite; null for any other error. */
export function resultCode(error: unknown): number | null {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === "number" ? code & 0xff : null;
}

/** Another process holds a lock: worth waiting for. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === SQLITE.busy || code === SQLITE.locked;
}

/** The content of the file is damaged, or never was a database. */
export function isCorrupt(error: unknown): boolean {
  const code = resultCode(error);
  return code === SQLITE.corrupt || code === SQLITE.notADatabase;
}

/** The system's own word for what is wrong, with a remedy where there is one; the path of the file is not among it. */
export function storeReason(error: unknown): string {
  if (error instanceof StoreRefusedError) return error.reason;
  const text = error instanceof Error ? error.message : String(error);
  if (!isCorrupt(error)) return text;
  return `${text}; the file is left as it is: restore it from a backup, or move it away to begin a new one`;
}

/** The same for a file that could not be opened, where SQLite's own words say nothing of the cause. */
export function openReason(path: string, error: unknown): string {
  if (isDirectory(path)) return "is a directory; name a file, in it or elsewhere";
  const code = resultCode(error);
  const cause = code === SQLITE.ioError || code === SQLITE.cannotOpen ? causeAt(dirname(path)) : null;
  return cause === null ? storeReason(error) : `${cause} (${storeReason(error)})`;
}

/** What keeps files from being written in a directory: a full disk, a read-only one, or who may write there. */
function causeAt(directory: string): string | null {
  try {
    accessSync(directory, constants.W_OK);
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize < LEAST_FREE ? "the disk is full" : null;
  } catch (error) {
    // the path stands beside it
    return error instanceof Error ? (error.message.split(", access ")[0] as string) : null;
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Runs what opens a file; whatever it throws becomes a StoreRefusedError. */
export function opening<T>(path: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (error instanceof StoreRefusedError) throw error;
    throw new StoreRefusedError(path, openReason(path, error), error);
  }
}

/** Sets a connection up; it is closed when that fails. */
export function guarded(database: DatabaseSync, setUp: () => void): DatabaseSync {
  try {
    setUp();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** SQLite gives -wal and -shm the mode of the file, so the file must be private before they are made. */
export function makePrivate(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
  for (const file of [path, `${path}-wal`, `${path}-shm`]) makeFilePrivate(file);
}

/** Touches nothing where nothing is to do, or where it cannot be done: a read-only place, a file system without modes. */
export function makeFilePrivate(file: string): void {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode;
  if (mode === undefined || (mode & 0o777) === 0o600) return;
  try {
    chmodSync(file, 0o600);
  } catch {
    // Who owns the file, or the file system, protects it.
  }
}

/** The number that a pragma tells. */
export function pragma(database: DatabaseSync, name: string): number {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0] as number;
}

/** Refuses a file that is another program's, or ours for something else. */
export function checkOwner(database: DatabaseSync, path: string, applicationId: number): void {
  const found = pragma(database, "application_id");
  if (found === applicationId) return;
  const tables = database.prepare("SELECT count(*) AS count FROM sqlite_schema").get() as { count: number };
  if (tables.count === 0) return;
  const whose = CONTENTS[found] ?? "a database of another program";
  throw new StoreRefusedError(path, `is ${whose}; name another file or move it away`);
}

/** Refuses a file whose schema is of a later release. */
export function checkVersion(database: DatabaseSync, path: string, known: number): void {
  const found = pragma(database, "user_version");
  if (found <= known) return;
  throw new StoreRefusedError(
    path,
    `was written by a newer version (store version ${found}, this program knows ${known}); ` +
      "start that version, or move the file away to begin a new one",
  );
}

/** Everything or nothing. The lock is taken at the start, so that who comes second waits here and finds the work done. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // A full disk may have ended the transaction already.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
