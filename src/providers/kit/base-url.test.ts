// Base URLs are joined with paths as people write both.
import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError } from "../../core/errors.ts";
import { openai } from "../openai/provider.ts";
import { baseUrlOf, trimBase } from "./base-url.ts";
import { keyEntity, providerEntity } from "./contract.ts";

test("slashes at the end go", () => {
  assert.equal(trimBase("https://a.example/", "/v1/chat"), "https://a.example");
  assert.equal(trimBase("https://a.example/base///", "/v1/chat"), "https://a.example/base");
});

test("what the path begins with is taken off the end of the base", () => {
  assert.equal(trimBase("https://a.example/v1", "/v1/chat/completions"), "https://a.example");
  assert.equal(trimBase("https://a.example/openai/v1/", "/v1/chat/completions"), "https://a.example/openai");
  assert.equal(trimBase("https://a.example/v1/chat/completions", "/v1/chat/completions"), "https://a.example");
  assert.equal(trimBase("https://a.example/v1", "/v1/models?limit=1000"), "https://a.example");
});

test("what only looks like it stays", () => {
  assert.equal(trimBase("https://a.example/v1beta", "/v1/chat"), "https://a.example/v1beta");
  assert.equal(trimBase("https://v1", "/v1/chat"), "https://v1");
  assert.equal(trimBase("https://a.example/v1/proxy", "/v1/chat"), "https://a.example/v1/proxy");
  assert.equal(trimBase("demo:", "/v1/chat"), "demo:");
});

test("a key's own URL comes before the provider's, the provider's before the adapter's", () => {
  const provider = providerEntity(openai, "https://provider.example");
  assert.equal(
    baseUrlOf(provider, keyEntity({ url: "https://key.example" }), "https://own.example", "/v1"),
    "https://key.example",
  );
  assert.equal(baseUrlOf(provider, keyEntity(), "https://own.example", "/v1"), "https://provider.example");
  assert.equal(baseUrlOf(providerEntity(openai), keyEntity(), "https://own.example", "/v1"), "https://own.example");
});

test("where nobody names an address the error says what to set", () => {
  assert.throws(
    () => baseUrlOf(providerEntity(openai), keyEntity(), null, "/v1"),
    (error) => error instanceof GatewayError && /network_config\.base_url/.test(error.message),
  );
});
