// Whose key it is by its beginning, and which model a first prompt takes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseModel, recognise } from "./recognise.ts";
import type { ProviderType } from "./types.ts";

const type = (name: string, ...prefixes: string[]): ProviderType => ({
  name,
  label: name,
  keyless: false,
  key_prefixes: prefixes,
  key_fields: [],
  cheap_model: null,
  configured: false,
});
const TYPES = [type("openai", "sk-proj-", "sk-"), type("anthropic", "sk-ant-"), type("deepseek", "sk-"), type("azure")];
const names = (key: string) => recognise(key, TYPES).providers.map(({ name }) => name);

test("the longest beginning decides, shared ones leave a choice, unknown ones nothing", () => {
  assert.deepEqual(names("  sk-ant-abc"), ["anthropic"]);
  assert.deepEqual(names("sk-proj-abc"), ["openai"]);
  assert.deepEqual(names("sk-abc"), ["openai", "deepseek"]);
  assert.deepEqual(names("abc"), []);
  assert.deepEqual(names(""), []);
});

test("the cheap model is taken where the provider has it, else one that sounds small, never one that does not chat", () => {
  assert.equal(chooseModel(["gpt-4o", "gpt-4o-mini"], "gpt-4o"), "gpt-4o");
  assert.equal(chooseModel(["gpt-4o", "gpt-4o-mini-audio", "gpt-4o-mini"], "gpt-oss-20b"), "gpt-4o-mini");
  assert.equal(chooseModel(["text-embedding-3-small", "big"], null), "big");
  assert.equal(chooseModel([], "sonar"), "sonar");
  assert.equal(chooseModel([], null), null);
});
