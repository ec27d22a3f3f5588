// A simulation knows which targets are used up: those whose own limit is, and all of them where a shared one is.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CounterReading } from "../core/counters.ts";
import type { GovernanceBook } from "../core/governance.ts";
import type { VirtualKey } from "../core/snapshot.ts";
import { usedUp } from "./used-up.ts";

const budget = (id: string) => ({ id, maxLimitNano: "100", resetDuration: "1d" });
const provider = (name: string) => ({ provider: name, budgets: [budget(`b-${name}`)], rateLimit: null });
const key = {
  id: "k",
  name: "k",
  entity: {
    id: "k",
    name: "k",
    budgets: [budget("b-key")],
    rateLimit: null,
    providers: [provider("cheap"), provider("dear")],
  },
} as unknown as VirtualKey;
const book: GovernanceBook = {
  findTeam: () => undefined,
  findCustomer: () => undefined,
  findProviderLimit: () => undefined,
  modelLimitsOf: () => [],
} as unknown as GovernanceBook;
const targets = ["cheap", "dear"].map((name) => ({ provider: name, model: "m" }));

function readingOf(used: Readonly<Record<string, bigint>>) {
  const read = async (ids: readonly string[]) =>
    ids.map((id) => {
      const settled = used[id];
      return settled === undefined ? null : ({ id, limit: 100n, settled, uncertain: 1n } as unknown as CounterReading);
    });
  return { read };
}

test("a provider config that is used up stops its own target alone", async () => {
  assert.deepEqual(await usedUp(readingOf({ "b-cheap": 99n, "b-dear": 98n }), book, key, targets), [true, false]);
});

test("a budget of the key that is used up stops all targets, one that was never used none", async () => {
  assert.deepEqual(await usedUp(readingOf({ "b-key": 100n }), book, key, targets), [true, true]);
  assert.deepEqual(await usedUp(readingOf({}), book, key, targets), [false, false]);
});
