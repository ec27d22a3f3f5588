// S6: tiers by virtual key, as applications use them: the key is the api_key, the gateway the base_url, and nothing else.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import OpenAI, { AuthenticationError, PermissionDeniedError } from "openai";
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

  test("the start says that the budget is not enforced yet, and the page shows it", async () => {
    const start = JSON.parse(house.gateway.output().split("\n")[0] ?? "") as { warnings: string[] };
    assert.equal(start.warnings.length, 1);
    assert.match(start.warnings[0] ?? "", /budgets and rate limits are read and kept, but not enforced yet/);
    const page = await (await fetch(`${BASE}/`)).text();
    assert.match(page, /budgets and rate limits are read and kept, but not enforced yet/);
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
