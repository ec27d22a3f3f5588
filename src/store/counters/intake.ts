// Takes journal rows in order: keeps what is open, and adds up what the counters do not know yet, in portions of one transaction.
import { type LoopDeltas, mergeDeltas } from "./delta.ts";
import { Ledger } from "./ledger.ts";

/** What one transaction brings to the counters. */
export interface Batch {
  /** The number of the last journal row in it. */
  upTo: number;
  readonly loops: Map<string, LoopDeltas>;
  /** The last post of each loop. */
  readonly taken: Map<string, number>;
  /** Counters touched, as they are counted for each loop and row. */
  size: number;
}

/** So many counters take some milliseconds to write. */
const BATCH_SIZE = 250;

export interface IntakeRow {
  readonly seq: number;
  readonly loop: string;
  readonly message: number;
  readonly bytes: Uint8Array;
}

export class Intake {
  readonly ledgers = new Map<string, Ledger>();
  /** In order; the last one still grows. */
  readonly batches: Batch[] = [];
  readonly #batchSize: number;

  constructor(batchSize: number = BATCH_SIZE) {
    this.#batchSize = batchSize;
  }

  ledger(loop: string): Ledger {
    let ledger = this.ledgers.get(loop);
    if (ledger === undefined) this.ledgers.set(loop, (ledger = new Ledger()));
    return ledger;
  }

  /** `isKnown`: the counters have it already. */
  take(row: IntakeRow, isKnown: boolean): void {
    const ledger = this.ledger(row.loop);
    if (isKnown) return ledger.read(row.bytes, null);
    const batch = this.#open();
    const deltas = batch.loops.get(row.loop);
    if (deltas === undefined) {
      const fresh: LoopDeltas = new Map();
      ledger.read(row.bytes, fresh);
      batch.loops.set(row.loop, fresh);
      batch.size += fresh.size;
    } else {
      const before = deltas.size;
      ledger.read(row.bytes, deltas);
      batch.size += deltas.size - before;
    }
    batch.upTo = row.seq;
    if (row.message > 0) batch.taken.set(row.loop, row.message);
  }

  /** The portions are in the counters. */
  drop(count: number): void {
    this.batches.splice(0, count);
  }

  #open(): Batch {
    const last = this.batches.at(-1);
    if (last !== undefined && last.size < this.#batchSize) return last;
    const batch: Batch = { upTo: 0, loops: new Map(), taken: new Map(), size: 0 };
    this.batches.push(batch);
    return batch;
  }
}

/** One portion out of several. */
export function mergeBatches(batches: readonly Batch[]): Batch {
  const merged: Batch = { upTo: 0, loops: new Map(), taken: new Map(), size: 0 };
  for (const batch of batches) {
    merged.upTo = batch.upTo;
    for (const [loop, message] of batch.taken) merged.taken.set(loop, message);
    for (const [loop, deltas] of batch.loops) {
      const known = merged.loops.get(loop);
      if (known === undefined) merged.loops.set(loop, new Map());
      mergeDeltas(merged.loops.get(loop) as LoopDeltas, deltas);
    }
  }
  return merged;
}
