// A counter as any store keeps it: its window, what was used in it, and what crashes left uncertain. Pure but for the object itself.
import type { CounterDeclaration, CounterKind, CounterReading, Threshold } from "../../core/counters.ts";
import { alignedStart, firstWindow, windowAt, windowEnd } from "../../lib/windows/fixed.ts";
import { cyclesLeft, type LimitOverride, overrideAmount, overrideAnchor } from "../../lib/windows/override.ts";
import { addToSlices, emptySlices, type Slices, sliceTotal, slide } from "../../lib/windows/sliding.ts";
import type { WindowSpec } from "../../lib/windows/spec.ts";

/** What 64 bits hold; sums stop here instead of turning round. */
export const HIGHEST = 2n ** 63n - 1n;

export interface CounterState {
  readonly handle: number;
  readonly id: string;
  /** Entity id; empty = nobody said. */
  owner: string;
  kind: CounterKind;
  limit: bigint;
  spec: WindowSpec;
  hard: boolean;
  override: LimitOverride | null;
  /** The number of the window from which the override is counted. */
  anchor: number;
  credited: bigint;
  window: number;
  /** Unix ms. */
  start: number;
  /** Of fixed windows; a sliding one has slices. */
  used: bigint;
  uncertain: bigint;
  slices: { used: Slices; uncertain: Slices } | null;
  settledEver: bigint;
  /** Requests to models without a price in this window. */
  unpriced: number;
  /** The threshold of a budget that was told of last in this window. */
  told: Threshold | 0;
}

/** A counter that is seen for the first time. */
export function newCounter(handle: number, declared: CounterDeclaration, now: number): CounterState {
  const first = firstWindow(declared.window, now, declared.start?.lastReset ?? null);
  const state: CounterState = {
    handle,
    id: declared.id,
    owner: declared.owner ?? "",
    kind: declared.kind,
    limit: declared.limit,
    spec: declared.window,
    hard: declared.hard,
    override: null,
    anchor: 1,
    credited: 0n,
    window: first.number,
    start: first.start,
    used: 0n,
    uncertain: 0n,
    slices: emptyUse(declared.window, now),
    settledEver: 0n,
    unpriced: 0,
    told: 0,
  };
  addUsed(state, declared.start?.used ?? 0n);
  if (declared.window.type === "sliding") agePastUse(state, declared, now);
  roll(state, now);
  setOverride(state, declared.override, now);
  // what was reached elsewhere before was told there
  state.told = thresholdOf(state);
  return state;
}

/** What was used elsewhere before is taken as used at its window's beginning, as far as that is known. */
function agePastUse(state: CounterState, { start }: CounterDeclaration, now: number): void {
  if (start?.lastReset == null || state.slices === null || state.spec.type !== "sliding") return;
  const { ms } = state.spec;
  const then = addToSlices(emptySlices(ms, Math.min(start.lastReset, now)), start.used);
  state.slices.used = slide(then, ms, now);
}

function emptyUse(spec: WindowSpec, now: number): CounterState["slices"] {
  return spec.type === "sliding" ? { used: emptySlices(spec.ms, now), uncertain: emptySlices(spec.ms, now) } : null;
}

/** Brings the window up to now. Whether another one was opened. */
export function roll(state: CounterState, now: number): boolean {
  if (state.spec.type === "sliding" && state.slices !== null) {
    state.slices.used = slide(state.slices.used, state.spec.ms, now);
    state.slices.uncertain = slide(state.slices.uncertain, state.spec.ms, now);
    return false;
  }
  const open = windowAt(state.spec, { number: state.window, start: state.start }, now);
  const isNew = open.number !== state.window;
  state.window = open.number;
  state.start = open.start;
  if (isNew) state.used = state.uncertain = 0n;
  if (isNew) state.told = state.unpriced = 0;
  return isNew;
}

/** A new window by hand. */
export function openNext(state: CounterState, now: number): void {
  state.window++;
  state.start = alignedStart(state.spec, now);
  state.used = state.uncertain = 0n;
  state.slices = emptyUse(state.spec, now);
  state.told = state.unpriced = 0;
}

/** Takes over what changed in the configuration. Whether leases that were granted before may be too much now. */
export function redeclare(state: CounterState, declared: CounterDeclaration, now: number): boolean {
  const before = limitOf(state);
  const wasHard = state.hard;
  const isOtherWindow = !sameSpec(state.spec, declared.window);
  if (isOtherWindow) changeWindow(state, declared.window, now);
  state.owner = declared.owner ?? state.owner;
  state.kind = declared.kind;
  state.limit = declared.limit;
  state.hard = declared.hard;
  if (!sameOverride(state.override, declared.override)) setOverride(state, declared.override, now);
  if (limitOf(state) > before) rearm(state);
  return isOtherWindow || limitOf(state) < before || (state.hard && !wasHard);
}

/** What was used stays used; only from when it is counted changes. */
function changeWindow(state: CounterState, spec: WindowSpec, now: number): void {
  const used = usedOf(state);
  const uncertain = uncertainOf(state);
  const start = state.spec.type === "sliding" ? now : state.start;
  state.spec = spec;
  state.window++;
  state.start = alignedStart(spec, Math.min(start, now));
  state.slices = emptyUse(spec, now);
  state.used = state.uncertain = 0n;
  addUsed(state, used);
  addUncertain(state, uncertain);
  roll(state, now);
}

function sameSpec(left: WindowSpec, right: WindowSpec): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function setOverride(state: CounterState, override: LimitOverride | null, now: number): void {
  state.override = override;
  state.anchor = override === null ? state.window : overrideAnchor(override, state.spec, state.window, now);
}

/** An override that is told again, as at each start, does not begin anew. */
function sameOverride(left: LimitOverride | null, right: LimitOverride | null): boolean {
  if (left === null || right === null) return left === right;
  return left.amount === right.amount && left.cycles === right.cycles && left.anchorReset === right.anchorReset;
}

export function usedOf(state: CounterState): bigint {
  return state.slices === null ? state.used : sliceTotal(state.slices.used);
}

export function uncertainOf(state: CounterState): bigint {
  return state.slices === null ? state.uncertain : sliceTotal(state.slices.uncertain);
}

/** With credits and override. */
export function limitOf(state: CounterState): bigint {
  const raised = state.limit + state.credited + overrideAmount(state.override, state.anchor, state.window);
  return raised < HIGHEST ? raised : HIGHEST;
}

/** The highest threshold that is reached. */
export function thresholdOf(state: CounterState): Threshold | 0 {
  const used = usedOf(state) + uncertainOf(state);
  if (used === 0n) return 0;
  const percent = (used * 100n) / (limitOf(state) || 1n);
  return percent >= 100n ? 100 : percent >= 80n ? 80 : percent >= 50n ? 50 : 0;
}

/** A higher limit has thresholds of its own: those that are not reached any more are told again. */
export function rearm(state: CounterState): void {
  const reached = thresholdOf(state);
  if (reached < state.told) state.told = reached;
}

/** A cost that is settled now. */
export function settleCost(state: CounterState, cost: bigint): void {
  addUsed(state, cost);
  state.settledEver = within(state.settledEver + cost);
}

/** Below 0: takes away, as much as there is. */
export function addUsed(state: CounterState, amount: bigint): void {
  if (state.slices === null) state.used = within(state.used + amount);
  else state.slices.used = addToSlices(state.slices.used, amount);
}

/** Below 0: takes away, as much as there is. */
export function addUncertain(state: CounterState, amount: bigint): void {
  if (state.slices === null) state.uncertain = within(state.uncertain + amount);
  else state.slices.uncertain = addToSlices(state.slices.uncertain, amount);
}

function within(sum: bigint): bigint {
  if (sum < 0n) return 0n;
  return sum < HIGHEST ? sum : HIGHEST;
}

/** Unix ms; null = it does not end, or bit by bit. */
export function endOf(state: CounterState): number | null {
  return windowEnd(state.spec, { number: state.window, start: state.start });
}

/** Of a sliding window: its oldest moment. */
export function lastResetOf(state: CounterState, now: number): number {
  return state.spec.type === "sliding" ? now - state.spec.ms : state.start;
}

/** `held` and `reserved` are sums over all loops. */
export function readingOf(state: CounterState, held: bigint, reserved: bigint, now: number): CounterReading {
  return {
    id: state.id,
    owner: state.owner,
    kind: state.kind,
    maxLimit: state.limit,
    limit: limitOf(state),
    hard: state.hard,
    window: state.window,
    lastReset: lastResetOf(state, now),
    resetsAt: endOf(state),
    settled: usedOf(state),
    reserved,
    leased: held - reserved,
    uncertain: uncertainOf(state),
    overrideCyclesLeft: state.override === null ? null : cyclesLeft(state.override, state.anchor, state.window),
    settledEver: state.settledEver,
    unpriced: state.unpriced,
  };
}
