// Opens the file of a configuration store: for writing where that is possible, for reading alone where the disk is full or read-only.
import { existsSync, rmSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { StoreUnavailableError } from "../../core/config-store.ts";
import { StoreRefusedError } from "../../core/stores.ts";
import { CONFIG_VERSION, migrateConfig } from "./config-migrate.ts";
import { type ConfigStatements, prepareStatements } from "./config-statements.ts";
import {
  APPLICATION_IDS,
  checkOwner,
  checkVersion,
  isBusy,
  isCorrupt,
  makePrivate,
  openReason,
  pragma,
  storeReason,
} from "./file.ts";
import { identityOf } from "./file-identity.ts";
import { createFile, isBarelyBegun } from "./new-file.ts";
import { addSearchFunction } from "./text-search.ts";

export interface ConfigFile {
  readonly database: DatabaseSync;
  readonly statements: ConfigStatements;
  /** Which file it is, wherever its name points to by now. */
  readonly identity: string;
  /** Empty when it can be written; else why not. */
  readonly readOnlyReason: string;
}

/** What a connection keeps of the file in memory, KB. `many`: while very much is written at once. */
export const CACHE = { usual: 8000, many: 32_000 } as const;
/** The thread is held for so long at most by one try for a lock. ms */
const BUSY_TIMEOUT = 10;
/** Who holds the file for longer is told of. ms */
const OPEN_WAIT = 3000;
/** A smaller file is checked whole when it is opened: some 20 ms. Bytes. */
const CHECKED_WHOLE = 8 * 1024 * 1024;

/** `mayCreate`: a missing file is made; else it is an error. Throws StoreRefusedError, or StoreUnavailableError while it is locked. */
export function openConfigFile(path: string, mayCreate: boolean): Promise<ConfigFile> {
  return waitingForLock(path, () => openOnce(path, mayCreate));
}

/** Tries again while another process holds the lock. What else goes wrong becomes a StoreRefusedError. */
export async function waitingForLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const end = performance.now() + OPEN_WAIT;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof StoreRefusedError || error instanceof StoreUnavailableError) throw error;
      const isWaiting = (isBusy(error) || error instanceof EmptyFileError) && performance.now() < end;
      if (!isWaiting && isBusy(error)) throw new StoreUnavailableError(storeReason(error));
      if (!isWaiting) throw new StoreRefusedError(path, openReason(path, error), error);
    }
    await sleep(5 + Math.random() * 20);
  }
}

/** Another process is making the file at this moment; or something has emptied it, and then it is not ours to begin anew. */
class EmptyFileError extends Error {
  constructor() {
    super("is empty, which a store never is; restore it from a backup, or remove the empty file to begin a new one");
  }
}

async function openOnce(path: string, mayCreate: boolean): Promise<ConfigFile> {
  const isNew = mayCreate && createFile(path, APPLICATION_IDS.configuration);
  if (!isNew && statSync(path, { throwIfNoEntry: false })?.size === 0) throw new EmptyFileError();
  try {
    return await openWritable(path);
  } catch (error) {
    // Of a file that could not be begun nothing stays.
    if (isNew && isBarelyBegun(statSync(path).size)) rmSync(path);
    if (error instanceof StoreRefusedError || isBusy(error) || isCorrupt(error)) throw error;
    const readable = openReadable(path);
    if (readable === null) throw error;
    return { ...readable, readOnlyReason: openReason(path, error) };
  }
}

async function openWritable(path: string): Promise<ConfigFile> {
  // A file that went away while it was in use must never be replaced by an empty one.
  const database = new DatabaseSync(fileUrl(path, "mode=rw"), { timeout: BUSY_TIMEOUT });
  try {
    makePrivate(path);
    checkOwner(database, path, APPLICATION_IDS.configuration);
    checkVersion(database, path, CONFIG_VERSION);
    // Acknowledged means on the disk; what is removed leaves nothing readable behind.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
    database.exec(`PRAGMA journal_size_limit = 16777216; PRAGMA cache_size = -${CACHE.usual}`);
    await migrateConfig(database, path);
    checkWhole(database, path);
    makePrivate(path);
    return configFile(database, path);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Null when nothing can be read either. */
function openReadable(path: string): Omit<ConfigFile, "readOnlyReason"> | null {
  if (!existsSync(path)) return null;
  return openWith(path, "mode=ro") ?? (hasLog(path) ? null : openWith(path, "immutable=1"));
}

/** Changes that are not in the file itself yet: without them it must not be read. */
function hasLog(path: string): boolean {
  return (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

function openWith(path: string, mode: string): ConfigFile | null {
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(fileUrl(path, mode), { readOnly: true, timeout: BUSY_TIMEOUT });
    checkOwner(database, path, APPLICATION_IDS.configuration);
    checkVersion(database, path, CONFIG_VERSION);
    checkWhole(database, path);
    if (pragma(database, "user_version") === CONFIG_VERSION) return configFile(database, path);
  } catch (error) {
    if (error instanceof StoreRefusedError) throw error;
  }
  database?.close();
  return null;
}

function configFile(database: DatabaseSync, path: string): ConfigFile {
  addSearchFunction(database);
  return { database, statements: prepareStatements(database), identity: identityOf(path), readOnlyReason: "" };
}

/** Damage behind the first pages would show only when they are read. */
function checkWhole(database: DatabaseSync, path: string): void {
  if (pragma(database, "page_count") * pragma(database, "page_size") > CHECKED_WHOLE) return;
  const found = damage(database);
  if (found !== null) {
    throw new StoreRefusedError(
      path,
      `is damaged (${found}); the file is left as it is: restore it from a backup, or move it away to begin a new one`,
    );
  }
}

/** What the database itself finds wrong with it; null = nothing. */
export function damage(database: DatabaseSync): string | null {
  const [first] = database.prepare("PRAGMA quick_check(1)").all() as { quick_check: string }[];
  if (first === undefined || first.quick_check === "ok") return null;
  return first.quick_check.replace("*** in database main ***", "").trim().replaceAll("\n", ", ");
}

function fileUrl(path: string, parameters: string): URL {
  const url = pathToFileURL(path);
  url.search = parameters;
  return url;
}
