// Limits told to people: amounts and durations as they were written, and no list without an end.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { VirtualKeyEntity } from "../core/entities.ts";
import { scope, virtualKeyEntity } from "./fixtures/house.ts";
import { listLimits } from "./limits.ts";

const budget = (maxLimitNano: string, resetDuration: string | null) => ({ id: "b", maxLimitNano, resetDuration });

const KEY: VirtualKeyEntity = {
  ...virtualKeyEntity("tier", [{ ...scope("openai", null), budgets: [budget("50500000000", "1M")] }]),
  budgets: [budget("10000000000", "1d"), budget("1", null)],
  rateLimit: {
    id: "r",
    requestMaxLimit: 100,
    requestResetDuration: "1h",
    tokenMaxLimit: 1_000_000,
    tokenResetDuration: "1h",
  },
};

test("tells each limit with its owner", () => {
  assert.deepEqual(
    listLimits([virtualKeyEntity("none", []), KEY]).lines.map((line) => `${line.owner}: ${line.limit}`),
    [
      "tier: $10 per 1d",
      "tier: $0.000000001",
      "tier: 100 requests per 1h",
      "tier: 1000000 tokens per 1h",
      "tier, openai: $50.5 per 1M",
    ],
  );
});

test("counts what is beyond the first hundred", () => {
  const { lines, more } = listLimits(Array.from({ length: 1000 }, () => KEY));
  assert.deepEqual([lines.length, more], [100, 4900]);
});
