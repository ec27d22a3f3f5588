// What needs attention, the worst first, each thing once and with what to do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type AttentionFacts, attentionOf, type BudgetEvent } from "./attention-items.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const NOTHING: AttentionFacts = {
  providers: [],
  health: new Map(),
  events: [],
  risks: [],
  unpriced: [],
  warnings: [],
  now: NOW,
};
const event = (id: string, threshold: number, resets: string | null): BudgetEvent => ({
  budget_id: id,
  threshold,
  owner_type: "virtual_key",
  owner_id: "vk",
  owner_name: "team a",
  current_usage: 8.4,
  max_limit: 10,
  resets_at: resets,
});

test("a budget is told once, by its newest event, and not when its window is over", () => {
  const events = [
    event("a", 100, null),
    event("a", 80, null),
    event("b", 80, "2026-11-23T11:00:00Z"),
    event("c", 50, null),
  ];
  const risks = [
    { budget_id: "a", owner: { type: "team", id: "t", name: "t" }, current_usage: 1, max_limit: 2, exhausted_at: "" },
  ];
  const items = attentionOf({ ...NOTHING, events, risks });
  assert.deepEqual(
    items.map(({ id, tone, href }) => [id, tone, href]),
    [["budget:a", "bad", "/keys/vk"]],
  );
  assert.match(items[0]?.text ?? "", /Virtual key team a: \$8\.40 of \$10\.00 used \(84 %\)/);
});

test("what cannot be used comes first, findings last", () => {
  const keys = [{ id: "k", name: "main", status: "error", description: "OPENAI_API_KEY is not set" }];
  const items = attentionOf({
    ...NOTHING,
    warnings: ["config.json:3: unknown field"],
    unpriced: [{ provider: "x", model: "m", requests: 2 }],
    providers: [
      { name: "openai", provider_status: "error", status: "", description: "", source: { type: "file" }, keys },
    ],
  });
  assert.deepEqual(
    items.map(({ tone }) => tone),
    ["bad", "warn", "info"],
  );
  assert.equal(items[0]?.text, "openai, key main: OPENAI_API_KEY is not set");
  assert.match(items[1]?.text ?? "", /x\/m has an unknown price, 2 requests without a cost/);
});
