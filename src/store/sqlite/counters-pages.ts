// One transaction's view of counters and leases: read when first asked for, brought up to now, written back at the end.

import type { BudgetCrossing, CounterDeclaration } from "../../core/counters.ts";
import { addUncertain, type CounterState, newCounter, roll, settleCost } from "../counters/counter-state.ts";
import { costOf, type LoopDeltas } from "../counters/delta.ts";
import { applyToLease, endTerm, type LeaseState } from "../counters/lease.ts";
import { crossThresholds } from "../counters/thresholds.ts";
import { keepCrossing } from "./counters-crossings.ts";
import { type CounterRow, counterValues, type LeaseRow, leaseValues, readCounter, readLease } from "./counters-rows.ts";
import type { CounterStatements } from "./counters-statements.ts";

export class CounterPages {
  readonly statements: CounterStatements;
  /** Unix ms, read when the lock was held: so that no other process has written a later time. */
  readonly now: number;
  readonly #counters = new Map<number, CounterState | null>();
  readonly #changed = new Set<CounterState>();
  readonly #leases = new Map<number, Map<string, LeaseState>>();
  readonly #changedLeases = new Set<LeaseState>();
  #nextTerm: number;
  #turn: number;
  readonly #firstTurn: number;
  readonly #firstTerm: number;

  constructor(statements: CounterStatements, now: number) {
    this.statements = statements;
    this.now = Math.floor(now);
    const [nextTerm, turn] = statements.state.get() as unknown as [bigint, bigint];
    this.#nextTerm = this.#firstTerm = Number(nextTerm);
    this.#turn = this.#firstTurn = Number(turn);
  }

  /** Whether loops are to be told of leases that ended. */
  get hasNotices(): boolean {
    return this.#turn !== this.#firstTurn;
  }

  /** Null when there is none (any more). What is changed in it is to be told to `touch`. */
  counter(handle: number): CounterState | null {
    let state = this.#counters.get(handle);
    if (state !== undefined) return state;
    const row = this.statements.counter.get(handle) as unknown as CounterRow | undefined;
    state = row === undefined ? null : readCounter(row);
    this.#counters.set(handle, state);
    if (state !== null) this.#bringUpToDate(state);
    return state;
  }

  byId(id: string): CounterState | null {
    const row = this.statements.handleOf.get(id) as unknown as [bigint] | undefined;
    return row === undefined ? null : this.counter(Number(row[0]));
  }

  /** The counter will be written back. */
  touch(state: CounterState): void {
    this.#changed.add(state);
  }

  add(declared: CounterDeclaration): void {
    const [last] = this.statements.lastHandle.get() as unknown as [bigint];
    const state = newCounter(Number(last) + 1, declared, this.now);
    this.statements.insertCounter.run(state.handle, state.id, ...counterValues(state));
    this.#counters.set(state.handle, state);
  }

  remove(handle: number): void {
    const { deleteCounter, deleteLeases, deletePostings, deleteUncertain } = this.statements;
    for (const statement of [deleteCounter, deleteLeases, deletePostings, deleteUncertain]) statement.run(handle);
    const state = this.#counters.get(handle);
    if (state != null) this.#changed.delete(state);
    for (const lease of this.#leases.get(handle)?.values() ?? []) this.#changedLeases.delete(lease);
    this.#leases.delete(handle);
    this.#counters.set(handle, null);
  }

  leases(handle: number): ReadonlyMap<string, LeaseState> {
    return this.#leasesOf(handle);
  }

  /** The lease of a loop, made when there is none; it will be written back. */
  lease(state: CounterState, loop: string, node: string): LeaseState {
    const leases = this.#leasesOf(state.handle);
    let lease = leases.get(loop);
    if (lease === undefined) {
      const fresh = { held: 0, reserved: 0, ahead: 0, isRecalled: false, turn: 0 };
      lease = { handle: state.handle, loop, node, term: this.newTerm(), window: state.window, ...fresh };
      leases.set(loop, lease);
    }
    lease.node = node;
    this.#changedLeases.add(lease);
    return lease;
  }

  touchLease(lease: LeaseState): void {
    this.#changedLeases.add(lease);
  }

  dropLease(lease: LeaseState): void {
    this.statements.deleteLease.run(lease.handle, lease.loop);
    this.#changedLeases.delete(lease);
    this.#leases.get(lease.handle)?.delete(lease.loop);
  }

  held(handle: number): bigint {
    return this.#sum(handle, (lease) => lease.held);
  }

  reserved(handle: number): bigint {
    return this.#sum(handle, (lease) => lease.reserved);
  }

  newTerm(): number {
    return this.#nextTerm++;
  }

  /** The lease is over, and its loop is told. */
  end(lease: LeaseState): void {
    endTerm(lease, this.newTerm());
    this.markTold(lease);
  }

  /** The loop is told how the lease stands. */
  markTold(lease: LeaseState): void {
    lease.turn = ++this.#turn;
    this.#changedLeases.add(lease);
  }

  /** What a loop's entries mean. A counter that is not there any more swallows them. */
  apply(loop: string, node: string, deltas: LoopDeltas): void {
    for (const [handle, delta] of deltas) {
      const state = this.counter(handle);
      if (state === null) continue;
      const cost = costOf(delta);
      if (cost > 0n) settleCost(state, cost);
      if (cost > 0n) this.touch(state);
      if (delta.terms.length > 0) applyToLease(this.lease(state, loop, node), delta, () => this.newTerm());
    }
  }

  /** Charges by estimate; once only for one request. */
  chargeUncertain(handle: number, loop: string, request: number, amount: number): void {
    const state = this.counter(handle);
    if (state === null || amount <= 0) return;
    if (this.statements.addUncertain.run(handle, loop, request, amount, this.now).changes === 0n) return;
    addUncertain(state, BigInt(amount));
    this.touch(state);
  }

  takeUncertain(handle: number, loop: string, request: number, amount: number): void {
    this.statements.dropUncertain.run(handle, loop, request);
    const state = this.counter(handle);
    if (state === null) return;
    addUncertain(state, BigInt(-amount));
    this.touch(state);
  }

  /** What was uncertain in a window is gone with it. */
  dropUncertain(state: CounterState): void {
    this.statements.deleteUncertain.run(state.handle);
  }

  /** Writes back. Returns the thresholds that were reached by it. */
  save(): readonly BudgetCrossing[] {
    const crossings: BudgetCrossing[] = [];
    for (const state of this.#changed)
      for (const crossing of crossThresholds(state, this.now)) crossings.push(keepCrossing(this.statements, crossing));
    for (const state of this.#changed) this.statements.saveCounter.run(...counterValues(state), state.handle);
    for (const lease of this.#changedLeases) this.statements.saveLease.run(...leaseValues(lease));
    // a look that changes nothing writes nothing, and waits for no disk
    if (this.#nextTerm !== this.#firstTerm || this.hasNotices)
      this.statements.saveState.run(this.#nextTerm, this.#turn);
    return crossings;
  }

  #bringUpToDate(state: CounterState): void {
    const { start } = state;
    const newest = state.slices?.used.newest ?? 0;
    if (roll(state, this.now)) this.#closeWindow(state);
    // What a clock that went back did must be kept, or the window would never run on.
    if (state.start !== start || (state.slices?.used.newest ?? 0) < newest) this.touch(state);
  }

  #closeWindow(state: CounterState): void {
    this.touch(state);
    this.dropUncertain(state);
    for (const lease of this.#leasesOf(state.handle).values()) {
      lease.window = state.window;
      this.end(lease);
    }
  }

  #leasesOf(handle: number): Map<string, LeaseState> {
    let leases = this.#leases.get(handle);
    if (leases === undefined) {
      const rows = this.statements.leasesOf.all(handle) as unknown as LeaseRow[];
      leases = new Map(rows.map((row) => [row[1], readLease(row)]));
      this.#leases.set(handle, leases);
    }
    return leases;
  }

  #sum(handle: number, part: (lease: LeaseState) => number): bigint {
    let sum = 0n;
    for (const lease of this.#leasesOf(handle).values()) sum += BigInt(part(lease));
    return sum;
  }
}
