// Governance by API as Bifrost's scripts of 1.4 and 2.x use it: owners, limits, prices and use, at a gateway that serves requests.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ask, type Reply } from "../support/conversation.ts";
import { type FaultUpstream, startFaultUpstream } from "../support/fault-upstream.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { until } from "../support/rig.ts";
import { lasting, type Management, manage, provider14, type Shown } from "./management.ts";

const ROOT = "/api/governance";
const KEYS = `${ROOT}/virtual-keys`;
const DAY = { max_limit: 1000, reset_duration: "1d" };
const MONTH = { max_limit: 5000, reset_duration: "1M" };

let gateway: TestGateway;
let upstream: FaultUpstream;
let api: Management;

before(async () => {
  upstream = await startFaultUpstream();
  gateway = await startTestGateway({ config: { client: { enforce_auth_on_inference: true } } });
  api = manage(gateway.url);
  await api.post("/api/providers", provider14("acme", upstream.url, "sk-acme-1"));
  // a dollar for each token, so that every answer is worth many
  await api.post(`${ROOT}/pricing-overrides`, {
    name: "a dollar a token",
    scope_kind: "provider",
    provider_id: "acme",
    match_type: "wildcard",
    pattern: "*",
    request_types: ["chat_completion"],
    patch: { input_cost_per_token: 1, output_cost_per_token: 1 },
  });
});

after(async () => {
  await gateway?.stop();
  await upstream?.close();
});

const use = (key: Shown, model = "acme/echo"): Promise<Reply> =>
  ask(gateway.url, { model, headers: { "x-bf-vk": key.value } });
const makeKey = async (body: object): Promise<Shown> =>
  (await api.post(KEYS, { provider_configs: [{ provider: "acme" }], ...body })).virtual_key;
const key = async (id: string): Promise<Shown> => (await api.get(`${KEYS}/${id}`)).virtual_key;
const make = async (kind: "team" | "customer", body: object): Promise<Shown> =>
  (await api.post(`${ROOT}/${kind}s`, body))[kind];

/** What the answer cost, a dollar a token. */
function worth(reply: Reply): number {
  assert.equal(reply.status, 200, reply.text);
  return (reply.json["usage"] as { total_tokens: number }).total_tokens;
}

const quota = async (headers: Record<string, string>) => await api.call("GET", `${KEYS}/quota`, undefined, headers);

describe("use", () => {
  test("of one request stands at its key, provider config, model, team and customer, and nowhere else", async () => {
    const acme = await make("customer", { name: "Acme", budget: MONTH });
    const blue = await make("team", { name: "blue", customer_id: acme.id, budgets: [DAY, MONTH] });
    const red = await make("team", { name: "red", budgets: [DAY] });
    const rates = {
      token_max_limit: 100_000,
      token_reset_duration: "1h",
      request_max_limit: 50,
      request_reset_duration: "1h",
    };
    const limits = { budgets: [DAY], rate_limit: rates };
    const made = await makeKey({
      name: "counted",
      team_id: blue.id,
      ...limits,
      provider_configs: [{ provider: "acme", budgets: [DAY], model_budgets: [{ model_name: "echo", budgets: [DAY] }] }],
    });
    const scoped = await api.post(`${ROOT}/model-configs`, {
      model_name: "echo",
      scope: "virtual_key",
      scope_id: made.id,
      budgets: [DAY],
    });
    const cost = worth(await use(made)) + worth(await use(made));
    assert.ok(cost > 2);
    await until("it is settled", async () => (await key(made.id)).budget.current_usage === cost);
    const shown = await key(made.id);
    const [row] = shown.provider_configs;
    assert.deepEqual([row.budget.current_usage, row.model_budgets[0].budget.current_usage], [cost, cost]);
    assert.deepEqual(
      [shown.rate_limit.request_current_usage, shown.rate_limit.token_current_usage, shown.budget.reserved],
      [2, cost, 0],
    );
    const team = (await api.get(`${ROOT}/teams/${blue.id}`)).team;
    assert.deepEqual(
      team.budgets.map((one: Shown) => one.current_usage),
      [cost, cost],
    );
    assert.equal((await api.get(`${ROOT}/customers/${acme.id}`)).customer.budget.current_usage, cost);
    assert.equal((await api.get(`${ROOT}/teams/${red.id}`)).team.budget.current_usage, 0);
    const config = await api.get(`${ROOT}/model-configs/${scoped.model_config.id}`);
    assert.equal(config.model_config.budget.current_usage, cost);
    const { budgets } = await api.get(`${ROOT}/budgets`);
    const used = budgets.filter((one: Shown) => one.current_usage > 0);
    assert.equal(used.length, 7);
    for (const one of used) assert.equal(one.current_usage, cost, JSON.stringify(one));
  });

  test("is told to the key itself, by any carrier and to nobody else", async () => {
    const made = await makeKey({ name: "asking", budgets: [DAY] });
    const cost = worth(await use(made));
    await until("it is settled", async () => {
      const { json } = await quota({ authorization: `Bearer ${made.value}` });
      return json.budgets[0].current_usage === cost;
    });
    for (const headers of [{ "x-bf-vk": made.value }, { "x-api-key": made.value }] as const) {
      const { status, json } = await quota(headers as unknown as Record<string, string>);
      assert.deepEqual([status, json.virtual_key_name, json.is_active], [200, "asking", true]);
      assert.equal(json.provider_configs[0].provider, "acme");
    }
    const unknown = await quota({ "x-bf-vk": "sk-bf-nobody" });
    assert.deepEqual([unknown.status, unknown.json.error.type], [401, "virtual_key_not_found"]);
    assert.equal((await quota({})).status, 401);
  });
});

/** A key whose budget one request overruns. */
async function exhausted(name: string, budget: object): Promise<Shown> {
  const made = await makeKey({ name, budgets: [budget] });
  worth(await use(made));
  await until("it is used up", async () => (await use(made)).status === 402);
  return made;
}

describe("a budget that is used up", () => {
  test("serves again with a new window by hand", async () => {
    const made = await exhausted("reset by hand", { max_limit: 1, reset_duration: "1d" });
    const { virtual_key: after } = await api.put(`${KEYS}/${made.id}`, { reset_budget_usage: true });
    assert.equal(after.budget.current_usage, 0);
    worth(await use(made));
    await until("it is used up again", async () => (await use(made)).status === 402);
    const { budget } = await api.post(`${ROOT}/budgets/${made.budget.id}/reset`);
    assert.equal(budget.current_usage, 0);
    worth(await use(made));
  });

  test("serves again with an override, and no more without it", async () => {
    const made = await exhausted("raised", { max_limit: 1, reset_duration: "1d" });
    const path = `${KEYS}/${made.id}/budgets/${made.budget.id}/override`;
    const { budget, effective_max_limit: limit } = await api.put(path, { amount: 500, mode: "cycles", cycles: 2 });
    assert.deepEqual([limit, budget.override_cycles_remaining, budget.max_limit], [501, 2, 1]);
    worth(await use(made));
    assert.equal((await api.put(`${KEYS}/${made.id}`, await key(made.id))).virtual_key.budget.override_amount, 500);
    worth(await use(made));
    assert.equal((await api.remove(path)).effective_max_limit, 1);
    assert.equal((await use(made)).status, 402);
  });

  test("serves again with a credit, which counts once", async () => {
    const made = await exhausted("prepaid", { max_limit: 1 });
    const path = `${ROOT}/budgets/${made.budget.id}/credit`;
    const credit = { amount: 100, note: "invoice 7", key: "invoice-7" };
    assert.deepEqual([(await api.post(path, credit)).applied, (await api.post(path, credit)).applied], [true, false]);
    assert.equal((await key(made.id)).budget.effective_max_limit, 101);
    worth(await use(made));
    const other = await makeKey({ name: "no prepaid", budgets: [DAY] });
    const refused = await api.call("POST", `${ROOT}/budgets/${other.budget.id}/credit`, { amount: 1, key: "k" });
    assert.equal(refused.status, 400);
    assert.match(refused.json.error.message, /prepaid/);
  });

  test("of a team stops all of its keys, and a key that leaves it goes on", async () => {
    const small = await make("team", { name: "small", budget: { max_limit: 1, reset_duration: "1d" } });
    const [one, two] = [
      await makeKey({ name: "one", team_id: small.id }),
      await makeKey({ name: "two", team_id: small.id }),
    ];
    worth(await use(one));
    await until("it is used up", async () => (await use(two)).status === 402);
    const { virtual_keys: list } = await api.get(`${KEYS}?team_id=${small.id}&sort_by=name`);
    assert.deepEqual(
      list.map((each: Shown) => each.name),
      ["one", "two"],
    );
    await api.put(`${KEYS}/${two.id}`, { team_id: null });
    worth(await use(two));
    assert.equal((await use(one)).status, 402);
    const refused = await api.call("DELETE", `${ROOT}/teams/${small.id}`);
    assert.equal(refused.status, 409);
    await api.put(`${ROOT}/teams/${small.id}`, { budget: { max_limit: 10_000 } });
    worth(await use(one));
  });

  test("of a provider or a model holds for every key", async () => {
    await api.post("/api/providers", provider14("second", upstream.url, "sk-second-1"));
    const both = { provider_configs: [{ provider: "acme" }, { provider: "second" }] };
    const made = await makeKey({ name: "of both", ...both });
    await api.put(`${ROOT}/providers/second`, { rate_limit: { request_max_limit: 1, request_reset_duration: "1h" } });
    assert.equal((await use(made, "second/echo")).status, 200);
    assert.equal((await use(made, "second/echo")).status, 429);
    await api.remove(`${ROOT}/providers/second`);
    assert.equal((await use(made, "second/echo")).status, 200);
    const { model_config: model } = await api.post(`${ROOT}/model-configs`, {
      model_name: "rare",
      rate_limit: { request_max_limit: 1, request_reset_duration: "1h" },
    });
    assert.equal((await use(made, "acme/rare")).status, 200);
    assert.equal((await use(made, "second/rare")).status, 429);
    await api.remove(`${ROOT}/model-configs/${model.id}`);
    assert.equal((await use(made, "second/rare")).status, 200);
  });
});

const withoutUse = ({ current_usage: _use, reserved: _held, ...limit }: Shown): Shown => limit;
const isLimit = (name: string): boolean => /^budgets?$|^rate_limit$/.test(name);

/** Without what goes on while requests are served. */
function settled(shown: Shown): Shown {
  const limits = { budgets: shown.budgets?.map(withoutUse), rate_limit: shown.rate_limit?.token_max_limit };
  const rows = shown.provider_configs?.map(settled);
  const rest = Object.entries(lasting(shown)).filter(([name]) => !isLimit(name));
  return { ...Object.fromEntries(rest), ...limits, provider_configs: rows };
}

test("whatever is read is taken back by the PUT of the same path, while requests are served, and changes nothing", async () => {
  const made = await makeKey({
    name: "steady",
    budgets: [
      { max_limit: 900_000, reset_duration: "1d" },
      { max_limit: 900_000, reset_duration: "1M", calendar_aligned: true },
    ],
    rate_limit: { token_max_limit: 1_000_000, token_reset_duration: "1h" },
  });
  await api.put(`${ROOT}/providers/acme`, { budgets: [{ max_limit: 1_000_000, reset_duration: "1M" }] });
  const work = { isDone: false };
  const statuses = new Set<number>();
  const load = (async () => {
    while (!work.isDone) statuses.add((await use(made)).status);
  })();
  try {
    for (const [path, many, one] of [
      [KEYS, "virtual_keys", "virtual_key"],
      [`${ROOT}/teams`, "teams", "team"],
      [`${ROOT}/customers`, "customers", "customer"],
      [`${ROOT}/model-configs`, "model_configs", "model_config"],
      [`${ROOT}/providers`, "providers", "provider"],
      [`${ROOT}/pricing-overrides`, "pricing_overrides", "pricing_override"],
    ] as const) {
      const list = (await api.get(`${path}?limit=100`))[many];
      assert.ok(list.length > 0, path);
      for (const item of list) {
        const at = `${path}/${item.id ?? item.provider}`;
        const answer = await api.get(at);
        const shown = answer[one];
        assert.deepEqual(settled((await api.put(at, shown))[one]), settled(shown), at);
        assert.deepEqual(settled((await api.put(at, answer))[one]), settled(shown), `${at}: the answer as it came`);
        assert.deepEqual(settled((await api.get(at))[one]), settled(shown), at);
      }
    }
  } finally {
    work.isDone = true;
    await load;
  }
  assert.deepEqual([...statuses], [200]);
});

test("nothing else is open", async () => {
  assert.equal((await api.call("GET", `${ROOT}/nothing`)).status, 404);
});
