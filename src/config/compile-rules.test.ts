// Routing rules in snapshots: the order in which they are tried, and one list while none of them changes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { STANDARD_COMPLEXITY } from "../core/complexity.ts";
import type { RoutingRuleEntity, RuleScope } from "../core/entities.ts";
import { SnapshotBuilder } from "./compile.ts";
import { ruleEntity } from "./rule-entity.ts";
import { testRegistry } from "./testing.ts";

const rule = (id: string, scope: RuleScope = "global", more: object = {}): RoutingRuleEntity =>
  ruleEntity({ id, name: id }, { scope, scope_id: "x", model: "m", ...more });

const ids = (rules: readonly RoutingRuleEntity[]): string => rules.map(({ id }) => id).join(" ");

test("narrower scopes come first, then lower priorities, then older rules; disabled ones are not there", () => {
  const builder = new SnapshotBuilder(testRegistry);
  const rules = [
    rule("global"),
    rule("customer", "customer"),
    rule("late", "team", { priority: 5 }),
    rule("early", "team", { priority: -1 }),
    rule("off", "virtual_key", { enabled: false }),
    rule("key", "virtual_key"),
    rule("second", "team", { priority: 5 }),
  ];
  builder.apply(rules, [], 1);
  assert.equal(ids(builder.seal().routingRules), "key early late second customer global");
  assert.equal(builder.entities().filter(({ kind }) => kind === "routing-rule").length, rules.length);
});

test("a rule that is changed keeps its place among those of its priority", () => {
  const builder = new SnapshotBuilder(testRegistry);
  builder.apply([rule("a"), rule("b"), rule("c")], [], 1);
  builder.apply([rule("a", "global", { model: "other" })], [], 2);
  assert.equal(ids(builder.seal().routingRules), "a b c");
  builder.apply([], ["routing-rule:b"], 3);
  assert.equal(ids(builder.seal().routingRules), "a c");
});

test("the list is the same while no rule changes, and snapshots keep theirs", () => {
  const builder = new SnapshotBuilder(testRegistry);
  builder.apply([rule("a")], [], 1);
  const first = builder.seal();
  builder.apply([{ kind: "customer", id: "c", name: "c", budgets: [], rateLimit: null }], [], 2);
  assert.equal(builder.seal().routingRules, first.routingRules);
  builder.apply([], ["routing-rule:a"], 3);
  assert.equal(ids(builder.seal().routingRules), "");
  assert.equal(ids(first.routingRules), "a");
});

test("how complexity is told comes, goes, and is forgotten with everything", () => {
  const builder = new SnapshotBuilder(testRegistry);
  assert.equal(builder.seal().complexity, null);
  builder.apply([{ ...STANDARD_COMPLEXITY, medium: 0.2 }, rule("a")], [], 1);
  assert.equal(builder.seal().complexity?.medium, 0.2);
  builder.apply([], ["complexity:"], 2);
  assert.equal(builder.seal().complexity, null);
  builder.apply([STANDARD_COMPLEXITY], [], 3);
  builder.forget("all-but-virtual-keys");
  const forgotten = builder.seal();
  assert.deepEqual([forgotten.complexity, forgotten.routingRules], [null, []]);
});
