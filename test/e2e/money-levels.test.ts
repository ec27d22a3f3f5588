// Every level counts and blocks through a real gateway: parallel requests, shared owners, providers, models, the most a request may cost, missing prices.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { change } from "../support/admin-calls.ts";
import {
  askMany,
  askOnce,
  budgetsAt,
  COST,
  closeClients,
  DEAREST,
  type PaidUpstream,
  settledAt,
  startPaidUpstream,
  statusesOf,
} from "../support/burst-rig.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";

const dollars = (answers: number): number => Number(COST * BigInt(answers)) / 1e9;
const secret = (name: string): string => `sk-bf-${name}-0123456789`;
const budget = (name: string, answers: number, more: object = {}): object => ({
  id: `b-${name}`,
  max_limit: dollars(answers),
  reset_duration: "1d",
  ...more,
});
const requests = (most: number): object => ({
  rate_limit: { request_max_limit: most, request_reset_duration: "1h" },
});

let upstream: PaidUpstream;
let gateway: TestGateway;

const keyOf = (name: string, more: object = {}): object => ({
  id: `vk-${name}`,
  name,
  value: secret(name),
  provider_configs: ["openai", "backup", "free"].map((provider) => ({
    provider,
    allowed_models: ["*"],
    key_ids: ["*"],
  })),
  ...more,
});

before(async () => {
  upstream = await startPaidUpstream();
  const provider = (name: string): object => ({
    keys: [{ name, value: `sk-${name}`, models: ["*"], weight: 1 }],
    network_config: { base_url: `${upstream.url}/${name}`, max_retries: 0 },
    ...(name === "openai" ? {} : { custom_provider_config: { base_provider_type: "openai" } }),
  });
  gateway = await startTestGateway({
    config: {
      providers: { openai: provider("openai"), backup: provider("backup"), free: provider("free") },
      governance: {
        customers: [{ id: "c-1", name: "acme", budgets: [budget("customer", 60)] }],
        teams: [
          { id: "t-1", name: "red", customer_id: "c-1", budgets: [budget("team", 40)] },
          { id: "t-2", name: "blue", customer_id: "c-1" },
          { id: "t-3", name: "green", rate_limit: { request_max_limit: 500, request_reset_duration: "1h" } },
        ],
        virtual_keys: [
          keyOf("parallel", { rate_limit: { max_parallel: 7 } }),
          keyOf("red-1", { team_id: "t-1" }),
          keyOf("red-2", { team_id: "t-1", budgets: [budget("red-2", 1000)] }),
          keyOf("blue-1", { team_id: "t-2" }),
          keyOf("plain"),
          keyOf("strict", { unpriced_models: "deny" }),
          keyOf("told", {
            rate_limit: {
              request_max_limit: 1000,
              request_reset_duration: "1h",
              token_max_limit: 1_000_000,
              token_reset_duration: "1m",
            },
            team_id: "t-3",
          }),
          keyOf("few", requests(2)),
          keyOf("lenient", { budgets: [budget("lenient", 100)] }),
        ],
      },
    },
  });
});
after(async () => {
  closeClients();
  await gateway.stop();
  await upstream.close();
});
beforeEach(() => upstream.reset());

test("no more than max_parallel are ever at the provider at once, and whoever comes in vain is told so at once", async () => {
  upstream.play = () => ({ delay: 60 });
  const asked = await askMany(60, () => askOnce(gateway.url, secret("parallel")));
  assert.ok(upstream.most <= 7, `${upstream.most} at once`);
  assert.equal(statusesOf(asked)[200], upstream.paid);
  const refused = asked.find(({ status }) => status !== 200);
  assert.equal(refused?.status, 429);
  assert.match(refused?.text ?? "", /parallel request limit exceeded/);
  assert.equal((await askOnce(gateway.url, secret("parallel"))).status, 200);
});

test("a team's budget holds over all its keys, a customer's over all its teams", async () => {
  const reds = await askMany(150, (index) => askOnce(gateway.url, secret(index % 2 === 0 ? "red-1" : "red-2")));
  assert.ok(upstream.paid >= 40 && upstream.paid <= 41, `${upstream.paid} paid`);
  assert.match(reds.find(({ status }) => status === 402)?.text ?? "", /Team red budget exceeded/);
  const team = await settledAt(gateway.url, "teams/t-1", "b-team");
  assert.equal(team.used, upstream.worth);
  const blues = await askMany(100, () => askOnce(gateway.url, secret("blue-1")));
  assert.ok(upstream.paid >= 60 && upstream.paid <= 61, `${upstream.paid} paid`);
  assert.match(blues.find(({ status }) => status === 402)?.text ?? "", /Customer acme budget exceeded/);
  assert.equal((await settledAt(gateway.url, "customers/c-1", "b-customer")).used, upstream.worth);
});

test("a provider's limit holds over all keys and without one, and its fallback serves the rest", async () => {
  await change(gateway.url, "PUT", "/api/governance/providers/openai", requests(30));
  const names = [null, secret("plain"), null, secret("lenient")] as const;
  const asked = await askMany(90, (index) =>
    askOnce(gateway.url, names[index % 4] ?? null, index % 2 === 0 ? {} : { fallbacks: ["backup/gpt-4o"] }),
  );
  const statuses = statusesOf(asked);
  assert.equal((statuses[200] ?? 0) + (statuses[429] ?? 0), 90, JSON.stringify(statuses));
  assert.ok(asked.every(({ status }, index) => status === 200 || index % 2 === 0));
  assert.match(asked.find(({ status }) => status === 429)?.text ?? "", /Provider openai/);
  await change(gateway.url, "DELETE", "/api/governance/providers/openai");
  assert.equal((await askOnce(gateway.url, null)).status, 200);
});

test("a limit of one model holds for all providers, and for that model alone", async () => {
  const made = await change(gateway.url, "POST", "/api/governance/model-configs", {
    model_name: "gpt-4o-mini",
    ...requests(5),
  });
  const asked = await askMany(20, (index) =>
    askOnce(gateway.url, secret("plain"), { model: `${index % 2 === 0 ? "openai" : "backup"}/gpt-4o-mini` }),
  );
  assert.deepEqual(statusesOf(asked), { 200: 5, 429: 15 });
  assert.equal(upstream.calls, 5);
  assert.equal((await askOnce(gateway.url, secret("plain"))).status, 200);
  await change(gateway.url, "DELETE", `/api/governance/model-configs/${made.json.model_config.id}`);
  assert.equal((await askOnce(gateway.url, secret("plain"), { model: "openai/gpt-4o-mini" })).status, 200);
});

test("x-bf-max-cost passes a dear target over, and refuses when none is left", async () => {
  const dear = { "x-bf-max-cost": "0.0002" };
  const cheaper = await askOnce(gateway.url, secret("plain"), { headers: dear, fallbacks: ["openai/gpt-4o-mini"] });
  assert.equal(cheaper.status, 200, cheaper.text);
  const none = await askOnce(gateway.url, secret("plain"), { headers: dear });
  assert.equal(none.status, 402);
  assert.deepEqual(
    [JSON.parse(none.text).error.type, JSON.parse(none.text).error.code],
    ["budget_exceeded", "max_cost"],
  );
  const without = await askOnce(gateway.url, null, { headers: dear });
  assert.equal(without.status, 402, without.text);
  assert.equal(upstream.calls, 1);
  const roomy = { "x-bf-max-cost": (Number(DEAREST) / 1e9).toFixed(6) };
  assert.equal((await askOnce(gateway.url, secret("plain"), { headers: roomy })).status, 200);
});

test("a model without a price is refused where that is asked for, else served and counted on the budget that cannot see it", async () => {
  const model = "free/of-charge-1";
  const denied = await askOnce(gateway.url, secret("strict"), { model });
  assert.equal(denied.status, 403);
  assert.deepEqual(
    [JSON.parse(denied.text).error.type, JSON.parse(denied.text).error.code],
    ["model_blocked", "model_unpriced"],
  );
  assert.equal((await askOnce(gateway.url, secret("strict"))).status, 200);
  const before = await settledAt(gateway.url, "virtual-keys/vk-lenient", "b-lenient");
  const asked = await askMany(12, () => askOnce(gateway.url, secret("lenient"), { model }));
  assert.deepEqual(statusesOf(asked), { 200: 12 });
  const now = await settledAt(gateway.url, "virtual-keys/vk-lenient", "b-lenient");
  assert.equal(now.used, before.used);
  assert.equal(now.unpriced, 12);
  assert.equal((await budgetsAt(gateway.url, "virtual-keys/vk-lenient")).size, 1);
});

test("a refused caller is told how the limit stands that refused him", async () => {
  for (let nth = 0; nth < 2; nth++) assert.equal((await askOnce(gateway.url, secret("few"))).status, 200);
  const { status, headers } = await askOnce(gateway.url, secret("few"));
  assert.equal(status, 429);
  assert.equal(headers["x-ratelimit-limit-requests"], "2");
  assert.equal(headers["x-ratelimit-remaining-requests"], "0");
  assert.match(String(headers["x-ratelimit-reset-requests"]), /^(1h0m0s|59m\d+s)$/);
  assert.ok(Number(headers["retry-after"]) > 3000);
});

test("callers are told of their own limits in place of the provider's, as their SDK reads them; the tightest of each kind", async () => {
  Object.assign(upstream.headers, { "x-ratelimit-limit-requests": "77", "x-ratelimit-remaining-requests": "7" });
  const messages = [{ role: "user" as const, content: "how much is left?" }];
  const openai = new OpenAI({ apiKey: secret("told"), baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  const remaining: number[] = [];
  for (let nth = 0; nth < 3; nth++) {
    const asked = openai.chat.completions.create({ model: "openai/gpt-4o", messages, max_tokens: 30 });
    const { headers } = (await asked.withResponse()).response;
    assert.equal(headers.get("x-ratelimit-limit-requests"), "500");
    assert.match(headers.get("x-ratelimit-reset-requests") ?? "", /^(1h0m0s|59m\d+s)$/);
    assert.equal(headers.get("x-ratelimit-limit-tokens"), "1000000");
    assert.ok(Number(headers.get("x-ratelimit-remaining-tokens")) > 990_000);
    remaining.push(Number(headers.get("x-ratelimit-remaining-requests")));
  }
  assert.deepEqual(remaining, [499, 498, 497]);
  const stream = openai.chat.completions.create({ model: "openai/gpt-4o", messages, max_tokens: 30, stream: true });
  const { data, response } = await stream.withResponse();
  assert.equal(response.headers.get("x-ratelimit-remaining-requests"), "496");
  for await (const chunk of data) assert.ok(chunk);
  const anthropic = new Anthropic({ apiKey: secret("told"), baseURL: `${gateway.url}/anthropic`, maxRetries: 0 });
  const told = await anthropic.messages.create({ model: "openai/gpt-4o", messages, max_tokens: 30 }).withResponse();
  const { headers } = told.response;
  assert.equal(headers.get("anthropic-ratelimit-requests-limit"), "500");
  assert.equal(headers.get("anthropic-ratelimit-requests-remaining"), "495");
  assert.ok(
    Math.abs(Date.parse(headers.get("anthropic-ratelimit-requests-reset") ?? "") - Date.now() - 3_600_000) < 5000,
  );
  assert.equal(headers.get("anthropic-ratelimit-tokens-limit"), "1000000");
  assert.equal(headers.get("x-ratelimit-limit-requests"), null);
  const plain = await askOnce(gateway.url, secret("strict"));
  assert.equal(plain.headers["x-ratelimit-limit-requests"], "77");
  for (const name of Object.keys(upstream.headers)) delete upstream.headers[name];
});
