// Owners of limits and prices by the API: what is checked, what is kept, what the loop is told, and what another process sees.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { GovernanceKind } from "../../core/config-book.ts";
import type { JsonObject } from "../../core/config-store.ts";
import { GatewayError } from "../../core/errors.ts";
import { testBook } from "./fixtures/house.ts";
import { MemoryConfigStore, sharedMemory } from "./memory-store.ts";

async function refusal(work: Promise<unknown>): Promise<GatewayError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof GatewayError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: "was not refused" });
}

const EVERY = { limit: 100, offset: 0 } as const;
const SCOPE = { provider: "openai" };
const environment = { OPENAI_API_KEY: "sk-env-0123456789" };
const PRICE = {
  name: "ours",
  pattern: "gpt-4o",
  request_types: ["chat_completion"],
  patch: { input_cost_per_token: 0.000_002 },
};

describe("an owner by the API", () => {
  it("is stored, listed, and the loop is told of it, of a change and of its end", async () => {
    const { book, loop, published } = await testBook({ environment });
    const { item } = await book.createGovernanceItem("team", {
      name: "blue",
      budget: { max_limit: 12.5, reset_duration: "1mo" },
    });
    const told = loop.get(`team:${item.id}`);
    assert.deepEqual(told, item.entity);
    assert.ok(told?.kind === "team");
    assert.deepEqual(
      told.budgets.map(({ maxLimitNano, resetDuration }) => [maxLimitNano, resetDuration]),
      [["12500000000", "1M"]],
    );
    assert.deepEqual(published.at(-1)?.upserts.length, 1);
    await book.putGovernanceItem("team", item.id, { name: "red" });
    assert.equal(book.governanceItem("team", item.id)?.name, "red");
    assert.deepEqual(book.governanceItems("team", { ...EVERY, search: "RE" }).total, 1);
    await book.removeGovernanceItem("team", item.id);
    assert.deepEqual(published.at(-1), { upserts: [], removes: [`team:${item.id}`], revision: 3 });
    assert.equal(book.governanceItem("team", item.id), undefined);
    assert.equal(loop.size, 0);
  });

  it("of every kind gets its entity", async () => {
    const { book, loop } = await testBook({ environment });
    const made: [GovernanceKind, JsonObject][] = [
      ["customer", { name: "acme" }],
      ["team", { name: "blue", customer_id: "acme" }],
      ["provider-limit", { provider: "openai", rate_limit: { max_parallel: 2 } }],
      ["model-config", { model_name: "gpt-4o", provider: "openai" }],
      ["pricing-override", PRICE],
    ];
    for (const [kind, body] of made) {
      const { item, warnings } = await book.createGovernanceItem(kind, body);
      assert.deepEqual(warnings, [], kind);
      assert.deepEqual(book.governanceItem(kind, item.id)?.entity, item.entity);
    }
    const kinds = [...loop.values()].map(({ kind }) => kind);
    assert.deepEqual(kinds, ["customer", "team", "provider-limit", "model-limit", "price-override"]);
    const team = book.governanceItems("team", EVERY).items[0];
    const customer = book.governanceItems("customer", EVERY).items[0];
    assert.equal(team?.body["customer_id"], customer?.id);
    assert.equal(book.governanceItem("provider-limit", "openai")?.name, "openai");
  });

  it("keeps the ids of its limits where the wanted body has none", async () => {
    const { book } = await testBook();
    const { item } = await book.createGovernanceItem("customer", {
      name: "acme",
      budgets: [
        { id: "b-day", max_limit: 1, reset_duration: "1d" },
        { id: "b-month", max_limit: 9, reset_duration: "1M" },
      ],
      rate_limit: { id: "r", request_max_limit: 1, request_reset_duration: "1m" },
    });
    const { item: changed } = await book.putGovernanceItem("customer", item.id, {
      budgets: [
        { max_limit: 8, reset_duration: "1mo" },
        { max_limit: 2, reset_duration: "1d" },
      ],
      rate_limit: { request_max_limit: 5, request_reset_duration: "1m" },
    });
    assert.ok(changed.entity.kind === "customer");
    assert.deepEqual(
      changed.entity.budgets.map(({ id }) => id),
      ["b-month", "b-day"],
    );
    assert.deepEqual([changed.entity.rateLimit?.id, changed.entity.rateLimit?.requestMaxLimit], ["r", 5]);
    assert.equal(changed.name, "acme", "a name that is left out stays");
    const { item: single } = await book.putGovernanceItem("customer", item.id, { budget: { max_limit: 3 } });
    assert.ok(single.entity.kind === "customer");
    assert.deepEqual(single.entity.budgets.map(({ id }) => id).length, 1);
  });

  it("takes what the book shows as it is", async () => {
    const { book } = await testBook({ environment });
    const { item: key } = await book.createVirtualKey({ name: "prod", provider_configs: [SCOPE] });
    await book.createGovernanceItem("customer", { name: "acme", budget: { max_limit: 5, reset_duration: "1d" } });
    await book.createGovernanceItem("team", { name: "blue", customer_id: "acme", calendar_aligned: true });
    await book.createGovernanceItem("model-config", { model_name: "*", scope: "virtual_key", scope_id: "prod" });
    await book.createGovernanceItem("pricing-override", {
      ...PRICE,
      virtual_key_id: key.id,
      scope_kind: "virtual_key",
    });
    await book.putGovernanceItem("provider-limit", "openai", { budgets: [{ max_limit: 1 }] });
    for (const kind of ["customer", "team", "model-config", "provider-limit", "pricing-override"] as const) {
      const [item] = book.governanceItems(kind, EVERY).items;
      const { item: again } = await book.putGovernanceItem(kind, item!.id, item!.body);
      assert.deepEqual([again.body, again.entity], [item!.body, item!.entity], kind);
    }
  });
});

describe("an owner is refused", () => {
  const cases: [string, GovernanceKind, JsonObject, number, RegExp][] = [
    ["without a name", "team", {}, 400, /'name' is missing/],
    ["with a taken name", "team", { name: "blue" }, 409, /team with the name 'blue'/],
    ["with a taken id", "team", { id: "t", name: "other" }, 409, /team with the id 't'/],
    ["of an unknown customer", "team", { name: "a", customer_id: "acne" }, 404, /did you mean "acme"/],
    ["with a negative limit", "customer", { name: "a", budget: { max_limit: -1 } }, 400, /max_limit is out of range/],
    ["with an absurd limit", "customer", { name: "a", budget: { max_limit: 1e300 } }, 400, /out of range/],
    [
      "with a duration that is none",
      "customer",
      { name: "a", budget: { max_limit: 1, reset_duration: "soon" } },
      400,
      /reset_duration is not a duration/,
    ],
    [
      "with two budgets of one window",
      "customer",
      { name: "a", budgets: [{ max_limit: 1 }, { max_limit: 2 }] },
      400,
      /two budgets with one reset_duration/,
    ],
    [
      "with an unknown member",
      "customer",
      { name: "a", budget: { max_limits: 1, max_limit: 1 } },
      400,
      /did you mean "max_limit"/,
    ],
    ["for an unknown provider", "provider-limit", { provider: "opnai" }, 404, /did you mean "openai"/],
    ["for the same provider", "provider-limit", SCOPE, 409, /'openai' has limits already/],
    ["for the same model", "model-config", { model_name: "openai/gpt-4o", provider: "openai" }, 409, /already.*'m'/],
    [
      "for an unknown key",
      "model-config",
      { model_name: "m", scope: "virtual_key", scope_id: "x" },
      404,
      /no virtual key/,
    ],
    [
      "for one user",
      "model-config",
      { model_name: "m", scope: "user", scope_id: "u" },
      400,
      /one user are not supported/,
    ],
    ["without a model", "model-config", {}, 400, /names no model/],
    [
      "for an unknown provider key",
      "pricing-override",
      { ...PRICE, scope_kind: "provider_key", provider_key_id: "x" },
      404,
      /no provider key/,
    ],
    ["without the one it is for", "pricing-override", { ...PRICE, scope_kind: "provider" }, 400, /no provider_id/],
  ];
  it("with the reason, and nothing changes", async () => {
    const { book, published } = await testBook({ environment });
    await book.createGovernanceItem("customer", { name: "acme" });
    await book.createGovernanceItem("team", { id: "t", name: "blue" });
    await book.createGovernanceItem("provider-limit", SCOPE);
    await book.createGovernanceItem("model-config", { id: "m", model_name: "gpt-4o", provider: "openai" });
    const before = published.length;
    for (const [what, kind, body, status, text] of cases) {
      const error = await refusal(book.createGovernanceItem(kind, body));
      assert.deepEqual([error.status, text.test(error.message)], [status, true], `${what}: ${error.message}`);
    }
    assert.equal(published.length, before);
  });

  it("and the member that an override lacks is named", async () => {
    const { book } = await testBook({ environment });
    const { request_types: _types, ...rest } = PRICE;
    for (const [body, param] of [
      [rest, "request_types"],
      [{ ...PRICE, scope_kind: "provider" }, "provider_id"],
    ] as const)
      assert.equal((await refusal(book.createGovernanceItem("pricing-override", body))).param, param);
  });

  it("where it is not there", async () => {
    const { book } = await testBook({ environment });
    assert.equal((await refusal(book.putGovernanceItem("team", "t", { name: "a" }))).status, 404);
    assert.equal((await refusal(book.removeGovernanceItem("customer", "c"))).status, 404);
    const other = book.putGovernanceItem("provider-limit", "openai", { provider: "azure" });
    assert.equal((await refusal(other)).status, 400);
    assert.equal((await book.putGovernanceItem("provider-limit", "openai", {})).item.id, "openai");
  });
});

function budget(dollars: number): JsonObject {
  return { max_limit: dollars, reset_duration: "1d" };
}

describe("what belongs together", () => {
  it("keeps a customer and a team that others belong to, and names these", async () => {
    const { book } = await testBook({ environment });
    await book.createGovernanceItem("customer", { id: "c", name: "acme" });
    await book.createGovernanceItem("team", { id: "t", name: "blue", customer_id: "c" });
    for (const n of [1, 2, 3, 4])
      await book.createVirtualKey({ name: `key ${n}`, team_id: "t", provider_configs: [SCOPE] });
    const used = await refusal(book.removeGovernanceItem("customer", "c"));
    assert.equal(used.status, 409);
    assert.match(used.message, /in use by team "blue"/);
    const busy = await refusal(book.removeGovernanceItem("team", "t"));
    assert.match(busy.message, /virtual key "key 1", .*"key 3" and 1 more/);
    const { items } = await book.virtualKeys(EVERY);
    for (const { id } of items) await book.removeVirtualKey(id);
    await book.removeGovernanceItem("team", "t");
    await book.removeGovernanceItem("customer", "c");
  });

  it("lets a limit stand above its owner's, and says which is reached first", async () => {
    const { book } = await testBook({ environment });
    await book.createGovernanceItem("customer", { id: "c", name: "acme", budget: budget(10) });
    const team = await book.createGovernanceItem("team", { name: "blue", customer_id: "c", budget: budget(20) });
    assert.match(team.warnings.join(), /20 dollars per 1d.*10 dollars per 1d.*customer "acme", which is reached first/);
    const key = { name: "a", team_id: "blue", budget: budget(30), provider_configs: [SCOPE] };
    assert.match((await book.createVirtualKey(key)).warnings.join(), /30 dollars.*team "blue"/);
    const lowered = await book.putGovernanceItem("customer", "c", { budget: budget(5) });
    assert.match(lowered.warnings.join(), /team "blue": .*20 dollars.*5 dollars/);
    assert.match(lowered.warnings.join("\n"), /virtual key "a": .*30 dollars.*5 dollars .*this customer/);
  });

  it("takes limits and prices of one virtual key away with it", async () => {
    const { book, published } = await testBook({ environment });
    const { item: key } = await book.createVirtualKey({ id: "vk", name: "prod", provider_configs: [SCOPE] });
    const scope = { scope: "virtual_key", scope_id: key.id };
    await book.createGovernanceItem("model-config", { id: "m", model_name: "gpt-4o", ...scope });
    await book.createGovernanceItem("model-config", { id: "n", model_name: "gpt-4o" });
    await book.removeVirtualKey(key.id);
    assert.deepEqual(published.at(-1)?.removes.toSorted(), ["model-limit:m", "virtual-key:vk"]);
    assert.equal(book.governanceItems("model-config", EVERY).total, 1);
  });
});

describe("a virtual key with owners", () => {
  it("names them by id or name, has one at most, and they must be there", async () => {
    const { book } = await testBook({ environment });
    await book.createGovernanceItem("team", { id: "t", name: "blue" });
    const body = { name: "a", provider_configs: [SCOPE] };
    const { item } = await book.createVirtualKey({
      ...body,
      team_id: "blue",
      on_store_down: "refuse",
      unpriced_models: "deny",
    });
    const { teamId, onStoreDown, unpricedModels } = item.entity;
    assert.deepEqual([teamId, onStoreDown, unpricedModels, item.body["team_id"]], ["t", "refuse", "deny", "t"]);
    const gone = await refusal(book.putVirtualKey(item.id, { ...body, customer_id: "nobody" }));
    assert.deepEqual([gone.status, gone.param], [404, "customer_id"]);
    await book.createGovernanceItem("customer", { id: "c", name: "acme" });
    const both = await refusal(book.putVirtualKey(item.id, { ...body, team_id: "t", customer_id: "c" }));
    assert.equal(both.status, 400);
    assert.match(both.message, /both team_id and customer_id/);
    const moved = await book.putVirtualKey(item.id, { ...body, team_id: null, customer_id: "acme" });
    assert.deepEqual([moved.item.entity.teamId, moved.item.entity.customerId], [undefined, "c"]);
  });

  it("is told of models that are allowed and blocked", async () => {
    const { book } = await testBook({ environment });
    const scope = { ...SCOPE, allowed_models: ["a", "openai/b"], blacklisted_models: ["b", "c"] };
    const { item, warnings } = await book.createVirtualKey({ name: "a", provider_configs: [scope] });
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0] ?? "",
      /^provider_configs\[0\]: the model "b" is in allowed_models and in blacklisted_models/,
    );
    assert.deepEqual(item.entity.providers?.[0]?.blacklistedModels, ["b", "c"]);
  });

  it("demands headers, told alike by what was sent and by what is stored", async () => {
    const { book } = await testBook({ environment });
    const body = { name: "a", provider_configs: [SCOPE] };
    const { item } = await book.createVirtualKey({ ...body, required_headers: ["X-Team", "x-team"] });
    assert.deepEqual(item.entity.requiredHeaders, ["x-team"]);
    assert.deepEqual(item.body["required_headers"], ["X-Team", "x-team"]);
    const bad = await refusal(book.putVirtualKey(item.id, { ...body, required_headers: ["x team"] }));
    assert.deepEqual([bad.status, bad.param], [400, "required_headers"]);
    assert.equal((await book.putVirtualKey(item.id, body)).item.entity.requiredHeaders, undefined);
  });

  it("tells all limits within it, and keeps their ids through changes", async () => {
    const { book } = await testBook({ environment });
    const model = { model_name: "gpt-4o", budgets: [{ id: "of-model", max_limit: 1, reset_duration: "1d" }] };
    const scope = {
      ...SCOPE,
      budgets: [{ id: "of-scope", max_limit: 2, reset_duration: "1d" }],
      model_budgets: [model],
    };
    const { item } = await book.createVirtualKey({
      name: "a",
      budgets: [{ id: "own", max_limit: 3, reset_duration: "1d" }],
      provider_configs: [scope],
    });
    const ids = async (): Promise<string[] | undefined> =>
      (await book.limitsOf(`virtual-key:${item.id}`))?.flatMap(({ budgets }) => budgets.map(({ id }) => id));
    assert.deepEqual(await ids(), ["own", "of-scope", "of-model"]);
    await book.putVirtualKey(item.id, {
      name: "a",
      budget: { max_limit: 30, reset_duration: "1d" },
      provider_configs: [
        {
          ...SCOPE,
          budget: { max_limit: 20, reset_duration: "1d" },
          model_budgets: [{ model_name: "gpt-4o", budget: { max_limit: 10, reset_duration: "24h" } }],
        },
      ],
    });
    assert.deepEqual(await ids(), ["own", "of-scope", "of-model"]);
    await book.createGovernanceItem("team", { id: "t", name: "blue", rate_limit: { max_parallel: 1 } });
    assert.equal((await book.limitsOf("team:t"))?.[0]?.rateLimit?.maxParallel, 1);
    assert.deepEqual([await book.limitsOf("team:x"), await book.limitsOf("virtual-key:x")], [null, null]);
  });
});

describe("the options of governance", () => {
  it("are a block that the loop is told of, with the secret masked and kept", async () => {
    const { book, ledger, loop } = await testBook();
    const alerts = { webhook_url: "https://hooks.example.com/", webhook_secret: "whsec_0123456789" };
    await book.putBlock("governance", { unpriced_models: "deny", alerts });
    const settings = loop.get("settings:");
    assert.ok(settings?.kind === "settings");
    assert.equal(settings.unpricedModels, "deny");
    const shown = book.block("governance");
    const mask = shown?.masked["/alerts/webhook_secret"];
    assert.equal(JSON.stringify(shown).includes("whsec_0123456789"), false);
    await book.putBlock("governance", { alerts: { ...alerts, webhook_secret: mask! } });
    assert.deepEqual(ledger.alerts(), { webhookUrl: alerts.webhook_url, webhookSecret: alerts.webhook_secret });
    const address = await refusal(book.putBlock("governance", { alerts: { webhook_url: "ftp://example.com" } }));
    assert.match(address.message, /alerts.webhook_url is not an address/);
    const other = await refusal(book.putBlock("governance", { virtual_keys: [] }));
    assert.match(other.message, /"virtual_keys" is not among the options of governance/);
    const wrong = await refusal(book.putBlock("governance", { unpriced_models: "refuse" }));
    assert.match(wrong.message, /"allow", "deny"/);
  });
});

describe("two books on one store", () => {
  it("see each other's owners", async () => {
    const memory = sharedMemory();
    const one = await testBook({ store: new MemoryConfigStore(memory), environment });
    const two = await testBook({ store: new MemoryConfigStore(memory), environment });
    const { item } = await one.book.createGovernanceItem("customer", { name: "acme" });
    await two.book.refresh();
    assert.deepEqual(two.loop.get(`customer:${item.id}`), item.entity);
    assert.equal((await refusal(two.book.createGovernanceItem("customer", { name: "acme" }))).status, 409);
    await two.book.removeGovernanceItem("customer", item.id);
    await one.book.refresh();
    assert.equal(one.loop.has(`customer:${item.id}`), false);
    assert.equal(one.book.governanceItem("customer", item.id), undefined);
  });
});
