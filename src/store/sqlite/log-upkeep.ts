// What is made of rows between their batches: sums over time out of full blocks, and blocks of the rows of an older file.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { BlockStore } from "./block-store.ts";
import { inTransaction } from "./file.ts";
import { BlockBuilder } from "./log-block.ts";
import type { PackedRow, StoredRow } from "./log-columns.ts";
import { StoredWords } from "./log-words.ts";
import { RollupTable } from "./rollup-table.ts";
import { RowFacts } from "./row-facts.ts";
import { storedFacts } from "./view-facts.ts";
import { wholeRow } from "./whole-row.ts";

/** Older rows a step: each is unpacked. */
const OLDER = 200;

/** Steps of a few milliseconds over one writing connection. */
export class LogUpkeep {
  readonly #database: DatabaseSync;
  readonly #unrolled: StatementSync;
  readonly #older: StatementSync;
  readonly #olderRows: StatementSync;
  readonly #setOlder: StatementSync;
  readonly #blocks: BlockStore;
  readonly #rollups: RollupTable;
  readonly #words: StoredWords;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#blocks = new BlockStore(database);
    this.#rollups = new RollupTable(database);
    this.#words = new StoredWords(database);
    this.#unrolled = database.prepare(
      "SELECT id FROM log_blocks WHERE tier = 9 AND rolled_day < rows ORDER BY id LIMIT 1",
    );
    this.#older = database.prepare("SELECT seq FROM log_older WHERE seq > 0");
    this.#olderRows = database.prepare(
      `SELECT *, NULL AS input, NULL AS output FROM request_log WHERE seq <= ? ORDER BY seq DESC LIMIT ${OLDER}`,
    );
    this.#setOlder = database.prepare("UPDATE log_older SET seq = ?");
  }

  /** Does what is next; false: nothing is left to do. */
  step(): boolean {
    return this.#rollNext() || this.#takeOlder();
  }

  #rollNext(): boolean {
    const id = this.#unrolled.get()?.["id"] as number | undefined;
    if (id === undefined) return false;
    inTransaction(this.#database, () => {
      const stored = this.#blocks.load(id);
      if (stored !== null) this.#rollups.roll(stored);
    });
    return true;
  }

  /** The newest of the older rows first: they are asked for most. */
  #takeOlder(): boolean {
    if (this.#older.get() === undefined) return false;
    return inTransaction(this.#database, () => {
      const before = this.#older.get()?.["seq"] as number | undefined;
      if (before === undefined) return false;
      const rows = this.#olderRows.all(before) as unknown as PackedRow[];
      const builder = new BlockBuilder();
      const facts = new RowFacts();
      for (const row of rows) {
        const stored = this.#readable(row);
        if (stored === null) continue;
        storedFacts(stored, facts);
        builder.add(facts);
      }
      this.#blocks.add(builder);
      this.#setOlder.run(rows.length < OLDER ? 0 : (rows.at(-1) as PackedRow).seq - 1);
      return true;
    });
  }

  /** One row that cannot be read must not keep all others out. */
  #readable(row: PackedRow): StoredRow | null {
    try {
      return wholeRow(row, this.#words);
    } catch (error) {
      if (error instanceof RangeError || error instanceof SyntaxError) return null;
      throw error;
    }
  }
}
