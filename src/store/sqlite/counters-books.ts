// What the loops of this process have posted: into the journal, from there into the counters, and what is still open kept in mind.
import { ENTRY, EntryWriter } from "../../core/counter-entries.ts";
import { type Batch, Intake, mergeBatches } from "../counters/intake.ts";
import type { Ledger } from "../counters/ledger.ts";
import { applyBatch } from "./counters-adopt.ts";
import type { Journal } from "./counters-journal.ts";
import type { CounterPages } from "./counters-pages.ts";

/** A journal of this size is replaced by what is open: a replay reads little more. */
const COMPACT_ROWS = 4096;
const COMPACT_BYTES = 4 * 1024 * 1024;
/** Entries of one row of what is open. Bytes. */
const ROW_BYTES = 64 * 1024;

export class Books {
  readonly #journal: Journal;
  readonly #node: string;
  readonly #intake = new Intake();
  #waiting: (() => void)[] = [];
  /** The last post of each loop that was taken, durable or not. */
  readonly #taken = new Map<string, number>();
  /** Monotonic ms since which there has been something that the counters do not know; null = there is nothing. */
  #behindSince: number | null = null;

  constructor(journal: Journal, node: string) {
    this.#journal = journal;
    this.#node = node;
  }

  ledger(loop: string): Ledger {
    return this.#intake.ledger(loop);
  }

  get hasWaiting(): boolean {
    return this.#journal.hasWaiting;
  }

  /** There is something that the counters do not know yet. */
  get isBehind(): boolean {
    return this.#journal.hasWaiting || this.#intake.batches.length > 0;
  }

  /** The age of what the counters do not know. ms */
  get lag(): number {
    return this.#behindSince === null ? 0 : performance.now() - this.#behindSince;
  }

  get hasOpen(): boolean {
    return [...this.#intake.ledgers.values()].some(({ size }) => size > 0);
  }

  taken(loop: string): number {
    return this.#taken.get(loop) ?? 0;
  }

  setTaken(loop: string, message: number): void {
    this.#taken.set(loop, Math.max(this.taken(loop), message));
  }

  /** Resolves when it is durable. `message` 0 = not a post of the loop's. */
  append(loop: string, message: number, bytes: Uint8Array): Promise<void> {
    if (message > 0) this.setTaken(loop, message);
    this.#behindSince ??= performance.now();
    this.#journal.append(loop, message, bytes);
    return this.durable();
  }

  /** Resolves when everything that was appended is durable. */
  durable(): Promise<void> {
    if (!this.#journal.hasWaiting) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** One group commit. Throws while the journal cannot be written. */
  commit(): void {
    for (const row of this.#journal.commit()) this.#intake.take(row, false);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Brings portions into the counters. What it returns is done after the commit. */
  apply(pages: CounterPages, most: number): () => void {
    const { batches } = this.#intake;
    const count = Math.min(most, batches.length);
    if (count === 0) return () => {};
    applyBatch(pages, this.#node, count === 1 ? (batches[0] as Batch) : mergeBatches(batches.slice(0, count)));
    return () => {
      this.#intake.drop(count);
      this.#behindSince = this.isBehind ? performance.now() : null;
    };
  }

  /** Makes a large journal small, when the counters know all of it, lastingly. Throws when it cannot be written. */
  compact(makeLasting: () => void): void {
    const { rows, bytes } = this.#journal.size;
    if ((rows < COMPACT_ROWS && bytes < COMPACT_BYTES) || this.isBehind) return;
    makeLasting();
    this.#journal.compact([...this.#open()]);
  }

  *#open(): Generator<{ readonly loop: string; readonly bytes: Uint8Array }> {
    const writer = new EntryWriter();
    for (const [loop, ledger] of this.#intake.ledgers) {
      for (const [request, levels] of ledger.open()) {
        writer.add(ENTRY.reservedInStore, request, levels);
        if (writer.size >= ROW_BYTES) yield { loop, bytes: writer.take() };
      }
      if (writer.size > 0) yield { loop, bytes: writer.take() };
    }
  }
}
