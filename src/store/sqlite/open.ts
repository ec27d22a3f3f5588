// Opens a SQLite file of ours: private to its owner, in WAL mode, brought up to date, and never taken over when it is not ours to use.
import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreRefusedError } from "../../core/stores.ts";

/** One step of a file's schema: written once, never changed after a release. Its place in the list is its number. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** Marks files as ours, so that another program's database is not written to. "DRBG". */
const APPLICATION_ID = 0x44524247;

/** A wait beyond this is a store that is down. ms */
const BUSY_TIMEOUT = 250;

/** Opens for reading and writing, makes the file if there is none, and applies missing migrations. Throws StoreRefusedError. */
export function openForWriting(path: string, migrations: readonly Migration[]): DatabaseSync {
  return opening(path, () => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    makePrivate(path);
    const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT });
    return guarded(database, () => {
      checkOwner(database, path);
      checkVersion(database, path, migrations);
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 67108864;");
      database.exec("PRAGMA cache_size = -8000;");
      migrate(database, path, migrations);
      makePrivate(path);
    });
  });
}

/** Opens for reading; null while the file does not exist or has not been set up by its writer. Throws StoreRefusedError. */
export function openForReading(path: string, migrations: readonly Migration[]): DatabaseSync | null {
  if (!existsSync(path)) return null;
  const database = opening(path, () => {
    const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT });
    return guarded(database, () => {
      checkOwner(database, path);
      checkVersion(database, path, migrations);
    });
  });
  if (version(database) === migrations.length) return database;
  database.close();
  return null;
}

function opening(path: string, open: () => DatabaseSync): DatabaseSync {
  try {
    return open();
  } catch (error) {
    if (error instanceof StoreRefusedError) throw error;
    throw new StoreRefusedError(path, storeReason(error), error);
  }
}

function guarded(database: DatabaseSync, setUp: () => void): DatabaseSync {
  try {
    setUp();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The system's own word for what is wrong, with a remedy where there is one. */
export function storeReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const code = (error as { errcode?: unknown }).errcode;
  // Result codes of SQLite: the low byte is the primary one.
  const primary = typeof code === "number" ? code & 0xff : -1;
  if (primary === 26 || primary === 11) {
    return `${text}; the file is left as it is: restore it from a backup, or move it away to begin a new one`;
  }
  return text;
}

/** SQLite gives -wal and -shm the mode of the file, so the file must be private before they are made. */
function makePrivate(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
  for (const file of [path, `${path}-wal`, `${path}-shm`]) if (existsSync(file)) chmodSync(file, 0o600);
}

function pragma(database: DatabaseSync, name: string): number {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0] as number;
}

function version(database: DatabaseSync): number {
  return pragma(database, "user_version");
}

function checkOwner(database: DatabaseSync, path: string): void {
  if (pragma(database, "application_id") === APPLICATION_ID) return;
  const tables = database.prepare("SELECT count(*) AS count FROM sqlite_schema").get() as { count: number };
  if (tables.count === 0) return;
  throw new StoreRefusedError(path, "is a database of another program; name another file or move it away");
}

function checkVersion(database: DatabaseSync, path: string, migrations: readonly Migration[]): void {
  const found = version(database);
  if (found <= migrations.length) return;
  throw new StoreRefusedError(
    path,
    `was written by a newer version (store version ${found}, this program knows ${migrations.length}); ` +
      "start that version, or move the file away to begin a new one",
  );
}

function migrate(database: DatabaseSync, path: string, migrations: readonly Migration[]): void {
  if (version(database) === migrations.length) return;
  // Another process may be at it as well: who comes second waits here and finds the work done.
  database.exec("BEGIN IMMEDIATE");
  try {
    checkVersion(database, path, migrations);
    for (const migration of migrations.slice(version(database))) database.exec(migration.sql);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migrations.length}; COMMIT`);
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
