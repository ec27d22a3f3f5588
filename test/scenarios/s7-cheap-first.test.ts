// S7: cheap first, premium when the budget is gone, and a refusal that says which limits and until when; with resets on a moved clock.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import OpenAI, { APIError, RateLimitError } from "openai";
import { type MovedClock, movedClock } from "../support/moved-clock.ts";
import { BASE, type House, openHouse } from "./support/house.ts";

const CONFIG = `{
  "providers": {
    "openai-cheap":   { "keys": [ { "name": "c", "value": "sk-cheap", "models": ["*"], "weight": 1.0 } ],
                        "custom_provider_config": { "base_provider_type": "openai" } },
    "openai-premium": { "keys": [ { "name": "p", "value": "sk-premium", "models": ["*"], "weight": 1.0 } ],
                        "custom_provider_config": { "base_provider_type": "openai" } }
  },
  "governance": { "virtual_keys": [
    { "virtual_key": "vk-cost-optimized",
      "provider_configs": [
        { "provider": "openai-cheap",   "weight": 1.0, "budget": {"max_limit": 10, "reset_duration": "1d"} },
        { "provider": "openai-premium", "weight": 0.0, "budget": {"max_limit": 50, "reset_duration": "1d"},
          "rate_limit": {"request_max_limit": 100, "request_reset_duration": "1h"} } ] }
  ] }
}`;

/** gpt-4o by OpenAI's price list: 2.50 dollars a million tokens in, 10 out. So one answer costs 0.41 dollars. */
const USAGE = { prompt_tokens: 100_000, completion_tokens: 16_000, total_tokens: 116_000 };
const COST = (100_000 * 2.5 + 16_000 * 10) / 1e6;
const ANSWER = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "gpt-4o",
  choices: [{ index: 0, message: { role: "assistant", content: "Cheap enough." }, finish_reason: "stop" }],
  usage: USAGE,
};
const HOUR = 3600;

let house: House;
let clock: MovedClock;

before(async () => {
  clock = movedClock();
  house = await openHouse(CONFIG, { environment: clock.environment });
  house.openai.script = { type: "application/json", body: JSON.stringify(ANSWER) };
});
after(async () => {
  await house.close();
  clock.close();
});

const client = new OpenAI({ apiKey: "vk-cost-optimized", baseURL: `${BASE}/v1`, maxRetries: 0 });

/** Asks until it is refused; which key was asked how often, and the refusal. */
async function askUntilRefused(most: number): Promise<{ byKey: Record<string, number>; error: APIError }> {
  house.openai.forget();
  for (let asked = 0; asked < most; asked++) {
    try {
      await client.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: "Hello!" }] });
    } catch (error) {
      assert.ok(error instanceof APIError, String(error));
      const byKey: Record<string, number> = {};
      for (const { key } of house.openai.calls) byKey[key] = (byKey[key] ?? 0) + 1;
      return { byKey, error };
    }
  }
  throw new Error(`nothing was refused in ${most} requests`);
}

/** When everything is settled. */
async function spent(): Promise<Record<string, number>> {
  await pause(300);
  const answer = await fetch(`${BASE}/api/governance/virtual-keys`);
  const { virtual_keys: keys } = (await answer.json()) as {
    virtual_keys: { provider_configs: { provider: string; budgets: { current_usage: number }[] }[] }[];
  };
  return Object.fromEntries(
    (keys[0]?.provider_configs ?? []).map(({ provider, budgets }) => [provider, budgets[0]?.current_usage ?? -1]),
  );
}

/** Costs are settled within a tenth of a second, into the window that is open then; what was told of a limit is believed for a second. */
async function moveClock(seconds: number): Promise<void> {
  await pause(300);
  clock.set(seconds);
  await pause(1100);
}

const times = (amount: number): number => Math.ceil(amount / COST - 1e-9);

test("the cheap provider serves until its budget is gone, then premium does, and no client sees an error", async () => {
  const { byKey, error } = await askUntilRefused(200);
  // a request goes ahead while anything is left: the last one goes beyond the limit by what it cost
  assert.deepEqual(byKey, { "sk-cheap": times(10), "sk-premium": 100 });
  const used = await spent();
  assert.ok(Math.abs((used["openai-cheap"] ?? 0) - times(10) * COST) < 1e-9, JSON.stringify(used));
  assert.ok(Math.abs((used["openai-premium"] ?? 0) - 100 * COST) < 1e-9, JSON.stringify(used));
  assert.ok(error instanceof RateLimitError, String(error));
});

test("the refusal names both limits, what was used and until when", async () => {
  const { error } = await askUntilRefused(1);
  assert.equal(error.status, 429);
  assert.equal(error.type, "request_limited");
  assert.match(
    error.message,
    /rate limit violated for Provider config openai-premium: \[request limit exceeded \(100\/100, resets every 1h, next room at 20\d\d-.*Z\)\]/,
  );
  assert.match(
    error.message,
    /Provider config openai-cheap budget exceeded: 10\.2500 >= 10\.0000 dollars \(next room at 20/,
  );
  const wait = Number(error.headers?.get("retry-after"));
  assert.ok(wait > 3000 && wait <= HOUR + HOUR / 60, `${wait}`);
  assert.equal(error.headers?.get("x-should-retry"), "false");
});

test("an hour later the premium provider's requests are there again, until its budget is gone too: 402", async () => {
  await moveClock(HOUR + 120);
  const { byKey, error } = await askUntilRefused(200);
  assert.deepEqual(byKey, { "sk-premium": times(50) - 100 });
  assert.equal(error.status, 402);
  assert.equal(error.type, "budget_exceeded");
  assert.match(
    error.message,
    /^402 Budget exceeded: Provider config openai-cheap budget exceeded: 10\.2500 >= 10\.0000 dollars/,
  );
  assert.match(error.message, /Provider config openai-premium budget exceeded: 50\.0200 >= 50\.0000 dollars/);
});

test("a day later the cheap provider serves again", async () => {
  await moveClock(24 * HOUR + 300);
  house.openai.forget();
  await client.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: "Hello!" }] });
  assert.deepEqual(
    house.openai.calls.map(({ key }) => key),
    ["sk-cheap"],
  );
  const used = await spent();
  assert.ok(Math.abs((used["openai-cheap"] ?? 0) - COST) < 1e-9, JSON.stringify(used));
});

test("the record tells why the premium provider was taken", async () => {
  const rows = await house.gateway.logs(1, "limit=1&order=asc&offset=30");
  const cheap = rows[0]?.decision?.candidates.find(({ provider }) => provider === "openai-cheap");
  assert.equal(rows[0]?.provider, "openai-premium");
  assert.equal(cheap?.removed, "budget or limit used up");
});
