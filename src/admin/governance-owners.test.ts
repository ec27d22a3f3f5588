// Customers, teams, limits of models and providers, and prices by API over the real book: shapes, changes, refusals, lists.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { type GovernanceHouse, governanceHouse, lasting, type Shown } from "./fixtures/governance.ts";

const DAY = { max_limit: 10, reset_duration: "1d" };
const MONTH = { max_limit: 100, reset_duration: "1M" };
const RATE = { token_max_limit: 1000, token_reset_duration: "1h", request_max_limit: 5, request_reset_duration: "1m" };

let at: GovernanceHouse;

beforeEach(async () => {
  at = await governanceHouse();
});

const team = async (body: object): Promise<Shown> => (await at.good("POST", "/teams", body)).team;
const customer = async (body: object): Promise<Shown> => (await at.good("POST", "/customers", body)).customer;

describe("a team", () => {
  it("is made with its customer and its limits, in the shape of 2.x and of 1.4", async () => {
    const acme = await customer({ name: "Acme", budget: MONTH });
    const answer = await at.good("POST", "/teams", {
      name: "blue",
      customer_id: acme.id,
      budgets: [DAY, MONTH],
      rate_limit: RATE,
      calendar_aligned: true,
    });
    assert.equal(answer.message, "Team created successfully");
    const { team: blue } = answer;
    assert.deepEqual([blue.name, blue.customer_id, blue.customer.name], ["blue", acme.id, "Acme"]);
    assert.deepEqual(blue.budget, blue.budgets[0]);
    assert.deepEqual(
      blue.budgets.map((one: Shown) => [one.max_limit, one.reset_duration, one.team_id, one.calendar_aligned]),
      [
        [10, "1d", blue.id, true],
        [100, "1M", blue.id, true],
      ],
    );
    assert.deepEqual([blue.rate_limit_id, blue.rate_limit.request_max_limit], [blue.rate_limit.id, 5]);
    assert.equal(blue.calendar_aligned, true);
    assert.deepEqual([acme.budgets.length, acme.budget.max_limit, acme.budget.customer_id], [1, 100, acme.id]);
    assert.deepEqual((await at.good("GET", `/teams/${blue.id}`)).team, blue);
  });

  it("read and put back changes nothing, also while it is used", async () => {
    const acme = await customer({ name: "Acme" });
    const blue = await team({ name: "blue", customer_id: acme.id, budgets: [DAY, MONTH], rate_limit: RATE });
    const [day] = blue.budgets;
    const stored = at.held.book.governanceItem("team", blue.id)?.body;
    at.counters.set(day.id, { settled: 1_500_000_000n });
    const shown = (await at.good("GET", `/teams/${blue.id}`)).team;
    at.counters.set(day.id, { settled: 2_500_000_000n });
    const after = (await at.good("PUT", `/teams/${blue.id}`, shown)).team;
    assert.equal(after.budget.current_usage, 2.5);
    const answer = await at.good("GET", `/teams/${blue.id}`);
    assert.deepEqual(lasting((await at.good("PUT", `/teams/${blue.id}`, answer)).team), lasting(after));
    const renamed = await at.good("PUT", `/teams/${blue.id}`, { ...answer, team: { name: "green" } });
    assert.equal(renamed.team.name, "green");
    await at.good("PUT", `/teams/${blue.id}`, { name: "blue" });
    assert.deepEqual(at.held.book.governanceItem("team", blue.id)?.body, stored);
  });

  it("changes what a PUT names and keeps the ids of its limits", async () => {
    const acme = await customer({ name: "Acme" });
    const blue = await team({ name: "blue", customer_id: acme.id, budgets: [DAY, MONTH], rate_limit: RATE });
    const put = async (body: object): Promise<Shown> => (await at.good("PUT", `/teams/${blue.id}`, body)).team;
    assert.deepEqual(lasting(await put({})), lasting(blue));
    const more = await put({ budgets: [{ reset_duration: "1M", max_limit: 200 }, { id: blue.budgets[0].id }] });
    assert.deepEqual(
      more.budgets.map((one: Shown) => [one.id, one.max_limit]),
      [
        [blue.budgets[1].id, 200],
        [blue.budgets[0].id, 10],
      ],
    );
    const swapped = await put({
      budgets: [{ id: blue.budgets[0].id, reset_duration: "1w" }, DAY, { ...MONTH, max_limit: 7 }],
    });
    assert.deepEqual(
      swapped.budgets.map((one: Shown) => [one.reset_duration, one.max_limit]),
      [
        ["1w", 10],
        ["1d", 10],
        ["1M", 7],
      ],
    );
    assert.equal(new Set(swapped.budgets.map((one: Shown) => one.id)).size, 3);
    assert.equal(swapped.budgets[0].id, blue.budgets[0].id);
    assert.equal((await put({ rate_limit: { request_max_limit: 6 } })).rate_limit.token_max_limit, 1000);
    assert.equal((await put({ customer_id: null })).customer_id, null);
    assert.equal((await put({ customer_id: acme.id })).customer_id, acme.id);
    assert.equal((await put({ customer_id: "" })).customer_id, null);
    assert.equal((await put({ name: "green" })).name, "green");
  });

  it("shows what is used, reserved and uncertain, read in one call for a page", async () => {
    const [a, b] = [
      await team({ name: "a", budgets: [DAY], rate_limit: RATE }),
      await team({ name: "b", budgets: [DAY] }),
    ];
    const lastReset = 1_790_000_000_000;
    at.counters.set(a.budget.id, {
      settled: 1_250_000_001n,
      reserved: 500_000_000n,
      uncertain: 1n,
      limit: 12_000_000_000n,
      lastReset,
      resetsAt: lastReset + 86_400_000,
    });
    at.counters.set(`${a.rate_limit.id}:tokens`, { kind: "tokens", settled: 77n, reserved: 5n });
    at.counters.set(`${a.rate_limit.id}:requests`, { kind: "requests", settled: 3n });
    at.counters.reads = 0;
    const { teams } = await at.good("GET", "/teams?sort_by=name&from_memory=true");
    assert.equal(at.counters.reads, 1);
    const [shown] = teams;
    assert.deepEqual(
      [shown.budget.current_usage, shown.budget.reserved, shown.budget.uncertain, shown.budget.effective_max_limit],
      [1.250000001, 0.5, 1e-9, 12],
    );
    assert.equal(shown.budget.last_reset, new Date(lastReset).toISOString());
    assert.equal(shown.budget.resets_at, new Date(lastReset + 86_400_000).toISOString());
    assert.deepEqual(
      [shown.rate_limit.token_current_usage, shown.rate_limit.token_reserved, shown.rate_limit.request_current_usage],
      [77, 5, 3],
    );
    assert.equal(teams[1].budget.id, b.budget.id);
    assert.equal(teams[1].budget.current_usage, 0);
  });

  it("says where nothing is counted, and shows what is configured", async () => {
    await team({ name: "a", budgets: [DAY] });
    at.counters.isDown = true;
    const down = await at.good("GET", "/teams");
    assert.match(down.warnings.join(), /the disk is gone/);
    at.house.counterStore = null;
    const none = await at.good("GET", "/teams");
    assert.match(none.warnings.join(), /no store of counters/);
    assert.equal(none.teams[0].budget.current_usage, 0);
  });

  it("begins a new window by hand", async () => {
    const blue = await team({ name: "blue", budgets: [DAY] });
    at.counters.set(blue.budget.id, { settled: 5n });
    const { team: after } = await at.good("PUT", `/teams/${blue.id}`, { reset_budget_usage: true });
    assert.equal(after.budget.current_usage, 0);
    assert.equal(at.counters.held.get(blue.budget.id)?.window, 2);
  });

  it("is removed, and a customer only when nobody belongs to it", async () => {
    const acme = await customer({ name: "Acme" });
    const blue = await team({ name: "blue", customer_id: acme.id });
    await at.refused("DELETE", `/customers/${acme.id}`, undefined, 409, /blue/);
    assert.deepEqual(await at.good("DELETE", `/teams/${blue.id}`), { message: "Team deleted successfully" });
    await at.refused("GET", `/teams/${blue.id}`, undefined, 404, /there is no team with the id/);
    await at.refused("DELETE", `/teams/${blue.id}`, undefined, 404, /there is no team/);
    assert.deepEqual(await at.good("DELETE", `/customers/${acme.id}`), { message: "Customer deleted successfully" });
  });
});

describe("what is refused", () => {
  const cases: readonly (readonly [string, object, number, RegExp])[] = [
    ["/teams", {}, 400, /'name' is missing/],
    ["/teams", { name: "x", customer_id: "nobody" }, 404, /nobody/],
    ["/teams", { name: "x", colour: "red" }, 400, /colour/],
    ["/teams", { name: "x", budgts: [] }, 400, /budgts.*budgets/],
    ["/teams", { name: "x", budgets: [{ ...DAY, max_limit: -1 }] }, 400, /max_limit/],
    ["/teams", { name: "x", budgets: [{ ...DAY, max_limit: 9_000_000_001 }] }, 400, /9000000000/],
    ["/teams", { name: "x", budgets: [{ ...DAY, reset_duration: "soon" }] }, 400, /reset_duration/],
    ["/teams", { name: "x", budgets: [DAY, { ...DAY, max_limit: 5 }] }, 400, /two budgets with one reset_duration/],
    ["/teams", { name: "x", budgets: [DAY, { ...DAY, reset_duration: "24h" }] }, 400, /24h is as long as 1d/],
    ["/teams", { name: "x", budgets: 5 }, 400, /must be a list/],
    ["/teams", { name: "x", rate_limit: { token_max_limit: 5 } }, 400, /token_reset_duration/],
    ["/teams", { name: "x", rate_limit_id: "r" }, 400, /'rate_limit_id' cannot be set here/],
    ["/teams", { name: 5 }, 400, /name/],
    ["/customers", { name: "x", customer_id: "y" }, 400, /customer_id/],
    ["/model-configs", { budgets: [DAY] }, 400, /'model_name' is missing/],
    ["/model-configs", { model_name: "gpt-4o", scope: "virtual_key", budgets: [DAY] }, 400, /scope_id/],
    ["/model-configs", { model_name: "gpt-4o", scope: "virtual_key", scope_id: "none", budgets: [DAY] }, 404, /none/],
    ["/model-configs", { model_name: "gpt-4o", scope: "galaxy" }, 400, /scope/],
    ["/pricing-overrides", { pattern: "x" }, 400, /'name' is missing/],
    ["/pricing-overrides", { name: "x" }, 400, /'pattern' is missing/],
    [
      "/pricing-overrides",
      { name: "x", pattern: "m", request_types: ["embedding"], patch: { input_cost_per_token: 1 }, budgets: [] },
      400,
      /budgets/,
    ],
    ["/pricing-overrides", { name: "x", pattern: "m", match_type: "regex" }, 400, /match_type/],
  ];
  for (const [path, body, status, text] of cases)
    it(`${path} ${JSON.stringify(body)} with ${status}`, async () => {
      await at.refused("POST", path, body, status, text);
    });

  it("a taken name with 409, and another id than the path's", async () => {
    const one = await team({ name: "one" });
    const two = await team({ name: "two" });
    await at.refused("POST", "/teams", { name: "one" }, 409, /one/);
    await at.refused("PUT", `/teams/${two.id}`, { name: "one" }, 409, /one/);
    await at.refused("PUT", `/teams/${two.id}`, { id: one.id }, 400, /'id' differs/);
    await at.refused("PUT", "/teams/none", { name: "x" }, 404, /no team/);
  });
});

describe("limits of models and providers", () => {
  it("of a model are found by scope, provider and name", async () => {
    const { virtual_key: key } = await at.good("POST", "/virtual-keys", { name: "k" });
    const make = async (body: object): Promise<Shown> => (await at.good("POST", "/model-configs", body)).model_config;
    const all = await make({ model_name: "gpt-4o", budgets: [DAY] });
    const one = await make({ model_name: "gpt-4o", provider: "openai", rate_limit: RATE });
    const own = await make({ model_name: "claude", scope: "virtual_key", scope_id: key.id, budget: MONTH });
    assert.deepEqual(
      [all.scope, all.provider, all.scope_id, all.budget.model_config_id],
      ["global", null, null, all.id],
    );
    const ids = async (query: string): Promise<string[]> =>
      (await at.good("GET", `/model-configs${query}`)).model_configs.map((each: Shown) => each.id);
    assert.deepEqual(await ids(""), [all.id, one.id, own.id]);
    assert.deepEqual(await ids("?scope=global"), [all.id, one.id]);
    assert.deepEqual(await ids("?scope=virtual_key"), [own.id]);
    assert.deepEqual(await ids("?provider=openai"), [one.id]);
    assert.deepEqual(await ids("?search=CLAU"), [own.id]);
    assert.equal((await at.good("GET", "/model-configs?scope=global&limit=1")).total_count, 2);
    await at.refused("PUT", `/model-configs/${one.id}`, { ...one, provider: null }, 409, /limits for this model/);
    const path = `/model-configs/${one.id}`;
    const { model_config: after } = await at.good("PUT", path, { ...one, model_name: "o3", provider: null });
    assert.deepEqual([after.model_name, after.provider, after.rate_limit.id], ["o3", null, one.rate_limit.id]);
  });

  it("of a provider are put by its name, shown, and taken off", async () => {
    const { message, provider } = await at.good("PUT", "/providers/openai", { budgets: [DAY], rate_limit: RATE });
    assert.equal(message, "Provider limits updated successfully");
    assert.deepEqual([provider.provider, provider.budgets.length, provider.calendar_aligned], ["openai", 1, false]);
    const { providers, count } = await at.good("GET", "/providers");
    assert.deepEqual([count, providers], [1, [provider]]);
    const { provider: after } = await at.good("PUT", "/providers/openai", providers[0]);
    assert.deepEqual(lasting(after), lasting(provider));
    const { provider: more } = await at.good("PUT", "/providers/openai", { budgets: [{ max_limit: 11 }] });
    assert.deepEqual([more.budget.id, more.budget.max_limit], [provider.budget.id, 11]);
    await at.refused("PUT", "/providers/openai", { provider: "anthropic" }, 400, /'provider' differs/);
    await at.refused("PUT", "/providers/opnai", { budgets: [DAY] }, 404, /opnai/);
    assert.equal((await at.call("POST", "/providers", { provider: "openai" })).status, 405);
    await at.good("DELETE", "/providers/openai");
    assert.equal((await at.good("GET", "/providers")).count, 0);
    await at.refused("DELETE", "/providers/openai", undefined, 404, /no limits of the provider 'openai'/);
  });
});

describe("prices", () => {
  it("are made, found by scope, changed and removed", async () => {
    const body = {
      name: "our contract",
      scope_kind: "provider",
      provider_id: "openai",
      match_type: "wildcard",
      pattern: "gpt-4o*",
      request_types: ["chat_completion"],
      patch: { input_cost_per_token: 0.000002 },
    };
    const { pricing_override: made } = await at.good("POST", "/pricing-overrides", body);
    for (const [name, value] of Object.entries(body)) assert.deepEqual(made[name], value, name);
    assert.equal(made.budgets, undefined);
    const list = await at.good("GET", "/pricing-overrides?scope_kind=provider&provider_id=openai");
    assert.deepEqual(list.pricing_overrides, [made]);
    assert.equal((await at.good("GET", "/pricing-overrides?scope_kind=global")).count, 0);
    const path = `/pricing-overrides/${made.id}`;
    const { pricing_override: same } = await at.good("PUT", path, made);
    assert.deepEqual(lasting(same), lasting(made));
    const { pricing_override: wide } = await at.good("PUT", path, { scope_kind: "global", provider_id: null });
    assert.deepEqual([wide.scope_kind, wide.provider_id, wide.patch], ["global", null, body.patch]);
    await at.good("DELETE", path);
    await at.refused("GET", path, undefined, 404, /no pricing override/);
  });
});

describe("lists", () => {
  it("have pages, an order, a search and filters, and say how many there are", async () => {
    const acme = await customer({ name: "Acme" });
    for (let n = 0; n < 30; n++)
      await team({ name: `team-${String(n).padStart(2, "0")}`, ...(n % 10 === 0 ? { customer_id: acme.id } : {}) });
    const first = await at.good("GET", "/teams");
    assert.deepEqual([first.count, first.total_count, first.limit, first.offset], [25, 30, 25, 0]);
    assert.equal((await at.good("GET", "/teams?limit=500")).limit, 100);
    const names = async (query: string): Promise<string[]> =>
      (await at.good("GET", `/teams${query}`)).teams.map((one: Shown) => one.name);
    assert.deepEqual(await names("?sort_by=name&order=desc&limit=2"), ["team-29", "team-28"]);
    assert.deepEqual(await names("?search=TEAM-1&limit=2&offset=1"), ["team-11", "team-12"]);
    assert.deepEqual(await names(`?customer_id=${acme.id}&offset=1`), ["team-10", "team-20"]);
    await at.refused("GET", "/teams?serach=x", undefined, 400, /did you mean 'search'/);
    await at.refused("GET", "/teams?limit=x", undefined, 400, /'limit' must be a whole number/);
  });

  it("of all budgets and rate limits go through every owner, page by page", async () => {
    const acme = await customer({ name: "Acme", budgets: [DAY, MONTH] });
    const blue = await team({ name: "blue", budgets: [DAY], rate_limit: RATE });
    await at.good("PUT", "/providers/openai", { budgets: [DAY] });
    const { virtual_key: key } = await at.good("POST", "/virtual-keys", {
      name: "k",
      budgets: [DAY],
      provider_configs: [
        {
          provider: "openai",
          budgets: [DAY],
          model_budgets: [{ model_name: "gpt-4o", budgets: [DAY], rate_limit: RATE }],
        },
      ],
    });
    at.counters.set(blue.budget.id, { settled: 3_000_000_000n });
    const { budgets, count, has_more: more, total_owners: owners } = await at.good("GET", "/budgets");
    assert.deepEqual([count, more, owners], [7, false, 4]);
    const ofTeam = budgets.find((one: Shown) => one.team_id === blue.id);
    assert.equal(ofTeam.current_usage, 3);
    assert.deepEqual(
      budgets.map(
        (one: Shown) => one.customer_id ?? one.team_id ?? one.provider ?? one.virtual_key_id ?? one.model_name ?? "row",
      ),
      [acme.id, acme.id, blue.id, "openai", key.id, "row", "gpt-4o"],
    );
    const paged = [];
    for (let offset = 0; offset < 4; offset++)
      paged.push(...(await at.good("GET", `/budgets?limit=1&offset=${offset}`)).budgets);
    assert.deepEqual(paged, budgets);
    const limits = await at.good("GET", "/rate-limits");
    assert.deepEqual(
      limits.rate_limits.map((one: Shown) => one.id),
      [blue.rate_limit.id, key.provider_configs[0].model_budgets[0].rate_limit.id],
    );
  });
});
