// Words about decisions, rows of shares.
import assert from "node:assert/strict";
import { test } from "node:test";
import { engineWords, reasonWords, shareRows } from "./words.ts";

const candidate = (provider: string, share: number) => ({ provider, model: "m", weight: share, share, health: 1 });

test("a step that a rule caused names the rule", () => {
  const decision = { engine: "routing-rule", rule: { id: "1", name: "cheap" } };
  assert.match(reasonWords("routing rule", decision), /“cheap”/);
  assert.match(reasonWords("fallback of the rule", decision), /“cheap”/);
  assert.match(engineWords(decision), /“cheap”/);
  assert.equal(reasonWords("something new", {}), "something new.");
});

test("shares of the draws stand beside those of the weights, the largest first", () => {
  assert.deepEqual(
    shareRows([candidate("a", 0.2), candidate("b", 0.8), candidate("c", 0)], { "b/m": 0.79, "a/m": 0.21 }),
    [
      { name: "b/m", wanted: 0.8, drawn: 0.79 },
      { name: "a/m", wanted: 0.2, drawn: 0.21 },
    ],
  );
});

test("one target named twice is one row", () => {
  assert.deepEqual(shareRows([candidate("a", 0.5), candidate("a", 0.5)], { "a/m": 1 }), [
    { name: "a/m", wanted: 1, drawn: 1 },
  ]);
});
