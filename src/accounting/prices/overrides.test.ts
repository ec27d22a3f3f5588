// Tests of configured prices: whose holds, and what it changes.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PriceOverride } from "../../core/price.ts";
import { applyOverride, chooseOverride, compileOverrides, type PricedRequest, readPatch } from "./overrides.ts";
import { priceUsage } from "./price-usage.ts";
import { priceOf, usageOf } from "./testing.ts";

function override(id: string, more: Partial<PriceOverride> = {}): PriceOverride {
  return {
    id,
    name: id,
    scope: "global",
    virtualKeyId: null,
    providerId: null,
    providerKeyId: null,
    match: "exact",
    pattern: "gpt-4o",
    requestTypes: ["chat_completion"],
    patch: { input_cost_per_token: 1e-6 },
    ...more,
  };
}

const request: PricedRequest = {
  virtualKeyId: "vk-1",
  provider: "openai",
  providerKeyId: "k-1",
  providerKeyName: "main",
  model: "gpt-4o",
  requestType: "chat_completion",
};

const choose = (overrides: readonly PriceOverride[], more: Partial<PricedRequest> = {}): string | null =>
  chooseOverride(compileOverrides(overrides), { ...request, ...more })?.id ?? null;

test("the most specific scope wins, in the documented order", () => {
  const ids = { virtualKeyId: "vk-1", providerId: "openai", providerKeyId: "k-1" };
  const scopes = [
    "global",
    "provider",
    "provider_key",
    "virtual_key",
    "virtual_key_provider",
    "virtual_key_provider_key",
  ] as const;
  const all = scopes.map((scope) => override(scope, { ...ids, scope }));
  for (let most = scopes.length; most > 0; most--) assert.equal(choose(all.slice(0, most)), scopes[most - 1]);
});

test("a scope holds for its own alone", () => {
  assert.equal(choose([override("a", { scope: "virtual_key", virtualKeyId: "vk-2" })]), null);
  assert.equal(choose([override("a", { scope: "virtual_key", virtualKeyId: "vk-1" })], { virtualKeyId: null }), null);
  assert.equal(choose([override("a", { scope: "provider", providerId: "azure" })]), null);
  assert.equal(choose([override("a", { scope: "provider_key", providerKeyId: "main" })]), "a");
  assert.equal(choose([override("a", { scope: "provider_key", providerKeyId: "main", providerId: "azure" })]), null);
  assert.equal(choose([override("a", { scope: "virtual_key" })], { virtualKeyId: null }), null);
});

test("exact comes before wildcard, a longer wildcard before a shorter one", () => {
  const wild = (id: string, pattern: string): PriceOverride => override(id, { match: "wildcard", pattern });
  assert.equal(choose([wild("a", "*"), wild("b", "gpt-*"), wild("c", "gpt-4o*")]), "c");
  assert.equal(choose([wild("a", "gpt-4o*"), override("z")]), "z");
  assert.equal(choose([wild("a", "gpt-4")]), null);
  assert.equal(choose([override("a", { pattern: "gpt-*" })]), null);
});

test("equals are decided the same way in any order", () => {
  const pair = [override("b"), override("a")];
  assert.equal(choose(pair), "a");
  assert.equal(choose(pair.toReversed()), "a");
});

test("a stream is of the type that it streams, and other types are not touched", () => {
  assert.equal(choose([override("a")], { requestType: "chat_completion_stream" }), "a");
  assert.equal(choose([override("a", { requestTypes: ["chat_completion_stream"] })]), "a");
  assert.equal(choose([override("a")], { requestType: "embedding" }), null);
  assert.equal(choose([override("a", { requestTypes: [] })]), null);
});

test("a patch changes its own rates alone and gives the price another version", () => {
  const [compiled] = compileOverrides([override("contract", { patch: { input_cost_per_token: 2e-6 } })]);
  assert.ok(compiled);
  const before = priceOf({ input: 5_000_000, output: 9_000_000 });
  const after = applyOverride(before, compiled);
  assert.deepEqual(after.periods[0]?.rates, { input: 2_000_000, output: 9_000_000 });
  assert.equal(after.source, "override contract");
  assert.match(after.version, /^test 1 \+ override [0-9a-f]{12}$/);
  assert.equal(before.periods[0]?.rates["input"], 5_000_000);
  assert.equal(applyOverride(before, compiled).version, after.version);
});

test("a model without a price has the patch's rates alone", () => {
  const [compiled] = compileOverrides([override("a", { patch: { input_cost_per_token: 1e-6 } })]);
  assert.ok(compiled);
  const priced = priceUsage(usageOf({ input: 1000, output: 1 }), applyOverride(null, compiled), 0);
  assert.equal(priced.nano, 1_000_000);
  assert.deepEqual(priced.unpriced, ["output"]);
});

test("a member of a patch that is no price is refused by name", () => {
  assert.throws(() => readPatch({ input_cost_per_tokens: 1 }), { member: "input_cost_per_tokens" });
  assert.throws(() => readPatch({ input_cost_per_token: -1 }), { member: "input_cost_per_token" });
  assert.throws(() => readPatch({ constructor: 1 }), { member: "constructor" });
});
