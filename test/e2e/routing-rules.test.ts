// Routing rules of the configuration file, over HTTP: live answers, their records, the dry run and the command line say the same.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { type FaultUpstream, startFaultUpstream } from "../support/fault-upstream.ts";
import { launcher, post, startTestGateway, type TestGateway } from "../support/gateway.ts";

let upstream: FaultUpstream;
let gateway: TestGateway;

const rule = (name: string, expression: string, to: object, more: object = {}) => ({
  id: name,
  name,
  cel_expression: expression,
  targets: [{ weight: 1, ...to }],
  ...more,
});

const RULES = [
  rule("gold", 'headers["x-tier"] == "gold"', { provider: "second", model: "best" }),
  rule(
    "cheap",
    "budget_used > 50",
    { provider: "second", model: "cheap" },
    { scope: "virtual_key", scope_id: "spender" },
  ),
  rule("warm", "params.temperature > 1", { provider: "first", model: "warm", key_id: "first-2" }),
  rule("by query", 'params.region == "eu"', { provider: "second", model: "eu" }),
  rule("step one", 'model == "start"', { provider: "first", model: "middle" }, { chain_rule: true }),
  rule("step two", 'model == "middle"', { model: "end" }),
  rule("hard", 'complexity_tier == "REASONING"', { provider: "second", model: "thinker" }),
  rule(
    "broken target",
    'model == "shaky"',
    { provider: "first", model: "status-500" },
    { fallbacks: ["second/saved"] },
  ),
  rule("escape", 'headers["x-escape"] == "yes"', { provider: "first", model: "x" }),
  rule("off", "", { provider: "second", model: "never" }, { enabled: false }),
  rule("broken", "model = 1", { provider: "second", model: "never" }),
].map((each, priority) => ({ priority, ...each }));

before(async () => {
  upstream = await startFaultUpstream();
  const provider = (name: string) => ({
    keys: [`${name}-1`, `${name}-2`].map((key, index) => ({ name: key, value: `sk-${key}`, weight: 1 - index })),
    network_config: { base_url: upstream.url, max_retries: 0 },
    custom_provider_config: { base_provider_type: "openai" },
  });
  gateway = await startTestGateway({
    config: {
      client: { logging_headers: [] },
      providers: { first: provider("first"), second: provider("second") },
      governance: {
        routing_rules: RULES,
        virtual_keys: [
          {
            id: "spender",
            name: "spender",
            value: "vk-spender",
            provider_configs: [{ provider: "first" }, { provider: "second", weight: null }],
            rate_limit: { request_max_limit: 100, request_reset_duration: "1h" },
            budgets: [{ max_limit: 0.000_002, reset_duration: "1d" }],
          },
          { id: "narrow", name: "narrow", value: "vk-narrow", provider_configs: [{ provider: "second" }] },
        ],
        pricing_overrides: [
          {
            id: "price",
            name: "price",
            scope_kind: "global",
            match_type: "wildcard",
            pattern: "*",
            request_types: ["chat_completion"],
            patch: { input_cost_per_token: 0.000_000_01, output_cost_per_token: 0.000_000_01 },
          },
        ],
      },
    },
  });
});
after(async () => {
  await gateway.stop();
  await upstream.close();
});

interface Sent {
  readonly model?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly text?: string;
  readonly query?: string;
}

function bodyOf({ model = "first/plain", fields = {}, text = "Hello!" }: Sent) {
  return { model, messages: [{ role: "user", content: text }], ...fields };
}

/** Where it went, the key, the asked model, and what the record tells of rules. */
async function chat(sent: Sent) {
  const id = crypto.randomUUID();
  const answer = await post(`${gateway.url}/v1/chat/completions${sent.query ?? ""}`, bodyOf(sent), {
    "x-request-id": id,
    ...sent.headers,
  });
  const [row] = (await gateway.logs(1, `client_request_id=${id}`)) as unknown as readonly Row[];
  const header = (name: string) => answer.headers.get(`x-bifrost-${name}`);
  return {
    status: answer.status,
    json: answer.json as { error?: { message: string }; extra_fields?: { original_model_requested: string } },
    to: `${header("provider")}/${header("resolved-model")}`,
    key: header("routing-info-key"),
    row,
  };
}

interface Row {
  readonly routing_engines_used?: readonly string[];
  readonly routing_rule_id?: string;
  readonly routing_rule_name?: string;
  readonly decision: { readonly rules?: readonly { name: string; matched: boolean; why: string }[] } | null;
}

interface Simulation {
  readonly decision: {
    readonly engine: string;
    readonly order: readonly { provider: string; model: string; key: string; reason: string }[];
    readonly candidates: readonly { provider: string; removed?: string }[];
    readonly rules: readonly { name: string; matched: boolean; why: string }[];
    readonly rule?: { name: string };
  };
}

async function simulate(sent: Sent, more: Readonly<Record<string, unknown>> = {}): Promise<Simulation["decision"]> {
  const { json } = await post(`${gateway.url}/api/routing/simulate`, {
    path: `/v1/chat/completions${sent.query ?? ""}`,
    headers: sent.headers ?? {},
    body: bodyOf(sent),
    ...more,
  });
  return (json as unknown as Simulation).decision;
}

const firstOf = ({ order: [first] }: Simulation["decision"]) => `${first?.provider}/${first?.model}`;

test("headers, parameters, the query and complexity choose; record and dry run name the rule and what did not match", async () => {
  const hard =
    "Analyze the trade-offs of a distributed architecture: debug this python code, compare latency step by step";
  const cases: readonly (readonly [Sent, string, string])[] = [
    [{ headers: { "X-Tier": "gold" } }, "second/best", "gold"],
    [{ fields: { temperature: 1.5 } }, "first/warm", "warm"],
    [{ query: "?region=eu" }, "second/eu", "by query"],
    [{ model: "first/start" }, "first/end", "step two"],
    [{ text: hard }, "second/thinker", "hard"],
  ];
  for (const [sent, to, name] of cases) {
    const live = await chat(sent);
    assert.equal(live.status, 200, name);
    assert.equal(live.to, to);
    assert.equal(live.json.extra_fields?.original_model_requested, (sent.model ?? "first/plain").split("/")[1]);
    assert.deepEqual(live.row?.routing_engines_used, ["routing-rule"]);
    assert.deepEqual([live.row?.routing_rule_id, live.row?.routing_rule_name], [name, name]);
    const dry = await simulate(sent);
    assert.equal(firstOf(dry), to);
    assert.equal(dry.rule?.name, name);
    assert.deepEqual(
      live.row?.decision?.rules?.map((each) => [each.name, each.matched]),
      dry.rules.map((each) => [each.name, each.matched]),
    );
  }
  const plain = await simulate({});
  assert.equal(firstOf(plain), "first/plain");
  const why = (name: string) => plain.rules.find((each) => each.name === name)?.why;
  assert.equal(why("gold"), "header x-tier is absent");
  assert.equal(why("warm"), "parameter temperature is absent");
  assert.match(why("broken") ?? "it was not asked", /skipped|not asked/);
  assert.equal(why("off"), undefined);
});

test("a target pins a key", async () => {
  const live = await chat({ fields: { temperature: 2 } });
  assert.equal(live.key, "first-2");
});

test("fallbacks of a rule are tried when its target fails", async () => {
  const live = await chat({ model: "first/shaky" });
  assert.equal(live.status, 200);
  assert.equal(live.to, "second/saved");
  const { order } = await simulate({ model: "first/shaky" });
  assert.deepEqual(
    order.map(({ reason }) => reason),
    ["routing rule", "fallback of the rule"],
  );
});

test("a rule cannot reach what the virtual key may not use", async () => {
  const headers = { "x-escape": "yes", "x-bf-vk": "vk-narrow" };
  const live = await chat({ model: "second/plain", headers });
  assert.equal(live.status, 403);
  assert.match(live.json.error?.message ?? "", /routing rule 'escape'/);
  const dry = await simulate({ model: "second/plain", headers });
  assert.equal(dry.candidates[0]?.removed, "provider not allowed by the virtual key");
});

test("a rule goes by what is used of a budget: of a live one, of a counted one, of an assumed one", async () => {
  const headers = { "x-bf-vk": "vk-spender" };
  const before = await simulate({ headers });
  assert.equal(firstOf(before), "first/plain");
  assert.equal(before.rules.find(({ name }) => name === "cheap")?.matched, false);
  assert.equal(firstOf(await simulate({ headers }, { assume: { budget_used: 60 } })), "second/cheap");
  assert.equal(firstOf(await simulate({ headers }, { assume: { exhausted: ["first"] } })), "second/cheap");
  const went: string[] = [];
  for (let n = 0; n < 40 && !went.includes("second/cheap"); n++) {
    const live = await chat({ headers, fields: { max_tokens: 8 } });
    if (live.status !== 200) break;
    went.push(live.to);
  }
  assert.equal(went[0], "first/plain");
  assert.equal(went.at(-1), "second/cheap", went.join(" "));
  // the counters of the control plane follow the loop within its next post
  for (let n = 0; n < 50 && firstOf(await simulate({ headers })) !== "second/cheap"; n++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(firstOf(await simulate({ headers })), "second/cheap");
});

test("the command line shows which rules did not match, and why", async () => {
  const child = spawn(
    process.execPath,
    [launcher, "route", "first/plain", "-url", gateway.url, "-header", "x-tier: tin"],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let text = "";
  for await (const chunk of child.stdout) text += String(chunk);
  assert.match(text, /Routing rules:\n\s+gold +did not match +the expression is false/);
  assert.match(text, /warm +did not match +parameter temperature is absent/);
});

test("the start names a rule that does not compile", () => {
  assert.match(gateway.output(), /routing_rules\[10\]|broken/);
});
