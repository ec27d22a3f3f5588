// The models list: live answers, joined, filtered, paged, and failing providers left out by name.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { controlRoutes } from "./control-routes.ts";
import { callRoute, ENTITIES, keyEntity, providerEntity, testHouse } from "./fixtures/house.ts";
import { createRouter } from "./router.ts";

function listing(entities = ENTITIES) {
  const house = testHouse(entities);
  const handler = createRouter(controlRoutes(house));
  const get = (target: string, headers: Record<string, string> = {}) => callRoute(handler, "GET", target, { headers });
  return { house, get };
}

const ids = (json: { data: { id: string }[] }): string[] => json.data.map((entry) => entry.id);

describe("GET /v1/models", () => {
  it("joins the live lists of all providers, aliases among them", async () => {
    const { get } = listing();
    for (const path of ["/v1/models", "/openai/v1/models", "/openai/models"]) {
      const { status, json } = await get(path);
      assert.equal(status, 200);
      assert.equal(json.object, "list");
      assert.deepEqual(ids(json), ["openai/fast", "openai/gpt-4o", "openai/gpt-4o-mini", "azure/gpt-4o"]);
    }
  });

  it("joins what the catalogue knows", async () => {
    const { get } = listing();
    const { json } = await get("/v1/models");
    assert.deepEqual(json.data[1], {
      id: "openai/gpt-4o",
      object: "model",
      created: 7,
      owned_by: "openai",
      name: "gpt-4o",
      canonical_slug: "openai/gpt-4o",
      context_length: 128_000,
      max_input_tokens: 128_000,
      max_output_tokens: 16_384,
      pricing: { prompt: "0.0000025", completion: "0.00001", input_cache_read: "0.00000125" },
      top_provider: { context_length: 128_000, max_completion_tokens: 16_384 },
      supported_methods: ["chat", "embeddings"],
    });
    assert.equal(json.data[0].alias, "gpt-4o-mini");
  });

  it("leaves out a provider that fails and names it, without its address or words", async () => {
    const { house, get } = listing();
    house.upstream.plays["azure.example"] = { failure: "connect" };
    const { status, json } = await get("/v1/models");
    assert.equal(status, 200);
    assert.deepEqual(ids(json), ["openai/fast", "openai/gpt-4o", "openai/gpt-4o-mini"]);
    assert.deepEqual(json.extra_fields.failed_providers, [{ provider: "azure", reason: "it could not be reached" }]);
    assert.equal(json.extra_fields.request_type, "list_models");
  });

  it("names a provider that refuses or answers nonsense", async () => {
    const { house, get } = listing();
    house.upstream.plays["azure.example"] = { status: 401, body: "sk-secret is wrong" };
    house.upstream.plays["openai.example"] = { status: 200, body: "<html>" };
    const { json, text } = await get("/v1/models");
    assert.deepEqual(json.extra_fields.failed_providers, [
      { provider: "openai", reason: "its answer is no list of models" },
      { provider: "azure", reason: "it answered with status 401" },
    ]);
    assert.doesNotMatch(text, /sk-/);
  });

  it("asks once for a while, and again when the time is over", async () => {
    const { house, get } = listing();
    await Promise.all([get("/v1/models"), get("/v1/models")]);
    await get("/v1/models");
    assert.equal(house.upstream.calls.length, 2);
    house.time += 10 * 60_000;
    await get("/v1/models");
    assert.equal(house.upstream.calls.length, 4);
  });

  it("tries the next key of an address when the first is dead", async () => {
    const entities = [
      ...ENTITIES.filter((e) => e.kind !== "provider"),
      providerEntity("azure", [keyEntity("dead"), keyEntity("live")]),
    ];
    const { house, get } = listing(entities);
    const send = house.upstream.send.bind(house.upstream);
    house.upstream.send = (call, handler) => {
      const isDead = call.headers.includes("sk-dead");
      house.upstream.plays["azure.example"] = isDead
        ? { status: 401, body: "" }
        : { status: 200, body: '{"data":[{"id":"m"}]}' };
      return send(call, handler);
    };
    assert.deepEqual(ids((await get("/v1/models")).json), ["azure/m"]);
  });

  it("shows a virtual key its own providers and models alone, and asks nobody else", async () => {
    const { house, get } = listing();
    const { json } = await get("/v1/models", { "x-bf-vk": "secret-prod" });
    assert.deepEqual(ids(json), ["openai/gpt-4o"]);
    assert.equal(house.upstream.calls.length, 1);
  });

  it("refuses a provider that the virtual key may not use, an unknown one, and an unknown key", async () => {
    const { get } = listing();
    const blocked = await get("/v1/models?provider=azure", { "x-bf-vk": "secret-prod" });
    assert.equal(blocked.status, 403);
    assert.equal(blocked.json.error.message, "Provider 'azure' is not allowed for this virtual key");
    assert.equal(blocked.json.type, "provider_blocked");
    const unknown = await get("/v1/models?provider=azur");
    assert.equal(unknown.status, 404);
    assert.match(unknown.json.error.message, /did you mean 'azure'/);
    assert.equal((await get("/v1/models", { "x-bf-vk": "x" })).status, 401);
  });

  it("lists one provider, in pages", async () => {
    const { get } = listing();
    const first = await get("/v1/models?provider=openai&page_size=2");
    assert.deepEqual(ids(first.json), ["openai/fast", "openai/gpt-4o"]);
    const second = await get(`/v1/models?provider=openai&page_size=2&page_token=${first.json.next_page_token}`);
    assert.deepEqual(ids(second.json), ["openai/gpt-4o-mini"]);
    assert.equal(second.json.next_page_token, undefined);
    assert.equal((await get("/v1/models?page_token=xx")).status, 400);
    assert.equal((await get("/v1/models?page_size=0")).status, 400);
  });

  it("shows only models that some key serves", async () => {
    const key = keyEntity("some", { models: ["gpt-4o"], blacklistedModels: [] });
    const { get } = listing([...ENTITIES.filter((e) => e.kind !== "provider"), providerEntity("openai", [key])]);
    assert.deepEqual(ids((await get("/v1/models")).json), ["openai/gpt-4o"]);
  });
});
