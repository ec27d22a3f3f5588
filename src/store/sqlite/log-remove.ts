// Takes rows out of the log: with their content, out of their blocks, and out of the running totals; sums by time stay.
import type { DatabaseSync } from "node:sqlite";
import { BlockStore, SCALES, type Scale } from "./block-store.ts";
import { inTransaction } from "./file.ts";
import { BlockBuilder, type LogBlock } from "./log-block.ts";
import { LogTally } from "./log-tally.ts";
import { RollupTable } from "./rollup-table.ts";

/** Rows a transaction. */
const SLICE = 500;

/** Removes rows by id, and says how many there were. */
export function removeRows(database: DatabaseSync, ids: readonly string[]): number {
  const find = database.prepare("SELECT seq FROM request_log WHERE id = ?");
  let removed = 0;
  for (let from = 0; from < ids.length; from += SLICE) {
    const slice = ids.slice(from, from + SLICE);
    removed += inTransaction(database, () => {
      const seqs = slice.map((id) => find.get(id)?.["seq"] as number | undefined).filter((seq) => seq !== undefined);
      removeSeqs(database, new Set(seqs));
      return new Set(seqs).size;
    });
  }
  return removed;
}

/** Removes rows by their numbers, in the transaction under way. */
export function removeSeqs(database: DatabaseSync, seqs: ReadonlySet<number>): void {
  if (seqs.size === 0) return;
  const gone = new LogTally();
  const blocks = new BlockStore(database);
  const rollups = new RollupTable(database);
  for (const stored of blocks.holding(leastOf(seqs), mostOf(seqs))) {
    const { block } = stored;
    const isGone = (row: number): boolean => seqs.has(block.seq[row] as number);
    const before = gone.requests;
    for (let row = 0; row < block.rows; row++) if (isGone(row)) gone.addRow(block, row);
    if (gone.requests === before) continue;
    // What it sums up to stays: it must be in the sums before it goes.
    while (rollups.roll(stored));
    const builder = new BlockBuilder();
    builder.addBlock(block, (row) => !isGone(row));
    blocks.rewrite(stored, builder, rolledLeft(stored.rolled, block, isGone));
  }
  deleteRows(database, seqs);
  database
    .prepare(
      `UPDATE log_totals SET requests = max(requests - ?, 0), succeeded = max(succeeded - ?, 0), latency = max(latency - ?, 0),
         prompt_tokens = max(prompt_tokens - ?, 0), completion_tokens = max(completion_tokens - ?, 0),
         total_tokens = max(total_tokens - ?, 0), cost_nano = max(cost_nano - CAST(? AS INTEGER), 0), unpriced = max(unpriced - ?, 0)`,
    )
    .run(
      gone.requests,
      gone.success,
      gone.latencyMs,
      gone.promptTokens,
      gone.completionTokens,
      gone.promptTokens + gone.completionTokens,
      Math.min(gone.costNano, Number.MAX_SAFE_INTEGER),
      gone.unpriced,
    );
}

function deleteRows(database: DatabaseSync, seqs: ReadonlySet<number>): void {
  for (const table of ["request_log", "log_content", "log_whole"]) {
    const statement = database.prepare(`DELETE FROM ${table} WHERE seq = ?`);
    for (const seq of seqs) statement.run(seq);
  }
}

/** Rows that are in sums already stand first in a block. */
function rolledLeft(
  rolled: Record<Scale, number>,
  block: LogBlock,
  isGone: (row: number) => boolean,
): Record<Scale, number> {
  const left = { ...rolled };
  for (const scale of SCALES)
    for (let row = 0; row < Math.min(rolled[scale], block.rows); row++) if (isGone(row)) left[scale]--;
  return left;
}

function leastOf(values: Iterable<number>): number {
  let least = Infinity;
  for (const value of values) if (value < least) least = value;
  return least;
}

function mostOf(values: Iterable<number>): number {
  let most = -Infinity;
  for (const value of values) if (value > most) most = value;
  return most;
}
