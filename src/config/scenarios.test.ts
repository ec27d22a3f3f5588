// Tests that the documented examples of configurations load as they stand and mean what they say.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LoadResult } from "./load.ts";
import type { Environment } from "./reading.ts";
import { configSchema } from "./schema/config.ts";
import type { Shape } from "./schema/shape.ts";
import { loadObject, loadText, providerIn, virtualKeyIn } from "./testing.ts";
import { hashSecret } from "./virtual-keys.ts";

const OPENAI = { openai: { keys: [{ name: "main", value: "sk-test-1" }] } };

const codes = (result: LoadResult) => result.warnings.map((warning) => warning.code);

test("S3: weights, and a virtual key named by its secret", () => {
  const result = loadObject({
    providers: {
      azure: { keys: [{ value: "a", azure_key_config: { endpoint: "https://x.openai.azure.com" } }] },
      ...OPENAI,
    },
    governance: {
      virtual_keys: [
        {
          virtual_key: "vk-prod-main",
          provider_configs: [
            { provider: "azure", allowed_models: ["gpt-4o"], weight: 0.8 },
            { provider: "openai", allowed_models: ["gpt-4o", "gpt-4o-mini"], weight: 0.2 },
          ],
        },
      ],
    },
  });
  assert.deepEqual(codes(result), []);
  const key = virtualKeyIn(result.entities, "vk-prod-main");
  assert.equal(key.valueHash, hashSecret("vk-prod-main"));
  assert.deepEqual(
    key.providers?.map((one) => [one.provider, one.weight, one.allowedModels]),
    [
      ["azure", 0.8, ["gpt-4o"]],
      ["openai", 0.2, ["gpt-4o", "gpt-4o-mini"]],
    ],
  );
  assert.equal(result.facts.hints.length, 1);
  assert.doesNotMatch(result.facts.hints.join(), /vk-prod-main/);
});

test("S5: the array form, and api_keys joined with keys, equal values once", () => {
  const listed = loadObject({
    providers: [
      {
        provider: "openai",
        api_keys: [
          { key: "sk-key1", weight: 0.5 },
          { key: "sk-key2", weight: 0.5 },
        ],
      },
    ],
  });
  assert.deepEqual(codes(listed), []);
  assert.deepEqual(
    providerIn(listed.entities, "openai").keys.map((key) => [key.name, key.value, key.weight]),
    [
      ["openai-1", "sk-key1", 0.5],
      ["openai-2", "sk-key2", 0.5],
    ],
  );
  const joined = loadObject({
    providers: {
      openai: {
        keys: [{ name: "a", value: "sk-key1" }],
        api_keys: [{ key: "sk-key1" }, { key: "sk-key3" }, "sk-key4"],
      },
    },
  });
  assert.deepEqual(codes(joined), []);
  assert.deepEqual(
    providerIn(joined.entities, "openai").keys.map((key) => key.value),
    ["sk-key1", "sk-key3", "sk-key4"],
  );
});

test("S6: tiers, with a budget and a weight that is not given", () => {
  const result = loadObject({
    providers: { ...OPENAI, anthropic: { keys: [{ value: "b" }] } },
    governance: {
      virtual_keys: [
        {
          virtual_key: "vk-free-tier",
          budget: { max_limit: 10, reset_duration: "1d" },
          provider_configs: [{ provider: "openai", allowed_models: ["gpt-4o-mini"] }],
        },
        {
          virtual_key: "vk-premium",
          provider_configs: [
            { provider: "openai", allowed_models: ["gpt-4o", "gpt-4o-mini"] },
            { provider: "anthropic", allowed_models: ["claude-3-5-sonnet-20241022"], weight: 0.3 },
          ],
        },
      ],
    },
  });
  assert.deepEqual(codes(result), []);
  const [budget] = virtualKeyIn(result.entities, "vk-free-tier").budgets;
  assert.deepEqual([budget?.maxLimitNano, budget?.resetDuration], ["10000000000", "1d"]);
  assert.deepEqual(
    virtualKeyIn(result.entities, "vk-premium").providers?.map((one) => one.weight),
    [1, 0.3],
  );
});

test("S7 and S8: names of one's own over a provider type", () => {
  const { entities } = loadObject({
    providers: [
      { provider: "openai-cheap", custom_provider_config: { base_provider_type: "openai" }, api_keys: [{ key: "a" }] },
      {
        provider: "openai-premium",
        custom_provider_config: { base_provider_type: "openai" },
        api_keys: [{ key: "b" }],
      },
      {
        provider: "azure-prod-keys",
        custom_provider_config: { base_provider_type: "azure" },
        keys: [
          { value: "c", azure_key_config: { endpoint: "https://x.openai.azure.com", deployments: { "gpt-4o": "d" } } },
        ],
      },
    ],
    governance: {
      virtual_keys: [
        {
          virtual_key: "vk-cost-optimized",
          provider_configs: [
            { provider: "openai-cheap", weight: 1.0, budget: { max_limit: 10, reset_duration: "1d" } },
            {
              provider: "openai-premium",
              weight: 0.0,
              budget: { max_limit: 50, reset_duration: "1d" },
              rate_limit: { request_max_limit: 100, request_reset_duration: "1h" },
            },
          ],
        },
      ],
    },
  });
  const cheap = providerIn(entities, "openai-cheap");
  assert.deepEqual([cheap.base, cheap.custom], ["openai", true]);
  assert.equal(providerIn(entities, "azure-prod-keys").keys[0]?.azure?.deployments["gpt-4o"], "d");
  const [first, second] = virtualKeyIn(entities, "vk-cost-optimized").providers ?? [];
  assert.equal(first?.allowedModels, null);
  assert.deepEqual(
    [second?.weight, second?.rateLimit?.requestMaxLimit, second?.rateLimit?.requestResetDuration],
    [0, 100, "1h"],
  );
});

const limit = (max: number) => ({ max_limit: max, reset_duration: "1mo" });

test("S9: limits by provider, 1mo as 1M", () => {
  const { entities } = loadObject({
    providers: { ...OPENAI, anthropic: { keys: [{ value: "b" }] } },
    governance: {
      virtual_keys: [
        {
          virtual_key: "vk-multi-provider",
          budget: limit(100),
          provider_configs: [
            {
              provider: "openai",
              budget: limit(50),
              rate_limit: {
                request_max_limit: 1000,
                request_reset_duration: "1h",
                token_max_limit: 1000000,
                token_reset_duration: "1h",
              },
            },
            {
              provider: "anthropic",
              budget: limit(30),
              rate_limit: { request_max_limit: 500, request_reset_duration: "1h" },
            },
          ],
        },
      ],
    },
  });
  const key = virtualKeyIn(entities, "vk-multi-provider");
  assert.equal(key.budgets[0]?.resetDuration, "1M");
  assert.equal(key.providers?.[0]?.rateLimit?.tokenMaxLimit, 1_000_000);
});

test("S10: semantic caching starts with a warning that names it", () => {
  const result = loadObject({
    providers: OPENAI,
    semantic_caching: { enabled: true, threshold: 0.85, ttl: "5m", conversation_history_threshold: 3 },
  });
  assert.match(result.warnings[0]?.message ?? "", /semantic_caching is not supported yet/);
  assert.deepEqual(codes(result), ["not-supported-yet"]);
});

/** A value of every member of the schema, wrapped into a whole configuration. */
function* everyMember(
  shape: Shape,
  wrap: (value: unknown) => unknown,
  path = "",
): Generator<{ path: string; config: unknown }> {
  for (const [name, member] of Object.entries(shape.properties ?? {})) {
    const inner = (value: unknown): unknown => wrap({ [name]: value });
    const where = `${path}.${name}`;
    for (const value of [...(member.examples ?? []), ...(member.default === undefined ? [] : [member.default])])
      yield { path: where, config: inner(value) };
    for (const value of member.enum ?? []) yield { path: where, config: inner(value) };
    yield* everyMember(member, inner, where);
  }
  for (const branch of shape.anyOf ?? []) yield* everyMember(branch, wrap, path);
  if (shape.items !== undefined) yield* everyMember(shape.items, (value) => wrap([value]), `${path}[]`);
  for (const values of Object.values(shape.patternProperties ?? {}))
    yield* everyMember(values, (value) => wrap({ openai: value }), `${path}.NAME`);
}

test("every member of every block takes its own example, its default and each of its choices", () => {
  const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
  const environment = new Proxy<Environment>(
    {},
    { get: (_target, name) => (/PEM/.test(String(name)) ? certificate : "x") },
  );
  let count = 0;
  const wrong: string[] = [];
  for (const { path, config } of everyMember(configSchema as Shape, (value) => value)) {
    count++;
    const result = loadText(JSON.stringify(config), environment);
    const findings = result.ok ? result.warnings : [...result.errors, ...result.warnings];
    const bad = findings.filter(({ code }) => ["wrong-type", "wrong-value", "unknown-member", "syntax"].includes(code));
    if (bad.length > 0) wrong.push(`${path} ${JSON.stringify(config)}: ${bad[0]?.message}`);
  }
  assert.deepEqual(wrong, []);
  assert.ok(count > 500, `${count} values`);
});

function read(config: object) {
  const { entities } = loadObject(config, { OPENAI_API_KEY: "sk" });
  return { provider: providerIn(entities, "openai").keys, key: virtualKeyIn(entities, "v") };
}

test("Bifrost's minimal file, and its older and newer shapes of one thing, mean the same", () => {
  const key = { name: "k1", value: "env.OPENAI_API_KEY", models: ["*"], weight: 1.0 };
  const limits = { max_limit: 10, reset_duration: "1d" };
  const rate = { request_max_limit: 100, request_reset_duration: "1h" };
  const scope = { provider: "openai", weight: 1, allowed_models: ["*"], key_ids: ["*"] };
  const base = { id: "vk", name: "v", value: "sk-bf-x" };
  const newer = read({
    version: 2,
    providers: { openai: { keys: [key] } },
    governance: {
      virtual_keys: [
        { ...base, provider_configs: [scope], budgets: [{ id: "b", ...limits }], rate_limit: { id: "r", ...rate } },
      ],
    },
  });
  const older = read({
    version: 1,
    providers: { openai: { keys: [{ ...key, models: [] }] } },
    governance: {
      virtual_keys: [
        {
          ...base,
          provider_configs: [{ ...scope, allowed_models: [], key_ids: [] }],
          budget_id: "b",
          rate_limit_id: "r",
        },
      ],
      budgets: [{ id: "b", ...limits }],
      rate_limits: [{ id: "r", ...rate }],
    },
  });
  const single = read({
    providers: [{ provider: "openai", api_keys: [{ ...key, key: key.value, value: undefined }] }],
    governance: {
      virtual_keys: [
        {
          id: "vk",
          name: "v",
          virtual_key: "sk-bf-x",
          provider_configs: [{ provider: "openai" }],
          budget: { id: "b", ...limits },
          rate_limit: { id: "r", ...rate },
        },
      ],
    },
  });
  assert.deepEqual(older, newer);
  assert.deepEqual(single, newer);
});

const keys = (name: string) => ({ keys: [{ name, value: `sk-${name}` }] });

const tier = (name: string, models: string[], max_limit: number) => ({
  virtual_key: `vk-${name}`,
  provider_configs: [{ provider: "openai", allowed_models: models }],
  budget: { max_limit, reset_duration: "1d" },
});

test("S13: the deployment patterns load without a finding", () => {
  const providers = {
    azure: { keys: [{ name: "az", value: "a", azure_key_config: { endpoint: "https://x.openai.azure.com" } }] },
    openai: keys("oa"),
    anthropic: keys("an"),
  };
  const result = loadObject({
    providers,
    governance: {
      virtual_keys: [
        {
          virtual_key: "vk-available",
          provider_configs: [
            { provider: "azure", weight: 0.6 },
            { provider: "openai", weight: 0.3 },
            { provider: "anthropic", weight: 0.1 },
          ],
        },
        tier("free", ["gpt-4o-mini"], 10),
        tier("pro", ["gpt-4o"], 50),
      ],
    },
  });
  assert.deepEqual(codes(result), []);
});
