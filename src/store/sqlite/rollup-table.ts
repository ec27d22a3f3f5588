// Sums over time: of all requests, and of each value of a few dimensions, by minute, hour and day.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { SCALES, type Scale, type StoredBlock } from "./block-store.ts";
import type { LogBlock } from "./log-block.ts";
import { LogTally } from "./log-tally.ts";

/** ms; also how a length is written in the table. */
export const SCALE_MS: Readonly<Record<Scale, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
/** Of all requests together. */
export const ALL = "";
/** What has sums of its own, beside tags. */
const ROLLED = ["provider", "model", "virtual_key", "team", "customer", "user", "app"] as const;
/** Values of a dimension on one day: callers make them up. The others stand together. */
const MOST_VALUES = 10_000;
export const OTHER = "other";
/** Sums that one transaction changes: some milliseconds. */
const MOST_SUMS = 300;

/** What has sums by minute: of what has many values they would cost more than the rows. */
const BY_MINUTE: ReadonlySet<string> = new Set([ALL, "provider", "model", "virtual_key"]);

/** Whether a dimension has sums of a length. */
export function hasSums(dimension: string, scale: Scale): boolean {
  return scale !== "minute" || BY_MINUTE.has(dimension);
}

/** Whether a dimension has sums. */
export function isRolled(dimension: string): boolean {
  return dimension === ALL || (ROLLED as readonly string[]).includes(dimension) || /^tag:./.test(dimension);
}

/** What one value of a dimension sums up to in one minute, hour or day. */
interface Part {
  readonly dimension: string;
  readonly at: number;
  readonly value: string;
  readonly name: string;
  readonly tally: LogTally;
}

/** The table over one writing connection. Every call stands in a transaction of its caller's. */
export class RollupTable {
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #find: StatementSync;
  readonly #recost: StatementSync;
  readonly #rolled: Readonly<Record<Scale, StatementSync>>;
  readonly #values: StatementSync;
  /** The values that have sums of their own, by day and dimension. */
  readonly #known = new Map<string, Set<string>>();

  constructor(database: DatabaseSync) {
    this.#find = database.prepare(
      "SELECT latencies FROM log_rollups WHERE scale = ? AND dimension = ? AND at = ? AND value = ?",
    );
    this.#insert = database.prepare(
      `INSERT INTO log_rollups VALUES (${Array.from({ length: 19 }, () => "?").join(", ")})`,
    );
    this.#update = database.prepare(`
UPDATE log_rollups SET name = ?, requests = requests + ?, success = success + ?, error = error + ?, cancelled = cancelled + ?,
  prompt_tokens = prompt_tokens + ?, completion_tokens = completion_tokens + ?, cached_tokens = cached_tokens + ?,
  cost_nano = cost_nano + ?, unpriced = unpriced + ?, latency = latency + ?, overhead_us = overhead_us + ?,
  overhead_count = overhead_count + ?, retried = retried + ?, latencies = ?
WHERE scale = ? AND dimension = ? AND at = ? AND value = ?`);
    this.#recost = database.prepare(`
UPDATE log_rollups SET cost_nano = cost_nano + ?, unpriced = unpriced + ?
WHERE scale = ? AND dimension = ? AND at = ? AND value = ?`);
    const rolled = (scale: Scale): StatementSync =>
      database.prepare(`UPDATE log_blocks SET rolled_${scale} = ? WHERE id = ?`);
    this.#rolled = { minute: rolled("minute"), hour: rolled("hour"), day: rolled("day") };
    this.#values = database.prepare(
      `SELECT value FROM log_rollups WHERE scale = ${SCALE_MS.day} AND dimension = ? AND at = ?`,
    );
  }

  /** Adds the next rows of a block to its sums of one length; false: there are none left. */
  roll(stored: StoredBlock): boolean {
    const { block, id, rolled } = stored;
    const scale = SCALES.find((name) => rolled[name] < block.rows);
    if (scale === undefined) return false;
    const parts = new Map<string, Part>();
    let row = rolled[scale];
    for (; row < block.rows && parts.size < MOST_SUMS; row++) addParts(parts, block, row, scale);
    for (const part of parts.values()) this.#add(SCALE_MS[scale], part);
    this.#rolled[scale].run(row, id);
    rolled[scale] = row;
    return true;
  }

  /** A row that is in the sums costs another amount. */
  recost(block: LogBlock, row: number, scale: Scale, nano: number, unpriced: number): void {
    const length = SCALE_MS[scale];
    const at = Math.floor((block.time[row] as number) / length) * length;
    for (const [dimension, value] of valuesOf(block, row)) {
      if (!hasSums(dimension, scale)) continue;
      const change = (of: string): boolean => this.#recost.run(nano, unpriced, length, dimension, at, of).changes === 1;
      if (!change(value)) change(OTHER);
    }
  }

  #add(scale: number, { dimension, at, value, name, tally: t }: Part): void {
    const own = this.#isOwn(dimension, at, value) ? value : OTHER;
    const found = this.#find.get(scale, dimension, at, own);
    if (found !== undefined) t.addBuckets(found["latencies"] as Uint8Array);
    const sums = [t.requests, t.success, t.error, t.cancelled, t.promptTokens, t.completionTokens, t.cachedTokens];
    const more = [t.costNano, t.unpriced, t.latencyMs, t.overheadUs, t.overheadCount, t.retried, t.encodeBuckets()];
    const shown = own === value ? name : OTHER;
    if (found === undefined) this.#insert.run(scale, dimension, at, own, shown, ...sums, ...more);
    else this.#update.run(shown, ...sums, ...more, scale, dimension, at, own);
  }

  #isOwn(dimension: string, at: number, value: string): boolean {
    if (dimension === ALL) return true;
    const day = Math.floor(at / SCALE_MS.day) * SCALE_MS.day;
    const key = `${day}\n${dimension}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      if (this.#known.size > 64) this.#known.clear();
      known = new Set(this.#values.all(dimension, day).map((row) => row["value"] as string));
      this.#known.set(key, known);
    }
    if (known.has(value)) return true;
    if (known.size >= MOST_VALUES) return false;
    known.add(value);
    return true;
  }
}

function addParts(parts: Map<string, Part>, block: LogBlock, row: number, scale: Scale): void {
  const length = SCALE_MS[scale];
  const at = Math.floor((block.time[row] as number) / length) * length;
  for (const [dimension, value, name] of valuesOf(block, row)) {
    if (!hasSums(dimension, scale)) continue;
    const key = `${dimension}\n${at}\n${value}`;
    let part = parts.get(key);
    if (part === undefined) parts.set(key, (part = { dimension, at, value, name, tally: new LogTally() }));
    part.tally.addRow(block, row);
  }
}

/** The values of a row in all that has sums; of a model the name is the provider that served it. */
function* valuesOf(block: LogBlock, row: number): Generator<[dimension: string, value: string, name: string]> {
  yield [ALL, "", ""];
  for (const dimension of ROLLED) {
    const [value, name] = wordAt(block, dimension, row);
    yield [dimension, value, dimension === "model" ? wordAt(block, "provider", row)[0] : name];
  }
  for (const dimension of block.dimensions) {
    if (!dimension.startsWith("tag:")) continue;
    const [value] = wordAt(block, dimension, row);
    if (value !== "") yield [dimension, value, ""];
  }
}

function wordAt(block: LogBlock, dimension: string, row: number): [word: string, name: string] {
  const { words, names, index } = block.dimension(dimension);
  const word = index === null ? 0 : (index[row] as number);
  return [words[word] as string, names?.[word] ?? ""];
}
