// The words of refusals: what clients look for, every limit, and when to come back.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CounterStanding } from "../core/counters.ts";
import type { PassedOver } from "./admission-ask.ts";
import type { OwnerKind, SpecKind } from "./counter-spec.ts";
import { LoopCounter, VERDICT } from "./loop-counter.ts";
import { refusalError } from "./refusal.ts";
import type { Block, Refused } from "./waiter.ts";

const NOW = Date.UTC(2026, 0, 1);

function block(kind: SpecKind, owner: OwnerKind, told: Partial<CounterStanding>): Block {
  const id = `${owner}:${kind}`;
  const counter = new LoopCounter({
    id,
    kind,
    owner: { kind: owner, name: "blue", entity: "team:blue" },
    limit: 1,
    reset: "1h",
    hard: false,
  });
  counter.standing = {
    counter: id,
    state: "exhausted",
    used: 105_500_000_000n,
    limit: 100_000_000_000n,
    lastReset: NOW,
    resetsAt: null,
    retryAfter: null,
    ...told,
  };
  return { counter, amount: 1, verdict: VERDICT.exhausted };
}

const limits = (...targets: readonly (readonly Block[])[]): Refused => ({
  type: "refused",
  reason: "limits",
  targets: targets.map((blocks) => ({ passed: null, blocks })),
});
const passed = (each: PassedOver): Refused => ({
  type: "refused",
  reason: "limits",
  targets: [{ passed: each, blocks: [] }],
});
const error = (refused: Refused) => refusalError(refused, NOW, 0);

test("a used up budget is 402 with use, limit and reset", () => {
  const told = error(limits([block("budget", "VK", { resetsAt: NOW + 7_200_000, retryAfter: 7_200_000 })]));
  assert.equal(
    told.message,
    "Budget exceeded: VK budget exceeded: 105.5000 >= 100.0000 dollars (next room at 2026-01-01T02:00:00.000Z)",
  );
  assert.deepEqual(
    [told.status, told.code, told.type, told.retryAfter],
    [402, "budget_exceeded", "budget_exceeded", 7200],
  );
});

test("a rate limit of any target makes it 429 with the earliest return, and names every limit", () => {
  const token = block("tokens", "VK", { used: 1500n, limit: 1000n, retryAfter: 30_000 });
  const team = block("budget", "Team", {});
  const told = error(limits([token], [team]));
  assert.match(
    told.message,
    /^Rate limit check failed: rate limit violated for VK: \[token limit exceeded \(1500\/1000, resets every 1h, next room at /,
  );
  assert.match(
    told.message,
    /Budget exceeded: Team blue budget exceeded: 105\.5000 >= 100\.0000 dollars \(does not reset by itself\)$/,
  );
  assert.deepEqual([told.status, told.type, told.retryAfter], [429, "token_limited", 30]);
});

test("requests, tokens or both have types of their own", () => {
  const tokens = block("tokens", "VK", { retryAfter: 1000 });
  const requests = block("requests", "VK", { retryAfter: 90_000 });
  assert.equal(error(limits([requests])).type, "request_limited");
  const both = error(limits([tokens, requests]));
  assert.equal(both.type, "rate_limited");
  // one target comes back when its last limit does
  assert.equal(both.retryAfter, 90);
});

test("lists, prices and bounds alone are told as what they are", () => {
  const dear = error(passed({ reason: "max-cost", text: "too dear", param: "x-bf-max-cost" }));
  assert.deepEqual([dear.status, dear.type, dear.code], [402, "budget_exceeded", "max_cost"]);
  const unpriced = error(passed({ reason: "unpriced", text: "no price" }));
  assert.deepEqual([unpriced.status, unpriced.type, unpriced.code], [403, "model_blocked", "model_unpriced"]);
  const unbound = error(passed({ reason: "no-bound", text: "set max_tokens", param: "max_tokens" }));
  assert.deepEqual([unbound.status, unbound.param], [400, "max_tokens"]);
});
