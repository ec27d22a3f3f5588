// S6: tiers by virtual key, as applications use them: the key is the api_key, the gateway the base_url, and nothing else.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import OpenAI, { APIError, AuthenticationError, PermissionDeniedError } from "openai";
import { type MovedClock, movedClock } from "../support/moved-clock.ts";
import { BASE, type House, openHouse } from "./support/house.ts";
import { runChecks } from "./support/python-checks.ts";
import { HELLO } from "./support/repertoire.ts";

const config = (client: string): string => `{
  "client": ${client},
  "providers": [
    { "provider": "openai", "api_keys": [ { "key": "sk-openai" } ] },
    { "provider": "anthropic", "api_keys": [ { "key": "sk-ant" } ] }
  ],
  "governance": { "virtual_keys": [
    { "virtual_key": "vk-free-tier",
      "provider_configs": [ { "provider": "openai", "allowed_models": ["gpt-4o-mini"] } ],
      "budget": {"max_limit": 10, "reset_duration": "1d"} },
    { "virtual_key": "vk-premium",
      "provider_configs": [
        { "provider": "openai", "allowed_models": ["gpt-4o","gpt-4o-mini"] },
        { "provider": "anthropic", "allowed_models": ["claude-3-5-sonnet-20241022"], "weight": 0.3 } ] }
  ] }
}`;

let house: House;
const close = async (): Promise<void> => house.close();

/** Nothing but the two; the SDK repeats as it does by itself. */
function clientOf(apiKey: string): OpenAI {
  return new OpenAI({ apiKey, baseURL: "http://localhost:8080/v1" });
}

function ask(apiKey: string, model: string): Promise<string | null | undefined> {
  const question = { model, messages: [{ role: "user" as const, content: "Hello!" }] };
  return clientOf(apiKey)
    .chat.completions.create(question)
    .then((answer) => answer.choices[0]?.message.content);
}

async function idsOf(apiKey: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const model of clientOf(apiKey).models.list()) ids.push(model.id);
  return ids.toSorted();
}

describe("as written", () => {
  before(async () => {
    house = await openHouse(config("{}"));
  });
  after(close);

  for (const [virtualKey, model, provider] of [
    ["vk-free-tier", "gpt-4o-mini", "openai"],
    ["vk-free-tier", "openai/gpt-4o-mini", "openai"],
    ["vk-premium", "gpt-4o", "openai"],
    ["vk-premium", "gpt-4o-mini", "openai"],
    ["vk-premium", "claude-3-5-sonnet-20241022", "anthropic"],
    ["vk-premium", "anthropic/claude-3-5-sonnet-20241022", "anthropic"],
  ] as const)
    test(`${virtualKey} gets ${model}`, async () => {
      house.reset();
      assert.equal(await ask(virtualKey, model), HELLO);
      assert.deepEqual(
        house.calls().map((call) => [call.provider, call.key]),
        [[provider, provider === "openai" ? "sk-openai" : "sk-ant"]],
      );
    });

  for (const [virtualKey, model, type, message] of [
    ["vk-free-tier", "gpt-4o", "model_blocked", "Model 'gpt-4o' is not allowed for this virtual key"],
    ["vk-free-tier", "openai/gpt-4o", "model_blocked", "Model 'gpt-4o' is not allowed for this virtual key"],
    [
      "vk-free-tier",
      "anthropic/claude-3-5-sonnet-20241022",
      "provider_blocked",
      "Provider 'anthropic' is not allowed for this virtual key",
    ],
    ["vk-free-tier", "claude-3-5-sonnet-20241022", "model_blocked", "is not allowed for this virtual key"],
    ["vk-premium", "gpt-4-turbo", "model_blocked", "Model 'gpt-4-turbo' is not allowed for this virtual key"],
    ["vk-premium", "anthropic/gpt-4o", "model_blocked", "Model 'gpt-4o' is not allowed for this virtual key"],
    ["vk-premium", "demo/echo", "provider_blocked", "Provider 'demo' is not allowed for this virtual key"],
  ] as const)
    test(`${virtualKey} does not get ${model}: a PermissionDeniedError, asked once and of nobody`, async () => {
      house.reset();
      await assert.rejects(ask(virtualKey, model), (error) => {
        assert.ok(error instanceof PermissionDeniedError, String(error));
        assert.equal(error.status, 403);
        assert.equal(error.type, type);
        assert.ok(error.message.includes(message), error.message);
        assert.equal(error.param, "model");
        return true;
      });
      assert.equal(house.calls().length, 0);
    });

  test("vk-premium's weight that was not given counts as 1", async () => {
    const answer = await fetch(`${BASE}/api/routing/simulate`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ virtual_key: "vk-premium", body: { model: "gpt-4o" } }),
    });
    const { decision } = (await answer.json()) as {
      decision: { candidates: { provider: string; weight: number | null }[] };
    };
    assert.equal(decision.candidates.find((candidate) => candidate.provider === "openai")?.weight, 1);
  });

  test("each tier lists its own models", async () => {
    assert.deepEqual(await idsOf("vk-free-tier"), ["openai/gpt-4o-mini"]);
    assert.deepEqual(await idsOf("vk-premium"), [
      "anthropic/claude-3-5-sonnet-20241022",
      "openai/gpt-4o",
      "openai/gpt-4o-mini",
    ]);
  });

  test("an unknown sk-bf- key is an AuthenticationError", async () => {
    await assert.rejects(ask("sk-bf-unknown", "gpt-4o-mini"), (error) => {
      assert.ok(error instanceof AuthenticationError);
      assert.equal(error.type, "virtual_key_not_found");
      return true;
    });
  });

  test("the start has nothing to warn of, and the page shows the budget", async () => {
    const start = JSON.parse(house.gateway.output().split("\n")[0] ?? "") as { warnings: string[] };
    assert.deepEqual(start.warnings, []);
    const page = await (await fetch(`${BASE}/`)).text();
    assert.match(page, /<td>vk-free-tier<\/td><td>\$10 per 1d<\/td>/);
  });

  test("Python's OpenAI SDK", (t) => runChecks(t, "tiers.py"));
});

describe("where every call needs a virtual key", () => {
  before(async () => {
    house = await openHouse(config(`{ "enforce_auth_on_inference": true }`));
  });
  after(close);

  test("any unknown key is an AuthenticationError, and known ones work as before", async () => {
    await assert.rejects(ask("vk-nobody", "gpt-4o-mini"), AuthenticationError);
    await assert.rejects(ask("sk-openai", "gpt-4o-mini"), AuthenticationError);
    assert.equal(await ask("vk-free-tier", "gpt-4o-mini"), HELLO);
    await assert.rejects(ask("vk-free-tier", "gpt-4o"), PermissionDeniedError);
  });
});

describe("the free tier's ten dollars a day, on a clock that the test moves", () => {
  // gpt-4o-mini by OpenAI's price list: 0.15 dollars a million tokens in, 0.60 out
  const usage = { prompt_tokens: 100_000, completion_tokens: 16_000, total_tokens: 116_000 };
  const cost = (100_000 * 0.15 + 16_000 * 0.6) / 1e6;
  const served = Math.ceil(10 / cost);
  let clock: MovedClock;

  before(async () => {
    clock = movedClock();
    house = await openHouse(config("{}"), { environment: clock.environment });
    const choices = [{ index: 0, message: { role: "assistant", content: HELLO }, finish_reason: "stop" }];
    const answer = { id: "chatcmpl-1", object: "chat.completion", created: 1, model: "gpt-4o-mini", choices, usage };
    house.openai.script = { type: "application/json", body: JSON.stringify(answer) };
  });
  after(async () => {
    await house.close();
    clock.close();
  });

  test("it serves for ten dollars, the request that passes them included, and then says until when", async () => {
    for (let n = 0; n < served; n++) assert.equal(await ask("vk-free-tier", "gpt-4o-mini"), HELLO);
    await assert.rejects(ask("vk-free-tier", "gpt-4o-mini"), (error) => {
      assert.ok(error instanceof APIError, String(error));
      assert.equal(error.status, 402);
      assert.equal(error.type, "budget_exceeded");
      assert.match(
        error.message,
        /^402 Budget exceeded: VK budget exceeded: 10\.0122 >= 10\.0000 dollars \(next room at 20/,
      );
      return true;
    });
    assert.equal(house.openai.calls.length, served);
  });

  test("the premium tier has no budget and goes on", async () => {
    assert.equal(await ask("vk-premium", "gpt-4o-mini"), HELLO);
  });

  test("a day later the free tier is served again", async () => {
    await pause(300);
    clock.set(24 * 3600 + 60);
    await pause(1100);
    assert.equal(await ask("vk-free-tier", "gpt-4o-mini"), HELLO);
  });
});
