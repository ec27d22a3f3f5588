// The simulation route: what it asks the planner, and what it refuses.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { controlRoutes } from "./control-routes.ts";
import { callRoute, testHouse } from "./fixtures/house.ts";
import { createRouter } from "./router.ts";

function simulating() {
  const house = testHouse();
  const handler = createRouter(controlRoutes(house));
  return { house, ask: (body: unknown) => callRoute(handler, "POST", "/api/routing/simulate", { body }) };
}

describe("POST /api/routing/simulate", () => {
  it("asks the planner about the request as it would be sent", async () => {
    const { house, ask } = simulating();
    const { status, json } = await ask({
      body: { model: "gpt-4o", stream: true, fallbacks: ["azure/gpt-4o"] },
      seed: 7,
    });
    assert.equal(status, 200);
    assert.deepEqual(json, { decision: { seed: 7, order: [], candidates: [] }, shares: { "openai/gpt-4o": 1 } });
    const { ruleFacts, ...features } = house.simulated[0]!.features;
    assert.equal(ruleFacts?.explains, true);
    assert.deepEqual(features, {
      operation: "chat",
      stream: true,
      model: "gpt-4o",
      fallbacks: ["azure/gpt-4o"],
      ownProvider: null,
      pinnedKey: null,
      virtualKey: null,
    });
  });

  it("reads the path for the operation and the provider of a drop-in route", async () => {
    const { house, ask } = simulating();
    await ask({ path: "/openai/v1/embeddings?x=1", body: { model: "e" } });
    await ask({ path: "/anthropic/v1/messages", body: { model: "c" }, headers: { "X-BF-Api-Key": "west" } });
    assert.deepEqual(
      [house.simulated[0]?.features.operation, house.simulated[0]?.features.ownProvider],
      ["embeddings", "openai"],
    );
    assert.deepEqual(
      [house.simulated[1]?.features.ownProvider, house.simulated[1]?.features.pinnedKey],
      ["anthropic", "west"],
    );
  });

  it("takes a virtual key that nobody has stored, and stores nothing of it", async () => {
    const { house, ask } = simulating();
    const before = house.book.heldKeys.size;
    house.book.warnings = ["a limit above its owner's"];
    const { status, json } = await ask({
      draft: { virtual_key: { name: "", is_active: false } },
      body: { model: "m" },
    });
    assert.equal(status, 200);
    assert.deepEqual((json as { warnings: unknown }).warnings, ["a limit above its owner's"]);
    assert.equal(house.simulated[0]?.features.virtualKey?.name, "draft");
    assert.equal(house.book.heldKeys.size, before);
  });

  it("refuses a draft as saving it would, and one beside another caller", async () => {
    const { ask } = simulating();
    const twice = [{ provider: "openai", allowed_models: ["m", "m"] }];
    for (const body of [
      { draft: { virtual_key: { provider_configs: twice } } },
      { draft: { virtual_key: {} }, virtual_key: "prod" },
      { draft: { virtual_key: {} }, config: {} },
      { draft: { key: {} } },
      { draft: { virtual_key: 7 } },
    ])
      assert.equal((await ask({ ...body, body: { model: "m" } })).status, 400, JSON.stringify(body));
  });

  it("finds the virtual key in the headers, or by name, id or secret", async () => {
    const { house, ask } = simulating();
    await ask({ headers: { "X-BF-VK": "secret-prod" }, body: { model: "m" } });
    for (const virtualKey of ["prod", "vk-prod", "secret-prod"])
      await ask({ virtual_key: virtualKey, body: { model: "m" } });
    assert.deepEqual(
      house.simulated.map((input) => input.features.virtualKey?.name),
      ["prod", "prod", "prod", "prod"],
    );
  });

  it("answers as a refusal what a live request would be refused for", async () => {
    const { house, ask } = simulating();
    const { status, json } = await ask({ headers: { "x-bf-vk": "nobody" }, body: { model: "m" } });
    assert.equal(status, 200);
    assert.equal(json.decision.refusal.code, "virtual_key_not_found");
    assert.deepEqual([json.decision.order, json.shares, house.simulated], [[], {}, []]);
  });

  it("passes assumptions on, and refuses names that nobody has", async () => {
    const { house, ask } = simulating();
    const assume = { down: ["azure", "openai/gpt-4o"], exhausted: ["openai"], resting_keys: ["west", "id-first"] };
    await ask({ body: { model: "m" }, assume });
    assert.deepEqual(house.simulated[0]?.assume, {
      down: ["azure", "openai/gpt-4o"],
      exhausted: ["openai"],
      restingKeys: ["west", "id-first"],
    });
    const { status, json } = await ask({ body: { model: "m" }, assume: { down: ["azur"] } });
    assert.equal(status, 400);
    assert.match(json.error.message, /'assume.down\[0\]' names no configured provider; did you mean 'azure'\?/);
  });

  it("draws in portions whose shares add up", async () => {
    const { house, ask } = simulating();
    const { json } = await ask({ body: { model: "m" }, seed: 0xffff_ff00, draws: 1234 });
    assert.deepEqual(
      house.simulated.map((input) => [input.seed, input.draws]),
      [
        [0xffff_ff00, 500],
        [(0xffff_ff00 + 500) >>> 0, 500],
        [(0xffff_ff00 + 1000) >>> 0, 234],
      ],
    );
    assert.deepEqual(json.shares, { "openai/gpt-4o": 1 });
  });

  it("uses a draft and tells its findings", async () => {
    const { ask } = simulating();
    const { json } = await ask({ body: { model: "m" }, config: { providers: {} } });
    assert.deepEqual(json.warnings, ["config.json:1:1: a finding"]);
  });

  it("refuses by name what is unknown, missing or of a wrong type", async () => {
    const { ask } = simulating();
    const cases: [unknown, RegExp][] = [
      ["{ nope", /line 1, column 3/],
      ['{"body": {"model": "m"},\n "seed": }', /line 2, column 10/],
      ["[]", /must be an object, not a list/],
      [{ boddy: {} }, /unknown field 'boddy'; did you mean 'body'\?/],
      [{}, /'body' is missing/],
      [{ body: {} }, /'body.model' must be a text/],
      [{ body: { model: "m", stream: "yes" } }, /'body.stream'/],
      [{ body: { model: "m", fallbacks: "x" } }, /'body.fallbacks' must be a list/],
      [{ body: { model: "m", fallbacks: [1] } }, /'body.fallbacks\[0\]'/],
      [{ body: { model: "m" }, seed: 1.5 }, /'seed'/],
      [{ body: { model: "m" }, draws: 1e9 }, /'draws' must be a whole number from 0 to 100000/],
      [{ body: { model: "m" }, path: "/v1/images" }, /'path'/],
      [{ body: { model: "m" }, method: "GET" }, /'method'/],
      [{ body: { model: "m" }, assume: { dwon: [] } }, /unknown field 'assume.dwon'; did you mean 'assume.down'\?/],
      [{ body: { model: "m" }, virtual_key: "nobody" }, /'virtual_key' is neither/],
      [{ body: { model: "m" }, headers: { a: 1 } }, /'headers.a'/],
    ];
    for (const [body, message] of cases) {
      const { status, json } = await ask(body);
      assert.equal(status, 400, JSON.stringify(body));
      assert.match(json.error.message, message);
    }
  });

  it("stays upright when the body is nested beyond reason", async () => {
    const { ask } = simulating();
    const deep = `${'{"config":{"a":'}${"[".repeat(200_000)}${"]".repeat(200_000)}},"body":{"model":"m"}}`;
    const { status } = await ask(deep);
    assert.ok(status === 400 || status === 200);
  });
});
