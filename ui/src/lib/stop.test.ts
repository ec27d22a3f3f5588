// The words of a refusal become the limits that it speaks of.
import assert from "node:assert/strict";
import { test } from "node:test";
import { findLimit, isStop, raiseHref, stopLimits } from "./stop.ts";

test("budgets are told apart by whose they are", () => {
  const text =
    "Budget exceeded: VK budget exceeded: 5.0000 >= 5.0000 dollars (next room at 2026-12-01T00:00:00.000Z); Team red; blue budget exceeded: 1.0000 >= 1.0000 dollars (does not reset by itself)";
  const [key] = stopLimits(text, "mobile");
  assert.deepEqual(key, {
    owner: "virtual-key",
    name: "mobile",
    kind: "budget",
    words: "$5.0000 of $5.0000 used",
    resetsAt: Date.parse("2026-12-01T00:00:00.000Z"),
  });
});

test("rate limits of several owners, and of both kinds", () => {
  const text =
    "Rate limit check failed: rate limit violated for VK: [token limit exceeded (120/100, resets every 1h, next room at 2026-12-01T00:00:00.000Z), request limit exceeded (5/5, resets every 1m)]; rate limit violated for Provider openai: [parallel request limit exceeded (3/3 under way)]";
  assert.deepEqual(
    stopLimits(text, "mobile").map(({ owner, name, kind, words }) => [owner, name, kind, words]),
    [
      ["virtual-key", "mobile", "token", "120 of 100 used"],
      ["virtual-key", "mobile", "request", "5 of 5 used"],
      ["provider", "openai", "parallel", "3 of 3 used"],
    ],
  );
});

test("the fullest budget of the owner is the one that is raised; without it the owner is opened", () => {
  const [limit] = stopLimits("Budget exceeded: VK budget exceeded: 5.0000 >= 5.0000 dollars (x)", "mobile");
  assert.ok(limit !== undefined);
  const budgets = [
    { id: "day", max_limit: 10, current_usage: 5 },
    { id: "hour", max_limit: 5, current_usage: 5.2 },
  ];
  const found = findLimit(limit, { virtual_key: { id: "vk", name: "mobile", budgets } });
  assert.deepEqual(found, { id: "hour", budget: { used: 5.2, limit: 5 } });
  assert.equal(raiseHref(limit, "hour", { virtual_key_id: "vk" }), "/keys?limit=hour");
  assert.equal(raiseHref(limit, null, { virtual_key_id: "vk" }), "/keys/vk");
});

test("an error of a provider is no stop of ours", () => {
  const error = { status_code: 429, type: "rate_limit_error", code: "upstream_rate_limited", message: "slow down" };
  assert.ok(!isStop({ error_details: error, attempts: [] }));
  assert.ok(isStop({ error_details: { ...error, code: "request_limited" }, attempts: [] }));
});
