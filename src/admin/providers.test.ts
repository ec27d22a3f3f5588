// The routes of providers and keys over an in-memory book: what they answer, and what they refuse and how.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GatewayError } from "../core/errors.ts";
import { controlRoutes } from "./control-routes.ts";
import { callRoute, ENTITIES, keyEntity, providerEntity, testHouse } from "./fixtures/house.ts";
import { createRouter } from "./router.ts";

function started(entities = ENTITIES) {
  const house = testHouse(entities);
  const handler = createRouter(controlRoutes(house));
  const call = (method: string, target: string, body?: unknown) =>
    callRoute(handler, method, target, body === undefined ? {} : { body });
  return { house, call };
}

const OPENAI = "/api/providers/openai";

describe("/api/providers", () => {
  it("lists providers by name, with their keys", async () => {
    const { json } = await started().call("GET", "/api/providers");
    assert.equal(json.total, 2);
    assert.deepEqual(
      json.providers.map((one: { name: string; keys: { name: string }[] }) => [
        one.name,
        one.keys.map((key) => key.name),
      ]),
      [
        ["azure", ["west"]],
        ["openai", ["first"]],
      ],
    );
  });

  it("creates under the name of either spelling, hands over the keys, and tells the warnings", async () => {
    const { house, call } = started();
    house.book.warnings = ["concurrency is not supported yet"];
    const made = await call("POST", "/api/providers", {
      provider: "groq",
      keys: [{ name: "k", value: "sk-12345678901" }],
    });
    assert.equal(made.status, 200);
    assert.equal(made.json.name, "groq");
    assert.equal(made.json.keys[0].value.from_env, false);
    assert.deepEqual(made.json.warnings, ["concurrency is not supported yet"]);
    assert.equal((await call("POST", "/api/providers", { name: "xai" })).status, 200);
    assert.equal((await call("POST", "/api/providers", { provider: "groq" })).status, 409);
  });

  it("replaces, creates where there is none, and never renames", async () => {
    const { house, call } = started();
    assert.equal(
      (await call("PUT", OPENAI, { network_config: { max_retries: 2 } })).json.network_config.max_retries,
      2,
    );
    assert.equal(house.book.provider("openai")?.keys.length, 1);
    assert.equal((await call("PUT", OPENAI, {})).json.network_config.max_retries, 0);
    assert.equal((await call("PUT", "/api/providers/mine%20%C3%BC", {})).json.name, "mine ü");
    const renamed = await call("PUT", OPENAI, { name: "other" });
    assert.equal(renamed.status, 400);
    assert.match(renamed.json.error.message, /cannot be renamed/);
  });

  it("takes back what it answered, warnings and all", async () => {
    const { house, call } = started();
    house.book.warnings = ["w"];
    for (const path of [OPENAI, "/api/providers/azure"]) {
      const first = await call("GET", path);
      const put = await call("PUT", path, first.json);
      assert.equal(put.status, 200, put.text);
      const again = await call("PUT", path, put.json);
      assert.equal(again.status, 200, again.text);
      for (const shown of [put, again]) assert.deepEqual(shown.json.keys[0].value, first.json.keys[0].value);
    }
  });

  it("deletes and tells what it was", async () => {
    const { house, call } = started();
    const { json } = await call("DELETE", OPENAI);
    assert.deepEqual([json.name, json.provider_status], ["openai", "deleted"]);
    assert.equal(house.book.provider("openai"), undefined);
    assert.equal((await call("DELETE", OPENAI)).status, 404);
  });

  it("names the nearest provider when there is none of that name", async () => {
    const { status, json } = await started().call("GET", "/api/providers/opnai");
    assert.equal(status, 404);
    assert.match(json.error.message, /did you mean 'openai'/);
    assert.equal((await started().call("GET", "/api/providers/a%2Fb")).status, 404);
  });

  it("says what is wrong with a body", async () => {
    const { call } = started();
    for (const [method, path, body, message] of [
      ["POST", "/api/providers", undefined, /the body is empty/],
      ["POST", "/api/providers", "{", /not valid JSON: line 1/],
      ["POST", "/api/providers", "[]", /must be an object, not a list/],
      ["POST", "/api/providers", "{}", /'provider' must be the name/],
      ["POST", "/api/providers", { provider: "a", name: "b" }, /'name' differs/],
      ["POST", "/api/providers", { provider: 5 }, /'provider' must be the name/],
      ["POST", "/api/providers", '{"provider":"x","provider":"y"}', /'provider' is given twice: line 1, column 17/],
      ["PUT", OPENAI, { keys: "k" }, /'keys' must be a list/],
      ["PUT", OPENAI, `{"network_config":${"[".repeat(80)}${"]".repeat(80)}}`, /nested too deeply/],
      ["POST", `${OPENAI}/keys`, { value: "abcd************************wxyz" }, /'value' is a masked value/],
    ] as const) {
      const { status, json } = await call(method, path, body);
      assert.equal(status, 400, `${method} ${path}`);
      assert.match(json.error.message, message);
      assert.equal(json.is_bifrost_error, true);
      assert.equal(json.status_code, 400);
    }
  });

  it("passes on what the book refuses", async () => {
    const { house, call } = started();
    house.book.refusal = new GatewayError("conflict", "provider 'openai' stands in config.json:3");
    const { status, json } = await call("PUT", OPENAI, {});
    assert.deepEqual([status, json.error.message], [409, "provider 'openai' stands in config.json:3"]);
  });
});

describe("keys", () => {
  it("are listed, read, made, changed and deleted", async () => {
    const { house, call } = started();
    const made = await call("POST", `${OPENAI}/keys`, {
      name: "second",
      value: { value: "sk-0123456789", type: "plain" },
    });
    assert.equal(made.status, 200);
    assert.match(made.json.value.value, /^sk-0\*+6789$/);
    const list = await call("GET", `${OPENAI}/keys`);
    assert.deepEqual([list.json.total, list.json.keys[1].id], [2, made.json.id]);
    const path = `${OPENAI}/keys/${made.json.id}`;
    const off = await call("PUT", path, { ...made.json, enabled: false });
    assert.deepEqual([off.status, off.json.enabled, off.json.value.value], [200, false, made.json.value.value]);
    assert.equal((await call("GET", path)).json.enabled, false);
    assert.equal((await call("DELETE", path)).json.name, "second");
    assert.equal((await call("GET", path)).status, 404);
    assert.equal(house.book.provider("openai")?.keys.length, 1);
  });

  it("are found by name too, and the nearest is named otherwise", async () => {
    const { call } = started();
    assert.equal((await call("GET", `${OPENAI}/keys/first`)).json.id, "id-first");
    const missing = await call("GET", `${OPENAI}/keys/frist`);
    assert.equal(missing.status, 404);
    assert.match(missing.json.error.message, /did you mean 'first'/);
    assert.equal((await call("GET", "/api/providers/nope/keys")).status, 404);
  });

  it("keep their id", async () => {
    const { status, json } = await started().call("PUT", `${OPENAI}/keys/id-first`, { id: "other" });
    assert.equal(status, 400);
    assert.match(json.error.message, /the id of a key cannot be changed/);
  });

  it("stand in one flat list over all providers", async () => {
    const { json } = await started().call("GET", "/api/keys");
    assert.deepEqual(
      json.map((key: Record<string, unknown>) => [key["key_id"], key["provider"], key["provider_id"], key["enabled"]]),
      [
        ["id-first", "openai", "openai", true],
        ["id-west", "azure", "azure", true],
      ],
    );
  });
});

describe("refresh-models", () => {
  it("asks the provider again, and one key alone", async () => {
    const { house, call } = started();
    await call("GET", "/api/models?limit=0");
    const before = house.upstream.calls.length;
    const all = await call("POST", `${OPENAI}/refresh-models`);
    assert.deepEqual([all.status, all.json.models, all.json.total], [200, ["gpt-4o", "gpt-4o-mini"], 2]);
    const one = await call("POST", `${OPENAI}/keys/id-first/refresh-models`);
    assert.equal(one.json.total, 2);
    assert.equal(house.upstream.calls.length, before + 2);
  });

  it("says why there is no list, without address and words of the provider", async () => {
    const { house, call } = started();
    house.upstream.plays["openai.example"] = { failure: "connect" };
    const { status, json } = await call("POST", `${OPENAI}/refresh-models`);
    assert.equal(status, 502);
    assert.equal(json.error.message, "provider 'openai' gave no list of models: it could not be reached");
  });

  it("refuses a key that is switched off", async () => {
    const { call } = started([
      ...ENTITIES.filter((entity) => entity.kind !== "provider"),
      providerEntity("openai", [keyEntity("off", { enabled: false })]),
    ]);
    const { status, json } = await call("POST", `${OPENAI}/keys/id-off/refresh-models`);
    assert.equal(status, 400);
    assert.match(json.error.message, /it is switched off/);
  });
});
