// Owners of limits and prices in the file: every spelling, whom they name, and what is refused or told.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Entity, OwnedLimits } from "../core/entities.ts";
import { limitsAbove } from "./parent-limits.ts";
import { loadObject, loadText, settingsIn, virtualKeyIn } from "./testing.ts";

const OPENAI = { openai: { keys: [{ name: "main", value: "sk-1" }] } };
const SCOPE = { provider: "openai" };

function load(governance: object): ReturnType<typeof loadObject> {
  return loadObject({ providers: OPENAI, governance });
}

function texts({ warnings }: ReturnType<typeof loadObject>): string[] {
  return warnings.map(({ message }) => message);
}

function found<K extends Entity["kind"]>({ entities }: ReturnType<typeof loadObject>, kind: K) {
  return entities.filter((entity): entity is Extract<Entity, { kind: K }> => entity.kind === kind);
}

function refusals(governance: object): string[] {
  const result = loadText(JSON.stringify({ providers: OPENAI, governance }));
  return result.ok ? [] : result.errors.map(({ message }) => message);
}

function keyThatDemands(required_headers: readonly string[]): object {
  return { name: "k", value: "s", required_headers, provider_configs: [SCOPE] };
}

describe("a file with owners", () => {
  it("gives entities, with limits inside them, beside them and by reference", () => {
    const result = load({
      customers: [{ name: "acme", budget: { max_limit: 100, reset_duration: "1M" }, rate_limit_id: "r" }],
      teams: [{ id: "t", name: "blue", customer_id: "acme", budgets: [{ id: "own", max_limit: 1.5, hard: true }] }],
      providers: [{ provider: "openai", rate_limit: { max_parallel: 4 } }],
      model_configs: [{ id: "m", model_name: "openai/gpt-4o", provider: "openai" }],
      budgets: [
        { id: "b1", max_limit: 2, reset_duration: "1d", team_id: "blue" },
        {
          max_limit: 3,
          reset_duration: "1Q",
          calendar_aligned: true,
          model_config_id: "m",
          reset_config: { quarter_start_month: 4 },
        },
        { max_limit: 4, reset_duration: "1d", provider: "openai" },
        { max_limit: 5, reset_duration: "1w", customer_id: "acme", calendar_aligned: true },
      ],
      rate_limits: [{ id: "r", request_max_limit: 10, request_reset_duration: "1m" }],
    });
    assert.deepEqual(texts(result), []);
    const [customer] = found(result, "customer");
    const [team] = found(result, "team");
    assert.equal(team?.customerId, customer?.id);
    assert.deepEqual(
      team?.budgets.map(({ id, maxLimitNano, hard }) => [id, maxLimitNano, hard]),
      [
        ["own", "1500000000", true],
        ["b1", "2000000000", undefined],
      ],
    );
    assert.deepEqual(
      customer?.budgets.map(({ resetDuration, calendarAligned }) => [resetDuration, calendarAligned]),
      [
        ["1M", undefined],
        ["1w", true],
      ],
    );
    assert.equal(customer?.rateLimit?.requestMaxLimit, 10);
    const [limit] = found(result, "provider-limit");
    assert.deepEqual([limit?.rateLimit?.maxParallel, limit?.budgets[0]?.maxLimitNano], [4, "4000000000"]);
    const [model] = found(result, "model-limit");
    assert.deepEqual([model?.model, model?.provider, model?.virtualKeyId], ["gpt-4o", "openai", null]);
    assert.equal(model?.budgets[0]?.quarterStartMonth, 4);
  });

  it("tells the headers that requests with a key must have", () => {
    const headersOf = (names: readonly string[]) =>
      virtualKeyIn(load({ virtual_keys: [keyThatDemands(names)] }).entities, "k").requiredHeaders;
    assert.deepEqual(headersOf(["X-Team", "x-app", "X-TEAM"]), ["x-team", "x-app"]);
    assert.equal(headersOf([]), undefined);
    assert.deepEqual(refusals({ virtual_keys: [keyThatDemands(["x-team", "x app"])] }), [
      'governance.virtual_keys[0].required_headers: "x app" is not the name of a header',
    ]);
  });

  it("names virtual keys, teams and customers by id or name", () => {
    const result = load({
      virtual_keys: [
        { id: "vk-1", name: "one", value: "s1", team_id: "blue", provider_configs: [SCOPE] },
        { name: "two", value: "s2", customer_id: "c", on_store_down: "refuse", provider_configs: [SCOPE] },
        { name: "three", value: "s3", team_id: "nobody", unpriced_models: "deny", provider_configs: [SCOPE] },
      ],
      customers: [{ id: "c" }],
      teams: [{ id: "t", name: "blue" }],
      model_configs: [
        { model_name: "gpt-4o", scope: "virtual_key", scope_id: "one" },
        { model_name: "*", scope: "virtual_key", scope_id: "vk-1" },
        { model_name: "gpt-4o", scope: "virtual_key", scope_id: "gone" },
      ],
      pricing_overrides: [
        {
          name: "ours",
          scope_kind: "virtual_key",
          virtual_key_id: "two",
          pattern: "gpt-4o*",
          match_type: "wildcard",
          request_types: ["chat_completion"],
          patch: { input_cost_per_token: 0.000_001 },
        },
      ],
    });
    const keys = ["one", "two", "three"].map((name) => virtualKeyIn(result.entities, name));
    assert.deepEqual(
      keys.map(({ teamId, customerId, onStoreDown, unpricedModels }) => [
        teamId,
        customerId,
        onStoreDown,
        unpricedModels,
      ]),
      [
        ["t", undefined, undefined, undefined],
        [undefined, "c", "refuse", undefined],
        ["nobody", undefined, undefined, "deny"],
      ],
    );
    assert.deepEqual(
      found(result, "model-limit").map(({ virtualKeyId }) => virtualKeyId),
      ["vk-1", "vk-1", "gone"],
    );
    assert.equal(found(result, "price-override")[0]?.virtualKeyId, keys[1]?.id);
    assert.equal(found(result, "customer")[0]?.name, "c");
    assert.deepEqual(texts(result), [
      "governance.virtual_keys[2].team_id names no team of the file",
      'there is no virtual key "gone" in the file',
    ]);
  });

  it("has limits of models within a provider config", () => {
    const models = [
      { model_name: "openai/gpt-4o", budgets: [{ max_limit: 1, reset_duration: "1d" }] },
      { model_name: "gpt-4o-mini", rate_limit: { token_max_limit: 5, token_reset_duration: "1h" } },
    ];
    const result = load({
      virtual_keys: [{ name: "a", value: "s", provider_configs: [{ ...SCOPE, model_budgets: models }] }],
    });
    const limits = virtualKeyIn(result.entities, "a").providers?.[0]?.modelLimits;
    assert.deepEqual(
      limits?.map(({ model, budgets, rateLimit }) => [model, budgets.length, rateLimit?.tokenMaxLimit]),
      [
        ["gpt-4o", 1, undefined],
        ["gpt-4o-mini", 0, 5],
      ],
    );
    assert.deepEqual(texts(result), []);
  });

  it("says what is done with models that have no price", () => {
    assert.equal(settingsIn(load({ unpriced_models: "deny" }).entities).unpricedModels, "deny");
    assert.equal(settingsIn(load({}).entities).unpricedModels, "allow");
  });

  it("may tell somebody of budgets, if the address can be had", () => {
    const result = load({ alerts: { webhook_url: "env.NOT_SET", webhook_secret: "env.NOT_SET_EITHER" } });
    assert.match(
      texts(result).join("\n"),
      /NOT_SET is not set, so nobody is told.*\n.*NOT_SET_EITHER is not set, so notices/,
    );
    assert.match(
      refusals({ alerts: { webhook_url: "hooks.example.com" } }).join(),
      /not an address that can be called/,
    );
  });

  it("is told where a limit is above its owner's own", () => {
    const result = load({
      customers: [{ id: "c", name: "acme", budget: { max_limit: 10, reset_duration: "1M" } }],
      teams: [{ id: "t", name: "blue", customer_id: "c", budget: { max_limit: 20, reset_duration: "1d" } }],
      virtual_keys: [
        {
          name: "a",
          value: "s",
          team_id: "t",
          rate_limit: { token_max_limit: 5, token_reset_duration: "1h" },
          budget: { max_limit: 30, reset_duration: "1d" },
          provider_configs: [{ ...SCOPE, rate_limit: { token_max_limit: 6, token_reset_duration: "1h" } }],
        },
      ],
    });
    const text = texts(result).join("\n");
    assert.match(text, /teams\[0\]: the budget \(20 dollars per 1d\) is above .*10 dollars per 1M.*customer "acme"/);
    assert.match(
      text,
      /virtual_keys\[0\]: the budget \(30 dollars per 1d\) is above .*team "blue", which is reached first/,
    );
    assert.match(text, /provider_configs\[0\]: the token limit \(6 per 1h\) is above .*the virtual key/);
    assert.equal(result.warnings.length, 3);
  });

  it("may have limits of one user, which are told and left out", () => {
    const result = load({ model_configs: [{ model_name: "gpt-4o", scope: "user", scope_id: "u" }] });
    assert.match(texts(result).join(), /not supported yet and is ignored: limits of one user/);
    assert.equal(found(result, "model-limit").length, 0);
  });
});

describe("a file is refused", () => {
  const price = { name: "p", pattern: "m", request_types: ["chat_completion"], patch: { input_cost_per_token: 1 } };
  const key = { name: "a", value: "s", provider_configs: [SCOPE] };
  const cases: [string, object, RegExp][] = [
    ["two customers of one name", { customers: [{ name: "a" }, { id: "x", name: "a" }] }, /name of another customer/],
    [
      "two teams with one id",
      {
        teams: [
          { id: "t", name: "a" },
          { id: "t", name: "b" },
        ],
      },
      /id of another team/,
    ],
    ["a team without a name", { teams: [{}] }, /teams\[0\] has no name/],
    ["a model config without a model", { model_configs: [{ provider: "openai" }] }, /names no model/],
    [
      "a model config of no virtual key",
      { model_configs: [{ model_name: "m", scope: "virtual_key" }] },
      /names no virtual key/,
    ],
    [
      "two model configs for the same",
      { model_configs: [{ model_name: "m" }, { id: "other", model_name: "m" }] },
      /model_configs\[0\] a second time/,
    ],
    ["two limits of one provider", { providers: [SCOPE, SCOPE] }, /the provider "openai" a second time/],
    [
      "two budgets with one window",
      {
        teams: [
          {
            name: "a",
            budgets: [
              { max_limit: 1, reset_duration: "1mo" },
              { max_limit: 2, reset_duration: "1M" },
            ],
          },
        ],
      },
      /two budgets with one reset_duration/,
    ],
    ["a negative budget", { customers: [{ name: "a", budget: { max_limit: -1 } }] }, /max_limit is out of range/],
    [
      "an unknown duration",
      { teams: [{ name: "a", budget: { max_limit: 1, reset_duration: "1x" } }] },
      /not a duration/,
    ],
    [
      "a fraction of a request",
      { providers: [{ provider: "openai", rate_limit: { max_parallel: 1.5 } }] },
      /max_parallel is out of range/,
    ],
    [
      "a price of no virtual key",
      { pricing_overrides: [{ ...price, scope_kind: "virtual_key" }] },
      /no virtual_key_id/,
    ],
    ["a price without request types", { pricing_overrides: [{ ...price, request_types: [] }] }, /no request_types/],
    ["a star in an exact pattern", { pricing_overrides: [{ ...price, pattern: "m*" }] }, /does not fit its match_type/],
    ["two prices of one name", { pricing_overrides: [price, { ...price, id: "x" }] }, /name of another pricing/],
    ["a key with two owners", { virtual_keys: [{ ...key, team_id: "t", customer_id: "c" }] }, /both team_id and/],
    [
      "two limits of one model within a provider config",
      {
        virtual_keys: [
          { ...key, provider_configs: [{ ...SCOPE, model_budgets: [{ model_name: "m" }, { model_name: "m" }] }] },
        ],
      },
      /repeats a model/,
    ],
  ];
  for (const [what, governance, expected] of cases)
    it(`for ${what}`, () => {
      const messages = refusals(governance);
      assert.ok(
        messages.some((message) => expected.test(message)),
        messages.join("\n") || "was not refused",
      );
    });
});

function limits(dollars: number, resetDuration: string | null): OwnedLimits {
  return { budgets: [{ id: "", maxLimitNano: `${dollars}000000000`, resetDuration }], rateLimit: null };
}

describe("a limit above another", () => {
  it("is one for a window that is no longer", () => {
    assert.equal(limitsAbove(limits(2, "1d"), limits(1, "1d"), "x").length, 1);
    assert.equal(limitsAbove(limits(2, "1d"), limits(1, null), "x").length, 1);
    assert.equal(limitsAbove(limits(2, "1M"), limits(1, "1d"), "x").length, 0);
    assert.equal(limitsAbove(limits(1, "1d"), limits(1, "1d"), "x").length, 0);
  });
});
