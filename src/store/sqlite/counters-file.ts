// Opens the counters file beside a configuration store: private, marked as ours, never on a network file system, never an emptied one.
import { randomUUID } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, rmSync, statSync } from "node:fs";
import { dirname, join, parse } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreRefusedError } from "../../core/stores.ts";
import { networkFileSystem } from "./counters-network.ts";
import { COUNTERS_FROM_1, COUNTERS_SCHEMA, COUNTERS_VERSION } from "./counters-schema.ts";
import { type CounterStatements, prepareCounterStatements } from "./counters-statements.ts";
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
import { identityOf } from "./file-identity.ts";

export interface CountersFile {
  readonly database: DatabaseSync;
  readonly statements: CounterStatements;
  /** Tells this store from every other; journals carry it. */
  readonly store: string;
  /** Which file it is, wherever its name points to by now. */
  readonly identity: string;
}

/** The thread is held for so long at most by one try for a lock. ms */
const BUSY_TIMEOUT = 5;
/** While it is opened nothing else waits for the thread. ms */
const OPEN_TIMEOUT = 1000;

/** Where the counters of a configuration store lie: processes that share the one share the other. */
export function countersPath(configStore: string): string {
  const { dir, name } = parse(configStore);
  return join(dir, `${name}-counters.db`);
}

/** Makes the file if there is none. Throws StoreRefusedError. */
export function openCountersFile(path: string, mayCreate: boolean): CountersFile {
  return opening(path, () => {
    checkCountersPlace(path);
    const isNew = mayCreate && createFile(path);
    if (!isNew && statSync(path).size === 0) throw new EmptyStoreError(path);
    try {
      return openDatabase(path);
    } catch (error) {
      // Of a file that could not be begun nothing stays.
      if (isNew && statSync(path, { throwIfNoEntry: false })?.size === 0) rmSync(path);
      throw error;
    }
  });
}

/** Another process is making the file at this moment; or something has emptied it, and then it is not ours to begin anew. */
export class EmptyStoreError extends StoreRefusedError {
  constructor(path: string) {
    super(
      path,
      "is empty, which a store never is; restore it from a backup, or remove the empty file to begin a new one",
    );
  }
}

/** Throws StoreRefusedError for a place where no counters can be kept. */
export function checkCountersPlace(path: string): void {
  const found = networkFileSystem(path);
  if (found === null) return;
  throw new StoreRefusedError(
    path,
    `lies on a network file system (${found}), where several processes cannot keep counters safely; put the store on a local disk`,
  );
}

/** Whether there was none. Private before anything is in it. */
function createFile(path: string): boolean {
  if (existsSync(path)) return false;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(path, "wx", 0o600));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function openDatabase(path: string): CountersFile {
  makePrivate(path);
  const database = new DatabaseSync(path, { timeout: OPEN_TIMEOUT });
  guarded(database, () => {
    checkOwner(database, path, APPLICATION_IDS.counters);
    checkVersion(database, path, COUNTERS_VERSION);
    // A lease is durable before it is spent, whatever happens to the machine. Sums alone need not wait (counters-engine.ts).
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216");
    makeTables(database, path);
    makePrivate(path);
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
  });
  return {
    database,
    statements: prepareCounterStatements(database),
    store: storeOf(database),
    identity: identityOf(path),
  };
}

function makeTables(database: DatabaseSync, path: string): void {
  if (pragma(database, "user_version") === COUNTERS_VERSION) return;
  inTransaction(database, () => {
    checkVersion(database, path, COUNTERS_VERSION);
    // Another process may have made them meanwhile.
    if (pragma(database, "user_version") === COUNTERS_VERSION) return;
    if (pragma(database, "user_version") === 1) database.exec(COUNTERS_FROM_1);
    else {
      database.exec(COUNTERS_SCHEMA);
      database.prepare("INSERT INTO store_state VALUES (1, ?, 1, 0)").run(randomUUID());
    }
    database.exec(`PRAGMA application_id = ${APPLICATION_IDS.counters}; PRAGMA user_version = ${COUNTERS_VERSION}`);
  });
}

function storeOf(database: DatabaseSync): string {
  return (database.prepare("SELECT store FROM store_state").get() as { store: string }).store;
}
