// What a request costs stands in its row, in the sums and in the forecast; stored costs are calculated anew by new prices.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type AdminAnswer, call, change } from "../support/admin-calls.ts";
import type { Reply } from "../support/conversation.ts";
import { type Rig, startRig, until } from "../support/rig.ts";

const OVERRIDES = "/api/governance/pricing-overrides";
const RECALCULATE = "/api/logs/recalculate-cost";

let rig: Rig;
let provider = "";
let unknown = "";
let key = { id: "", value: "" };
let teamId = "";
let overrideId = "";

const budgets = [{ max_limit: 1000, reset_duration: "1M" }];

/** USD of each million input tokens; output costs twice as much. */
const override = (dollars: number) => ({
  name: "our contract",
  scope_kind: "provider",
  provider_id: provider,
  match_type: "wildcard",
  pattern: "*",
  request_types: ["chat_completion"],
  patch: { input_cost_per_token: dollars / 1e6, output_cost_per_token: (2 * dollars) / 1e6 },
});

before(async () => {
  rig = await startRig({ plain: { base: "openai", count: 2 } });
  provider = rig.fresh("plain");
  unknown = rig.fresh("plain");
  const { url } = rig.gateway;
  const team = await change(url, "POST", "/api/governance/teams", { name: "Research", budgets });
  teamId = team.json.team.id;
  const made = await change(url, "POST", "/api/governance/virtual-keys", {
    name: "costed",
    team_id: teamId,
    provider_configs: [provider, unknown].map((name) => ({ provider: name, allowed_models: ["*"] })),
    budgets,
  });
  key = made.json.virtual_key;
  const priced = await change(url, "POST", OVERRIDES, override(1000));
  overrideId = priced.json.pricing_override.id;
});

after(async () => {
  await rig?.close();
});

const get = (target: string): Promise<AdminAnswer> => change(rig.gateway.url, "GET", target);
const chat = (at: string, more: object = {}): Promise<Reply> =>
  rig.ask({ model: `${at}/gpt-4o`, headers: { "x-bf-vk": key.value }, ...more });

const near = (actual: number, expected: number, what: string): void =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${what}: ${actual}, expected ${expected}`);

/** By the provider's own report, at 1000 USD for a million input tokens. */
async function priceOf(reply: Reply): Promise<number> {
  const { token_usage } = (await rig.row(reply)) as unknown as {
    token_usage: { prompt_tokens: number; completion_tokens: number };
  };
  return (token_usage.prompt_tokens + 2 * token_usage.completion_tokens) / 1000;
}

/** USD, settled, of the key's and of its team's budget. */
async function used(): Promise<number[]> {
  const ofKey = await get(`/api/governance/virtual-keys/${key.id}`);
  const ofTeam = await get(`/api/governance/teams/${teamId}`);
  return [ofKey.json.virtual_key.budgets[0].current_usage, ofTeam.json.team.budgets[0].current_usage];
}

async function recalculate(body: object): Promise<AdminAnswer["json"]> {
  const { status, json } = await change(rig.gateway.url, "POST", RECALCULATE, body);
  assert.deepEqual([status, json.status], [202, "running"]);
  let told: AdminAnswer["json"] = null;
  await until("the recalculation has ended", async () => {
    told = (await get(`${RECALCULATE}/status`)).json;
    return told.status !== "running" && told.status !== "posting";
  });
  assert.equal(told.job_id, json.job_id);
  return told;
}

let total = 0;

test("rows tell what a request cost, by which prices, and whose it was; sums and budgets say the same", async () => {
  const replies = [await chat(provider), await chat(provider, { stream: true })];
  for (const reply of replies) {
    assert.equal(reply.status, 200);
    const row = await rig.row(reply);
    const cost = await priceOf(reply);
    assert.ok(cost > 0);
    near(row["cost"] as number, cost, "cost of the row");
    total += cost;
    const details = row["cost_details"] as {
      parts: { kind: string; cost: number }[];
      unpriced: string[];
      source: string;
    };
    near(
      details.parts.reduce((sum, part) => sum + part.cost, 0),
      cost,
      "sum of its parts",
    );
    assert.deepEqual([details.unpriced, details.source], [[], "override our contract"]);
    assert.deepEqual([row["team_id"], row["team_name"]], [teamId, "Research"]);
    const [attempt] = row.attempts as unknown as { cost: number; usage_origin: string }[];
    near(attempt?.cost ?? 0, cost, "cost of the attempt");
    assert.equal(attempt?.usage_origin, "reported");
  }
  const { json } = await get(`/api/logs?team_ids=${teamId}&sort_by=cost&min_cost=0.000001`);
  assert.equal(json.logs.length, 2);
  near(json.stats.total_cost, total, "total of the list");
  near((await get("/api/logs/stats")).json.total_cost, total, "total of all");
  await until("both budgets have the cost", async () => (await used()).every((one) => Math.abs(one - total) < 1e-9));
});

test("a model without a price costs not 0 but nothing that is known", async () => {
  const reply = await rig.ask({ model: `${unknown}/nobodys-model`, headers: { "x-bf-vk": key.value } });
  const row = await rig.row(reply);
  assert.equal(row["cost"], null);
  assert.deepEqual((row["cost_details"] as { unpriced: string[] }).unpriced.toSorted(), ["input", "output"]);
  const { json } = await get("/api/logs?missing_cost_only=true");
  assert.deepEqual(
    json.logs.map((one: { id: string }) => one.id),
    [row.id],
  );
  assert.equal(json.stats.unpriced_requests, 1);
});

test("new prices change stored rows and sums, and no budget", async () => {
  const before = await used();
  await change(rig.gateway.url, "PUT", `${OVERRIDES}/${overrideId}`, override(2000));
  const told = await recalculate({ virtual_key_ids: [key.id] });
  assert.deepEqual([told.status, told.matched, told.updated, told.unpriced], ["completed", 3, 2, 1]);
  near(told.cost_difference, total, "what changed");
  near((await get("/api/logs/stats")).json.total_cost, 2 * total, "total of all");
  const rows = (await get("/api/logs?min_cost=0.000001")).json.logs as { cost: number }[];
  near(
    rows.reduce((sum, row) => sum + row.cost, 0),
    2 * total,
    "costs of the rows",
  );
  const { spend } = (await get(`/api/governance/forecast?virtual_key_id=${key.id}`)).json;
  near(spend.last_24_hours, 2 * total, "hourly sums");
  assert.deepEqual(await used(), before);
});

test("where it is asked for, each budget gets the difference once", async () => {
  const before = await used();
  await change(rig.gateway.url, "PUT", `${OVERRIDES}/${overrideId}`, override(3000));
  const told = await recalculate({ providers: [provider], apply_to_budgets: true });
  assert.deepEqual([told.status, told.updated, told.budgets_adjusted], ["completed", 2, 2]);
  for (const [index, now] of (await used()).entries()) near(now, (before[index] as number) + total, `budget ${index}`);
  const again = await recalculate({ providers: [provider], apply_to_budgets: true });
  assert.deepEqual([again.updated, again.budgets_adjusted], [0, 0]);
});

test("the forecast follows the hours of a key and of its team", async () => {
  for (const owner of [`virtual_key_id=${key.id}`, `team_id=${teamId}`]) {
    const { json } = await get(`/api/governance/forecast?${owner}`);
    near(json.spend.last_7_days, 3 * total, "spent in a week");
    const [forecast] = json.forecasts;
    assert.equal(forecast.basis, "recent");
    assert.ok(forecast.expected_use_at_reset > forecast.current_usage);
  }
  assert.ok(Array.isArray((await get("/api/governance/forecast")).json.at_risk));
});

test("what is asked wrongly is refused, and there is nothing to cancel", async () => {
  const { url } = rig.gateway;
  assert.equal((await call(url, "POST", RECALCULATE, { model: "x" })).status, 400);
  assert.equal((await call(url, "POST", `${RECALCULATE}/cancel`)).status, 409);
  assert.equal((await call(url, "GET", RECALCULATE)).status, 405);
});
