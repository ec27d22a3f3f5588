// Which counters hold for whom.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BudgetEntity, ModelLimitEntity, OwnedLimits, VirtualKeyEntity } from "../core/entities.ts";
import type { GovernanceBook } from "../core/governance.ts";
import { testVirtualKey } from "../core/testing.ts";
import { LevelTable } from "./levels.ts";

const budget = (id: string, hard?: true): BudgetEntity => ({
  id,
  maxLimitNano: "1000",
  resetDuration: "1d",
  ...(hard ? { hard } : {}),
});
const owned = (id: string): OwnedLimits => ({ budgets: [budget(id)], rateLimit: null });
const rate = {
  id: "rate",
  tokenMaxLimit: 5,
  tokenResetDuration: "1h",
  requestMaxLimit: 6,
  requestResetDuration: "1m",
  maxParallel: 7,
};

function modelLimit(id: string, changes: Partial<ModelLimitEntity>): ModelLimitEntity {
  return { kind: "model-limit", id, model: "gpt", provider: null, virtualKeyId: null, ...owned(id), ...changes };
}

const book: GovernanceBook = {
  findCustomer: (id) => (id === "c" ? { kind: "customer", id, name: "Customer", ...owned("customer") } : undefined),
  findTeam: (id) => (id === "t" ? { kind: "team", id, name: "Team", customerId: "c", ...owned("team") } : undefined),
  findProviderLimit: (provider) =>
    provider === "openai" ? { kind: "provider-limit", provider, ...owned("provider") } : undefined,
  modelLimitsOf: (key) =>
    key === null
      ? [modelLimit("model", {}), modelLimit("other", { model: "o3" })]
      : [modelLimit("key-model", { provider: "openai", virtualKeyId: key })],
};

const entity: VirtualKeyEntity = {
  ...testVirtualKey("k").entity,
  teamId: "t",
  budgets: [budget("key", true)],
  rateLimit: rate,
  providers: [
    {
      provider: "openai",
      weight: 1,
      allowedModels: null,
      blacklistedModels: [],
      keyIds: null,
      budgets: [budget("config")],
      rateLimit: null,
      modelLimits: [{ model: "gpt", ...owned("config-model") }],
    },
  ],
};
const key = { ...testVirtualKey("k"), entity };
const ids = (table: LevelTable, provider: string, model: string, who: typeof key | null = key): string[] =>
  table.of(who, provider, model).specs.map(({ id }) => id);

test("a request reserves at provider, model, provider config, key, team, customer and models of the key", () => {
  const table = new LevelTable(book);
  const shared = ["rate:parallel", "rate:requests", "rate:tokens", "key", "team", "customer"];
  assert.deepEqual(ids(table, "openai", "gpt"), [
    "provider",
    "model",
    "config",
    ...shared,
    "key-model",
    "config-model",
  ]);
  assert.deepEqual(ids(table, "openai", "mini"), ["provider", "config", ...shared]);
  assert.deepEqual(ids(table, "anthropic", "gpt"), ["model", ...shared]);
});

test("a request without a key still has the limits of provider and model", () => {
  assert.deepEqual(ids(new LevelTable(book), "openai", "gpt", null), ["provider", "model"]);
  assert.deepEqual(ids(new LevelTable(book), "groq", "mini", null), []);
});

test("levels are worked out once for each key, provider and limited model", () => {
  const table = new LevelTable(book);
  assert.equal(table.of(key, "openai", "mini"), table.of(key, "openai", "nano"));
  assert.equal(table.of(key, "openai", "gpt"), table.of(key, "openai", "gpt"));
  assert.equal(table.of(key, "openai", "gpt").hasHard, true);
});

test("a limit that two owners share is reserved once", () => {
  const twice: VirtualKeyEntity = { ...entity, teamId: null, budgets: [budget("provider")], rateLimit: null };
  const found = ids(new LevelTable(book), "openai", "mini", { ...key, entity: twice });
  assert.deepEqual(found, ["provider", "config"]);
});
