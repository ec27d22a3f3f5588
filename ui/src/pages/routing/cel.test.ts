// Groups of the builder and the text of expressions, both ways.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Comparison, EMPTY, fromCel, type Group, keptTree, toCel } from "./cel.ts";

const one = (field: string, operator: Comparison["operator"], value: string, name = ""): Comparison => ({
  type: "rule",
  field,
  name,
  operator,
  value,
});

const TREE: Group = {
  type: "group",
  join: "and",
  items: [
    one("model", "==", "gpt-4o"),
    { type: "group", join: "or", items: [one("budget_used", ">", "80"), one("headers", "==", 'g"old', "x-tier")] },
    one("params", "<=", "0.5", "temperature"),
  ],
};

test("groups become an expression, and it becomes the same groups", () => {
  const text = toCel(TREE);
  assert.equal(
    text,
    'model == "gpt-4o" && (budget_used > 80 || headers["x-tier"] == "g\\"old") && params["temperature"] <= 0.5',
  );
  assert.deepEqual(fromCel(text), TREE);
});

test("lists, calls and presence go both ways", () => {
  for (const text of [
    'model in ["a", "b"]',
    'model.startsWith("gpt-")',
    'headers["x-a"].matches("^a+$")',
    '"x-beta" in headers',
    'params["stream"] == true',
    'team_name != "research" || complexity_tier == "SIMPLE"',
  ])
    assert.equal(toCel(fromCel(text) ?? EMPTY), text);
});

test("single quotes are read", () => {
  assert.equal(toCel(fromCel("model == 'gpt-4o'") ?? EMPTY), 'model == "gpt-4o"');
});

test("what says more than the builder can show stays text", () => {
  for (const text of [
    "size(model) > 3",
    "!(model == 'a')",
    "budget_used + 3 > 5",
    "model == provider",
    'model == "a" &&',
    "model.lower()",
  ])
    assert.equal(fromCel(text), null, text);
});

test("nothing is every request", () => {
  assert.deepEqual(fromCel("  "), EMPTY);
  assert.equal(toCel(EMPTY), "");
});

test("a kept tree is used while it still says the same", () => {
  const kept: Group = {
    type: "group",
    join: "and",
    items: [{ type: "group", join: "or", items: [one("model", "==", "a")] }],
  };
  assert.deepEqual(keptTree(kept, 'model == "a"'), kept);
  assert.deepEqual(keptTree(kept, 'model == "b"'), fromCel('model == "b"'));
  assert.deepEqual(keptTree({ combinator: "and", rules: [] }, ""), EMPTY);
});
