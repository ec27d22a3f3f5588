// Watches the other processes of a counters file: adopts the journals of dead ones, and takes back the leases of those that do not answer.
import { expire, freeOf } from "../counters/lease.ts";
import { adopt, forgetNode, type Transact } from "./counters-adopt.ts";
import { journalPath, journalsOf, lockDeadJournal, removeJournal } from "./counters-journal.ts";
import type { CounterPages } from "./counters-pages.ts";

export interface NeighbourOptions {
  readonly counters: string;
  readonly store: string;
  /** This process's own name. */
  readonly node: string;
  readonly leaseMs: number;
  readonly monotonic: () => number;
  readonly transact: Transact;
  readonly log: (level: "info" | "error", text: string, fields: Readonly<Record<string, string>>) => void;
}

/** A process is taken for stopped when its leases have ended by its own clock for certain. Of the length of a lease. */
const SILENCE = 1.2;

export class Neighbours {
  readonly #options: NeighbourOptions;
  readonly #heard = new Map<string, { beat: bigint; at: number }>();
  /** Journals that are not to be used, told of once. */
  readonly #left = new Set<string>();
  #looking: Promise<void> | null = null;

  constructor(options: NeighbourOptions) {
    this.#options = options;
  }

  /** One look at all of them; one at a time. Rejects when the store fails meanwhile: the next look goes on. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = null));
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { counters, node, transact } = this.#options;
    for (const journal of journalsOf(counters)) if (journal.node !== node) await this.#tryAdopting(journal);
    const nodes = await transact(
      (pages) => pages.statements.nodes.all() as unknown as [string, bigint, bigint, bigint][],
    );
    const present = new Set(journalsOf(counters).map((journal) => journal.node));
    for (const [id, beat, expired, adopted] of nodes) {
      if (id === node) continue;
      if (!present.has(id)) await this.#withoutJournal(id, adopted === 1n);
      else if (expired === 0n) await this.#listen(id, beat);
    }
  }

  async #tryAdopting({ path, node }: { readonly path: string; readonly node: string }): Promise<void> {
    if (this.#left.has(path)) return;
    const { log, store, transact } = this.#options;
    const journal = this.#lock(path);
    if (journal === null) return;
    try {
      if (journal.store !== null && journal.store !== store) {
        this.#leave(path, "it belongs to another store of counters");
        return;
      }
      await adopt(node, journal, transact);
      removeJournal(path);
    } finally {
      journal.close();
    }
    await transact((pages) => forgetNode(pages, node));
    this.#heard.delete(node);
    log("info", "the counters of a process that is gone were settled", { journal: path });
  }

  #lock(path: string): ReturnType<typeof lockDeadJournal> {
    try {
      return lockDeadJournal(path);
    } catch (error) {
      this.#leave(path, (error as Error).message);
      return null;
    }
  }

  /** It is left as it is, for people to look at. */
  #leave(path: string, reason: string): void {
    this.#left.add(path);
    this.#options.log("error", "a journal of counters cannot be used; it is left as it is", { journal: path, reason });
  }

  /** Somebody removed the journal, or was stopped between removing it and forgetting the process. */
  async #withoutJournal(node: string, isAdopted: boolean): Promise<void> {
    const { counters, transact } = this.#options;
    // It may have been made since the look.
    if (journalsOf(counters).some((journal) => journal.path === journalPath(counters, node))) return;
    if (!isAdopted) await adopt(node, null, transact);
    await transact((pages) => forgetNode(pages, node));
  }

  async #listen(node: string, beat: bigint): Promise<void> {
    const { leaseMs, monotonic, transact } = this.#options;
    const now = monotonic();
    const heard = this.#heard.get(node);
    if (heard === undefined || heard.beat !== beat) this.#heard.set(node, { beat, at: now });
    else if (now - heard.at >= leaseMs * SILENCE) await transact((pages) => expireLeases(pages, node, beat));
  }
}

/** What it has reserved stays held, with what it may have reserved unseen. */
function expireLeases(pages: CounterPages, node: string, beat: bigint): void {
  const [now] = (pages.statements.node.get(node) ?? []) as unknown as [bigint?];
  if (now !== beat) return;
  for (const [handle, loop] of pages.statements.leaseHandlesOfNode.all(node) as unknown as [bigint, string][]) {
    const lease = pages.leases(Number(handle)).get(loop);
    if (lease === undefined || freeOf(lease) === 0) continue;
    expire(lease, pages.newTerm());
    pages.markTold(lease);
  }
  pages.statements.expireNode.run(node);
}
