// Measures one plan with 0, 1, 100 and 1,000 routing rules: none matches, the usual case, and rules for other keys.
// Usage: node bench/micro/rules.ts [plans]
import type { RequestFeatures, RuleFacts, StateView } from "../../src/core/decision.ts";
import type { RoutingRuleEntity } from "../../src/core/entities.ts";
import { plan } from "../../src/routing/plan.ts";
import { snapshot as makeSnapshot, virtualKey } from "../../src/routing/snapshot-fixture.ts";

const count = Number(process.argv[2] ?? 20_000);
const BATCH = 20;
const VIEW: StateView = { now: 0, keys: new Map() };
const base = makeSnapshot([
  { name: "openai", models: ["gpt-4o"] },
  { name: "anthropic", models: ["claude"] },
]);
const caller = virtualKey("vk-1", [{ provider: "openai" }, { provider: "anthropic" }]);

/** Of the kinds that people write; none holds for the request below. */
const EXPRESSIONS = [
  (n: number) => `model == "model-${n}"`,
  (n: number) => `headers["x-tier"] == "tier-${n}" && model.startsWith("gpt")`,
  (n: number) => `headers["x-team-${n}"] == "yes"`,
  (n: number) => `params.temperature > 1.5 && budget_used > ${n % 100}`,
  (n: number) => `request_type == "embedding" || model.matches("^o[0-9]-${n}")`,
];

/** The first three can be looked up by what they demand. */
const LOOKED_UP = 3;

function rules(amount: number, isForOthers: boolean, kinds = EXPRESSIONS.length): RoutingRuleEntity[] {
  return [...Array(amount).keys()].map((n) => ({
    kind: "routing-rule",
    id: `rule-${n}`,
    name: `rule ${n}`,
    enabled: true,
    chain: false,
    expression: EXPRESSIONS[n % kinds]!(n),
    targets: [{ provider: "anthropic", model: "claude", keyId: null, weight: 1 }],
    fallbacks: [],
    scope: isForOthers ? "virtual_key" : "global",
    scopeId: isForOthers ? `vk-${n + 2}` : null,
    priority: n,
  }));
}

const PARAMS = { temperature: 0.7, max_tokens: 256 };

function features(): RequestFeatures {
  let headers: Record<string, string> | null = null;
  const ruleFacts: RuleFacts = {
    headers: () => (headers ??= { host: "localhost", "x-tier": "gold", "content-type": "application/json" }),
    params: () => PARAMS,
    text: () => "",
    use: () => ({ budget: 10, tokens: 0, requests: 0 }),
  };
  const asked = { operation: "chat" as const, stream: false, model: "gpt-4o", fallbacks: [], ownProvider: null };
  return { ...asked, virtualKey: caller, pinnedKey: null, ruleFacts };
}

function measure(name: string, routingRules: RoutingRuleEntity[], plans: number): void {
  const snapshot = { ...base, routingRules };
  let seed = 0;
  const one = (): void => {
    const decision = plan(features(), snapshot, VIEW, seed++);
    if (decision.rule !== null || decision.order.length === 0) throw new Error("a rule matched that must not");
  };
  const began = performance.now();
  one();
  const first = performance.now() - began;
  for (let i = 0; i < plans / 4; i++) one();
  const times = new Float64Array(Math.ceil(plans / BATCH));
  for (let batch = 0; batch < times.length; batch++) {
    const started = performance.now();
    for (let i = 0; i < BATCH; i++) one();
    times[batch] = ((performance.now() - started) * 1000) / BATCH;
  }
  times.sort();
  const at = (part: number): string => times[Math.floor(times.length * part)]!.toFixed(2);
  console.log(
    `${name}: p50 ${at(0.5)} µs, p99 ${at(0.99)} µs a plan; the first, which compiles, ${first.toFixed(1)} ms`,
  );
}

measure("no rules", [], count);
measure("1 rule", rules(1, false), count);
measure("100 rules", rules(100, false), count);
measure("1,000 rules that demand a model or a header", rules(1_000, false, LOOKED_UP), count);
measure("1,000 rules of all kinds", rules(1_000, false), Math.ceil(count / 10));
measure("1,000 rules of other keys", rules(1_000, true), count);
