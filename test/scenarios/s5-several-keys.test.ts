// S5: several keys of one provider, in both shapes. They spread by weight; a key in trouble is avoided and comes back by itself.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import OpenAI, { AuthenticationError } from "openai";
import { BASE, type House, openHouse } from "./support/house.ts";
import { drawbridge } from "./support/processes.ts";
import { HELLO } from "./support/repertoire.ts";

const SHAPES: readonly (readonly [name: string, config: string])[] = [
  [
    "as an element of a providers array",
    `{ "providers": [
  { "provider": "openai", "api_keys": [ { "key": "sk-key1", "weight": 0.5 }, { "key": "sk-key2", "weight": 0.5 } ] }
] }`,
  ],
  [
    "as a map with keys[].value",
    `{ "providers": { "openai": { "keys": [
  { "name": "one", "value": "sk-key1", "models": ["*"], "weight": 0.5 },
  { "name": "two", "value": "sk-key2", "models": ["*"], "weight": 0.5 } ] } } }`,
  ],
  [
    "as a map with keys and api_keys, equal values once",
    `{ "providers": { "openai": {
  "keys": [ { "name": "one", "value": "sk-key1", "models": ["*"], "weight": 0.5 } ],
  "api_keys": [ { "key": "sk-key1", "weight": 0.5 }, { "key": "sk-key2", "weight": 0.5 } ] } } }`,
  ],
];

let house: House;
const close = async (): Promise<void> => house.close();

function client(): OpenAI {
  return new OpenAI({ baseURL: `${BASE}/v1`, apiKey: "unused", maxRetries: 0 });
}

async function ask(): Promise<void> {
  const question = { model: "openai/gpt-4o-mini", messages: [{ role: "user" as const, content: "Hello!" }] };
  const answer = await client().chat.completions.create(question);
  assert.equal(answer.choices[0]?.message.content, HELLO);
}

async function askTimes(times: number): Promise<void> {
  for (let done = 0; done < times; done += 10)
    await Promise.all(Array.from({ length: Math.min(10, times - done) }, ask));
}

const callsWith = (key: string): number => house.openai.calls.filter((call) => call.key === key).length;

/** Every call one attempt, about half with either key. */
async function assertSpread(times: number): Promise<void> {
  house.openai.forget();
  await askTimes(times);
  assert.equal(house.openai.calls.length, times);
  const first = callsWith("sk-key1");
  assert.equal(first + callsWith("sk-key2"), times);
  // Five standard errors.
  assert.ok(Math.abs(first - times / 2) < 5 * Math.sqrt(times / 4), `sk-key1 was used ${first} times of ${times}`);
}

for (const [shape, config] of SHAPES)
  describe(shape, () => {
    before(async () => {
      house = await openHouse(config);
    });
    after(close);

    test("it is taken as it stands, and says nothing", () => {
      const start = JSON.parse(house.gateway.output().split("\n")[0] ?? "");
      assert.deepEqual([start.warnings, start.hints], [[], []]);
    });

    test("160 calls spread over both keys by their weights", () => assertSpread(160));

    test("a dead key is avoided, no client sees it, and it comes back by itself", async () => {
      house.reset();
      house.openai.fault = (call) => (call.key === "sk-key1" ? "status-401" : null);
      await askTimes(60);
      assert.ok(
        callsWith("sk-key1") >= 1 && callsWith("sk-key1") <= 12,
        `${callsWith("sk-key1")} calls with a dead key`,
      );
      const { out } = await drawbridge("route", "openai/gpt-4o-mini", "--json");
      assert.doesNotMatch(out, /sk-key1/);
      house.reset();
      const died = performance.now();
      while (callsWith("sk-key1") === 0) {
        await ask();
        await pause(50);
        assert.ok(performance.now() - died < 8_000, "the key did not come back");
      }
      await assertSpread(100);
    });
  });

describe("the key in trouble", () => {
  before(async () => {
    house = await openHouse(SHAPES[0]?.[1] ?? "");
  });
  after(close);

  test("throttled: rests as long as the provider says, while the other serves every call", async () => {
    house.reset();
    let refused = 0;
    let firstRefusal = 0;
    house.openai.fault = (call) => {
      if (call.key !== "sk-key1") return null;
      if (firstRefusal === 0) firstRefusal = performance.now();
      refused++;
      return "status-429-retry-after-2";
    };
    while (callsWith("sk-key1") === 0) await ask();
    const before = refused;
    const until = performance.now() + 1_500;
    while (performance.now() < until) await askTimes(10);
    assert.equal(refused, before, "it was asked again within its rest");
    house.openai.fault = null;
    house.openai.forget();
    while (callsWith("sk-key1") === 0) {
      await ask();
      await pause(20);
      assert.ok(performance.now() - firstRefusal < 5_000, "the key did not come back");
    }
    const rested = performance.now() - firstRefusal;
    assert.ok(rested > 1_900, `Retry-After said 2 s, and it was asked again after ${rested} ms`);
    await assertSpread(100);
  });

  test("failing: after three failures in a row it is left alone, and probed one call at a time", async () => {
    house.reset();
    house.openai.fault = (call) => (call.key === "sk-key1" ? "status-503" : null);
    let failures = 0;
    // Without max_retries a client repeats by itself, as this SDK does.
    const patient = new OpenAI({ baseURL: `${BASE}/v1`, apiKey: "unused", maxRetries: 6 });
    for (let n = 0; n < 60; n++) {
      const question = { model: "openai/gpt-4o-mini", messages: [{ role: "user" as const, content: "Hello!" }] };
      const answer = await patient.chat.completions.create(question);
      assert.equal(answer.choices[0]?.message.content, HELLO);
    }
    failures = callsWith("sk-key1");
    assert.ok(failures >= 1 && failures <= 8, `${failures} calls with a failing key`);
    house.reset();
    const well = performance.now();
    while (callsWith("sk-key1") === 0) {
      await ask();
      await pause(50);
      assert.ok(performance.now() - well < 10_000, "the key did not come back");
    }
    await assertSpread(100);
  });

  test("both dead: the client gets the provider's own 401, and calls work again when one is well", async () => {
    house.reset();
    house.openai.fault = () => "status-401";
    await assert.rejects(ask(), AuthenticationError);
    house.reset();
    await ask();
  });
});
