// Opens the file of the request log: in WAL mode, brought up to date, and never taken over when it is not ours to use.
import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  APPLICATION_IDS,
  checkOwner,
  checkVersion,
  guarded,
  inTransaction,
  makePrivate,
  opening,
  pragma,
} from "./file.ts";

/** One step of a file's schema: written once, never changed after a release. Its place in the list is its number. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** A wait beyond this is a store that is down. ms */
const BUSY_TIMEOUT = 250;

/** Opens for reading and writing, makes the file if there is none, and applies missing migrations. Throws StoreRefusedError. */
export function openForWriting(path: string, migrations: readonly Migration[]): DatabaseSync {
  return opening(path, () => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    makePrivate(path);
    const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT });
    return guarded(database, () => {
      checkOwner(database, path, APPLICATION_IDS.log);
      checkVersion(database, path, migrations.length);
      // Of a file that has tables already it changes nothing.
      if (pragma(database, "user_version") === 0) database.exec("PRAGMA auto_vacuum = INCREMENTAL");
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
      checkOwner(database, path, APPLICATION_IDS.log);
      checkVersion(database, path, migrations.length);
    });
  });
  if (pragma(database, "user_version") === migrations.length) return database;
  database.close();
  return null;
}

function migrate(database: DatabaseSync, path: string, migrations: readonly Migration[]): void {
  if (pragma(database, "user_version") === migrations.length) return;
  inTransaction(database, () => {
    checkVersion(database, path, migrations.length);
    for (const migration of migrations.slice(pragma(database, "user_version"))) database.exec(migration.sql);
    database.exec(`PRAGMA application_id = ${APPLICATION_IDS.log}; PRAGMA user_version = ${migrations.length}`);
  });
}
