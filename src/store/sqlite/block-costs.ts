// Gives rows of blocks, and the sums that they are in, the cost that they were found to have.
import type { DatabaseSync } from "node:sqlite";
import { BlockStore, SCALES, type StoredBlock } from "./block-store.ts";
import { BlockBuilder } from "./log-block.ts";
import { RollupTable } from "./rollup-table.ts";
import { FACT } from "./row-facts.ts";

/** What a row costs now. */
export interface NewCost {
  /** Nano-dollars; null = nothing of it has a price. */
  readonly nano: number | null;
  readonly isUnpriced: boolean;
}

/** Changes rows by their numbers, in the transaction under way. */
export function changeCosts(database: DatabaseSync, costs: ReadonlyMap<number, NewCost>): void {
  if (costs.size === 0) return;
  let [first, last] = [Infinity, -Infinity];
  for (const seq of costs.keys()) {
    first = Math.min(first, seq);
    last = Math.max(last, seq);
  }
  const blocks = new BlockStore(database);
  const rollups = new RollupTable(database);
  for (const stored of blocks.holding(first, last)) changeBlock(stored, costs, blocks, rollups);
}

function changeBlock(
  stored: StoredBlock,
  costs: ReadonlyMap<number, NewCost>,
  blocks: BlockStore,
  rollups: RollupTable,
): void {
  const { block, rolled } = stored;
  let isChanged = false;
  for (let row = 0; row < block.rows; row++) {
    const cost = costs.get(block.seq[row] as number);
    if (cost === undefined) continue;
    isChanged = true;
    const before = block.cost[row] as number;
    const flags = block.flags[row] as number;
    const nano = (cost.nano ?? 0) - (before > 0 ? before : 0);
    const unpriced = (cost.isUnpriced ? 1 : 0) - ((flags & FACT.unpriced) === 0 ? 0 : 1);
    for (const scale of SCALES) if (row < rolled[scale]) rollups.recost(block, row, scale, nano, unpriced);
    block.cost[row] = cost.nano ?? Number.NaN;
    block.flags[row] = cost.isUnpriced ? flags | FACT.unpriced : flags & ~FACT.unpriced;
  }
  if (!isChanged) return;
  const builder = new BlockBuilder();
  builder.addBlock(block);
  blocks.rewrite(stored, builder, rolled);
}
