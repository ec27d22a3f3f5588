// Routing rules as the planner applies them.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Decision, RequestFeatures, RuleFacts, StateView } from "../../core/decision.ts";
import type { RoutingRuleEntity, RuleTargetEntity, SettingsEntity } from "../../core/entities.ts";
import type { Snapshot, VirtualKey } from "../../core/snapshot.ts";
import { describeDecision } from "../describe.ts";
import { plan } from "../plan.ts";
import { snapshot as makeSnapshot, virtualKey } from "../snapshot-fixture.ts";

const HEALTHY: StateView = { now: 0, keys: new Map() };

interface RuleSpec extends Partial<Omit<RoutingRuleEntity, "targets">> {
  readonly to?: readonly string[];
  readonly targets?: readonly Partial<RuleTargetEntity>[];
}

let made = 0;

/** `to`: `provider/model`, `provider/` or `/model`, all with one weight. */
function rule(expression: string, spec: RuleSpec = {}): RoutingRuleEntity {
  const { to = [], targets, ...rest } = spec;
  const pairs = to.map((text) => {
    const slash = text.indexOf("/");
    return { provider: text.slice(0, slash) || null, model: text.slice(slash + 1) || null, weight: 1 / to.length };
  });
  const id = `rule-${++made}`;
  return {
    kind: "routing-rule",
    id,
    name: id,
    enabled: true,
    chain: false,
    expression,
    fallbacks: [],
    scope: "global",
    scopeId: null,
    priority: 0,
    ...rest,
    targets: (targets ?? pairs).map((target) => ({ provider: null, model: null, keyId: null, weight: 1, ...target })),
  };
}

function house(rules: readonly RoutingRuleEntity[], changes: Partial<Snapshot> = {}): Snapshot {
  const base = makeSnapshot([
    { name: "openai", models: ["gpt-4o", "gpt-4o-mini"], keys: [{ id: "main" }, { id: "spare" }] },
    { name: "anthropic", models: ["claude"] },
    { name: "groq", models: ["llama", "gpt-4o"] },
  ]);
  return { ...base, routingRules: rules, ...changes };
}

interface Asked extends Partial<Omit<RequestFeatures, "ruleFacts">> {
  readonly headers?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly text?: string;
  readonly budget?: number;
  readonly explains?: boolean;
}

function features(asked: Asked): RequestFeatures {
  const { headers = {}, params = {}, text = "", budget = 0, explains = false, ...rest } = asked;
  const ruleFacts: RuleFacts = {
    headers: () => headers,
    params: () => params,
    text: () => text,
    use: () => ({ budget, tokens: 0, requests: 0 }),
    explains,
  };
  const base = { operation: "chat" as const, stream: false, model: "openai/gpt-4o", fallbacks: [], ownProvider: null };
  return { ...base, virtualKey: null, pinnedKey: null, ...rest, ruleFacts };
}

const decide = (asked: Asked, snapshot: Snapshot, seed = 1): Decision => plan(features(asked), snapshot, HEALTHY, seed);
const orderOf = ({ order }: Decision): string[] =>
  order.map(({ provider, askedModel, reason }) => `${provider.name}/${askedModel} (${reason})`);

function keyOf(name: string, team: string | null = null, customer: string | null = null): VirtualKey {
  const key = virtualKey(name, null);
  return { ...key, entity: { ...key.entity, teamId: team, customerId: customer } };
}

test("the first rule that matches wins, and the ones before it say why they do not", () => {
  const rules = [
    rule('headers["X-Tier"] == "gold"', { to: ["anthropic/claude"] }),
    rule('model == "other"', { to: ["anthropic/claude"] }),
    rule('provider == "openai" && model.startsWith("gpt-4o")', { to: ["groq/llama"] }),
    rule("", { to: ["anthropic/claude"] }),
  ];
  const decision = decide({}, house(rules));
  assert.deepEqual(orderOf(decision), ["groq/llama (routing rule)"]);
  assert.equal(decision.engine, "routing-rule");
  assert.deepEqual(decision.rule, { id: rules[2]!.id, name: rules[2]!.name });
  assert.deepEqual(
    decision.rules.map(({ matched, why }) => [matched, why]),
    [
      [false, "header x-tier is absent"],
      [false, "the expression is false"],
      [true, "the expression is true"],
    ],
  );
  assert.deepEqual(orderOf(decide({ headers: { "x-tier": "gold" } }, house(rules))), [
    "anthropic/claude (routing rule)",
  ]);
});

test("without a match the request goes where it would go anyway, and the decision tells which rules were asked", () => {
  const snapshot = house([rule("params.temperature > 1", { to: ["groq/llama"] })]);
  const decision = decide({ params: { temperature: 0.5 } }, snapshot);
  assert.deepEqual(orderOf(decision), ["openai/gpt-4o (named)"]);
  assert.equal(decision.engine, "explicit");
  assert.equal(decision.rule, null);
  assert.deepEqual(describeDecision(decision).rules[0]!.matched, false);
  assert.equal(decide({}, snapshot).rules[0]!.why, "parameter temperature is absent");
});

test("people who ask are told which part of an expression does not hold", () => {
  const snapshot = house([rule('model == "gpt-4o" && budget_used > 80', { to: ["groq/llama"] })]);
  assert.equal(decide({ explains: true, budget: 10 }, snapshot).rules[0]!.why, "budget_used > 80 is false");
  assert.equal(decide({ explains: true, budget: 81 }, snapshot).engine, "routing-rule");
});

const scoped = (scope: RoutingRuleEntity["scope"], scopeId: string | null, model: string): RoutingRuleEntity =>
  rule("", { scope, scopeId, to: [`groq/${model}`] });

test("rules of a key come before those of its team, its customer and everybody; rules of others are not asked", () => {
  const rules = [
    scoped("virtual_key", "vk-1", "of-key"),
    scoped("team", "team-1", "of-team"),
    scoped("customer", "cust-1", "of-customer"),
    scoped("global", null, "of-all"),
  ];
  const team = { kind: "team" as const, id: "team-1", name: "T", customerId: "cust-1", budgets: [], rateLimit: null };
  const governance = { ...house([]).governance, findTeam: (id: string) => (id === "team-1" ? team : undefined) };
  const model = (caller: VirtualKey | null, without: number): string => {
    const decision = decide({ virtualKey: caller }, house(rules.slice(without), { governance }));
    assert.equal(decision.rules.length, 1);
    return decision.order[0]!.askedModel;
  };
  const member = keyOf("vk-1", "team-1");
  assert.deepEqual(
    [0, 1, 2, 3].map((without) => model(member, without)),
    ["of-key", "of-team", "of-customer", "of-all"],
  );
  assert.equal(model(keyOf("vk-2"), 0), "of-all");
  assert.equal(model(keyOf("vk-2", null, "cust-1"), 0), "of-customer");
  assert.equal(model(null, 0), "of-all");
});

test("targets are drawn by weight, among those that can be used, and the others are its fallbacks", () => {
  const targets = [
    { provider: "openai", model: "gpt-4o", weight: 0.75 },
    { provider: "groq", model: "llama", weight: 0.25 },
    { provider: "azure", model: "gpt-4o", weight: 0 },
  ];
  const snapshot = house([rule("", { targets })]);
  let first = 0;
  for (let seed = 0; seed < 2_000; seed++) {
    const decision = decide({ model: "gpt-4o" }, snapshot, seed);
    assert.equal(decision.order.length, 2);
    assert.equal(decision.order[1]!.reason, "automatic fallback");
    if (decision.order[0]!.provider.name === "openai") first++;
  }
  assert.ok(Math.abs(first / 2_000 - 0.75) < 0.03, String(first));
  const { candidates } = decide({}, snapshot);
  assert.deepEqual(
    candidates.map(({ provider, share, removed }) => [provider, share, removed]),
    [
      ["openai", 0.75, undefined],
      ["groq", 0.25, undefined],
      ["azure", 0, "provider not configured"],
    ],
  );
});

test("what a target leaves open stays as the request has it", () => {
  assert.deepEqual(orderOf(decide({}, house([rule("", { to: ["/gpt-4o-mini"] })]))), [
    "openai/gpt-4o-mini (routing rule)",
  ]);
  assert.deepEqual(orderOf(decide({}, house([rule("", { to: ["groq/"] })]))), ["groq/gpt-4o (routing rule)"]);
  // a bare model stays bare: those that offer it, or the key's providers by weight
  const bare = decide({ model: "gpt-4o" }, house([rule("", { to: ["/llama"] })]));
  assert.deepEqual(orderOf(bare), ["groq/llama (routing rule)"]);
  const key = virtualKey("k", [
    { provider: "openai", weight: 3 },
    { provider: "groq", weight: 1 },
  ]);
  const shared = decide({ model: "x", virtualKey: key }, house([rule("", { to: ["/gpt-4o"] })]));
  assert.deepEqual(
    shared.candidates.map(({ provider, share }) => [provider, share]),
    [
      ["openai", 0.75],
      ["groq", 0.25],
    ],
  );
  assert.equal(shared.order.length, 2);
});

test("a target pins a key by id, and the caller's own pin holds where the provider has that key", () => {
  const pin = house([rule("", { targets: [{ provider: "openai", keyId: "spare" }] })]);
  assert.deepEqual(
    decide({}, pin).order[0]!.keys.map(({ id }) => id),
    ["spare"],
  );
  assert.equal(decide({ pinnedKey: "main" }, pin).order[0]!.key.id, "spare");
  const away = house([rule("", { to: ["anthropic/claude"] })]);
  assert.deepEqual(orderOf(decide({ pinnedKey: "main" }, away)), ["anthropic/claude (routing rule)"]);
  const gone = decide({}, house([rule("", { targets: [{ provider: "openai", keyId: "nope" }] })]));
  assert.equal(gone.candidates[0]!.removed, "no key serves the model");
});

test("fallbacks of the rule replace the caller's; a provider alone keeps the model; a rule without any leaves them", () => {
  const own = house([rule("", { to: ["openai/gpt-4o"], fallbacks: ["anthropic/claude", "groq"] })]);
  assert.deepEqual(orderOf(decide({ fallbacks: ["groq/llama"] }, own)), [
    "openai/gpt-4o (routing rule)",
    "anthropic/claude (fallback of the rule)",
    "groq/gpt-4o (fallback of the rule)",
  ]);
  const none = house([rule("", { to: ["openai/gpt-4o", "groq/llama"] })]);
  const { order } = decide({ fallbacks: ["anthropic/claude"] }, none);
  assert.deepEqual(
    order.map(({ reason }) => reason),
    ["routing rule", "fallback named by the caller"],
  );
});

test("a rule cannot reach what the virtual key may not use: its fallbacks come then, or the refusal names it", () => {
  const key = virtualKey("k", [{ provider: "openai" }]);
  const to = { to: ["anthropic/claude"] };
  const saved = decide({ virtualKey: key }, house([rule("", { ...to, fallbacks: ["openai/gpt-4o"] })]));
  assert.deepEqual(orderOf(saved), ["openai/gpt-4o (fallback of the rule)"]);
  assert.equal(saved.candidates[0]!.removed, "provider not allowed by the virtual key");
  const refused = decide({ virtualKey: key }, house([rule("", { ...to, name: "escape" })]));
  assert.equal(refused.refusal?.code, "provider_blocked");
  assert.match(refused.refusal.message, /anthropic\/claude.*routing rule 'escape'/s);
});

test("a chain goes on with what the rule chose, until nothing matches, a rule ends it, a place comes again or it is too long", () => {
  const chain = { chain: true };
  const end = house([
    rule('model == "gpt-4o"', { to: ["openai/gpt-4o-mini"], ...chain, fallbacks: ["anthropic/claude"] }),
    rule('model == "gpt-4o-mini" && provider == "openai"', { to: ["groq/llama"] }),
    rule('model == "llama"', { to: ["anthropic/claude"] }),
  ]);
  const decision = decide({}, end);
  assert.deepEqual(orderOf(decision), ["groq/llama (routing rule)", "anthropic/claude (fallback of the rule)"]);
  assert.deepEqual(
    decision.rules.map(({ matched }) => matched),
    [true, false, true],
  );
  const unmatched = house([rule('model == "gpt-4o"', { to: ["groq/llama"], ...chain })]);
  assert.deepEqual(orderOf(decide({}, unmatched)), ["groq/llama (routing rule)"]);
  const circle = house([
    rule('model == "gpt-4o"', { to: ["openai/gpt-4o-mini"], ...chain }),
    rule('model == "gpt-4o-mini"', { to: ["openai/gpt-4o"], ...chain }),
  ]);
  assert.deepEqual(orderOf(decide({}, circle)), ["openai/gpt-4o (routing rule)"]);
  const long = [...Array(20).keys()].map((n) => rule(`model == "m${n}"`, { to: [`groq/m${n + 1}`], ...chain }));
  assert.equal(decide({ model: "groq/m0" }, house(long)).order[0]!.askedModel, "m10");
  const settings = { routingChainDepth: 3 } as SettingsEntity;
  assert.equal(decide({ model: "groq/m0" }, house(long, { settings })).order[0]!.askedModel, "m3");
});

test("a rule that does not compile is skipped, one that cannot be run does not match, and both say so", () => {
  const rules = [
    rule('model = "x"', { to: ["groq/llama"] }),
    rule("model", { to: ["groq/llama"] }),
    rule("params.n", { to: ["groq/llama"] }),
    rule('int(headers["x-n"]) > 3', { to: ["groq/llama"] }),
    rule("!params.flag", { to: ["anthropic/claude"] }),
  ];
  const decision = decide({ params: { n: 1, flag: false }, headers: { "x-n": "many" } }, house(rules));
  assert.deepEqual(orderOf(decision), ["anthropic/claude (routing rule)"]);
  const [first, second, third, fourth] = decision.rules.map(({ why }) => why);
  assert.match(first!, /^it is skipped: Unexpected character/);
  assert.match(second!, /^it is skipped: the expression is a string/);
  assert.equal(third, "the expression gives neither true nor false");
  assert.match(fourth!, /cannot convert to int/);
});

test("a rule that is off, or of no target, sends nothing elsewhere by mistake", () => {
  const off = house([rule("", { to: ["groq/llama"], enabled: false })]);
  assert.deepEqual(orderOf(decide({}, off)), ["openai/gpt-4o (named)"]);
});

test("a decision tells at most 64 verdicts, the match among them", () => {
  const rules = [...Array(100).keys()].map((n) => rule(`model.endsWith("m${n}")`, { to: ["groq/llama"] }));
  const { rules: told, order } = decide({ model: "openai/m99" }, house(rules));
  assert.equal(told.length, 64);
  assert.equal(told[63]!.matched, true);
  assert.equal(order[0]!.askedModel, "llama");
});

/** Which rule won, and how many were asked. */
function wins(asked: Parameters<typeof features>[0], list: readonly RoutingRuleEntity[]) {
  const { rule: found, rules: told } = decide(asked, house(list));
  return [found?.id, told.length];
}

test("of many rules only those that may match are asked, and the first of them in their order wins", () => {
  const many = [...Array(300).keys()].map((n) => {
    const demands = [`model == "m${n}"`, `headers.tier == "t${n}"`, `headers.h${n} > "a"`, `"x${n}" == model && true`];
    return rule(demands[n % 4]!, { to: ["groq/llama"] });
  });
  const late = rule('model.startsWith("gpt")', { to: ["anthropic/claude"] });
  assert.deepEqual(wins({ model: "m200" }, many), [many[200]!.id, 1]);
  assert.deepEqual(wins({ model: "x", headers: { tier: "t201" } }, many), [many[201]!.id, 1]);
  assert.deepEqual(wins({ model: "x", headers: { h202: "b" } }, many), [many[202]!.id, 1]);
  assert.deepEqual(wins({ model: "x203" }, many), [many[203]!.id, 1]);
  assert.deepEqual(wins({ model: "gpt-4o" }, [...many, late]), [late.id, 1]);
  assert.deepEqual(wins({ model: "m5" }, many), [undefined, 0]);
});

test("with all keys of a target resting the others of the rule come first", () => {
  const snapshot = house([rule("", { to: ["anthropic/claude", "groq/llama"] })]);
  const resting = { restUntil: 10, reason: "rate limited" as const, probing: false };
  const view = { now: 0, keys: new Map([["anthropic-key", resting]]) };
  for (let seed = 0; seed < 20; seed++) {
    const { order } = plan(features({}), snapshot, view, seed);
    assert.deepEqual(
      order.map(({ askedModel }) => askedModel),
      ["llama", "claude"],
    );
  }
});

test("planning with rules stays pure: the same question has the same answer, and another's leaves no trace", () => {
  const expressions = [
    "",
    'model == "gpt-4o"',
    'provider == ""',
    'headers["a"] == "1"',
    "params.n > 1",
    'model.matches("^gpt")',
    "budget_used > 50",
    'complexity_tier == "SIMPLE"',
    "broken(",
  ];
  const target = fc.constantFrom("openai/gpt-4o", "groq/", "/gpt-4o-mini", "anthropic/claude", "nowhere/x");
  const rules = fc.array(
    fc.record({
      expression: fc.constantFrom(...expressions),
      chain: fc.boolean(),
      to: fc.array(target, { minLength: 1, maxLength: 3 }),
      fallbacks: fc.array(fc.constantFrom("groq/llama", "openai", "x"), { maxLength: 2 }),
    }),
    { maxLength: 6 },
  );
  const asked = fc.record({
    model: fc.constantFrom("gpt-4o", "openai/gpt-4o", "claude", "nowhere/x"),
    headers: fc.constantFrom({}, { a: "1" }, { a: "2" }),
    params: fc.constantFrom({}, { n: 1 }, { n: 2 }),
    budget: fc.integer({ min: 0, max: 100 }),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(rules, asked, asked, (specs, one, other) => {
      const snapshot = house(specs.map(({ expression, ...spec }) => rule(expression, spec)));
      const before = decide(one, snapshot, one.seed);
      decide(other, snapshot, other.seed);
      const after = decide(one, snapshot, one.seed);
      assert.deepEqual(describeDecision(after), describeDecision(before));
      assert.equal(before.order.length > 0, before.refusal === null);
      const shares = before.candidates.reduce((sum, { share }) => sum + share, 0);
      assert.ok(shares < 1.000001, String(shares));
    }),
    { numRuns: 400 },
  );
});
