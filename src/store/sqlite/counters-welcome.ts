// Takes a loop in: a new one, or one whose control plane was started again and has left its journal behind.
import { setTimeout as sleep } from "node:timers/promises";
import { ENTRY, type EntryLevel, EntryWriter } from "../../core/counter-entries.ts";
import { CountersUnavailableError } from "../../core/counters.ts";
import type { Transact } from "./counters-adopt.ts";
import type { CounterPages } from "./counters-pages.ts";

export interface Welcoming {
  readonly node: string;
  readonly transact: Transact;
  readonly adoptDead: () => Promise<void>;
  /** Resolves when they are durable. */
  readonly journal: (entries: Uint8Array) => Promise<void>;
  readonly waitMs: number;
}

export interface Welcomed {
  readonly taken: number;
  /** Of its leases something was charged: it is taken back once the loop has told what it truly did. */
  readonly hasUncertainLeases: boolean;
}

type UncertainRow = readonly [handle: bigint, request: bigint, amount: bigint];

export async function welcome(loop: string, welcoming: Welcoming): Promise<Welcomed> {
  await former(loop, welcoming);
  const { node, transact } = welcoming;
  const uncertain = await transact(
    ({ statements }) => statements.uncertainOfLoop.all(loop) as unknown as UncertainRow[],
  );
  if (uncertain.length > 0) await resume(loop, uncertain, welcoming);
  return transact((pages) => {
    const { statements } = pages;
    const [, taken] = (statements.loop.get(loop) ?? [node, 0n]) as unknown as [string, bigint];
    statements.saveLoop.run(loop, node, taken, pages.now);
    endLeases(pages, loop);
    return { taken: Number(taken), hasUncertainLeases: statements.leasesUncertainOfLoop.get(loop) !== undefined };
  });
}

/** Waits until the journal that the loop's posts went into before has been settled, by whomever. */
async function former(loop: string, { node, transact, adoptDead, waitMs }: Welcoming): Promise<void> {
  const end = performance.now() + waitMs;
  for (;;) {
    const isOpen = await transact(({ statements }) => {
      const [before] = (statements.loop.get(loop) ?? []) as unknown as [string?];
      if (before === undefined || before === node) return false;
      const [, , , adopted] = (statements.node.get(before) ?? [0n, 0n, 0n, 1n]) as unknown as bigint[];
      return adopted === 0n;
    });
    if (!isOpen) return;
    if (performance.now() > end) throw new CountersUnavailableError("the loop's former journal is still in use");
    await adoptDead();
    await sleep(20);
  }
}

/** The loop lives: what was charged by estimate for its requests is a reservation again. In the journal first: so it is never lost. */
async function resume(
  loop: string,
  rows: readonly UncertainRow[],
  { node, journal, transact }: Welcoming,
): Promise<void> {
  const requests = new Map<bigint, EntryLevel[]>();
  for (const [handle, request, amount] of rows) {
    const levels = requests.get(request) ?? [];
    levels.push({ handle: Number(handle), term: 0, amount: Number(amount) });
    requests.set(request, levels);
  }
  const writer = new EntryWriter();
  for (const [request, levels] of requests) writer.add(ENTRY.reservedInStore, Number(request), levels);
  await journal(writer.take());
  await transact((pages) => {
    for (const [handle, request, amount] of rows) {
      pages.takeUncertain(Number(handle), loop, Number(request), Number(amount));
      const state = pages.counter(Number(handle));
      if (state === null) continue;
      const lease = pages.lease(state, loop, node);
      lease.held += Number(amount);
      lease.reserved += Number(amount);
    }
  });
}

function endLeases(pages: CounterPages, loop: string): void {
  for (const [handle] of pages.statements.leaseHandlesOfLoop.all(loop) as unknown as [bigint][]) {
    const lease = pages.leases(Number(handle)).get(loop);
    if (lease !== undefined && lease.held > lease.reserved) pages.end(lease);
  }
}
