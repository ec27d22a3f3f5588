// Prices of the file that are none: refused with their place, and what aliases say of the model behind them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfiguration } from "./load.ts";
import { loadObject, providerIn, testRegistry } from "./testing.ts";

const price = { name: "p", pattern: "m", request_types: ["chat_completion"] };

function load(patch: unknown): ReturnType<typeof loadConfiguration> {
  return loadConfiguration({
    appDir: "/nowhere",
    configPath: null,
    text: JSON.stringify({ governance: { pricing_overrides: [{ ...price, patch }] } }, null, 1),
    environment: {},
    registry: testRegistry,
    catalogue: [],
    patchProblem: (members) => ("inptu" in members ? "patch.inptu is no price of a sheet" : null),
  });
}

test("a patch that is none is refused with the place where it stands", () => {
  const result = load({ inptu: 1 });
  assert.equal(result.ok, false);
  const text = result.errors.map((error) => error.text).join();
  assert.match(text, /config\.json:10:14/);
  assert.match(text, /governance\.pricing_overrides\[0\]\.patch\.inptu is no price of a sheet/);
});

test("a patch that is one is taken", () => {
  assert.equal(load({ input_cost_per_token: 1e-6 }).ok, true);
});

const of = (...types: string[]) => {
  const overrides = [{ ...price, request_types: types, patch: { input_cost_per_token: 1 } }];
  const { warnings } = loadObject({ governance: { pricing_overrides: overrides } });
  return warnings.map(({ text }) => text).join();
};

test("a type of request that there is not is told, with the nearest one", () => {
  assert.match(of("chat_completions"), /no request is of the type "chat_completions"[^]*chat_completion/);
  assert.equal(of("chat_completion_stream", "embedding"), "");
});

test("the name under which an alias's model is priced is kept beside its spelling", () => {
  const aliases = { mine: { model_id: "deployment-7", model_name: "gpt-4o" }, plain: "gpt-4o-mini" };
  const { entities } = loadObject({ providers: { openai: { keys: [{ name: "k", value: "sk", aliases }] } } });
  const key = providerIn(entities, "openai").keys[0];
  assert.equal(key?.aliases["mine"], "deployment-7");
  assert.deepEqual({ ...key?.modelNames }, { mine: "gpt-4o" });
});
