// The models as the management pages list them: names, providers, keys, limits, and what is known of them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { controlRoutes } from "./control-routes.ts";
import { callRoute, ENTITIES, keyEntity, providerEntity, testHouse } from "./fixtures/house.ts";
import { createRouter } from "./router.ts";

function started(entities = ENTITIES) {
  const house = testHouse(entities);
  const handler = createRouter(controlRoutes(house));
  return { house, get: (target: string, headers = {}) => callRoute(handler, "GET", target, { headers }), handler };
}

const names = (json: { models: { name: string; provider: string }[] }) =>
  json.models.map((model) => `${model.provider}/${model.name}`);

describe("GET /api/models", () => {
  it("lists live models and aliases of all providers, five unless more are asked for", async () => {
    const { get } = started();
    const { json } = await get("/api/models");
    assert.deepEqual(names(json), ["azure/gpt-4o", "openai/fast", "openai/gpt-4o", "openai/gpt-4o-mini"]);
    assert.equal(json.total, 4);
    assert.deepEqual(names((await get("/api/models?limit=1")).json), ["azure/gpt-4o"]);
    assert.equal((await get("/api/models?limit=1")).json.total, 4);
  });

  it("filters by part of the name in any case and by provider", async () => {
    const { get } = started();
    assert.deepEqual(names((await get("/api/models?query=MINI")).json), ["openai/gpt-4o-mini"]);
    assert.deepEqual(names((await get("/api/models?provider=azure")).json), ["azure/gpt-4o"]);
    assert.equal((await get("/api/models?provider=azur")).status, 404);
  });

  it("tells which of the asked keys serve a model", async () => {
    const { get } = started([
      ...ENTITIES.filter((entity) => entity.kind !== "provider"),
      providerEntity("openai", [keyEntity("all"), keyEntity("one", { models: ["gpt-4o"] })]),
    ]);
    const { json } = await get("/api/models?keys=id-one,id-all&limit=0");
    assert.deepEqual(json.models, [
      { name: "gpt-4o", provider: "openai", accessible_by_keys: ["id-all", "id-one"] },
      { name: "gpt-4o-mini", provider: "openai", accessible_by_keys: ["id-all"] },
    ]);
    assert.deepEqual(names((await get("/api/models?keys=id-one")).json), ["openai/gpt-4o"]);
  });

  it("leaves out what no key may serve, unless it is asked for unfiltered", async () => {
    const { get } = started([
      ...ENTITIES.filter((entity) => entity.kind !== "provider"),
      providerEntity("openai", [keyEntity("one", { models: ["gpt-4o", "private-model"] })]),
    ]);
    assert.deepEqual(names((await get("/api/models")).json), ["openai/gpt-4o", "openai/private-model"]);
    assert.deepEqual(names((await get("/api/models?unfiltered=true")).json), [
      "openai/gpt-4o",
      "openai/gpt-4o-mini",
      "openai/private-model",
    ]);
  });

  it("knows the catalogue's models where a provider gives no list", async () => {
    const { house, get } = started();
    house.upstream.plays["openai.example"] = { failure: "dns" };
    assert.deepEqual(names((await get("/api/models?provider=openai")).json), ["openai/fast", "openai/gpt-4o"]);
  });

  it("is that of the virtual key in x-bf-vk", async () => {
    const { get } = started();
    assert.deepEqual(names((await get("/api/models", { "x-bf-vk": "secret-prod" })).json), ["openai/gpt-4o"]);
    assert.equal((await get("/api/models", { "x-bf-vk": "nope" })).status, 401);
  });

  it("refuses numbers that are none", async () => {
    for (const query of ["limit=x", "limit=-1", "offset=1.5"])
      assert.equal((await started().get(`/api/models?${query}`)).status, 400, query);
  });
});

describe("the other views", () => {
  it("tell what is known of each model", async () => {
    const { json } = await started().get("/api/models/details?provider=openai&query=gpt-4o&offset=0");
    assert.deepEqual(json.models[0], {
      name: "gpt-4o",
      provider: "openai",
      context_length: 128_000,
      max_input_tokens: 128_000,
      max_output_tokens: 16_384,
      pricing: { prompt: "0.0000025", completion: "0.00001", input_cache_read: "0.00000125" },
      pricing_source: "test",
    });
    assert.equal(json.total, 2);
  });

  it("list each name once", async () => {
    const { json } = await started().get("/api/models/base");
    assert.deepEqual(json, { models: ["fast", "gpt-4o", "gpt-4o-mini"], total: 3 });
  });

  it("say what is not there", async () => {
    const { get, handler } = started();
    assert.equal((await get("/api/models/parameters")).status, 400);
    assert.match((await get("/api/models/parameters?model=m")).json.error.message, /no parameters found for model m/);
    const put = await callRoute(handler, "PUT", "/api/models/catalog", { body: {} });
    assert.deepEqual([put.status, put.json.error.code], [501, "unsupported_operation"]);
  });
});
