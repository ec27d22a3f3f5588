// Rows of counters and leases, to and from what they mean.
import type { SQLInputValue } from "node:sqlite";
import type { CounterKind } from "../../core/counters.ts";
import type { LimitOverride } from "../../lib/windows/override.ts";
import type { Slices } from "../../lib/windows/sliding.ts";
import type { WindowSpec } from "../../lib/windows/spec.ts";
import type { CounterState } from "../counters/counter-state.ts";
import type { LeaseState } from "../counters/lease.ts";

/** In the order of the columns. */
export type CounterRow = [
  handle: bigint,
  id: string,
  kind: CounterKind,
  limit: bigint,
  hard: bigint,
  spec: string,
  override: string | null,
  anchor: bigint,
  credited: bigint,
  window: bigint,
  start: bigint,
  used: bigint,
  uncertain: bigint,
  slices: Uint8Array | null,
  settledEver: bigint,
  owner: string,
  told: bigint,
  unpriced: bigint,
];
export type LeaseRow = [
  handle: bigint,
  loop: string,
  node: string,
  term: bigint,
  window: bigint,
  held: bigint,
  reserved: bigint,
  ahead: bigint,
  recalled: bigint,
  turn: bigint,
];

export function readCounter(row: CounterRow): CounterState {
  const [
    handle,
    id,
    kind,
    limit,
    hard,
    spec,
    override,
    anchor,
    credited,
    window,
    start,
    used,
    uncertain,
    slices,
    ever,
    owner,
    told,
    unpriced,
  ] = row;
  return {
    handle: Number(handle),
    id,
    kind,
    limit,
    hard: hard === 1n,
    spec: JSON.parse(spec) as WindowSpec,
    override: override === null ? null : readOverride(override),
    anchor: Number(anchor),
    credited,
    window: Number(window),
    start: Number(start),
    used,
    uncertain,
    slices: slices === null ? null : readSlices(slices),
    settledEver: ever,
    owner,
    told: Number(told) as CounterState["told"],
    unpriced: Number(unpriced),
  };
}

/** All but handle and id. */
export function counterValues(state: CounterState): SQLInputValue[] {
  return [
    state.kind,
    state.limit,
    state.hard ? 1 : 0,
    JSON.stringify(state.spec),
    state.override === null ? null : overrideText(state.override),
    state.anchor,
    state.credited,
    state.window,
    state.start,
    state.used,
    state.uncertain,
    state.slices === null ? null : slicesBytes(state.slices),
    state.settledEver,
    state.owner,
    state.told,
    state.unpriced,
  ];
}

function overrideText({ amount, cycles, anchorReset }: LimitOverride): string {
  return JSON.stringify([String(amount), cycles, anchorReset]);
}

function readOverride(text: string): LimitOverride {
  const [amount, cycles, anchorReset] = JSON.parse(text) as [string, number | null, number | null];
  return { amount: BigInt(amount), cycles, anchorReset };
}

/** The newest slice's number, then the amounts; of both. */
function slicesBytes({ used, uncertain }: NonNullable<CounterState["slices"]>): Uint8Array {
  const numbers = [BigInt(used.newest), ...used.amounts, BigInt(uncertain.newest), ...uncertain.amounts];
  return new Uint8Array(BigInt64Array.from(numbers).buffer);
}

function readSlices(bytes: Uint8Array): NonNullable<CounterState["slices"]> {
  const numbers = new BigInt64Array(bytes.slice().buffer);
  const half = numbers.length / 2;
  return { used: slicesOf(numbers.subarray(0, half)), uncertain: slicesOf(numbers.subarray(half)) };
}

function slicesOf(numbers: BigInt64Array): Slices {
  return { newest: Number(numbers[0]), amounts: Array.from(numbers.subarray(1)) };
}

export function readLease(row: LeaseRow): LeaseState {
  const [handle, loop, node, term, window, held, reserved, ahead, recalled, turn] = row;
  return {
    handle: Number(handle),
    loop,
    node,
    term: Number(term),
    window: Number(window),
    held: Number(held),
    reserved: Number(reserved),
    ahead: Number(ahead),
    isRecalled: recalled === 1n,
    turn: Number(turn),
  };
}

export function leaseValues(lease: LeaseState): SQLInputValue[] {
  return [
    lease.handle,
    lease.loop,
    lease.node,
    lease.term,
    lease.window,
    clamped(lease.held),
    clamped(lease.reserved),
    lease.ahead,
    lease.isRecalled ? 1 : 0,
    lease.turn,
  ];
}

/** Beyond this a number is not bound as a whole one. */
function clamped(amount: number): number {
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(amount, Number.MAX_SAFE_INTEGER));
}
