// Owners of limits and prices of the file in the store: the same entities by every way, ids that stay, and who wins.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { ConfigStore } from "../../core/config-store.ts";
import { type Entity, entityId } from "../../core/entities.ts";
import type { LoadedFile } from "../load.ts";
import { loadObject, loadText, virtualKeyIn } from "../testing.ts";
import { ownerEntries, virtualKeyEntries } from "./file-entries.ts";
import { testBook } from "./fixtures/house.ts";
import { importFile, storedEntry } from "./import-file.ts";
import { MemoryConfigStore } from "./memory-store.ts";
import { GOVERNANCE_KINDS, governanceEntity } from "./owner-entries.ts";
import { ownerIds } from "./owner-ids.ts";
import { virtualKeyEntity } from "./virtual-key-entry.ts";

function fingerprint(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

function fileOf(config: object): LoadedFile {
  const members = JSON.parse(JSON.stringify(config)) as Record<string, unknown>;
  return { members, label: "config.json", placeOf: () => "config.json:7" };
}

async function importObject(store: ConfigStore, config: object): Promise<number> {
  const file = fileOf(config);
  const fileRules = (config as { source_of_truth?: string }).source_of_truth === "config.json";
  const owners = await ownerIds(store, file);
  return (await importFile({ store, file, fileRules, owners, environment: {}, fingerprint, now: () => 1 })).changed;
}

function reopened(store: ConfigStore) {
  return testBook({ store, file: { label: "config.json" } });
}

const SCOPE = { provider: "openai" };
const FILE = {
  providers: { openai: { keys: [{ name: "main", value: "sk-main-0123456789" }] } },
  governance: {
    customers: [{ name: "acme", budget: { max_limit: 100, reset_duration: "1M" } }],
    teams: [{ name: "blue", customer_id: "acme", budget_id: "shared", calendar_aligned: true }],
    providers: [{ provider: "openai", rate_limit: { request_max_limit: 5, request_reset_duration: "1s" } }],
    model_configs: [{ model_name: "gpt-4o", scope: "virtual_key", scope_id: "prod", budget: { max_limit: 1 } }],
    pricing_overrides: [
      {
        name: "ours",
        scope_kind: "virtual_key",
        virtual_key_id: "prod",
        pattern: "gpt-4o",
        request_types: ["chat_completion"],
        patch: { input_cost_per_token: 0.000_001 },
      },
    ],
    budgets: [{ id: "shared", max_limit: 7.25, reset_duration: "1d" }],
    virtual_keys: [
      { name: "prod", value: "vk-prod", team_id: "blue", provider_configs: [SCOPE] },
      { name: "test", value: "vk-test", customer_id: "acme", provider_configs: [SCOPE] },
    ],
    unpriced_models: "deny",
    alerts: { webhook_url: "https://hooks.example.com/", webhook_secret: "whsec_0123456789" },
  },
};

function byId(one: Entity, other: Entity): number {
  return entityId(one) < entityId(other) ? -1 : 1;
}

describe("owners of the file", () => {
  it("are served out of the store as the file alone would serve them", async () => {
    const store = new MemoryConfigStore();
    await importObject(store, FILE);
    const { ledger, book } = await reopened(store);
    const loaded = loadObject(FILE).entities;
    const kinds = new Set(["customer", "team", "provider-limit", "model-limit", "price-override"]);
    const expected = loaded.filter(({ kind }) => kinds.has(kind));
    assert.equal(expected.length, 5);
    assert.deepEqual(ledger.owners.entities().sort(byId), expected.sort(byId));
    for (const name of ["prod", "test"]) {
      const key = virtualKeyIn(loaded, name);
      const { items } = await book.virtualKeys({ search: name, limit: 1, offset: 0 });
      assert.deepEqual(items[0]?.entity, key);
      assert.ok(key.teamId !== undefined || key.customerId !== undefined);
    }
    assert.equal(ledger.settings().unpricedModels, "deny");
  });

  it("leave the options of governance as a block with its secret sealed", async () => {
    const store = new MemoryConfigStore();
    await importObject(store, FILE);
    const { ledger, book } = await reopened(store);
    const block = book.block("governance");
    assert.deepEqual(block?.body, { unpriced_models: "deny", alerts: { webhook_url: "https://hooks.example.com/" } });
    assert.match(block?.masked["/alerts/webhook_secret"] ?? "", /^whse\*+6789$/);
    assert.deepEqual(ledger.alerts(), {
      webhookUrl: "https://hooks.example.com/",
      webhookSecret: "whsec_0123456789",
    });
  });

  it("are written once, and what the API did to them stays", async () => {
    const store = new MemoryConfigStore();
    await importObject(store, FILE);
    const { book } = await reopened(store);
    const [team] = book.governanceItems("team", { limit: 1, offset: 0 }).items;
    await book.putGovernanceItem("team", team!.id, { ...team!.body, name: "red" });
    const [price] = book.governanceItems("pricing-override", { limit: 1, offset: 0 }).items;
    await book.removeGovernanceItem("pricing-override", price!.id);
    const again = await reopened(store);
    assert.equal(again.book.governanceItem("team", team!.id)?.name, "red");
    const changed = await importObject(store, {
      ...FILE,
      governance: { ...FILE.governance, teams: [{ ...FILE.governance.teams[0], name: "blue" }] },
    });
    assert.equal(changed, 0);
    const last = await reopened(store);
    assert.equal(last.book.governanceItem("team", team!.id)?.name, "red");
    assert.equal(last.book.governanceItems("pricing-override", { limit: 9, offset: 0 }).total, 0);
  });

  it("take over what the API made under their names, with its id, also where others name them", async () => {
    const store = new MemoryConfigStore();
    const { book } = await testBook({ store });
    const { item } = await book.createGovernanceItem("team", { name: "blue" });
    await importObject(store, FILE);
    const again = await reopened(store);
    assert.equal(again.book.governanceItems("team", { limit: 9, offset: 0 }).total, 1);
    const { items } = await again.book.virtualKeys({ search: "prod", limit: 1, offset: 0 });
    assert.equal(items[0]?.entity.teamId, item.id);
    assert.equal(again.book.governanceItem("team", item.id)?.source.type, "file");
  });

  it("may name what only the API has made", async () => {
    const store = new MemoryConfigStore();
    const { book } = await testBook({ store });
    const { item } = await book.createGovernanceItem("team", { name: "green" });
    const key = { name: "prod", value: "vk-prod", team_id: "green", provider_configs: [SCOPE] };
    await importObject(store, { ...FILE, governance: { virtual_keys: [key] } });
    const { items } = await (await reopened(store)).book.virtualKeys({ limit: 1, offset: 0 });
    assert.equal(items[0]?.entity.teamId, item.id);
  });

  it("are all there is where the file is the source of truth", async () => {
    const store = new MemoryConfigStore();
    const { book } = await testBook({ store });
    await book.createGovernanceItem("team", { name: "green" });
    await book.createGovernanceItem("customer", { name: "other" });
    await importObject(store, { ...FILE, source_of_truth: "config.json" });
    const again = (await reopened(store)).book;
    const names = (["team", "customer"] as const).map((kind) =>
      again.governanceItems(kind, { limit: 9, offset: 0 }).items.map(({ name }) => name),
    );
    assert.deepEqual(names, [["blue"], ["acme"]]);
  });
});

const window = fc.constantFrom("1h", "1d", "1mo", "1M", "1Q", "90m");
const money = fc.constantFrom(0, 1, 10.5, 0.000_000_001, 9_000_000_000, 1e-7, 123.456_789_123);
const time = fc.constantFrom("2026-01-01T00:00:00Z", "2026-02-03T04:05:06.789Z");
const optional = { requiredKeys: ["max_limit" as const] };
const budget = fc.record(
  {
    max_limit: money,
    reset_duration: window,
    id: fc.constantFrom("", "own"),
    hard: fc.boolean(),
    calendar_aligned: fc.boolean(),
    current_usage: money,
    last_reset: time,
    override_amount: money,
    override_mode: fc.constantFrom("forever", "cycles"),
    override_cycles_remaining: fc.nat(3),
    override_cycles_total: fc.nat(5),
    override_anchor_reset: time,
    reset_config: fc.constant({ quarter_start_month: 4 }),
  },
  optional,
);
const rate = fc.record(
  {
    id: fc.constantFrom("", "limit"),
    token_max_limit: fc.constantFrom(null, 0, 5),
    token_reset_duration: fc.constantFrom("1h", "1mo"),
    request_max_limit: fc.constantFrom(null, 7),
    request_reset_duration: fc.constant("1m"),
    request_current_usage: fc.nat(5),
    token_last_reset: time,
    calendar_aligned: fc.boolean(),
    max_parallel: fc.constantFrom(null, 3),
  },
  { requiredKeys: ["token_reset_duration", "request_reset_duration"] },
);
const limits = fc.record({ budget, rate_limit: rate, calendar_aligned: fc.boolean() }, { requiredKeys: [] });
const listed = fc.record({ budgets: fc.array(budget, { maxLength: 2 }), rate_limit: rate }, { requiredKeys: [] });
const owned = fc.oneof(limits, listed);
const models = fc.array(
  owned.map((own) => ({ ...own, model_name: "openai/gpt-4o" })),
  { maxLength: 1 },
);
const governance = fc
  .tuple(owned, owned, owned, owned, owned, owned, models)
  .map(([customer, team, provider, model, key, scope, model_budgets]) => ({
    customers: [{ ...customer, name: "acme" }],
    teams: [{ ...team, name: "blue", customer_id: "acme" }],
    providers: [{ ...provider, ...SCOPE }],
    model_configs: [{ ...model, model_name: "gpt-4o", provider: "openai" }],
    virtual_keys: [
      { ...key, name: "a", value: "s", team_id: "blue", provider_configs: [{ ...scope, ...SCOPE, model_budgets }] },
    ],
  }));

/** What the store would give, entity by entity. */
async function stored(config: { readonly governance: object }): Promise<Entity[]> {
  const file = fileOf(config);
  const owners = await ownerIds(new MemoryConfigStore(), file);
  const context = { environment: {}, fingerprint, owners };
  const found: Entity[] = [];
  for (const kind of GOVERNANCE_KINDS)
    for (const entry of ownerEntries(kind, file, context))
      found.push(governanceEntity(kind, storedEntry(entry, entry.parts(), 1)));
  for (const entry of virtualKeyEntries(file, context))
    found.push(virtualKeyEntity(storedEntry(entry, entry.parts(), 1), {}));
  return found;
}

describe("whatever limits a file holds", () => {
  it("the store gives the entities that the file alone gives", async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(governance, async (given) => {
        const config = { providers: FILE.providers, governance: given };
        const loaded = loadText(JSON.stringify(config));
        // what is refused is never stored
        if (!loaded.ok) return;
        accepted++;
        const expected = new Map(loaded.entities.map((entity) => [entityId(entity), entity]));
        for (const entity of await stored(config)) assert.deepEqual(entity, expected.get(entityId(entity)));
      }),
      { seed: 21, numRuns: 300 },
    );
    assert.ok(accepted > 50, `${accepted} were accepted`);
  });
});
