// Tests of the control plane's end: nothing overtakes the welcome, and every message has its answer.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CounterStore, CountersUnavailableError, type LeaseNotice } from "../../core/counters.ts";
import type { CountersToLoop } from "../../core/leases.ts";
import { serveLoop } from "./serve-loops.ts";

/** A store that does as it is told here. */
function fakeStore(part: Partial<CounterStore>): CounterStore {
  return {
    leaseMs: 5000,
    attach: async () => ({ taken: 3 }),
    post: async () => {},
    renew: async () => true,
    onLeases: () => () => {},
    grant: async () => ({ type: "down", reason: "test" }),
    ...part,
  } as CounterStore;
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

test("a loop is welcomed first, and then answered in order", async () => {
  const sent: CountersToLoop[] = [];
  const listeners: ((notice: LeaseNotice) => void)[] = [];
  const listen: CounterStore["onLeases"] = (told) => {
    listeners.push(told);
    return () => {};
  };
  const receive = serveLoop(fakeStore({ onLeases: listen }), {
    send: (message) => sent.push(message),
    onFault: (error) => assert.fail(error as Error),
  });
  receive({ type: "counter-attach", loop: "a" });
  receive({ type: "counter-post", post: { loop: "a", seq: 4, entries: new Uint8Array() } });
  receive({ type: "counter-ask", requests: [{ loop: "a", seq: 5, request: 1, asks: [] }] });
  receive({ type: "counter-renew", loop: "a", seq: 6 });
  await settled();
  for (const loop of ["b", "a"]) for (const listener of listeners) listener({ loop, leases: [] });
  assert.deepEqual(sent, [
    { type: "counter-welcome", taken: 3, leaseMs: 5000 },
    { type: "counter-posted", seq: 4 },
    { type: "counter-reply", seq: 5, reply: { type: "down", reason: "test" } },
    { type: "counter-renewed", seq: 6, leaseMs: 5000 },
    { type: "counter-leases", notice: { loop: "a", leases: [] } },
  ]);
});

test("leases that were taken back are told so; a store that cannot tell does not answer; a fault is handed on", async () => {
  const sent: CountersToLoop[] = [];
  const faults: unknown[] = [];
  const renewals = [Promise.resolve(false), Promise.reject(new CountersUnavailableError("locked"))];
  const store = fakeStore({
    renew: () => renewals.shift() as Promise<boolean>,
    post: () => Promise.reject(new RangeError("an entry is cut off")),
  });
  const receive = serveLoop(store, { send: (message) => sent.push(message), onFault: (error) => faults.push(error) });
  receive({ type: "counter-renew", loop: "a", seq: 1 });
  receive({ type: "counter-renew", loop: "a", seq: 2 });
  receive({ type: "counter-post", post: { loop: "a", seq: 3, entries: new Uint8Array(1) } });
  await settled();
  assert.deepEqual(sent, [{ type: "counter-renewed", seq: 1, leaseMs: 0 }]);
  assert.equal(faults.length, 1);
});

test("counts of one number are counted once, and not answered while the store is down", async () => {
  const sent: CountersToLoop[] = [];
  const counted: unknown[] = [];
  let isDown = true;
  const countUnpriced: CounterStore["countUnpriced"] = async (counts) => {
    if (isDown) throw new CountersUnavailableError("test");
    counted.push(counts);
  };
  const receive = serveLoop(fakeStore({ countUnpriced }), {
    send: (message) => sent.push(message),
    onFault: (error) => assert.fail(error as Error),
  });
  receive({ type: "counter-attach", loop: "a" });
  for (const down of [true, false, false]) {
    isDown = down;
    receive({ type: "counter-unpriced", loop: "a", seq: 1, counts: [["b", 2]] });
    await settled();
  }
  assert.deepEqual(counted, [[["b", 2]]]);
  assert.equal(sent.filter(({ type }) => type === "counter-unpriced-taken").length, 2);
});
