// Virtual keys with governance: owners, limits of models, live use, overrides, credits, resets, and what a key tells of itself.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { type GovernanceHouse, governanceHouse, lasting, type Shown } from "./fixtures/governance.ts";

const DAY = { max_limit: 10, reset_duration: "1d" };
const MONTH = { max_limit: 100, reset_duration: "1M" };
const RATE = { request_max_limit: 5, request_reset_duration: "1m" };
const DOLLAR = 1_000_000_000n;

let at: GovernanceHouse;

beforeEach(async () => {
  at = await governanceHouse();
});

const KEYS = "/virtual-keys";
const make = async (body: object): Promise<Shown> => (await at.good("POST", KEYS, body)).virtual_key;
const read = async (id: string): Promise<Shown> => (await at.good("GET", `${KEYS}/${id}`)).virtual_key;
const change = async (id: string, body: object): Promise<Shown> =>
  (await at.good("PUT", `${KEYS}/${id}`, body)).virtual_key;
const owner = async (kind: "team" | "customer", body: object): Promise<Shown> =>
  (await at.good("POST", `/${kind}s`, body))[kind];

describe("whom a key belongs to", () => {
  it("is a team or a customer, shown with it, and changed and taken off", async () => {
    const acme = await owner("customer", { name: "Acme" });
    const blue = await owner("team", { name: "blue", customer_id: acme.id });
    const { id, team_id: teamId, team, customer } = await make({ name: "k", team_id: blue.id });
    assert.deepEqual([teamId, team, customer], [blue.id, { id: blue.id, name: "blue", customer_id: acme.id }, null]);
    assert.equal((await change(id, { description: "d" })).team_id, blue.id);
    assert.equal((await change(id, await read(id))).team_id, blue.id);
    const moved = await change(id, { customer_id: acme.id });
    assert.deepEqual([moved.team_id, moved.customer_id, moved.customer.name], [null, acme.id, "Acme"]);
    assert.equal((await change(id, { customer_id: null })).customer_id, null);
    assert.equal((await change(id, { team_id: "blue" })).team_id, blue.id, "a team may be called by its name");
    assert.equal((await change(id, { team_id: "" })).team_id, null);
  });

  it("is refused where it is not there, or of both kinds", async () => {
    const blue = await owner("team", { name: "blue" });
    await at.refused("POST", KEYS, { name: "k", team_id: "bleu" }, 400, /no team "bleu"; did you mean 'blue'/);
    await at.refused("POST", KEYS, { name: "k", customer_id: "c" }, 400, /no customer "c"/);
    await at.refused("POST", KEYS, { name: "k", team_id: blue.id, customer_id: "c" }, 400, /exclude each other/);
    assert.equal((await at.good("GET", KEYS)).total_count, 0);
  });

  it("filters the list", async () => {
    const acme = await owner("customer", { name: "Acme" });
    const blue = await owner("team", { name: "blue" });
    for (let n = 0; n < 6; n++)
      await make({ name: `k${n}`, ...(n % 2 === 0 ? { team_id: blue.id } : n === 3 ? { customer_id: acme.id } : {}) });
    const names = async (query: string): Promise<string[]> =>
      (await at.good("GET", `${KEYS}?${query}`)).virtual_keys.map((key: Shown) => key.name);
    assert.deepEqual(await names(`team_id=${blue.id}&sort_by=name&order=desc`), ["k4", "k2", "k0"]);
    assert.deepEqual(await names(`team_id=${blue.id}&sort_by=name&limit=1&offset=1`), ["k2"]);
    assert.equal((await at.good("GET", `${KEYS}?team_id=${blue.id}&limit=1`)).total_count, 3);
    assert.deepEqual(await names(`customer_id=${acme.id}`), ["k3"]);
    assert.deepEqual(await names("user_id=u"), []);
  });
});

describe("limits of a key", () => {
  const ROW = {
    provider: "openai",
    budgets: [DAY],
    model_budgets: [
      { model_name: "gpt-4o", budgets: [DAY, MONTH], rate_limit: { ...RATE, max_parallel: 2 } },
      { model_name: "gpt-4o-mini", budget: DAY },
    ],
  };

  it("stand also with single models, and come back as they were shown", async () => {
    const key = await make({ name: "k", provider_configs: [ROW], on_store_down: "refuse", unpriced_models: "deny" });
    const [row] = key.provider_configs;
    const [big, small] = row.model_budgets;
    assert.deepEqual([big.model_name, big.budgets.length, big.rate_limit.max_parallel], ["gpt-4o", 2, 2]);
    assert.deepEqual([small.budget.max_limit, small.budget.provider_config_id], [10, row.id]);
    assert.deepEqual([key.on_store_down, key.unpriced_models], ["refuse", "deny"]);
    assert.deepEqual(
      lasting({ ...(await change(key.id, await read(key.id))), value: "" }),
      lasting({ ...key, value: "" }),
    );
    const rows = (await read(key.id)).provider_configs;
    const models = [{ model_name: "gpt-4o", budgets: [{ reset_duration: "1d", max_limit: 11 }] }];
    const after = await change(key.id, { provider_configs: [{ ...rows[0], model_budgets: models }] });
    const [changed, ...others] = after.provider_configs[0].model_budgets;
    assert.deepEqual([changed.budget.id, changed.budget.max_limit, others.length], [big.budget.id, 11, 0]);
    assert.equal(changed.rate_limit.id, big.rate_limit.id, "what is left out stays");
    const none = await change(key.id, { provider_configs: [{ ...rows[0], model_budgets: [] }] });
    assert.deepEqual(none.provider_configs[0].model_budgets, []);
    const usual = await change(key.id, { on_store_down: null, unpriced_models: null });
    assert.deepEqual([usual.on_store_down, usual.unpriced_models], ["serve", null]);
    const twice = [{ model_name: "m" }, { model_name: "m" }];
    await at.refused(
      "PUT",
      `${KEYS}/${key.id}`,
      { provider_configs: [{ provider: "openai", model_budgets: twice }] },
      400,
      /names "m" twice/,
    );
  });

  it("stand beside headers that it demands, which null and an empty list clear", async () => {
    const key = await make({ name: "k", provider_configs: [ROW] });
    assert.deepEqual(key.required_headers, []);
    for (const nothing of [null, []]) {
      assert.deepEqual((await change(key.id, { required_headers: ["X-Team"] })).required_headers, ["X-Team"]);
      assert.deepEqual((await change(key.id, { name: "other" })).required_headers, ["X-Team"]);
      assert.deepEqual((await change(key.id, { required_headers: nothing })).required_headers, []);
      assert.equal((await at.held.book.virtualKey(key.id))?.body["required_headers"], undefined);
    }
    await at.refused("PUT", `${KEYS}/${key.id}`, { required_headers: "x-team" }, 400, /required_headers/);
    await at.refused("PUT", `${KEYS}/${key.id}`, { required_headers: [""] }, 400, /is not the name of a header/);
  });

  it("are shown with what is used now, everywhere, and a PUT of what was read changes nothing meanwhile", async () => {
    const key = await make({ name: "k", budgets: [DAY], rate_limit: RATE, provider_configs: [ROW] });
    const [row] = key.provider_configs;
    const ids = [key.budget.id, row.budget.id, row.model_budgets[0].budget.id];
    for (const [index, id] of ids.entries()) at.counters.set(id, { settled: BigInt(index + 1) * DOLLAR });
    at.counters.reads = 0;
    const shown = await read(key.id);
    assert.equal(at.counters.reads, 1);
    const [shownRow] = shown.provider_configs;
    assert.deepEqual(
      [shown.budget, shownRow.budget, shownRow.model_budgets[0].budget].map((one) => one.current_usage),
      [1, 2, 3],
    );
    const stored = (await at.held.book.virtualKey(key.id))?.body;
    for (const id of ids) at.counters.set(id, { settled: 9n * DOLLAR });
    await change(key.id, shown);
    assert.deepEqual((await at.held.book.virtualKey(key.id))?.body, stored);
  });

  it("have ids of their own also in a copy", async () => {
    const key = await make({ name: "one", budgets: [DAY], rate_limit: RATE });
    const { id: _id, value: _value, ...rest } = await read(key.id);
    const copy = await make({ ...rest, name: "two" });
    assert.notEqual(copy.budget.id, key.budget.id);
    assert.notEqual(copy.rate_limit.id, key.rate_limit.id);
  });

  it("stay with their row when another row takes its provider", async () => {
    const key = await make({ name: "k", provider_configs: [{ provider: "openai", budgets: [DAY] }] });
    const [row] = key.provider_configs;
    const { id, budgets } = row;
    const rows = [
      { provider: "openai", budgets: [MONTH] },
      { id, provider: "anthropic" },
    ];
    const [fresh, moved] = (await change(key.id, { provider_configs: rows })).provider_configs;
    assert.equal(moved.budget.id, budgets[0].id);
    assert.notEqual(fresh.budget.id, moved.budget.id);
    assert.deepEqual([fresh.budgets.length, fresh.budget.reset_duration], [1, "1M"]);
    await at.refused("PUT", `${KEYS}/${key.id}`, { reset_budget_usage: "yes" }, 400, /must be true or false/);
  });

  it("begin a new window by hand", async () => {
    const key = await make({ name: "k", budgets: [DAY], provider_configs: [ROW] });
    at.counters.set(key.budget.id, { settled: DOLLAR });
    at.counters.set(key.provider_configs[0].budget.id, { settled: DOLLAR });
    const after = await change(key.id, { reset_budget_usage: true, description: "d" });
    assert.deepEqual([after.budget.current_usage, after.provider_configs[0].budget.current_usage], [0, 0]);
    assert.equal(at.counters.held.get(key.budget.id)?.window, 2);
    at.counters.isDown = true;
    await at.refused("PUT", `${KEYS}/${key.id}`, { reset_budget_usage: true }, 503, /the disk is gone/);
  });
});

describe("overrides", () => {
  it("raise a budget for windows that are counted from the open one, and are taken off", async () => {
    const key = await make({ name: "k", budgets: [DAY], provider_configs: [{ provider: "openai", budgets: [MONTH] }] });
    const lastReset = Date.UTC(2027, 0, 15);
    at.counters.set(key.budget.id, { lastReset, limit: 10n * DOLLAR });
    const path = `${KEYS}/${key.id}/budgets/${key.budget.id}/override`;
    const { budget } = await at.good("PUT", path, { amount: 5.5, mode: "cycles", cycles: 3 });
    assert.deepEqual(
      [budget.override_amount, budget.override_mode, budget.override_cycles_remaining, budget.override_cycles_total],
      [5.5, "cycles", 3, 3],
    );
    assert.equal(budget.override_anchor_reset, new Date(lastReset).toISOString());
    const entity = (await at.held.book.virtualKey(key.id))?.entity;
    assert.deepEqual(entity?.budgets[0]?.override, {
      amountNano: "5500000000",
      cyclesRemaining: 3,
      cyclesTotal: 3,
      anchorReset: lastReset,
    });
    at.counters.set(key.budget.id, { overrideCyclesLeft: 2, limit: 15_500_000_000n });
    const shown = await read(key.id);
    assert.deepEqual([shown.budget.override_cycles_remaining, shown.budget.effective_max_limit], [2, 15.5]);
    at.counters.set(key.budget.id, { overrideCyclesLeft: 1 });
    await change(key.id, shown);
    assert.deepEqual((await at.held.book.virtualKey(key.id))?.entity.budgets, entity?.budgets);
    const removed = await at.good("DELETE", path);
    assert.equal(removed.budget.override_amount, undefined);
    assert.equal((await at.held.book.virtualKey(key.id))?.entity.budgets[0]?.override, undefined);
  });

  it("hold for every budget of a key and of other owners, for ever too", async () => {
    const key = await make({ name: "k", provider_configs: [{ provider: "openai", budgets: [MONTH] }] });
    const row = key.provider_configs[0].budget.id;
    const of = await at.good("PUT", `${KEYS}/${key.id}/budgets/${row}/override`, { amount: 1, mode: "forever" });
    assert.deepEqual([of.budget.override_mode, of.effective_max_limit], ["forever", 101]);
    const blue = await owner("team", { name: "blue", budget: { max_limit: 7 } });
    const path = `/teams/${blue.id}/budgets/${blue.budget.id}/override`;
    assert.equal((await at.good("PUT", path, { amount: 3, mode: "forever" })).effective_max_limit, 10);
    assert.equal((await at.good("GET", `/teams/${blue.id}`)).team.budget.override_amount, 3);
    assert.equal((await at.good("DELETE", path)).effective_max_limit, 7);
  });

  it("are refused where they mean nothing", async () => {
    const key = await make({ name: "k", budgets: [DAY, { max_limit: 5 }] });
    const [day, prepaid] = key.budgets.map((one: Shown) => `${KEYS}/${key.id}/budgets/${one.id}/override`);
    const cases: readonly (readonly [object, RegExp])[] = [
      [{ mode: "forever" }, /'amount' is missing/],
      [{ amount: 0, mode: "forever" }, /'amount' must be an amount in dollars above 0/],
      [{ amount: "5", mode: "forever" }, /'amount' must be/],
      [{ amount: 5, mode: "always" }, /'mode' must be 'cycles' or 'forever'/],
      [{ amount: 5 }, /'cycles' must be/],
      [{ amount: 5, mode: "cycles", cycles: 1.5 }, /'cycles' must be/],
      [{ amount: 5, mode: "forever", cycles: 2 }, /'cycles' goes with/],
      [{ amount: 9_000_000_000, mode: "forever" }, /above 9000000000/],
      [{ amonut: 5 }, /did you mean 'amount'/],
    ];
    for (const [body, text] of cases) await at.refused("PUT", day, body, 400, text);
    await at.refused("PUT", prepaid, { amount: 5, cycles: 1 }, 400, /never reset/);
    const none = { amount: 5, mode: "forever" };
    await at.refused("PUT", `${KEYS}/${key.id}/budgets/none/override`, none, 404, /no budget with the id 'none'/);
    await at.refused("PUT", `${KEYS}/none/budgets/none/override`, none, 404, /no virtual key/);
    await at.refused("PUT", "/teams/none/budgets/none/override", none, 404, /none/);
  });
});

describe("what people do to a budget", () => {
  it("a credit counts once for each key, also on a budget that was never used", async () => {
    const blue = await owner("team", { name: "blue", budget: { max_limit: 7 } });
    const path = `/budgets/${blue.budget.id}/credit`;
    const first = await at.good("POST", path, { amount: 2.5, note: "invoice 1", key: "a" });
    assert.deepEqual([first.applied, first.budget.effective_max_limit, first.budget.max_limit], [true, 9.5, 7]);
    const again = await at.good("POST", path, { amount: 2.5, note: "invoice 1", key: "a" });
    assert.deepEqual([again.applied, again.budget.effective_max_limit], [false, 9.5]);
    const byHeader = await at.call("POST", path, { amount: 1 }, { "idempotency-key": "b" });
    assert.deepEqual([byHeader.status, byHeader.json.budget.effective_max_limit], [200, 10.5]);
    await at.refused("POST", path, { amount: 3, key: "a" }, 409, /used before/);
    await at.refused("POST", path, { amount: 3 }, 400, /'key' is missing/);
    await at.refused("POST", path, { amount: -3, key: "c" }, 400, /'amount' must be/);
    await at.refused("POST", path, { amount: 3, key: "c", note: 5 }, 400, /'note' must be a text/);
    await at.refused("POST", path, { amount: 3, kee: "c" }, 400, /did you mean 'key'/);
    await at.refused("POST", "/budgets/none/credit", { amount: 3, key: "c" }, 404, /no budget with the id 'none'/);
    const differing = await at.call("POST", path, { amount: 1, key: "x" }, { "idempotency-key": "y" });
    assert.equal(differing.status, 400);
  });

  it("reset and release work on budgets of keys, and on budgets alone", async () => {
    const key = await make({ name: "k", rate_limit: RATE, provider_configs: [{ provider: "openai", budgets: [DAY] }] });
    const { id } = key.provider_configs[0].budget;
    assert.equal((await at.good("POST", `/budgets/${id}/reset`)).budget.current_usage, 0);
    at.counters.set(id, { settled: DOLLAR, uncertain: DOLLAR / 4n });
    const { released, budget } = await at.good("POST", `/budgets/${id}/release-uncertain`);
    assert.deepEqual([released, budget.uncertain, budget.current_usage], [0.25, 0, 1]);
    assert.equal((await at.good("POST", `/budgets/${id}/reset`)).budget.current_usage, 0);
    const rate = `${key.rate_limit.id}:requests`;
    at.counters.set(rate, { kind: "requests" });
    await at.refused("POST", `/budgets/${rate}/reset`, undefined, 404, /no budget/);
    at.counters.isDown = true;
    await at.refused("POST", `/budgets/${id}/reset`, undefined, 503, /the disk is gone/);
    at.house.counterStore = null;
    await at.refused("POST", `/budgets/${id}/reset`, undefined, 503, /not counted here/);
  });
});

describe("the quota of a key", () => {
  it("is told to whoever holds it, with what is used, and nothing of others", async () => {
    const acme = await owner("customer", { name: "Acme", budget: MONTH });
    const row = { provider: "openai", budgets: [DAY], model_budgets: [{ model_name: "gpt-4o", budget: DAY }] };
    const key = await make({
      name: "k",
      customer_id: acme.id,
      budgets: [MONTH],
      rate_limit: RATE,
      provider_configs: [row],
    });
    const scoped = { scope: "virtual_key", scope_id: key.id };
    await at.good("POST", "/model-configs", { model_name: "claude", ...scoped, budget: DAY });
    await at.good("POST", "/model-configs", { model_name: "claude", budget: DAY });
    at.counters.set(key.budget.id, { settled: DOLLAR });
    const { status, json } = await at.call("GET", `${KEYS}/quota`, undefined, { "x-bf-vk": key.value });
    assert.equal(status, 200);
    assert.deepEqual([json.virtual_key_name, json.is_active, json.budgets[0].current_usage], ["k", true, 1]);
    assert.equal(json.rate_limit.request_max_limit, 5);
    const [config] = json.provider_configs;
    assert.deepEqual(
      [config.provider, config.budget.max_limit, config.model_budgets[0].budget.max_limit],
      ["openai", 10, 10],
    );
    assert.deepEqual(
      json.model_configs.map((one: Shown) => [one.model_name, one.budget.max_limit]),
      [["claude", 10]],
    );
    assert.doesNotMatch(JSON.stringify(json), new RegExp(`${acme.id}|Acme|sk-`));
  });

  it("needs the key", async () => {
    const answer = await at.call("GET", `${KEYS}/quota`);
    assert.equal(answer.status, 401);
    assert.match(answer.json.error.message, /send the key itself/);
  });
});
