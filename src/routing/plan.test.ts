// The planner's rules, one sentence each, and its purity.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Assumptions, KeyState, RequestFeatures, StateView } from "../core/decision.ts";
import { describeDecision } from "./describe.ts";
import { plan } from "./plan.ts";
import { simulate } from "./simulate.ts";
import { type ProviderFixture, type ScopeFixture, snapshot, virtualKey } from "./snapshot-fixture.ts";

const HEALTHY: StateView = { now: 1000, keys: new Map() };

function resting(...ids: string[]): StateView {
  return {
    now: 1000,
    keys: new Map(ids.map((id) => [id, { restUntil: 5000, reason: "failing", probing: false } as KeyState])),
  };
}

function features(model: string, more: Partial<RequestFeatures> = {}): RequestFeatures {
  return {
    operation: "chat",
    stream: false,
    model,
    fallbacks: [],
    ownProvider: null,
    virtualKey: null,
    pinnedKey: null,
    ...more,
  };
}

const house = snapshot([
  { name: "azure", models: ["gpt-4o", "gpt-4o-mini"] },
  { name: "openai", models: ["gpt-4o", "gpt-4o-mini"] },
  { name: "anthropic", models: ["claude-3-5-sonnet-20241022"] },
]);
const prod = virtualKey("vk-prod-main", [
  { provider: "azure", allowed: ["gpt-4o"], weight: 0.8 },
  { provider: "openai", allowed: ["gpt-4o", "gpt-4o-mini"], weight: 0.2 },
]);

const targets = (model: string, more: Partial<RequestFeatures> = {}, view = HEALTHY, seed = 1) =>
  plan(features(model, more), house, view, seed).order.map((t) => `${t.provider.name}/${t.model}`);

test("a provider of which a limit is used up is drawn behind the others, whose weights share what was its part", () => {
  const three = snapshot(["a", "b", "c"].map((name) => ({ name, models: ["m"] })));
  const key = virtualKey("vk", [
    { provider: "a", weight: 0.5 },
    { provider: "b", weight: 0.3 },
    { provider: "c", weight: 0.2 },
  ]);
  const asked = (usedUp: readonly string[] | null) =>
    plan(features("m", { virtualKey: key, usedUp: usedUp === null ? null : new Set(usedUp) }), three, HEALTHY, 3);
  const shares = (decision: ReturnType<typeof asked>) =>
    decision.candidates.map(({ share }) => Math.round(share * 100) / 100);
  assert.deepEqual(shares(asked(null)), [0.5, 0.3, 0.2]);
  assert.deepEqual(shares(asked(["a"])), [0, 0.6, 0.4]);
  assert.equal(asked(["a"]).order.at(-1)?.provider.name, "a", "it is still tried: there may be room again");
  assert.deepEqual(shares(asked(["a", "b", "c"])), [0.5, 0.3, 0.2], "none is left: the weights are as configured");
  assert.deepEqual(shares(asked(null)), [0.5, 0.3, 0.2], "nothing of it is kept for other requests");
});

test("provider/model goes to that provider alone", () => {
  assert.deepEqual(targets("openai/gpt-4o", { virtualKey: prod }), ["openai/gpt-4o"]);
});

test("a model that no catalogue knows is passed on when its provider is named", () => {
  assert.deepEqual(targets("openai/gpt-99"), ["openai/gpt-99"]);
});

test("a slash behind an unknown provider belongs to the model", () => {
  const local = snapshot([{ name: "openai", models: ["meta-llama/llama-3"] }]);
  assert.deepEqual(
    plan(features("meta-llama/llama-3"), local, HEALTHY, 1).order.map((t) => t.model),
    ["meta-llama/llama-3"],
  );
});

test("weights are normalised over the providers that allow the model", () => {
  const shares = simulate(
    { features: features("gpt-4o-mini", { virtualKey: prod }), assume: null, seed: 1, draws: 0 },
    house,
    HEALTHY,
  ).shares;
  assert.deepEqual(shares, { "openai/gpt-4o-mini": 1 });
  const both = simulate(
    { features: features("gpt-4o", { virtualKey: prod }), assume: null, seed: 1, draws: 0 },
    house,
    HEALTHY,
  ).shares;
  assert.deepEqual(both, { "azure/gpt-4o": 0.8, "openai/gpt-4o": 0.2 });
});

test("2,000 draws of an 80/20 split lie within four standard errors", () => {
  const { shares } = simulate(
    { features: features("gpt-4o", { virtualKey: prod }), assume: null, seed: 42, draws: 2000 },
    house,
    HEALTHY,
  );
  const error = Math.sqrt((0.8 * 0.2) / 2000);
  assert.ok(Math.abs((shares["azure/gpt-4o"] ?? 0) - 0.8) < 4 * error, JSON.stringify(shares));
});

test("the other providers of the virtual key become fallbacks, weight highest first", () => {
  const vk = virtualKey("vk", [
    { provider: "azure", weight: 0.2 },
    { provider: "openai", weight: 0.7 },
    { provider: "extra", weight: 0.1 },
  ]);
  const three = snapshot(["azure", "openai", "extra"].map((name) => ({ name, models: ["m"] })));
  for (let seed = 0; seed < 50; seed++) {
    const order = plan(features("m", { virtualKey: vk }), three, HEALTHY, seed).order.map((t) => t.provider.name);
    const rest = ["openai", "azure", "extra"].filter((name) => name !== order[0]);
    assert.deepEqual(order.slice(1), rest);
  }
});

test("explicit fallbacks are kept as given and nothing is added", () => {
  const wide = virtualKey("vk", [{ provider: "azure" }, { provider: "openai" }, { provider: "anthropic" }]);
  const order = targets("gpt-4o", { virtualKey: wide, fallbacks: ["anthropic/claude-3-5-sonnet-20241022"] });
  assert.equal(order.length, 2);
  assert.equal(order[1], "anthropic/claude-3-5-sonnet-20241022");
});

test("a fallback obeys the virtual key's lists", () => {
  const decision = plan(
    features("gpt-4o", { virtualKey: prod, fallbacks: ["anthropic/claude-3-5-sonnet-20241022"] }),
    house,
    HEALTHY,
    1,
  );
  assert.equal(decision.order.length, 1);
  assert.equal(decision.candidates.at(-1)?.removed, "provider not allowed by the virtual key");
});

test("weight 0 is never drawn first and still is a fallback; null only when named", () => {
  const vk = virtualKey("vk", [
    { provider: "openai", weight: 1 },
    { provider: "azure", weight: 0 },
    { provider: "anthropic", weight: null, allowed: ["gpt-4o"] },
  ]);
  for (let seed = 0; seed < 200; seed++)
    assert.deepEqual(targets("gpt-4o", { virtualKey: vk }, HEALTHY, seed), ["openai/gpt-4o", "azure/gpt-4o"]);
  assert.deepEqual(targets("anthropic/gpt-4o", { virtualKey: vk }), ["anthropic/gpt-4o"]);
});

test("a virtual key without an allow-list takes only providers that are known to offer the bare model", () => {
  const vk = virtualKey("vk", [{ provider: "openai" }, { provider: "anthropic" }]);
  assert.deepEqual(targets("gpt-4o", { virtualKey: vk }), ["openai/gpt-4o"]);
});

test("a resting primary loses its turn, and comes behind the others as a fallback", () => {
  for (let seed = 0; seed < 20; seed++)
    assert.deepEqual(targets("gpt-4o", { virtualKey: prod }, resting("azure-key"), seed), [
      "openai/gpt-4o",
      "azure/gpt-4o",
    ]);
});

test("with every target resting the configured weights decide again, and nothing is refused", () => {
  const decision = plan(features("gpt-4o", { virtualKey: prod }), house, resting("azure-key", "openai-key"), 3);
  assert.equal(decision.order.length, 2);
});

test("a drop-in route prefers its own provider for a bare model", () => {
  assert.deepEqual(targets("gpt-4o", { ownProvider: "openai" }).slice(0, 1), ["openai/gpt-4o"]);
});

const refusal = (model: string, more: Partial<RequestFeatures> = {}) =>
  plan(features(model, more), house, HEALTHY, 1).refusal;

test("refusals name what is wrong and the nearest names", () => {
  assert.match(refusal("gpt-4p")?.message ?? "", /nearest known: gpt-4o/);
  assert.equal(refusal("gpt-4p")?.status, 404);
  assert.match(refusal("groq/x")?.message ?? "", /provider 'groq' is not configured/);
  assert.equal(
    refusal("anthropic/claude", { virtualKey: prod })?.message,
    "Provider 'anthropic' is not allowed for this virtual key",
  );
  assert.equal(
    refusal("azure/gpt-4o-mini", { virtualKey: prod })?.message,
    "Model 'gpt-4o-mini' is not allowed for this virtual key",
  );
  assert.equal(refusal("claude-3-5-sonnet-20241022", { virtualKey: prod })?.status, 403);
});

test("an operation that the provider lacks is refused by name", () => {
  const chatOnly = snapshot([{ name: "openai", operations: ["chat"] }]);
  const { refusal } = plan(features("openai/x", { operation: "embeddings" }), chatOnly, HEALTHY, 1);
  assert.equal(refusal?.code, "unsupported_operation");
  assert.equal(refusal?.message, "embedding is not supported by openai provider");
});

test("keys: weights, filters, aliases, pins and rests", () => {
  const keyed = snapshot([
    {
      name: "openai",
      keys: [
        { id: "a", weight: 3 },
        { id: "b", weight: 1, aliases: { fast: "gpt-4o-mini" } },
        { id: "c", models: ["other"] },
        { id: "d", enabled: false },
      ],
    },
  ]);
  const first = (model: string, seed: number, view = HEALTHY, pinnedKey: string | null = null) =>
    plan(features(model, { pinnedKey }), keyed, view, seed).order[0];
  let a = 0;
  for (let seed = 0; seed < 4000; seed++) if (first("openai/gpt-4o", seed)?.key.id === "a") a++;
  assert.ok(Math.abs(a / 4000 - 0.75) < 4 * Math.sqrt((0.75 * 0.25) / 4000), String(a));
  assert.equal(first("openai/gpt-4o", 1, resting("a"))?.key.id, "b");
  assert.equal(first("openai/gpt-4o", 1, HEALTHY, "b")?.key.id, "b");
  assert.equal(
    plan(features("openai/gpt-4o", { pinnedKey: "nobody" }), keyed, HEALTHY, 1).refusal?.code,
    "no_eligible_keys",
  );
  assert.deepEqual(
    first("openai/gpt-4o", 1)?.keys.map((key) => key.id),
    ["a", "b"],
  );
  const alias = first("openai/fast", 1, resting("a"));
  assert.deepEqual([alias?.key.id, alias?.model], ["b", "gpt-4o-mini"]);
});

test("assumptions take targets out, with their reason", () => {
  const assume: Assumptions = { down: ["azure"], exhausted: [], restingKeys: [] };
  const { decision } = simulate(
    { features: features("gpt-4o", { virtualKey: prod }), assume, seed: 1, draws: 0 },
    house,
    HEALTHY,
  );
  assert.deepEqual(
    decision.order.map((t) => t.provider),
    ["openai"],
  );
  assert.equal(decision.candidates.find((c) => c.provider === "azure")?.removed, "assumed down");
});

// ---- purity
const NAMES = ["openai", "azure", "anthropic", "own"] as const;
const MODELS = ["gpt-4o", "gpt-4o-mini", "m1", "m2"] as const;
const some = <T>(list: readonly T[]) => fc.subarray([...list], { minLength: 0 });
const keyFixture = fc.record({
  id: fc.constantFrom("k1", "k2", "k3"),
  weight: fc.constantFrom(0, 0.5, 1, 3),
  enabled: fc.boolean(),
});
const providerFixture: fc.Arbitrary<ProviderFixture> = fc.record({
  name: fc.constantFrom(...NAMES),
  models: some(MODELS),
  keys: fc.uniqueArray(keyFixture, { maxLength: 3, selector: (key) => key.id }),
});
const scope: fc.Arbitrary<ScopeFixture> = fc.record(
  {
    provider: fc.constantFrom(...NAMES),
    weight: fc.constantFrom(null, 0, 0.2, 0.8, 1),
    allowed: some(MODELS),
    blocked: some(MODELS),
    keyIds: some(["k1", "k2"]),
  },
  { requiredKeys: ["provider"] },
);
const state = fc.array(
  fc.tuple(
    fc.constantFrom("k1", "k2", "k3"),
    fc.record({ restUntil: fc.nat(2000), reason: fc.constantFrom("failing" as const), probing: fc.boolean() }),
  ),
);

test("a live decision and its simulation from copies agree in 10,000 random cases", () => {
  const asked = fc.record({
    providers: fc.uniqueArray(providerFixture, { minLength: 1, selector: (p) => p.name }),
    scopes: fc.option(fc.uniqueArray(scope, { selector: (s) => s.provider })),
    model: fc
      .tuple(fc.constantFrom("", "openai/", "azure/", "nobody/"), fc.constantFrom(...MODELS))
      .map(([p, m]) => p + m),
    fallbacks: fc.array(fc.constantFrom("openai/m1", "azure/m2", "own/m1"), { maxLength: 3 }),
    seed: fc.nat(),
    state,
  });
  fc.assert(
    fc.property(asked, (c) => {
      const vk = c.scopes === null ? null : virtualKey("vk", c.scopes);
      const f = features(c.model, { virtualKey: vk, fallbacks: c.fallbacks });
      const live = plan(f, snapshot(c.providers), { now: 1000, keys: new Map(c.state) }, c.seed);
      const copy = structuredClone({ providers: c.providers, state: c.state });
      const again = simulate({ features: f, assume: null, seed: c.seed, draws: 0 }, snapshot(copy.providers), {
        now: 1000,
        keys: new Map(copy.state),
      });
      assert.deepEqual(again.decision, describeDecision(live));
      assert.equal(live.order.length === 0, live.refusal !== null);
      const total = live.candidates.reduce((sum, candidate) => sum + candidate.share, 0);
      assert.ok(total === 0 || Math.abs(total - 1) < 1e-9);
      for (const target of live.order) {
        assert.ok(target.key.enabled);
        const allowed = vk?.providers?.find((entry) => entry.provider === target.provider.name);
        if (vk !== null)
          assert.ok(
            allowed !== undefined &&
              !allowed.blocked.has(target.askedModel) &&
              (allowed.allowed?.has(target.askedModel) ?? true),
          );
      }
    }),
    { numRuns: 10_000, seed: 7 },
  );
});

const only = (provider: string) => virtualKey(`vk-${provider}`, [{ provider, allowed: ["gpt-4o"] }]);

test("keys that may use other things, or everything, never get what was kept for another key or kind of request", () => {
  const [azure, openai, any, none] = [only("azure"), only("openai"), virtualKey("vk-any", null), null];
  for (let round = 0; round < 3; round++) {
    assert.deepEqual(targets("gpt-4o", { virtualKey: azure }), ["azure/gpt-4o"]);
    assert.deepEqual(targets("gpt-4o", { virtualKey: openai }), ["openai/gpt-4o"]);
    assert.deepEqual(targets("gpt-4o", { virtualKey: azure, operation: "completions" }), []);
    assert.deepEqual(targets("gpt-4o", { virtualKey: any, ownProvider: "openai" })[0], "openai/gpt-4o");
    assert.deepEqual(targets("gpt-4o", { virtualKey: none })[0], "azure/gpt-4o");
  }
});
