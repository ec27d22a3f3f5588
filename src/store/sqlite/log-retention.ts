// Keeps the log within its age and its size: the oldest rows go first, a few at a time, and the file gives its room back.
import type { DatabaseSync } from "node:sqlite";
import { BlockStore, LAST_TIER, SCALES, type StoredBlock } from "./block-store.ts";
import { inTransaction, pragma } from "./file.ts";
import { LOG_MIGRATIONS } from "./log-migrations.ts";
import { removeSeqs } from "./log-remove.ts";
import { openForWriting } from "./open.ts";
import { KEPT_MS } from "./rollup-read.ts";
import { RollupTable, SCALE_MS } from "./rollup-table.ts";

const DAY_MS = 86_400_000;
/** Rows a step; pages given back a step; sums dropped a step. Each takes some milliseconds. */
const ROWS = 200;
const PAGES = 256;
const SUMS = 500;
/** ms between steps while there is work, and between looks. */
const PAUSE = 20;
const LOOK = 60_000;

/** How long rows are kept, and in how much room; 0 = without bound. */
export interface Retention {
  readonly days: number;
  readonly maxBytes: number;
}

export interface LogKeeperOptions {
  readonly path: string;
  /** Asked before each step: a change holds at once. */
  readonly retention: () => Retention;
  readonly now?: () => number;
  /** Told once for each trouble; it is tried again later. */
  readonly onError?: (error: unknown) => void;
}

/** Looks after a log file from the thread that writes it, until it is closed. */
export class LogKeeper {
  readonly #options: LogKeeperOptions;
  #database: DatabaseSync | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isTold = false;

  constructor(options: LogKeeperOptions) {
    this.#options = options;
    this.#later(PAUSE);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#database?.close();
    this.#database = null;
  }

  #later(wait: number): void {
    this.#timer = setTimeout(() => this.#look(), wait).unref();
  }

  #look(): void {
    const { path, retention, now = Date.now, onError } = this.#options;
    let wait = LOOK;
    try {
      this.#database ??= openForWriting(path, LOG_MIGRATIONS);
      if (keepStep(this.#database, retention(), now())) wait = PAUSE;
      this.#isTold = false;
    } catch (error) {
      this.#database?.close();
      this.#database = null;
      if (!this.#isTold) onError?.(error);
      this.#isTold = true;
    }
    this.#later(wait);
  }
}

/** One step of a few milliseconds; false: nothing is left to do. */
export function keepStep(database: DatabaseSync, retention: Retention, now: number): boolean {
  return dropRows(database, retention, now) || dropSums(database, now) || giveBack(database);
}

function dropRows(database: DatabaseSync, { days, maxBytes }: Retention, now: number): boolean {
  const isFull = maxBytes > 0 && usedBytes(database) > maxBytes;
  const before = isFull ? Infinity : days > 0 ? now - days * DAY_MS : -Infinity;
  const oldest = database.prepare("SELECT id, first_time AS first FROM log_blocks ORDER BY first_time LIMIT 1").get();
  if (oldest === undefined) return dropOlder(database, before);
  if ((oldest["first"] as number) >= before) return dropOlder(database, before);
  return inTransaction(database, () => {
    const stored = new BlockStore(database).load(oldest["id"] as number);
    if (stored === null) return true;
    // Its sums are made first, one step each.
    if (SCALES.some((scale) => stored.rolled[scale] < stored.block.rows)) return rollOldest(database, stored);
    removeSeqs(database, oldestRows(stored, before));
    return true;
  });
}

/** It is merged no more, for part of it is in the sums. */
function rollOldest(database: DatabaseSync, stored: StoredBlock): boolean {
  database.prepare(`UPDATE log_blocks SET tier = ${LAST_TIER} WHERE id = ?`).run(stored.id);
  new RollupTable(database).roll(stored);
  return true;
}

function oldestRows({ block }: StoredBlock, before: number): Set<number> {
  const rows = Array.from(block.time, (time, row) => ({ time, row })).filter(({ time }) => time < before);
  rows.sort((a, b) => a.time - b.time);
  return new Set(rows.slice(0, ROWS).map(({ row }) => block.seq[row] as number));
}

/** Rows of an older file that have no block yet: by age alone, and without sums. */
function dropOlder(database: DatabaseSync, before: number): boolean {
  if (!Number.isFinite(before)) return false;
  const older = database.prepare("SELECT seq FROM log_older WHERE seq > 0").get();
  if (older === undefined) return false;
  const rows = database
    .prepare("SELECT seq FROM request_log WHERE timestamp < ? AND seq <= ? ORDER BY timestamp LIMIT ?")
    .all(before, older["seq"] as number, ROWS);
  if (rows.length === 0) return false;
  inTransaction(database, () => removeSeqs(database, new Set(rows.map(({ seq }) => seq as number))));
  return true;
}

/** Sums by minute and by hour that are older than they are kept. */
function dropSums(database: DatabaseSync, now: number): boolean {
  const next = database.prepare("SELECT min(dimension) AS next FROM log_rollups WHERE scale = ? AND dimension > ?");
  const first = database.prepare("SELECT min(dimension) AS next FROM log_rollups WHERE scale = ?");
  const drop = database.prepare(`
DELETE FROM log_rollups WHERE (scale, dimension, at, value) IN
  (SELECT scale, dimension, at, value FROM log_rollups WHERE scale = ? AND dimension = ? AND at < ? LIMIT ${SUMS})`);
  for (const scale of ["minute", "hour"] as const) {
    const length = SCALE_MS[scale];
    let dimension = first.get(length)?.["next"] as string | null;
    while (dimension !== null) {
      const { changes } = drop.run(length, dimension, now - KEPT_MS[scale] - length);
      if (changes > 0) return true;
      dimension = next.get(length, dimension)?.["next"] as string | null;
    }
  }
  return false;
}

/** What is free at the file's end goes back to the system; a file from before is only used again. */
function giveBack(database: DatabaseSync): boolean {
  const free = pragma(database, "freelist_count");
  if (pragma(database, "auto_vacuum") !== 2 || free < PAGES) return false;
  database.prepare(`PRAGMA incremental_vacuum(${PAGES})`).all();
  return pragma(database, "freelist_count") < free;
}

/** What is in use, not how long the file is: free pages are written first. */
function usedBytes(database: DatabaseSync): number {
  return (pragma(database, "page_count") - pragma(database, "freelist_count")) * pragma(database, "page_size");
}
