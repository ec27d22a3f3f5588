// Tests of the rules of counters apart from any store: entries, ledgers, leases, and who is granted what.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkEntries, ENTRY, EntryWriter, readEntries } from "../../core/counter-entries.ts";
import type { CounterDeclaration, GrantAsk } from "../../core/counters.ts";
import { addUsed, limitOf, newCounter, redeclare, roll, settleCost, uncertainOf, usedOf } from "./counter-state.ts";
import { decide, standingOf, type Verdict } from "./decide.ts";
import { costOf, type LoopDeltas } from "./delta.ts";
import { applyToLease, expire, freeOf, type LeaseState } from "./lease.ts";
import { Ledger } from "./ledger.ts";

const DAY = 86_400_000;
const NOW = 1_800_000_000_000;
const declared: CounterDeclaration = {
  id: "budget",
  kind: "budget",
  limit: 1_000_000n,
  window: { type: "rolling", ms: DAY },
  hard: false,
  override: null,
  start: null,
};
const ask: GrantAsk = { counter: "budget", estimate: 100, want: 0, ended: 0, alone: false };
const nobody = { held: 0n, own: 0 };

function entries(write: (writer: EntryWriter) => void): Uint8Array {
  const writer = new EntryWriter();
  write(writer);
  return writer.take();
}

test("entries are read as they were written, and nothing that is no amount is written", () => {
  const seen: unknown[] = [];
  const bytes = entries((writer) => {
    writer.add(ENTRY.reserve, 7, [
      { handle: 1, term: 2, amount: Number.MAX_SAFE_INTEGER },
      { handle: 2 ** 32 - 1, term: 2 ** 40, amount: 0 },
    ]);
    for (const amount of [-1, Number.NaN, 1.5, 2 ** 53, Number.POSITIVE_INFINITY])
      assert.throws(() => writer.add(ENTRY.charge, 7, [{ handle: 1, term: 0, amount }]), RangeError);
    writer.add(ENTRY.settle, 7, []);
  });
  readEntries(bytes, {
    entry: (type, request) => seen.push([type, request]),
    level: (...level) => seen.push(level),
    done: () => seen.push("done"),
  });
  assert.deepEqual(seen, [[1, 7], [1, 2, Number.MAX_SAFE_INTEGER], [2 ** 32 - 1, 2 ** 40, 0], "done", [3, 7], "done"]);
});

test("entries that are cut off or of no kind are refused before any of them counts", () => {
  const bytes = entries((writer) => writer.add(ENTRY.reserve, 1, [{ handle: 1, term: 1, amount: 1 }]));
  for (let end = 1; end < bytes.length; end++) assert.throws(() => checkEntries(bytes.subarray(0, end)), RangeError);
  assert.throws(() => checkEntries(new Uint8Array([9, 0, 0, 0, 0, 0, 0, 0, 0, 0])), RangeError);
  assert.doesNotThrow(() => checkEntries(bytes));
});

function leaseOf(part: Partial<LeaseState>): LeaseState {
  const fresh = { term: 5, window: 1, held: 0, reserved: 0, ahead: 0, isRecalled: false, turn: 0 };
  return { handle: 1, loop: "a", node: "n", ...fresh, ...part };
}

/** What entries make of a lease of term 5 that holds 1000. */
function afterEntries(write: (writer: EntryWriter) => void): { lease: LeaseState; cost: bigint; ledger: Ledger } {
  const ledger = new Ledger();
  const deltas: LoopDeltas = new Map();
  ledger.read(entries(write), deltas);
  const lease = leaseOf({ held: 1000 });
  const delta = deltas.get(1);
  if (delta !== undefined) applyToLease(lease, delta, () => 6);
  return { lease, cost: delta === undefined ? 0n : costOf(delta), ledger };
}

const level = (amount: number, term = 5): { handle: number; term: number; amount: number } => ({
  handle: 1,
  term,
  amount,
});

test("a settled request gives back what it did not cost, and a free one everything", () => {
  const settled = afterEntries((writer) => {
    writer.add(ENTRY.reserve, 1, [level(100)]);
    writer.add(ENTRY.reserve, 2, [level(50)]);
    writer.add(ENTRY.settle, 1, [level(30, 0)]);
  });
  assert.deepEqual([settled.cost, settled.lease.held, settled.lease.reserved], [30n, 970, 50]);
  assert.equal(settled.ledger.size, 1);
  const free = afterEntries((writer) => {
    writer.add(ENTRY.reserve, 1, [level(100)]);
    writer.add(ENTRY.settle, 1, []);
  });
  assert.deepEqual([free.cost, free.lease.held, free.lease.reserved, free.ledger.size], [0n, 1000, 0, 0]);
});

test("a failed attempt that costs is charged, and its reservation becomes the next one's", () => {
  const { lease, cost, ledger } = afterEntries((writer) => {
    writer.add(ENTRY.reserve, 1, [level(100)]);
    writer.add(ENTRY.charge, 1, [level(20, 0)]);
    writer.add(ENTRY.reserve, 1, [level(300)]);
  });
  assert.deepEqual([cost, lease.held, lease.reserved], [20n, 980, 300]);
  assert.deepEqual([ledger.find(1, 1)?.term, ledger.find(1, 1)?.amount], [5, 300]);
});

test("a reservation of an ended lease is carried until it ends, and nothing of it comes back", () => {
  const { lease, cost } = afterEntries((writer) => {
    writer.add(ENTRY.reserve, 1, [level(100, 4)]);
    writer.add(ENTRY.reserve, 2, [level(100, 4)]);
    writer.add(ENTRY.settle, 2, [level(10, 0)]);
  });
  assert.deepEqual([cost, lease.held, lease.reserved], [10n, 1100, 100]);
});

test("an ended lease holds what is reserved; of a process that does not answer also what it may have reserved unseen", () => {
  const { lease } = afterEntries((writer) => {
    writer.add(ENTRY.reserve, 1, [level(100)]);
    writer.add(ENTRY.endLease, 0, [level(0)]);
    writer.add(ENTRY.endLease, 0, [level(0, 4)]);
  });
  assert.deepEqual([lease.term, lease.held, lease.reserved], [6, 100, 100]);
  const silent = leaseOf({ held: 1000, reserved: 100, ahead: 40 });
  expire(silent, 7);
  assert.deepEqual([silent.term, silent.held, freeOf(silent)], [7, 140, 40]);
});

test("a counter that is used up refuses; one that others have reserved makes wait; alone one goes on while anything is left", () => {
  const state = newCounter(1, { ...declared, limit: 1000n }, NOW);
  const verdict = (part: Partial<GrantAsk>, held: bigint, own = 0): Verdict["type"] =>
    decide({ ...ask, ...part }, state, { held, own }).type;
  assert.equal(verdict({}, 900n), "exact");
  assert.equal(verdict({}, 901n), "contended");
  assert.equal(verdict({ alone: true }, 901n), "exact");
  assert.equal(verdict({ alone: true }, 1000n), "contended");
  assert.equal(verdict({ estimate: 150 }, 1000n, 100), "contended");
  assert.equal(verdict({ estimate: 80 }, 1000n, 100), "exact");
  assert.equal(verdict({ estimate: 0 }, 1000n), "exact");
  state.hard = true;
  assert.equal(verdict({ alone: true }, 901n), "contended");
  settleCost(state, 1000n);
  assert.equal(verdict({}, 0n), "exhausted");
  assert.equal(verdict({ estimate: 0 }, 0n), "exhausted");
});

test("a lease is at most a hundredth of the limit, shrinks with what is left, and becomes exact", () => {
  const state = newCounter(1, declared, NOW);
  const lease = (want: number, held: bigint): Verdict => decide({ ...ask, want }, state, { held, own: 0 });
  assert.deepEqual(lease(5000, 0n), { type: "lease", amount: 5000, ahead: 2000 });
  assert.deepEqual(lease(50_000, 0n), { type: "lease", amount: 10_000, ahead: 2000 });
  assert.deepEqual(lease(50_000, 992_000n), { type: "lease", amount: 1000, ahead: 1000 });
  assert.deepEqual(lease(50_000, 999_000n), { type: "exact" });
  assert.deepEqual(lease(150, 0n), { type: "exact" });
});

test("what is told of a refusal says when it passes", () => {
  const state = newCounter(1, { ...declared, window: { type: "sliding", ms: 60_000 }, limit: 2n }, NOW);
  addUsed(state, 2n);
  roll(state, NOW + 10_000);
  const one = { ...ask, estimate: 1 };
  const standing = standingOf(state, decide(one, state, nobody), { ask: one, now: NOW + 10_000 });
  assert.equal(standing.state, "exhausted");
  assert.equal(standing.lastReset, NOW - 50_000);
  assert.ok(standing.retryAfter !== null && standing.retryAfter > 50_000 && standing.retryAfter <= 51_000);
  const prepaid = newCounter(1, { ...declared, window: { type: "never" } }, NOW);
  assert.equal(standingOf(prepaid, { type: "exhausted" }, { ask, now: NOW }).retryAfter, null);
});

test("what a counter is told anew keeps its use, and says whether leases may be too much", () => {
  const start = { used: 400n, lastReset: NOW - DAY / 2 };
  const state = newCounter(1, { ...declared, start }, NOW);
  assert.equal(usedOf(state), 400n);
  assert.equal(redeclare(state, { ...declared, start: { used: 900n, lastReset: null } }, NOW), false);
  assert.equal(usedOf(state), 400n);
  assert.equal(redeclare(state, { ...declared, limit: 2_000_000n }, NOW), false);
  assert.equal(redeclare(state, { ...declared, limit: 5000n }, NOW), true);
  const window = state.window;
  assert.equal(redeclare(state, { ...declared, window: { type: "sliding", ms: DAY } }, NOW), true);
  assert.deepEqual([usedOf(state), uncertainOf(state), state.window], [400n, 0n, window + 1]);
  assert.equal(newCounter(1, { ...declared, start: { ...start, lastReset: NOW - 2 * DAY } }, NOW).used, 0n);
});

test("an override that is told again does not begin anew", () => {
  const override = { amount: 500n, cycles: 1, anchorReset: null };
  const state = newCounter(1, { ...declared, override }, NOW);
  assert.equal(limitOf(state), 1_000_500n);
  roll(state, NOW + DAY);
  redeclare(state, { ...declared, override }, NOW + DAY);
  assert.equal(limitOf(state), 1_000_000n);
});
