// What people and the configuration do to counters, and the housekeeping of leases: each within one transaction.
import {
  type CounterDeclaration,
  type CounterPosting,
  type CounterReading,
  CounterRefusedError,
  type LeaseNotice,
  type OwnerCounters,
} from "../../core/counters.ts";
import {
  addUncertain,
  addUsed,
  type CounterState,
  HIGHEST,
  openNext,
  readingOf,
  rearm,
  redeclare,
  uncertainOf,
} from "../counters/counter-state.ts";
import { expire } from "../counters/lease.ts";
import type { CounterPages } from "./counters-pages.ts";
import type { CounterRow } from "./counters-rows.ts";
import { readCounter } from "./counters-rows.ts";
import type { CounterStatements } from "./counters-statements.ts";

/** Counters of one transaction. */
export const PAGE = 200;

/** Returns those whose leases may be too much now. */
export function declare(pages: CounterPages, counters: readonly CounterDeclaration[]): string[] {
  const lowered: string[] = [];
  for (const declared of counters) {
    if (declared.limit < 0n || declared.limit > HIGHEST)
      throw new CounterRefusedError("out-of-range", `the limit of ${declared.id} is out of range`);
    const state = pages.byId(declared.id);
    if (state === null) pages.add(declared);
    else if (changed(pages, state, declared)) lowered.push(declared.id);
  }
  return lowered;
}

/** Whether its leases may be too much now. A start tells a hundred thousand that are as they were: those cost no write. */
function changed(pages: CounterPages, state: CounterState, declared: CounterDeclaration): boolean {
  const before = wordsOf(state);
  const { window } = state;
  const isLess = redeclare(state, declared, pages.now);
  if (wordsOf(state) === before) return isLess;
  pages.touch(state);
  if (state.window !== window) pages.dropUncertain(state);
  return isLess;
}

/** What became of the counters of changed owners. */
export interface OwnerChanges {
  /** Their leases may be too much now. */
  readonly lowered: string[];
  /** Owned no more: to be removed when nobody holds a lease of them. */
  readonly gone: { readonly id: string; readonly owner: string }[];
}

/** `told`: the counters of all owners that are changed together: a limit may go from one owner to another. */
export function changeOwners(
  pages: CounterPages,
  owners: readonly OwnerCounters[],
  told: ReadonlySet<string>,
): OwnerChanges {
  const changes: OwnerChanges = { lowered: [], gone: [] };
  for (const { counters, isClosed } of owners)
    for (const declared of counters) {
      const state = pages.byId(declared.id);
      if (state !== null && (changed(pages, state, declared) || isClosed)) changes.lowered.push(declared.id);
    }
  for (const { owner } of owners)
    for (const id of idsOf(pages, owner)) if (!told.has(id)) changes.gone.push({ id, owner });
  return changes;
}

function idsOf(pages: CounterPages, owner: string): string[] {
  return (pages.statements.idsOfOwner.all(owner) as unknown as [string][]).map(([id]) => id);
}

/** Unless somebody else owns them meanwhile. */
export function removeOwned(pages: CounterPages, gone: OwnerChanges["gone"]): void {
  for (const { id, owner } of gone) {
    const state = pages.byId(id);
    if (state !== null && state.owner === owner) pages.remove(state.handle);
  }
}

function wordsOf({ kind, limit, hard, spec, override, owner, told }: CounterState): string {
  const raised = override === null ? "" : `${override.amount} ${override.cycles} ${override.anchorReset}`;
  return `${kind} ${limit} ${hard} ${JSON.stringify(spec)} ${raised} ${told} ${owner}`;
}

export function remove(pages: CounterPages, ids: readonly string[]): void {
  for (const id of ids) {
    const state = pages.byId(id);
    if (state !== null) pages.remove(state.handle);
  }
}

/** Every lease of these counters is called back. Returns the counters that have any. */
export function callBack(pages: CounterPages, ids: readonly string[]): readonly number[] {
  const open: number[] = [];
  for (const id of ids) {
    const state = pages.byId(id);
    if (state === null) continue;
    for (const lease of pages.leases(state.handle).values()) {
      if (lease.held === lease.reserved) {
        // Nothing of it can be spent, but its holder must not reckon with what comes back to it.
        pages.end(lease);
        continue;
      }
      lease.isRecalled = true;
      pages.markTold(lease);
      if (open.at(-1) !== state.handle) open.push(state.handle);
    }
  }
  return open;
}

/** Those of which a lease that was called back is still held. `isLate`: it is taken for over. */
export function stillCalledBack(pages: CounterPages, handles: readonly number[], isLate: boolean): readonly number[] {
  return handles.filter((handle) => {
    const held = [...pages.leases(handle).values()].filter(({ isRecalled }) => isRecalled);
    if (!isLate) return held.length > 0;
    for (const lease of held) {
      expire(lease, pages.newTerm());
      pages.markTold(lease);
    }
    return false;
  });
}

export function reset(pages: CounterPages, id: string): void {
  const state = needed(pages, id);
  openNext(state, pages.now);
  pages.touch(state);
  pages.dropUncertain(state);
  for (const lease of pages.leases(state.handle).values()) {
    lease.window = state.window;
    pages.end(lease);
  }
}

/** Whether it was made now. */
export function post(pages: CounterPages, { counter, key, type, amount, note }: CounterPosting): boolean {
  const state = needed(pages, counter);
  const known = pages.statements.posting.get(state.handle, key) as unknown as [string, bigint] | undefined;
  if (known !== undefined) {
    if (known[0] === type && known[1] === amount) return false;
    throw new CounterRefusedError("key-used", `the key ${key} was used for another posting; take a new one`);
  }
  checkPosting(state, type, amount);
  if (type === "credit") {
    state.credited += amount;
    rearm(state);
  } else addUsed(state, amount);
  pages.touch(state);
  pages.statements.addPosting.run(state.handle, key, type, amount, note, pages.now);
  return true;
}

function checkPosting(state: CounterState, type: CounterPosting["type"], amount: bigint): void {
  if (type === "credit" && state.spec.type !== "never")
    throw new CounterRefusedError(
      "not-prepaid",
      `${state.id} is reset by itself; only a prepaid budget takes a credit`,
    );
  const sum = state.credited + amount;
  const isWrong = type === "credit" ? amount <= 0n || sum > HIGHEST : amount > HIGHEST || amount < -HIGHEST;
  if (isWrong) throw new CounterRefusedError("out-of-range", "the amount is out of range");
}

export function countUnpriced(
  pages: CounterPages,
  counts: readonly (readonly [counter: string, count: number])[],
): void {
  for (const [id, count] of counts) {
    const state = pages.byId(id);
    if (state === null) continue;
    state.unpriced = Math.min(state.unpriced + count, Number.MAX_SAFE_INTEGER);
    pages.touch(state);
  }
}

export function releaseUncertain(pages: CounterPages, id: string): bigint {
  const state = needed(pages, id);
  const amount = uncertainOf(state);
  addUncertain(state, -amount);
  pages.dropUncertain(state);
  pages.touch(state);
  return amount;
}

function needed(pages: CounterPages, id: string): CounterState {
  const state = pages.byId(id);
  if (state === null) throw new CounterRefusedError("unknown-counter", `there is no counter ${id}`);
  return state;
}

export function read(pages: CounterPages, id: string): CounterReading | null {
  const state = pages.byId(id);
  return state === null ? null : reading(pages, state);
}

function reading(pages: CounterPages, state: CounterState): CounterReading {
  return readingOf(state, pages.held(state.handle), pages.reserved(state.handle), pages.now);
}

export function readPage(
  pages: CounterPages,
  behind: number,
): { readonly handle: number; readonly reading: CounterReading }[] {
  const rows = pages.statements.counterPage.all(behind, PAGE) as unknown as CounterRow[];
  return rows.map((row) => {
    const { handle } = readCounter(row);
    return { handle, reading: reading(pages, pages.counter(handle) as CounterState) };
  });
}

/** The life sign of this process. False: its leases had been taken back meanwhile. `told`: notices up to here went out. */
export function beat(pages: CounterPages, node: string, told: bigint): boolean {
  const { statements } = pages;
  const [, expired] = (statements.node.get(node) ?? []) as unknown as [bigint?, bigint?];
  if (expired === undefined) statements.addNode.run(node);
  const holds = expired === 0n;
  if (!holds) {
    for (const [handle, loop] of statements.leaseHandlesOfNode.all(node) as unknown as [bigint, string][]) {
      const lease = pages.leases(Number(handle)).get(loop);
      if (lease !== undefined) pages.end(lease);
    }
  } else statements.deleteEmptyLeases.run(node, told);
  statements.beat.run(node);
  return holds;
}

/** What was charged for leases of a loop that turned out to live. */
export function dropUncertainLeases(pages: CounterPages, loop: string): void {
  const rows = pages.statements.leasesUncertainOfLoop.all(loop) as unknown as [bigint, bigint, bigint][];
  for (const [handle, request, amount] of rows)
    pages.takeUncertain(Number(handle), loop, Number(request), Number(amount));
}

/** The end of this process: nothing is held by it any more. */
export function leave(pages: CounterPages, node: string): true {
  for (const [handle, loop] of pages.statements.leaseHandlesOfNode.all(node) as unknown as [bigint, string][]) {
    const lease = pages.leases(Number(handle)).get(loop);
    if (lease !== undefined) pages.dropLease(lease);
  }
  pages.statements.deleteNode.run(node);
  return true;
}

/** What the loops of a process are to be told since the last time. */
export function endedLeases(
  statements: CounterStatements,
  node: string,
  told: bigint,
): { readonly notices: readonly LeaseNotice[]; readonly told: bigint } {
  const byLoop = new Map<string, LeaseNotice["leases"][number][]>();
  let last = told;
  type Row = [handle: bigint, loop: string, term: bigint, recalled: bigint, id: string | null, turn: bigint];
  for (const [handle, loop, term, recalled, id, turn] of statements.endedSince.all(node, told) as unknown as Row[]) {
    if (turn > last) last = turn;
    const leases = byLoop.get(loop) ?? [];
    leases.push({ counter: id ?? "", handle: Number(handle), through: Number(term) - (recalled === 1n ? 0 : 1) });
    byLoop.set(loop, leases);
  }
  return { notices: [...byLoop].map(([loop, leases]) => ({ loop, leases })), told: last };
}
