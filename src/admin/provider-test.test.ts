// Tests of keys: what is asked of a provider, how failures are worded, that no secret is repeated, and the other routes of pages.
import assert from "node:assert/strict";
import { test } from "node:test";
import { demoRoutes } from "./demo.ts";
import { callRoute, type TestHouse, testHouse } from "./fixtures/house.ts";
import { refused } from "./probe-words.ts";
import { providerCatalogueRoutes } from "./provider-catalogue.ts";
import { providerTestRoutes } from "./provider-test.ts";
import { rawConfigRoutes } from "./raw-config.ts";
import { createRouter } from "./router.ts";
import { settingsRoutes } from "./settings.ts";

const SECRET = "sk-secret-0123456789";
const DRAFT = { provider: "openai", key: SECRET };

function handlerOf(house: TestHouse) {
  return createRouter([
    ...providerTestRoutes(house),
    ...providerCatalogueRoutes(house),
    ...rawConfigRoutes(house),
    ...settingsRoutes(house),
    ...demoRoutes(house),
  ]);
}

test("the words of a provider are told unless they repeat a part of the key", () => {
  const base = { provider: "openai", status: 401, hint: null, secrets: [SECRET] } as const;
  assert.match(refused({ ...base, said: "Your organisation is disabled" }).why, /organisation is disabled/);
  const echoed = refused({ ...base, said: `Incorrect API key provided: ${SECRET.slice(0, 12)}.` });
  assert.equal(echoed.why, "it does not know this key");
  assert.match(echoed.what_to_do, /copy the key/i);
});

test("a draft is asked for its models at the provider's own address, and at no other", async () => {
  const house = testHouse();
  const { status, json, text } = await callRoute(handlerOf(house), "POST", "/api/providers/test", { body: DRAFT });
  assert.equal(status, 200, text);
  assert.deepEqual([json.ok, json.models, json.key_proven], [true, ["gpt-4o", "gpt-4o-mini"], true]);
  assert.deepEqual(
    house.upstream.calls.map(({ origin }) => origin.url),
    ["https://openai.example"],
  );
  assert.ok(!text.includes(SECRET));
});

test("a provider that cannot be reached is told in words", async () => {
  const house = testHouse();
  house.upstream.plays = {};
  const { json } = await callRoute(handlerOf(house), "POST", "/api/providers/test", { body: DRAFT });
  assert.deepEqual([json.ok, json.error.status], [false, 0]);
  assert.match(json.error.why, /name could not be resolved/);
});

test("more tests in a minute than a person makes are put off", async () => {
  const house = testHouse();
  const handler = handlerOf(house);
  const ask = async () => (await callRoute(handler, "POST", "/api/providers/test", { body: DRAFT })).status;
  const statuses: number[] = [];
  for (let count = 0; count < 31; count++) statuses.push(await ask());
  assert.deepEqual([statuses[0], statuses.at(-2), statuses.at(-1)], [200, 200, 429]);
  house.time += 60_000;
  assert.equal(await ask(), 200);
});

test("members that nobody knows are refused on every one of these routes, with the nearest name", async () => {
  const handler = handlerOf(testHouse());
  for (const [method, path, body] of [
    ["POST", "/api/providers/test", { ...DRAFT, modell: "x" }],
    ["PUT", "/api/demo", { mode: "ok", mod: 1 }],
    ["PATCH", "/api/settings", { "client.enable_loging": true }],
    ["POST", "/api/config/check", { txt: "{}" }],
    ["PUT", "/api/config/raw", { text: "{}" }],
  ] as const)
    assert.equal((await callRoute(handler, method, path, { body })).status, 400, `${method} ${path}`);
});

test("variables are named without what is in them, and only for providers that nobody configured", async () => {
  const { json } = await callRoute(handlerOf(testHouse()), "GET", "/api/providers/environment");
  assert.deepEqual(json, { found: [], total: 0 });
});
