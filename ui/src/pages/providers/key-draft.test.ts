// Keys while they are written: masks, references, nested fields, recognition.
import assert from "node:assert/strict";
import { test } from "node:test";
import { draftOfKey, freeName, freshKey, keyBody, recognise, wrongAlias } from "./key-draft.ts";
import type { KeyShown, ProviderType } from "./types.ts";

const shown: KeyShown = {
  id: "1",
  name: "main",
  value: { value: "sk-a****wxyz", env_var: "", from_env: false },
  models: ["*"],
  blacklisted_models: [],
  weight: 0.5,
  enabled: true,
  aliases: { fast: "gpt-4o-mini" },
  status: "success",
  description: "",
  source: { type: "api" },
  azure_key_config: { endpoint: { value: "", env_var: "env.AZ", from_env: true }, api_version: "2024-10-21" },
};
const KINDS = [
  { name: "value", label: "API key", required: true, secret: true },
  { name: "azure_key_config.endpoint", label: "Endpoint", required: true, secret: false },
];
const type = (name: string, ...prefixes: string[]) => ({ name, key_prefixes: prefixes }) as unknown as ProviderType;

test("a key that is opened and saved goes back as it came", () => {
  const draft = draftOfKey(shown, KINDS);
  assert.equal(draft.fields["azure_key_config.endpoint"], "env.AZ");
  assert.equal(draft.models, "");
  assert.deepEqual(keyBody(draft, shown), { ...shown });
});

test("what is typed takes the place of the mask, and nested fields keep their neighbours", () => {
  const draft = draftOfKey(shown, KINDS);
  const body = keyBody({ ...draft, fields: { value: "sk-new", "azure_key_config.endpoint": "https://x" } }, shown);
  assert.equal(body["value"], "sk-new");
  assert.deepEqual(body["azure_key_config"], { endpoint: "https://x", api_version: "2024-10-21" });
});

test("a new key names what was filled in", () => {
  const body = keyBody({
    ...freshKey("main"),
    fields: { value: "env.K", "a.b": "" },
    models: "x, y",
    aliases: "fast = m",
  });
  assert.deepEqual(body, {
    name: "main",
    weight: 1,
    models: ["x", "y"],
    blacklisted_models: [],
    aliases: { fast: "m" },
    enabled: true,
    value: "env.K",
  });
});

test("the longest beginning tells whose key it is; several types are told all", () => {
  const types = [
    type("openai", "sk-proj-", "sk-"),
    type("anthropic", "sk-ant-"),
    type("deepseek", "sk-"),
    type("groq", "gsk_"),
  ];
  assert.deepEqual(
    recognise("sk-ant-1", types).map(({ name }) => name),
    ["anthropic"],
  );
  assert.deepEqual(
    recognise("sk-1", types).map(({ name }) => name),
    ["openai", "deepseek"],
  );
  assert.deepEqual(recognise("xyz", types), []);
});

test("names and aliases", () => {
  assert.equal(freeName([]), "main");
  assert.equal(freeName(["main", "key-2"]), "key-3");
  assert.equal(wrongAlias("a = b\nnothing"), "nothing");
  assert.equal(wrongAlias("a = b\n"), undefined);
});
