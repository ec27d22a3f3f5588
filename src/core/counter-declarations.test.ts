// Tests of counters as the configuration declares them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { declarationsOf } from "./counter-declarations.ts";

const noRate = { tokenMaxLimit: null, tokenResetDuration: null, requestMaxLimit: null, requestResetDuration: null };

test("budgets roll, are aligned or prepaid; rate limits slide", () => {
  const declared = declarationsOf({
    budgets: [
      { id: "b1", maxLimitNano: "9000000000000000000", resetDuration: "1M", hard: true },
      { id: "b2", maxLimitNano: "5", resetDuration: "1Q", calendarAligned: true, quarterStartMonth: 4 },
      { id: "b3", maxLimitNano: "5", resetDuration: null, start: { used: "3", lastReset: 7 } },
    ],
    rateLimit: { ...noRate, id: "r", requestMaxLimit: 50, requestResetDuration: "1m" },
  });
  const plain = { hard: false, override: null, start: null };
  assert.deepEqual(declared, [
    {
      ...plain,
      id: "b1",
      kind: "budget",
      limit: 9_000_000_000_000_000_000n,
      hard: true,
      window: { type: "rolling", ms: 2_592_000_000 },
    },
    {
      ...plain,
      id: "b2",
      kind: "budget",
      limit: 5n,
      window: { type: "calendar", unit: "quarter", count: 1, quarterStartMonth: 4 },
    },
    { ...plain, id: "b3", kind: "budget", limit: 5n, window: { type: "never" }, start: { used: 3n, lastReset: 7 } },
    { ...plain, id: "r:requests", kind: "requests", limit: 50n, window: { type: "sliding", ms: 60_000 } },
  ]);
});

test("an override counts all its windows from its anchor, and else those that are left", () => {
  const override = { amountNano: "5", cyclesRemaining: 1, cyclesTotal: 3, anchorReset: null };
  const of = (part: { readonly anchorReset?: number }) =>
    declarationsOf({
      budgets: [{ id: "b", maxLimitNano: "1", resetDuration: "1d", override: { ...override, ...part } }],
      rateLimit: null,
    })[0]?.override;
  assert.deepEqual(of({}), { amount: 5n, cycles: 1, anchorReset: null });
  assert.deepEqual(of({ anchorReset: 9 }), { amount: 5n, cycles: 3, anchorReset: 9 });
});
