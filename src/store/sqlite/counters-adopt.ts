// Decides what a process left behind that is gone: its journal is brought into the counters, and what is not known is charged by estimate.

import { type Batch, Intake } from "../counters/intake.ts";
import { freeOf } from "../counters/lease.ts";
import type { DeadJournal } from "./counters-journal.ts";
import type { CounterPages } from "./counters-pages.ts";

export type Transact = <T>(work: (pages: CounterPages) => T) => Promise<T>;

/** The thread does other things after so long. ms */
const SLICE = 5;
/** Of one transaction. */
const REQUESTS = 200;
const COUNTERS = 250;

/**
 * Idempotent at every point: what was applied is remembered in the same transaction, and an uncertain charge is made once
 * for each request. The caller holds the journal, removes its file afterwards, and then calls `forgetNode`.
 */
export async function adopt(node: string, journal: DeadJournal | null, transact: Transact): Promise<void> {
  const known = await transact(({ statements }) => {
    statements.keepNode.run(node);
    const [, , applied, adopted, progress] = statements.node.get(node) as unknown as bigint[];
    return { applied: Number(applied), isAdopted: adopted === 1n, progress: Number(progress) };
  });
  if (known.isAdopted) return;
  // A dead journal does not change: so its sums are the same for whoever goes on, and are written counter by counter.
  const intake = new Intake(Number.POSITIVE_INFINITY);
  if (journal !== null) await replay(journal, known.applied, intake);
  const [batch] = intake.batches;
  if (batch !== undefined) await applySums(batch, { node, progress: known.progress, transact });
  await chargeOpen(intake, transact);
  await transact((pages) => closeNode(pages, node));
}

/** After the journal's file is gone. */
export function forgetNode(pages: CounterPages, node: string): void {
  pages.statements.deleteNode.run(node);
  pages.statements.forgetLoops.run(pages.now - 86_400_000);
}

/** Reads the journal in slices. */
export async function replay(journal: DeadJournal, applied: number, intake: Intake): Promise<void> {
  let since = performance.now();
  for (const row of journal.rows()) {
    intake.take(row, row.seq <= applied);
    if (performance.now() - since < SLICE) continue;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
  }
}

/** Brings a portion into the counters, and remembers that. */
export function applyBatch(pages: CounterPages, node: string, batch: Batch): void {
  for (const [loop, deltas] of batch.loops) pages.apply(loop, node, deltas);
  for (const [loop, message] of batch.taken) pages.statements.setTaken.run(message, pages.now, loop);
  pages.statements.setApplied.run(batch.upTo, node);
}

interface Applying {
  readonly node: string;
  /** So many sums are in the counters already. */
  readonly progress: number;
  readonly transact: Transact;
}

async function applySums(batch: Batch, { node, progress, transact }: Applying): Promise<void> {
  const sums = [...batch.loops].flatMap(([loop, deltas]) =>
    [...deltas].map(([handle, delta]) => ({ loop, handle, delta })),
  );
  for (let at = progress; at < sums.length; at += COUNTERS) {
    const some = sums.slice(at, at + COUNTERS);
    await transact((pages) => {
      for (const { loop, handle, delta } of some) pages.apply(loop, node, new Map([[handle, delta]]));
      pages.statements.setProgress.run(at + some.length, node);
    });
  }
  await transact((pages) => applyBatch(pages, node, { ...batch, loops: new Map() }));
}

/** What was reserved and never settled is charged at its estimate. */
async function chargeOpen({ ledgers }: Intake, transact: Transact): Promise<void> {
  for (const [loop, ledger] of ledgers) {
    const open = [...ledger.open()];
    for (let at = 0; at < open.length; at += REQUESTS)
      await transact((pages) => {
        for (const [request, levels] of open.slice(at, at + REQUESTS))
          for (const { handle, amount } of levels) pages.chargeUncertain(handle, loop, request, amount);
      });
  }
}

/** Of each lease what may have been reserved without the journal's knowledge is charged as well; the rest goes back. */
function closeNode(pages: CounterPages, node: string): void {
  const { statements } = pages;
  for (const [handle, loop] of statements.leaseHandlesOfNode.all(node) as unknown as [bigint, string][]) {
    const lease = pages.leases(Number(handle)).get(loop);
    if (lease === undefined || lease.node !== node) continue;
    pages.chargeUncertain(lease.handle, loop, 0, Math.min(freeOf(lease), lease.ahead));
    pages.dropLease(lease);
  }
  statements.setAdopted.run(node);
}
