// Routing rules of the file: every spelling, what is refused with its place, and what is only told.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RoutingRuleEntity } from "../core/entities.ts";
import { loadConfiguration } from "./load.ts";
import { testRegistry } from "./testing.ts";

const OPENAI = { openai: { keys: [{ id: "k-1", name: "main", value: "sk" }] } };

function load(rules: unknown, governance: object = {}) {
  return loadConfiguration({
    appDir: "/nowhere",
    configPath: null,
    text: JSON.stringify({ providers: OPENAI, governance: { routing_rules: rules, ...governance } }, null, 1),
    environment: {},
    registry: testRegistry,
    catalogue: [],
    expressionProblem: (text) => (text.includes("((") ? "unexpected end\n  ((\n   ^" : null),
  });
}

function read(rule: object, governance: object = {}): { rules: RoutingRuleEntity[]; warnings: string } {
  const result = load([rule], governance);
  assert.ok(result.ok, result.ok ? "" : result.errors.map(({ text }) => text).join());
  const rules = result.entities.filter((entity) => entity.kind === "routing-rule");
  return { rules, warnings: result.warnings.map(({ text }) => text).join("\n") };
}

function refusal(rule: object): string {
  const result = load([rule]);
  assert.equal(result.ok, false);
  return result.errors.map(({ text }) => text).join("\n");
}

const TARGET = { provider: "openai", model: "gpt-4o", weight: 1 };

test("a whole rule is read without a word", () => {
  const { rules, warnings } = read({
    id: "r",
    name: "cheap",
    description: "for people",
    enabled: false,
    chain_rule: true,
    cel_expression: ' model == "gpt-4o" ',
    targets: [
      { provider: "openai", model: "a", key_id: "main", weight: 0.333 },
      { provider: null, model: "b", key_id: null, weight: 0.667 },
    ],
    fallbacks: ["openai/c"],
    scope: "global",
    scope_id: null,
    priority: -3,
    query: { combinator: "and", rules: [{ field: "model" }] },
    created_at: "2027-01-01T00:00:00Z",
  });
  assert.equal(warnings, "");
  assert.deepEqual(rules, [
    {
      kind: "routing-rule",
      id: "r",
      name: "cheap",
      enabled: false,
      chain: true,
      expression: 'model == "gpt-4o"',
      targets: [
        { provider: "openai", model: "a", keyId: "main", weight: 0.333 },
        { provider: null, model: "b", keyId: null, weight: 0.667 },
      ],
      fallbacks: ["openai/c"],
      scope: "global",
      scopeId: null,
      priority: -3,
    },
  ]);
});

test("a single provider and model is one target, and targets without weights share alike", () => {
  const [pair] = read({ name: "a", provider: "openai", model: "m" }).rules;
  assert.deepEqual(pair?.targets, [{ provider: "openai", model: "m", keyId: null, weight: 1 }]);
  const [even] = read({ name: "b", targets: [{ model: "a" }, { model: "b" }] }).rules;
  assert.deepEqual(
    even?.targets.map(({ weight }) => weight),
    [0.5, 0.5],
  );
});

test("what cannot be meant is refused with its place", () => {
  for (const [rule, told] of [
    [{ targets: [TARGET] }, /routing_rules\[0\] has no name/],
    [{ name: "a" }, /routing_rules\[0\] names no target/],
    [{ name: "a", targets: [] }, /names no target/],
    [{ name: "a", targets: [TARGET], model: "m" }, /has targets and a single provider or model/],
    [{ name: "a", targets: [{ ...TARGET, weight: 0.7 }] }, /weights must add up to 1[^]*0\.7/],
    [{ name: "a", targets: [TARGET, { model: "m" }] }, /weights must add up to 1[^]*without a weight/],
    [{ name: "a", targets: [TARGET], scope: "team" }, /is for one team, but names none/],
    [{ name: "a", targets: [TARGET], scope: "user", scope_id: "u" }, /scope/],
    [{ name: "a", targets: [TARGET], fallbacks: [""] }, /fallbacks holds an empty name/],
  ] as const) {
    const text = refusal(rule);
    assert.match(text, told);
    assert.match(text, /config\.json:\d+:\d+/);
  }
});

test("two rules of one name are refused", () => {
  const result = load([
    { name: "a", targets: [TARGET] },
    { name: "a", targets: [TARGET] },
  ]);
  assert.equal(result.ok, false);
  assert.match(result.errors[0]?.message ?? "", /routing_rules\[1\] has the name of another routing rule/);
});

test("a rule that does not compile is told with its caret and left out", () => {
  const { rules, warnings } = read({ name: "a", targets: [TARGET], cel_expression: "((" });
  assert.deepEqual(rules, []);
  assert.match(warnings, /config\.json:\d+:\d+[^]*cel_expression does not compile; the rule is skipped:[^]*\^/);
});

test("providers and keys that are not there are told", () => {
  const { rules, warnings } = read({
    name: "a",
    targets: [
      { provider: "opnai", key_id: "x", weight: 0.5 },
      { provider: "openai", key_id: "mian", weight: 0.5 },
    ],
    fallbacks: ["anthropic/m", "openai/m", "bare"],
  });
  assert.equal(rules.length, 1);
  assert.match(warnings, /targets\[0\]: provider "opnai" is not configured[^]*openai/);
  assert.match(warnings, /targets\[1\]\.key_id: there is no provider key "mian"[^]*main/);
  assert.match(warnings, /fallbacks: provider "anthropic" is not configured/);
  assert.doesNotMatch(warnings, /bare/);
});

test("the one it is for may be called by name; one that is not there is told", () => {
  const governance = {
    teams: [{ id: "t-1", name: "blue" }],
    customers: [{ id: "c-1", name: "Acme" }],
    virtual_keys: [{ id: "v-1", name: "app", value: "vk-1", provider_configs: [{ provider: "openai" }] }],
  };
  const scoped = (scope: string, name: string) =>
    read({ name: "a", targets: [TARGET], scope, scope_id: name }, governance);
  for (const [scope, name, id] of [
    ["team", "blue", "t-1"],
    ["customer", "c-1", "c-1"],
    ["virtual_key", "app", "v-1"],
    ["virtual_key", "v-1", "v-1"],
  ] as const) {
    const { rules, warnings } = scoped(scope, name);
    assert.deepEqual([rules[0]?.scopeId, warnings], [id, ""], `${scope} ${name}`);
  }
  assert.match(scoped("team", "green").warnings, /there is no team "green", so the rule matches nothing/);
  assert.match(scoped("virtual_key", "nobody").warnings, /there is no virtual key "nobody" in the file/);
});
