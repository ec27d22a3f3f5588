// S8: environments. A dev key never reaches a prod provider key, whatever it asks for, and prod never dev's.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import OpenAI, { InternalServerError, RateLimitError } from "openai";
import { Random } from "../../src/lib/random.ts";
import { type Answer, post } from "../support/gateway.ts";
import { AZURE_ENDPOINT, BASE, type House, openHouse } from "./support/house.ts";
import { drawbridge } from "./support/processes.ts";
import { HELLO } from "./support/repertoire.ts";

/** The tests before the last one ask more often than a developer in an hour. */
const config = (requests: number): string => `{
  "providers": [
    { "provider": "openai-dev-keys", "custom_provider_config": { "base_provider_type": "openai" },
      "keys": [ { "id": "dev-id-1", "name": "dev-1", "value": "sk-dev-1" }, { "name": "dev-2", "value": "sk-dev-2" } ] },
    { "provider": "openai-prod-keys", "custom_provider_config": { "base_provider_type": "openai" },
      "keys": [ { "id": "prod-id-1", "name": "prod-1", "value": "sk-prod-1" }, { "name": "prod-2", "value": "sk-prod-2" } ] },
    { "provider": "azure-prod-keys", "custom_provider_config": { "base_provider_type": "azure" },
      "keys": [ { "name": "azure-prod-1", "value": "az-prod-1",
        "azure_key_config": { "endpoint": "${AZURE_ENDPOINT}" } } ] }
  ],
  "governance": { "virtual_keys": [
    { "virtual_key": "vk-dev",
      "provider_configs": [ { "provider": "openai-dev-keys", "allowed_models": ["gpt-4o-mini"] } ],
      "rate_limit": { "request_max_limit": ${requests}, "request_reset_duration": "1h" } },
    { "virtual_key": "vk-prod",
      "provider_configs": [
        { "provider": "openai-prod-keys", "allowed_models": ["gpt-4o"], "weight": 0.7 },
        { "provider": "azure-prod-keys",  "allowed_models": ["gpt-4o"], "weight": 0.3 } ] }
  ] }
}`;

const DEV = new Set(["sk-dev-1", "sk-dev-2"]);
const PROD = new Set(["sk-prod-1", "sk-prod-2", "az-prod-1"]);

let house: House;
before(async () => {
  house = await openHouse(config(1_000_000));
});
after(() => house.close());
beforeEach(() => house.reset());

function assertOnly(keys: ReadonlySet<string>, what: unknown): void {
  for (const call of house.calls()) {
    assert.ok(keys.has(call.key), `${JSON.stringify(what)}: ${call.provider} was asked with ${call.key}`);
    const others = keys === DEV ? PROD : DEV;
    for (const value of Object.values(call.headers))
      for (const other of others) assert.ok(!value.includes(other), `${JSON.stringify(what)}: a header has ${other}`);
  }
}

function client(apiKey: string): OpenAI {
  return new OpenAI({ apiKey, baseURL: `${BASE}/v1`, maxRetries: 0 });
}

const HI = [{ role: "user" as const, content: "Hello!" }];

test("vk-dev gets gpt-4o-mini by its own keys", async () => {
  for (let n = 0; n < 20; n++) {
    const answer = await client("vk-dev").chat.completions.create({ model: "gpt-4o-mini", messages: HI });
    assert.equal(answer.choices[0]?.message.content, HELLO);
  }
  assert.equal(house.openai.calls.length, 20);
  assertOnly(DEV, "gpt-4o-mini");
});

test("vk-prod gets gpt-4o, 70 % from openai-prod-keys and 30 % from azure-prod-keys", async () => {
  const { json } = await post(`${BASE}/api/routing/simulate`, { virtual_key: "vk-prod", body: { model: "gpt-4o" } });
  assert.deepEqual(json["shares"], { "openai-prod-keys/gpt-4o": 0.7, "azure-prod-keys/gpt-4o": 0.3 });
  for (let n = 0; n < 100; n++) await client("vk-prod").chat.completions.create({ model: "gpt-4o", messages: HI });
  const share = house.openai.calls.length;
  assert.equal(share + house.azure.calls.length, 100);
  assert.ok(Math.abs(share - 70) < 5 * Math.sqrt(100 * 0.7 * 0.3), `openai was asked ${share} times`);
  assertOnly(PROD, "gpt-4o");
});

test("vk-prod's providers stand in for each other, never dev's", async () => {
  house.openai.fault = () => "status-503";
  for (let n = 0; n < 10; n++) {
    const answer = await client("vk-prod").chat.completions.create({ model: "gpt-4o", messages: HI });
    assert.equal(answer.choices[0]?.message.content, HELLO);
  }
  house.azure.fault = () => "status-503";
  const dead = client("vk-prod").chat.completions.create({ model: "gpt-4o", messages: HI });
  await assert.rejects(dead, InternalServerError);
  assertOnly(PROD, "all of prod dead");
});

test("the models of a dev key are dev's", async () => {
  const ids: string[] = [];
  for await (const model of client("vk-dev").models.list()) ids.push(model.id);
  assert.deepEqual(ids, ["openai-dev-keys/gpt-4o-mini"]);
  assertOnly(DEV, "models");
  const refused = await fetch(`${BASE}/v1/models?provider=openai-prod-keys`, { headers: { "x-bf-vk": "vk-dev" } });
  assert.equal(refused.status, 403);
  assert.equal(house.azure.calls.length, 0);
});

interface Attempt {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Every way to name a target, a key or an identity that a caller could think of. */
const MODELS = [
  "gpt-4o-mini",
  "gpt-4o",
  "openai-dev-keys/gpt-4o-mini",
  "openai-dev-keys/gpt-4o",
  "openai-prod-keys/gpt-4o",
  "openai-prod-keys/gpt-4o-mini",
  "azure-prod-keys/gpt-4o",
  "azure-prod-keys/gpt-4o-mini",
  "OpenAI-Prod-Keys/gpt-4o",
  " openai-prod-keys/gpt-4o",
  "openai-prod-keys /gpt-4o",
  "openai-dev-keys/openai-prod-keys/gpt-4o",
  "openai-prod-keys/openai-dev-keys/gpt-4o-mini",
  "openai-prod-keys//gpt-4o",
  "/openai-prod-keys/gpt-4o",
  "openai-prod-keys%2Fgpt-4o",
  "openai/gpt-4o",
  "azure/gpt-4o",
  "openai-dev-keys/../openai-prod-keys/gpt-4o",
];
const FALLBACKS: readonly unknown[] = [
  undefined,
  [],
  ["openai-prod-keys/gpt-4o"],
  ["azure-prod-keys/gpt-4o", "openai-prod-keys/gpt-4o-mini"],
  [{ provider: "openai-prod-keys", model: "gpt-4o-mini" }],
  ["gpt-4o"],
  ["openai-dev-keys/gpt-4o-mini", "azure-prod-keys/gpt-4o-mini"],
];
const HEADERS: readonly Readonly<Record<string, string>>[] = [
  {},
  { "x-bf-api-key": "prod-1" },
  { "x-bf-api-key": "azure-prod-1" },
  { "x-bf-api-key": "sk-prod-1" },
  { "x-bf-api-key-id": "prod-id-1" },
  { "x-bf-api-key-id": "prod-id-1", "x-bf-api-key": "dev-1" },
  { "x-bf-direct-key": "true", "x-api-key": "sk-prod-1" },
  { "x-bf-eh-authorization": "Bearer sk-prod-1" },
  { "x-bf-eh-api-key": "az-prod-1", "x-bf-eh-x-api-key": "sk-prod-1" },
  { "x-api-key": "sk-prod-2" },
  { "api-key": "az-prod-1" },
  { "x-goog-api-key": "sk-prod-1" },
  { authorization: "Bearer sk-prod-1" },
  { "x-bf-session-id": "session-of-prod" },
];
const PATHS = [
  "/v1/chat/completions",
  "/openai/v1/chat/completions",
  "/openai/chat/completions",
  "/anthropic/v1/messages",
  "/v1/embeddings",
];
const EXTRAS: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { provider: "openai-prod-keys" },
  { extra_params: { provider: "openai-prod-keys", key: "prod-1" } },
  { user: "vk-prod", metadata: { virtual_key: "vk-prod" } },
  { stream: true },
];

function attemptOf(random: Random): Attempt {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)] as T;
  const path = pick(PATHS);
  const input = path.endsWith("embeddings") ? { input: "Hello!" } : { messages: HI, max_tokens: 100 };
  const fallbacks = pick(FALLBACKS);
  return {
    path,
    body: { model: pick(MODELS), ...input, ...(fallbacks === undefined ? {} : { fallbacks }), ...pick(EXTRAS) },
    headers: pick(HEADERS),
  };
}

async function send(attempt: Attempt, credential: Readonly<Record<string, string>>): Promise<Answer> {
  return post(BASE + attempt.path, attempt.body, { ...attempt.headers, ...credential });
}

test("600 ways to ask for more, dev's own keys failing now and then: no prod key is ever used for vk-dev", async () => {
  const random = new Random(20_260_101);
  house.openai.fault = (call) => (DEV.has(call.key) && random.next() < 0.5 ? "status-503" : null);
  const statuses = new Map<number, number>();
  for (let n = 0; n < 600; n++) {
    house.openai.forget();
    house.azure.forget();
    const attempt = attemptOf(random);
    // Whatever else a request carries, the first carrier decides.
    const answer = await send(attempt, { "x-bf-vk": "vk-dev" });
    assertOnly(DEV, attempt);
    assert.equal(house.azure.calls.length + house.anthropic.calls.length, 0);
    for (const prod of PROD) assert.ok(!answer.text.includes(prod), "an answer tells a key");
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    assert.ok(
      [200, 400, 403, 404, 503].includes(answer.status),
      `${answer.status} for ${JSON.stringify(attempt)}: ${answer.text}`,
    );
  }
  assert.ok((statuses.get(200) ?? 0) > 10 && (statuses.get(403) ?? 0) > 100, JSON.stringify([...statuses]));
});

test("each spelling of a prod target is refused, with and without a pin of a prod key", async () => {
  for (const model of MODELS.filter((name) => /prod/i.test(name)))
    for (const headers of HEADERS)
      for (const path of PATHS.slice(0, 4)) {
        const attempt = { path, body: { model, messages: HI, max_tokens: 100 }, headers };
        const answer = await send(attempt, { "x-bf-vk": "vk-dev" });
        assert.ok([400, 403, 404].includes(answer.status), `${answer.status} for ${JSON.stringify(attempt)}`);
      }
  assert.equal(house.calls().length, 0, "a provider was asked");
});

test("a dev key cannot pin a prod key: it is no key of its provider", async () => {
  for (const pin of [
    { "x-bf-api-key": "prod-1" },
    { "x-bf-api-key-id": "prod-id-1" },
    { "x-bf-api-key": "sk-prod-1" },
  ]) {
    const answer = await post(
      `${BASE}/v1/chat/completions`,
      { model: "gpt-4o-mini", messages: HI },
      {
        "x-bf-vk": "vk-dev",
        ...pin,
      },
    );
    assert.equal(answer.status, 503, answer.text);
    assert.equal(answer.json["type"], "no_eligible_keys");
  }
  assert.equal(house.calls().length, 0);
  const own = await post(
    `${BASE}/v1/chat/completions`,
    { model: "gpt-4o-mini", messages: HI },
    { "x-bf-vk": "vk-dev", "x-bf-api-key": "dev-2" },
  );
  assert.equal(own.status, 200);
  assert.equal(house.openai.last().key, "sk-dev-2");
});

test("a forbidden fallback is dropped from the plan, the allowed target still answers", async () => {
  const answer = await post(
    `${BASE}/v1/chat/completions`,
    { model: "gpt-4o-mini", messages: HI, fallbacks: ["openai-prod-keys/gpt-4o-mini"] },
    { "x-bf-vk": "vk-dev" },
  );
  assert.equal(answer.status, 200);
  assertOnly(DEV, "fallback");
  house.openai.fault = () => "status-503";
  const dead = await post(
    `${BASE}/v1/chat/completions`,
    { model: "gpt-4o-mini", messages: HI, fallbacks: ["openai-prod-keys/gpt-4o-mini", "azure-prod-keys/gpt-4o"] },
    { "x-bf-vk": "vk-dev" },
  );
  assert.equal(dead.status, 503);
  assertOnly(DEV, "fallback");
});

test("drawbridge route says why a prod target is out of reach", async () => {
  const { code, out } = await drawbridge("route", "azure-prod-keys/gpt-4o", "--vk", "vk-dev");
  assert.equal(code, 1);
  assert.match(out, /Refused with status 403 \(provider_blocked\): Provider 'azure-prod-keys' is not allowed/);
});

const ask = (key: string, model: string) => client(key).chat.completions.create({ model, messages: HI });

test("as written: vk-dev has 100 requests an hour, and vk-prod as many as it likes", async () => {
  await house.close();
  house = await openHouse(config(100));
  const start = JSON.parse(house.gateway.output().split("\n")[0] ?? "") as { warnings: string[] };
  assert.deepEqual(start.warnings, []);
  const refused: unknown[] = [];
  for (let n = 0; n < 110; n++) await ask("vk-dev", "gpt-4o-mini").catch((error: unknown) => refused.push(error));
  assert.equal(refused.length, 10);
  for (const error of refused) {
    assert.ok(error instanceof RateLimitError, String(error));
    assert.equal(error.type, "request_limited");
    assert.match(
      error.message,
      /Rate limit check failed: rate limit violated for VK: \[request limit exceeded \(100\/100, resets every 1h/,
    );
    assert.ok(Number(error.headers?.get("retry-after")) > 60);
    assert.equal(error.headers?.get("x-should-retry"), "false");
  }
  for (let n = 0; n < 110; n++) await ask("vk-prod", "gpt-4o");
  assert.match(await (await fetch(`${BASE}/`)).text(), /<td>vk-dev<\/td><td>100 requests per 1h<\/td>/);
});
