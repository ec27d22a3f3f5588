// Rules while they are written: bodies, shares, the order.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addTarget,
  draftOf,
  freshRule,
  inOrder,
  movedPriorities,
  removeTarget,
  ruleBody,
  targetNames,
  withText,
} from "./rule-draft.ts";
import type { Rule } from "./types.ts";

const rule = (id: string, more: Partial<Rule> = {}): Rule => ({
  id,
  name: id,
  description: "",
  enabled: true,
  chain_rule: false,
  cel_expression: "",
  targets: [{ provider: "openai", model: null, key_id: null, weight: 1 }],
  fallbacks: [],
  scope: "global",
  scope_id: null,
  priority: 0,
  source: { type: "api" },
  ...more,
});

test("a rule that is opened and saved says the same", () => {
  const shown = rule("a", {
    cel_expression: 'model == "x"',
    targets: [
      { provider: "openai", model: null, key_id: null, weight: 0.6 },
      { provider: null, model: "m", key_id: "k", weight: 0.4 },
    ],
    scope: "team",
    scope_id: "t",
    priority: 3,
  });
  const body = ruleBody(draftOf(shown));
  for (const member of ["cel_expression", "targets", "scope", "scope_id", "priority", "enabled"] as const)
    assert.deepEqual(body[member], shown[member], member);
});

test("the weights of a new rule add up to one", () => {
  const three = addTarget(addTarget(freshRule([]).targets));
  assert.equal(
    three.reduce((sum, { share }) => sum + share, 0),
    100,
  );
  assert.equal(
    removeTarget(three, three[1]?.id ?? 0).reduce((sum, { share }) => sum + share, 0),
    100,
  );
});

test("the builder follows the text as far as it can", () => {
  assert.equal(withText(freshRule([]), "size(model) > 1").tree, null);
  assert.equal(withText(freshRule([]), 'model == "a"').tree?.items.length, 1);
});

test("targets of one name are told apart", () => {
  assert.deepEqual(targetNames(addTarget(freshRule([]).targets)), [
    "its provider its model",
    "its provider its model (2)",
  ]);
});

test("rules stand in the order in which they are asked", () => {
  const list = [
    rule("g1", { priority: 1 }),
    rule("v", { scope: "virtual_key", priority: 9 }),
    rule("g0"),
    rule("t", { scope: "team" }),
  ];
  assert.deepEqual(
    inOrder(list).map(({ id }) => id),
    ["v", "t", "g0", "g1"],
  );
});

test("moving a rule writes only the priorities that change", () => {
  const list = [rule("a", { priority: 0 }), rule("b", { priority: 1 }), rule("c", { priority: 2 })];
  assert.deepEqual(movedPriorities(list, "c", 1), [
    { id: "c", priority: 1 },
    { id: "b", priority: 2 },
  ]);
  assert.deepEqual(movedPriorities(list, "a", 0), []);
});
