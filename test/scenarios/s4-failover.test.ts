// S4: automatic and manual failover. The client sees one 200, the record shows every attempt.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import OpenAI, { BadRequestError, InternalServerError } from "openai";
import type { LogRow } from "../support/gateway.ts";
import { AZURE_ENDPOINT, BASE, type House, openHouse } from "./support/house.ts";
import { HELLO, STORY } from "./support/repertoire.ts";

/** The key of S3; and one with three providers whose first is as good as always drawn, so that the rest is the order. */
const CONFIG = `{
  "providers": [
    { "provider": "azure", "keys": [ { "name": "azure-main", "value": "azure-secret",
      "azure_key_config": { "endpoint": "${AZURE_ENDPOINT}" } } ] },
    { "provider": "openai", "api_keys": [ { "key": "sk-openai" } ] },
    { "provider": "openai-backup", "custom_provider_config": { "base_provider_type": "openai" }, "api_keys": [ { "key": "sk-backup" } ] },
    { "provider": "anthropic", "api_keys": [ { "key": "sk-ant" } ] }
  ],
  "governance": { "virtual_keys": [
    { "virtual_key": "vk-prod-main",
      "provider_configs": [
        { "provider": "azure",  "allowed_models": ["gpt-4o"],                "weight": 0.8 },
        { "provider": "openai", "allowed_models": ["gpt-4o", "gpt-4o-mini"], "weight": 0.2 } ] },
    { "virtual_key": "vk-three",
      "provider_configs": [
        { "provider": "openai-backup", "allowed_models": ["gpt-4o"], "weight": 0.0000001 },
        { "provider": "azure",         "allowed_models": ["gpt-4o"], "weight": 1000 },
        { "provider": "anthropic",     "allowed_models": ["claude-3-5-sonnet-20241022"], "weight": 5000 },
        { "provider": "openai",        "allowed_models": ["gpt-4o"], "weight": 0.0000002 } ] }
  ] }
}`;

let house: House;
before(async () => {
  house = await openHouse(CONFIG);
});
after(() => house.close());

function clientOf(virtualKey: string): OpenAI {
  return new OpenAI({ baseURL: `${BASE}/v1`, apiKey: virtualKey, maxRetries: 0 });
}

interface Asked {
  readonly content: string;
  readonly row: LogRow;
  readonly headers: Headers;
}

/** One call that must succeed, and its record. */
async function ask(
  virtualKey: string,
  body: { model: string; fallbacks?: readonly string[]; content?: string; stream?: boolean },
): Promise<Asked> {
  const { content = "Hello!", stream = false, ...rest } = body;
  const id = crypto.randomUUID();
  const question = { ...rest, messages: [{ role: "user" as const, content }] };
  const options = { headers: { "x-request-id": id } };
  const completions = clientOf(virtualKey).chat.completions;
  let text = "";
  let headers: Headers;
  if (stream) {
    const { data, response } = await completions.create({ ...question, stream: true }, options).withResponse();
    for await (const chunk of data) text += chunk.choices[0]?.delta.content ?? "";
    headers = response.headers;
  } else {
    const { data, response } = await completions.create(question, options).withResponse();
    text = data.choices[0]?.message.content ?? "";
    headers = response.headers;
  }
  const [row] = await house.gateway.logs(1, `client_request_id=${id}`);
  return { content: text, row: row as LogRow, headers };
}

/** The targets in order. A kept connection that broke is replaced once by a fresh one: the same target. */
const triedIn = (row: LogRow): string[] =>
  row.attempts
    .filter((attempt) => attempt.reason !== "fresh connection")
    .map((attempt) => `${attempt.provider}/${attempt.model}`);

/** A key that failed rests; it is back when it is the first to be asked again. */
async function untilWell(virtualKey: string, first: string): Promise<number> {
  house.reset();
  const started = performance.now();
  while ((await ask(virtualKey, { model: "gpt-4o" })).row.attempts[0]?.provider !== first) {
    assert.ok(performance.now() - started < 15_000, `${first} did not come back`);
    await pause(100);
  }
  house.reset();
  return performance.now() - started;
}

for (const [what, fault, outcome] of [
  ["answers 500", "status-500", "server-error"],
  ["answers 503", "status-503", "server-error"],
  ["is throttled", "status-429", "rate-limited"],
  ["rejects the key", "status-401", "key-rejected"],
  ["breaks the connection", "cut-before-head", "transport"],
  ["answers half a JSON", "truncated-json", "server-error"],
  ["answers with an HTML page", "html-200", "server-error"],
  ["answers 200 with an error", "error-in-200", "server-error"],
  ["does not know the model", "status-404", "model-not-found"],
] as const)
  test(`automatic: azure ${what}, the next provider by weight answers, and azure comes back by itself`, async () => {
    house.azure.fault = () => fault;
    const { content, row, headers } = await ask("vk-three", { model: "gpt-4o" });
    assert.equal(content, HELLO);
    assert.deepEqual(triedIn(row), ["azure/gpt-4o", "openai/gpt-4o"]);
    assert.equal(row.attempts[0]?.outcome, outcome);
    assert.notEqual(row.attempts[0]?.error, "");
    assert.equal(row.attempts.at(-1)?.outcome, "");
    assert.equal(row.status, "success");
    assert.equal(row.provider, "openai");
    assert.equal(row.fallback_index, 1);
    assert.equal(headers.get("x-bifrost-fallback-index"), "1");
    assert.equal(headers.get("x-bifrost-routing-info-primary-provider"), "azure");
    assert.deepEqual(house.anthropic.calls, [], "a provider that does not allow the model is no fallback");
    await untilWell("vk-three", "azure");
  });

test("automatic: all are tried, weight highest first, until one answers", async () => {
  house.azure.fault = () => "status-503";
  house.openai.fault = (call) => (call.key === "sk-openai" ? "status-503" : null);
  const { content, row } = await ask("vk-three", { model: "gpt-4o" });
  assert.equal(content, HELLO);
  assert.deepEqual(triedIn(row), ["azure/gpt-4o", "openai/gpt-4o", "openai-backup/gpt-4o"]);
  assert.deepEqual(
    row.attempts.map((attempt) => [attempt.status, attempt.fallback_index]),
    [
      [503, 0],
      [503, 1],
      [200, 2],
    ],
  );
  assert.deepEqual(
    row.decision?.order.map((target) => target.reason),
    ["drawn", "automatic fallback", "automatic fallback"],
  );
  house.reset();
});

test("automatic: when all are used the client gets one error, and it tells of every attempt", async () => {
  house.azure.fault = () => "status-503";
  house.openai.fault = () => "status-503";
  const id = crypto.randomUUID();
  const call = clientOf("vk-three").chat.completions.create(
    { model: "gpt-4o", messages: [{ role: "user", content: "Hi" }] },
    { headers: { "x-request-id": id } },
  );
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof InternalServerError);
    assert.equal(error.status, 503);
    assert.equal(
      error.headers.get("x-bifrost-attempts"),
      "azure/gpt-4o:503,openai/gpt-4o:503,openai-backup/gpt-4o:503",
    );
    return true;
  });
  const [row] = await house.gateway.logs(1, `client_request_id=${id}`);
  assert.equal(row?.status, "error");
  assert.equal(row?.attempts.length, 3);
  await untilWell("vk-three", "azure");
});

test("automatic: a stream fails over before its first content, and nobody sees it", async () => {
  for (const fault of ["status-503", "cut-in-head", "error-event-first", "error-event-before-content"]) {
    house.azure.fault = () => fault;
    const { content, row } = await ask("vk-three", { model: "gpt-4o", stream: true, content: "Tell a story." });
    assert.equal(content, STORY, fault);
    assert.deepEqual(triedIn(row), ["azure/gpt-4o", "openai/gpt-4o"], fault);
    await untilWell("vk-three", "azure");
  }
});

test("automatic: with the key of S3 and azure dead, 60 calls of 60 are answered and azure is left alone", async () => {
  house.azure.fault = () => "cut-before-head";
  const { completions } = clientOf("vk-prod-main").chat;
  for (let n = 0; n < 60; n++) {
    const answer = await completions.create({ model: "gpt-4o", messages: [{ role: "user", content: "Hello!" }] });
    assert.equal(answer.choices[0]?.message.content, HELLO);
  }
  assert.ok(house.azure.calls.length < 20, `azure was asked ${house.azure.calls.length} times`);
  await untilWell("vk-three", "azure");
});

test("automatic: the caller's own mistake is told at once and asked nowhere else", async () => {
  house.reset();
  const call = clientOf("vk-three").chat.completions.create({
    model: "gpt-4o",
    messages: [{ role: "user", content: "please fail with 400" }],
  });
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof BadRequestError);
    assert.equal(error.param, "temperature");
    return true;
  });
  assert.equal(house.calls().length, 1);
});

const HI = [{ role: "user" as const, content: "Hi" }];
const FALLBACKS = ["anthropic/claude-3-5-sonnet-20241022"];

test("manual: the fallbacks of the request are kept as given, nothing is added", async () => {
  house.openai.fault = () => "status-503";
  const { content, row, headers } = await ask("unused", { model: "openai/gpt-4o", fallbacks: FALLBACKS });
  assert.equal(content, HELLO);
  assert.deepEqual(triedIn(row), ["openai/gpt-4o", "anthropic/claude-3-5-sonnet-20241022"]);
  assert.equal(headers.get("x-bifrost-provider"), "anthropic");
  const [call] = house.anthropic.calls;
  assert.equal(call?.path, "/v1/messages");
  assert.equal(call?.json.fallbacks, undefined);
  assert.equal(call?.json.model, "claude-3-5-sonnet-20241022");
  assert.equal(house.openai.calls[0]?.json.fallbacks, undefined);
  house.reset();
});

test("manual: with a virtual key its own providers are not added to the fallbacks of the request", async () => {
  house.azure.fault = () => "status-503";
  const { content, row } = await ask("vk-three", { model: "gpt-4o", fallbacks: FALLBACKS });
  assert.equal(content, HELLO);
  assert.deepEqual(triedIn(row), ["azure/gpt-4o", "anthropic/claude-3-5-sonnet-20241022"]);
  assert.equal(row.decision?.order.at(-1)?.reason, "fallback named by the caller");
  await untilWell("vk-three", "azure");
  house.azure.fault = () => "status-503";
  house.anthropic.fault = () => "status-503";
  const question = { model: "gpt-4o", messages: HI, fallbacks: FALLBACKS };
  const all = clientOf("vk-three").chat.completions.create(question);
  await assert.rejects(all, InternalServerError);
  assert.deepEqual([house.azure.calls.length, house.anthropic.calls.length, house.openai.calls.length], [1, 1, 0]);
  await untilWell("vk-three", "azure");
});

test("manual: a stream that fails over to another dialect comes in the caller's", async () => {
  house.openai.fault = () => "cut-before-head";
  const { content, row } = await ask("unused", {
    model: "openai/gpt-4o",
    fallbacks: FALLBACKS,
    stream: true,
    content: "Tell a story.",
  });
  assert.equal(content, STORY);
  assert.equal(row.provider, "anthropic");
  house.reset();
});

test("manual: a fallback that the virtual key does not allow is never asked", async () => {
  house.azure.fault = () => "status-503";
  const question = { model: "azure/gpt-4o", messages: HI, fallbacks: FALLBACKS };
  const call = clientOf("vk-prod-main").chat.completions.create(question);
  await assert.rejects(call, InternalServerError);
  assert.equal(house.anthropic.calls.length, 0);
  house.reset();
});

test("the Prometheus counter of failovers names from and to", async () => {
  // Counters go from the loop to the control plane each second.
  await pause(1_500);
  const text = await (await fetch(`${BASE}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line.startsWith("bifrost_failover_total"));
  for (const [from, to] of [
    ["azure", "openai"],
    ["openai", "openai-backup"],
    ["openai", "anthropic"],
    ["azure", "anthropic"],
  ])
    assert.ok(
      lines.some((line) => line.includes(`source_provider="${from}",target_provider="${to}"`) && !line.endsWith(" 0")),
      `${from} to ${to}: ${lines.join("\n")}`,
    );
});
