// S9: budgets and limits of each provider and of the whole key: an exhausted provider is blocked and the other takes over, the key stops at its own.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import Anthropic, { APIError as AnthropicError, RateLimitError } from "@anthropic-ai/sdk";
import OpenAI, { APIError } from "openai";
import { type MovedClock, movedClock } from "../support/moved-clock.ts";
import { BASE, type House, openHouse } from "./support/house.ts";

const CONFIG = `{
  "providers": {
    "openai":    { "keys": [ { "name": "o", "value": "sk-openai", "models": ["*"], "weight": 1.0 } ] },
    "anthropic": { "keys": [ { "name": "a", "value": "sk-ant", "models": ["*"], "weight": 1.0 } ] }
  },
  "governance": { "virtual_keys": [
    { "virtual_key": "vk-multi-provider", "budget": {"max_limit": 100, "reset_duration": "1mo"},
      "provider_configs": [
        { "provider": "openai",    "budget": {"max_limit": 50, "reset_duration": "1mo"},
          "rate_limit": {"request_max_limit": 1000, "request_reset_duration": "1h", "token_max_limit": 1000000, "token_reset_duration": "1h"} },
        { "provider": "anthropic", "budget": {"max_limit": 30, "reset_duration": "1mo"},
          "rate_limit": {"request_max_limit": 500, "request_reset_duration": "1h"} } ] }
  ] }
}`;

/** gpt-4o: 2.50 and 10 dollars a million tokens, as OpenAI's price list has it: 116,000 tokens for 0.41 dollars. */
const OPENAI_COST = (100_000 * 2.5 + 16_000 * 10) / 1e6;
/** claude-3-5-sonnet: 3 and 15 dollars a million tokens, as Anthropic's price list has it. */
const ANTHROPIC_COST = (150_000 * 3 + 8_000 * 15) / 1e6;
const OPENAI_ANSWER = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "gpt-4o",
  choices: [{ index: 0, message: { role: "assistant", content: "From openai." }, finish_reason: "stop" }],
  usage: { prompt_tokens: 100_000, completion_tokens: 16_000, total_tokens: 116_000 },
};
const ANTHROPIC_ANSWER = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-3-5-sonnet-20241022",
  content: [{ type: "text", text: "From anthropic." }],
  stop_reason: "end_turn",
  stop_sequence: null,
  usage: { input_tokens: 150_000, output_tokens: 8_000 },
};
const OPENAI = "openai/gpt-4o";
const ANTHROPIC = "anthropic/claude-3-5-sonnet-20241022";
const HOUR = 3600;

let house: House;
let clock: MovedClock;

before(async () => {
  clock = movedClock();
  house = await openHouse(CONFIG, { environment: clock.environment });
  house.openai.script = { type: "application/json", body: JSON.stringify(OPENAI_ANSWER) };
  house.anthropic.script = { type: "application/json", body: JSON.stringify(ANTHROPIC_ANSWER) };
});
after(async () => {
  await house.close();
  clock.close();
});

const client = new OpenAI({ apiKey: "vk-multi-provider", baseURL: `${BASE}/v1`, maxRetries: 0 });

/** The two providers name their models in their own ways, so the fallback is named. */
async function ask(model: string, fallbacks: readonly string[] = []): Promise<string> {
  const question = { model, fallbacks, messages: [{ role: "user" as const, content: "Hello!" }] };
  const answer = await client.chat.completions.create(question);
  return answer.choices[0]?.message.content ?? "";
}

async function refusal(model: string): Promise<APIError> {
  try {
    await ask(model);
  } catch (error) {
    assert.ok(error instanceof APIError, String(error));
    return error;
  }
  throw new Error(`${model} was served`);
}

interface Shown {
  readonly budgets: readonly { readonly current_usage: number }[];
  readonly rate_limit: Readonly<Record<string, number>> | null;
}

/** When everything is settled. */
async function shown(): Promise<{ key: Shown; byProvider: Record<string, Shown> }> {
  await pause(300);
  const answer = await fetch(`${BASE}/api/governance/virtual-keys`);
  const { virtual_keys: keys } = (await answer.json()) as {
    virtual_keys: (Shown & { provider_configs: (Shown & { provider: string })[] })[];
  };
  const key = keys[0];
  assert.ok(key !== undefined);
  return { key, byProvider: Object.fromEntries(key.provider_configs.map((config) => [config.provider, config])) };
}

/** Costs are settled within a tenth of a second, into the window that is open then; what was told of a limit is believed for a second. */
async function moveClock(seconds: number): Promise<void> {
  await pause(300);
  clock.set(seconds);
  await pause(1100);
}

const isNear = (value: number | undefined, expected: number): boolean => Math.abs((value ?? -1) - expected) < 1e-6;

test("openai stops at a million tokens an hour, and anthropic takes over without an error", async () => {
  const answers: string[] = [];
  for (let i = 0; i < 12; i++) answers.push(await ask(OPENAI, [ANTHROPIC]));
  // 116,000 tokens each: with the ninth the limit is passed
  assert.deepEqual(answers, [...Array(9).fill("From openai."), ...Array(3).fill("From anthropic.")]);
  const { key, byProvider } = await shown();
  assert.equal(byProvider["openai"]?.rate_limit?.["token_current_usage"], 9 * 116_000);
  assert.equal(byProvider["openai"]?.rate_limit?.["request_current_usage"], 9);
  assert.equal(byProvider["anthropic"]?.rate_limit?.["request_current_usage"], 3);
  assert.ok(isNear(byProvider["openai"]?.budgets[0]?.current_usage, 9 * OPENAI_COST));
  assert.ok(isNear(byProvider["anthropic"]?.budgets[0]?.current_usage, 3 * ANTHROPIC_COST));
  assert.ok(isNear(key.budgets[0]?.current_usage, 9 * OPENAI_COST + 3 * ANTHROPIC_COST), "the key's budget is the sum");
});

test("asked for alone, openai is refused with its limit and its use", async () => {
  const error = await refusal(OPENAI);
  assert.equal(error.status, 429);
  assert.equal(error.type, "token_limited");
  assert.match(error.message, /Provider config openai: \[token limit exceeded \(1044000\/1000000, resets every 1h/);
});

test("an Anthropic client gets the same refusal in its own words", async () => {
  const anthropic = new Anthropic({ apiKey: "vk-multi-provider", baseURL: `${BASE}/anthropic`, maxRetries: 0 });
  const question = { model: OPENAI, max_tokens: 100, messages: [{ role: "user" as const, content: "Hello!" }] };
  await assert.rejects(anthropic.messages.create(question), (error) => {
    assert.ok(error instanceof RateLimitError, String(error));
    assert.equal((error.error as { error: { type: string } }).error.type, "rate_limit_error");
    assert.match(error.message, /token limit exceeded/);
    return true;
  });
});

test("openai's budget of 50 dollars is used up over the hours, anthropic's of 30 after it", async () => {
  let openai = 9;
  for (let hour = 1; openai < Math.ceil(50 / OPENAI_COST); hour++) {
    await moveClock(hour * (HOUR + 120));
    for (let i = 0; i < 9 && openai < Math.ceil(50 / OPENAI_COST); i++, openai++)
      assert.equal(await ask(OPENAI), "From openai.");
  }
  const gone = await refusal(OPENAI);
  assert.equal(gone.status, 402);
  assert.match(gone.message, /Provider config openai budget exceeded: 50\.0200 >= 50\.0000 dollars/);
  let anthropic = 3;
  for (; anthropic < Math.ceil(30 / ANTHROPIC_COST); anthropic++)
    assert.equal(await ask(OPENAI, [ANTHROPIC]), "From anthropic.");
  const both = await refusal(ANTHROPIC);
  assert.equal(both.status, 402);
  assert.equal(both.type, "budget_exceeded");
  assert.match(both.message, /Provider config anthropic budget exceeded: 30\.2100 >= 30\.0000 dollars/);
});

test("what is left of the key's own budget helps no provider that is used up", async () => {
  const { key } = await shown();
  assert.ok((key.budgets[0]?.current_usage ?? 0) < 100);
  const anthropic = new Anthropic({ apiKey: "vk-multi-provider", baseURL: `${BASE}/anthropic`, maxRetries: 0 });
  const question = { model: ANTHROPIC, max_tokens: 100, messages: [{ role: "user" as const, content: "Hello!" }] };
  await assert.rejects(anthropic.messages.create(question), (error) => {
    assert.ok(error instanceof AnthropicError, String(error));
    assert.equal(error.status, 402);
    assert.equal((error.error as { error: { type: string } }).error.type, "billing_error");
    return true;
  });
});

test("the whole key stops at its own budget, whatever its providers have left", async () => {
  const { key } = await shown();
  const { id, provider_configs: configs } = key as unknown as {
    id: string;
    provider_configs: { provider: string; budgets: { max_limit: number }[] }[];
  };
  const raised = configs.map((config) => ({
    ...config,
    budgets: config.budgets.map((budget) => ({ ...budget, max_limit: 1000 })),
  }));
  const answer = await fetch(`${BASE}/api/governance/virtual-keys/${id}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ provider_configs: raised }),
  });
  assert.equal(answer.status, 200, await answer.text());
  const left = 100 - (key.budgets[0]?.current_usage ?? 0);
  for (let i = 0; i < Math.ceil(left / ANTHROPIC_COST); i++) assert.equal(await ask(ANTHROPIC), "From anthropic.");
  const error = await refusal(ANTHROPIC);
  assert.equal(error.status, 402);
  assert.match(error.message, /VK budget exceeded: 100\.\d{4} >= 100\.0000 dollars/);
});

test("a month later all of them serve again", async () => {
  await moveClock(31 * 24 * HOUR);
  assert.equal(await ask(OPENAI), "From openai.");
  assert.equal(await ask(ANTHROPIC), "From anthropic.");
  const { key, byProvider } = await shown();
  assert.ok(isNear(key.budgets[0]?.current_usage, OPENAI_COST + ANTHROPIC_COST), JSON.stringify(key.budgets));
  assert.ok(isNear(byProvider["openai"]?.budgets[0]?.current_usage, OPENAI_COST));
});
