// How much of the limits is used, as routing rules see it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CounterReading } from "../core/counters.ts";
import { NO_OWNERS } from "../core/governance.ts";
import { testVirtualKey } from "../core/testing.ts";
import type { CounterSpec } from "./counter-spec.ts";
import { limitUse, useOnLoop } from "./limit-use.ts";
import { LoopCounter } from "./loop-counter.ts";

const spec = (id: string, kind: CounterSpec["kind"], limit: number): CounterSpec => ({
  id,
  kind,
  owner: { kind: "VK", name: "k", entity: "virtual-key:k" },
  limit,
  reset: "1h",
  hard: false,
});
const NOW = { wall: 1_000, monotonic: 1_000 };

test("on the loop the highest of each kind counts: what was told, less what is leased and reserved here", () => {
  const counters = new Map<string, LoopCounter>();
  const told = (of: CounterSpec, left: number, balance: number, open: number): CounterSpec => {
    const counter = new LoopCounter(of);
    counter.rest.tell(left, null, NOW.monotonic);
    counter.balance = balance;
    counter.open = open;
    counters.set(of.id, counter);
    return of;
  };
  const specs = [
    told(spec("a", "budget", 100), 50, 20, 5),
    told(spec("b", "budget", 1000), 900, 0, 0),
    told(spec("c", "requests", 10), -3, 0, 0),
    spec("never used", "tokens", 10),
    spec("at once", "parallel", 1),
  ];
  const use = useOnLoop(specs, (id) => counters.get(id), NOW);
  assert.deepEqual(use, { budget: 25, tokens: 0, requests: 100 });
  assert.deepEqual(
    useOnLoop([], () => undefined, NOW),
    { budget: 0, tokens: 0, requests: 0 },
  );
  assert.equal(useOnLoop([spec("nothing", "budget", 0)], () => undefined, NOW).budget, 100);
});

test("in a simulation what is settled and uncertain counts, against the limit with its override", async () => {
  const key = testVirtualKey("h", { id: "k" });
  const budgets = [{ id: "b", maxLimitNano: "100", resetDuration: "1h" }];
  const limited = { ...key, entity: { ...key.entity, budgets } };
  const reading = { id: "b", settled: 50n, uncertain: 10n, limit: 200n } as CounterReading;
  const store = { read: () => Promise.resolve([reading]) };
  const targets = [{ provider: "", model: "m" }];
  assert.deepEqual(await limitUse(store, NO_OWNERS, limited, targets), [{ budget: 30, tokens: 0, requests: 0 }]);
  assert.deepEqual(await limitUse(null, NO_OWNERS, limited, targets), [{ budget: 0, tokens: 0, requests: 0 }]);
});
