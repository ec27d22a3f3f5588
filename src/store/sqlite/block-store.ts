// The blocks of the log in its file: written with the rows' transaction, and small ones merged as they gather.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { BlockBuilder, LogBlock } from "./log-block.ts";

/** Blocks of the last tier are large enough and merged no more. */
export const LAST_TIER = 9;
/** So many blocks of a tier become one of the next. */
const MERGED = 16;
/** A block of so many rows is large enough; it has no more than twice as many. */
const ENOUGH_ROWS = 2048;

/** Lengths of sums over time; the same in names of columns. */
export const SCALES = ["minute", "hour", "day"] as const;
export type Scale = (typeof SCALES)[number];

/** A block and where it stands. */
export interface StoredBlock {
  readonly id: number;
  readonly tier: number;
  readonly block: LogBlock;
  /** How many of its rows are in the sums of each length. */
  readonly rolled: Record<Scale, number>;
}

interface BlockRow {
  readonly id: number;
  readonly tier: number;
  readonly rows: number;
  readonly rolled_minute: number;
  readonly rolled_hour: number;
  readonly rolled_day: number;
  readonly words: string;
  readonly facts: Uint8Array;
}

/** What of a block is needed in order to read it. */
export const BLOCK_COLUMNS = "id, tier, rows, rolled_minute, rolled_hour, rolled_day, words, facts";

/** A block as the database gives it. */
export function storedBlock(row: unknown): StoredBlock {
  const { id, tier, rows, words, facts, ...rolled } = row as BlockRow;
  return {
    id,
    tier,
    block: new LogBlock(rows, words, facts),
    rolled: { minute: rolled.rolled_minute, hour: rolled.rolled_hour, day: rolled.rolled_day },
  };
}

/** The statements of blocks over one writing connection. Every call stands in a transaction of its caller's. */
export class BlockStore {
  readonly #insert: StatementSync;
  readonly #load: StatementSync;
  readonly #tier: StatementSync;
  readonly #delete: StatementSync;
  readonly #rewrite: StatementSync;
  readonly #holding: StatementSync;
  /** Blocks of each tier, about: another process may have written or merged some. */
  readonly #counts = new Map<number, number>();

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(`
INSERT INTO log_blocks (tier, rows, first_time, last_time, first_seq, last_seq, words, facts) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#load = database.prepare(`SELECT ${BLOCK_COLUMNS} FROM log_blocks WHERE id = ?`);
    this.#tier = database.prepare("SELECT id FROM log_blocks WHERE tier = ? AND tier < 9 ORDER BY id LIMIT ?");
    this.#delete = database.prepare("DELETE FROM log_blocks WHERE id = ?");
    this.#rewrite = database.prepare(`
UPDATE log_blocks SET rows = ?, first_time = ?, last_time = ?, first_seq = ?, last_seq = ?, words = ?, facts = ?,
  rolled_minute = ?, rolled_hour = ?, rolled_day = ?, tier = ? WHERE id = ?`);
    this.#holding = database.prepare(
      `SELECT ${BLOCK_COLUMNS} FROM log_blocks WHERE first_seq <= ?2 AND last_seq >= ?1`,
    );
    for (const { tier, count } of database
      .prepare("SELECT tier, count(*) AS count FROM log_blocks WHERE tier < 9 GROUP BY tier")
      .all())
      this.#counts.set(tier as number, count as number);
  }

  /** Adds a block of new rows, and merges what has become many. */
  add(builder: BlockBuilder): void {
    if (builder.rows === 0) return;
    this.#write(builder, builder.rows >= ENOUGH_ROWS ? LAST_TIER : 0);
    for (let tier = 0; tier < LAST_TIER - 1; tier++) if ((this.#counts.get(tier) ?? 0) >= MERGED) this.#merge(tier);
  }

  load(id: number): StoredBlock | null {
    const row = this.#load.get(id);
    return row === undefined ? null : storedBlock(row);
  }

  /** Blocks that may hold rows with these numbers, both inclusive. */
  holding(firstSeq: number, lastSeq: number): StoredBlock[] {
    return this.#holding.all(firstSeq, lastSeq).map(storedBlock);
  }

  /** Puts other rows into a block, or the same with other values; without rows it goes. */
  rewrite({ id, tier }: StoredBlock, builder: BlockBuilder, rolled: Record<Scale, number>): void {
    if (builder.rows === 0) {
      this.#delete.run(id);
      return;
    }
    const { words, facts } = builder.encode();
    const { minute, hour, day } = rolled;
    this.#rewrite.run(
      builder.rows,
      ...boundsOf(builder),
      words,
      facts,
      minute,
      hour,
      day,
      minute + hour + day > 0 ? LAST_TIER : tier,
      id,
    );
  }

  #write(builder: BlockBuilder, tier: number): void {
    const { words, facts } = builder.encode();
    this.#insert.run(tier, builder.rows, ...boundsOf(builder), words, facts);
    this.#counts.set(tier, (this.#counts.get(tier) ?? 0) + 1);
  }

  /** The oldest of a tier become one; as soon as they are enough rows the others wait. */
  #merge(tier: number): void {
    const ids = this.#tier.all(tier, MERGED).map(({ id }) => id as number);
    const builder = new BlockBuilder();
    let merged = 0;
    for (const id of ids) {
      if (builder.rows >= ENOUGH_ROWS) break;
      const stored = this.load(id);
      if (stored === null) continue;
      builder.addBlock(stored.block);
      this.#delete.run(id);
      merged++;
    }
    this.#counts.set(tier, Math.max(0, Math.min(this.#counts.get(tier) ?? 0, ids.length) - merged));
    if (builder.rows > 0) this.#write(builder, builder.rows >= ENOUGH_ROWS ? LAST_TIER : tier + 1);
  }
}

function boundsOf({ time, seq }: BlockBuilder): [number, number, number, number] {
  let [firstTime, lastTime] = [time[0] as number, time[0] as number];
  let [firstSeq, lastSeq] = [seq[0] as number, seq[0] as number];
  for (const value of time) {
    if (value < firstTime) firstTime = value;
    if (value > lastTime) lastTime = value;
  }
  for (const value of seq) {
    if (value < firstSeq) firstSeq = value;
    if (value > lastSeq) lastSeq = value;
  }
  return [firstTime, lastTime, firstSeq, lastSeq];
}
