// Azure keeps the contract of providers, and finds its deployments.
import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError } from "../../core/errors.ts";
import { keyEntity, providerEntity, SECRET, testProvider } from "../kit/contract.ts";
import { azure } from "./provider.ts";

const AZURE = { endpoint: "https://mine.openai.azure.com", apiVersion: "2024-10-21", deployments: {} };

testProvider({
  adapter: azure,
  from: import.meta.url,
  model: "gpt-4o",
  urls: {
    chat: "https://mine.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
    completions: "https://mine.openai.azure.com/openai/deployments/gpt-4o/completions?api-version=2024-10-21",
    embeddings: "https://mine.openai.azure.com/openai/deployments/gpt-4o/embeddings?api-version=2024-10-21",
    models: "https://mine.openai.azure.com/openai/models?api-version=2024-10-21",
  },
  credential: ["api-key", SECRET],
  key: { azure: AZURE },
});

function url(endpoint: string, apiVersion = "", model = "gpt-4o", deployments: Record<string, string> = {}): string {
  const key = keyEntity({ azure: { endpoint, apiVersion, deployments }, aliases: { "gpt-4o-mini": "small" } });
  return azure.connect(providerEntity(azure), key).baseUrl + azure.path("chat", model, key);
}

test("an endpoint may be copied with whatever the portal shows behind it", () => {
  const expected = url("https://mine.openai.azure.com");
  for (const endpoint of [
    "https://mine.openai.azure.com/",
    "mine.openai.azure.com",
    "https://mine.openai.azure.com/openai",
    "https://mine.openai.azure.com/openai/v1/",
    "https://mine.openai.azure.com/openai/deployments/x/chat/completions?api-version=2023-05-15",
  ])
    assert.equal(url(endpoint), expected);
});

test("without an api-version the last one generally available is asked for", () => {
  assert.match(url("https://a.example"), /\?api-version=2024-10-21$/);
  assert.match(url("https://a.example", "2025-03-01-preview"), /\?api-version=2025-03-01-preview$/);
});

test("the v1 surface names no deployment in its path", () => {
  assert.equal(url("https://a.example", "v1"), "https://a.example/openai/v1/chat/completions");
  assert.equal(url("https://a.example", "preview"), "https://a.example/openai/v1/chat/completions?api-version=preview");
});

test("a model is served by its deployment, by its alias, or by a deployment of its own name", () => {
  assert.match(url("https://a.example", "", "gpt-4o", { "gpt-4o": "big one" }), /\/deployments\/big%20one\/chat/);
  assert.match(url("https://a.example", "", "gpt-4o-mini"), /\/deployments\/small\/chat/);
  assert.match(url("https://a.example", "", "gpt-4.1"), /\/deployments\/gpt-4\.1\/chat/);
  assert.match(url("https://a.example", "", "__proto__"), /\/deployments\/__proto__\/chat/);
  assert.match(url("https://a.example", "", "a/../b?c"), /\/deployments\/a%2F\.\.%2Fb%3Fc\/chat/);
});

test("a key without an endpoint is refused with the remedy and without the secret", () => {
  assert.throws(
    () => azure.connect(providerEntity(azure), keyEntity()),
    (error) =>
      error instanceof GatewayError &&
      /azure_key_config\.endpoint/.test(error.message) &&
      !error.message.includes(SECRET),
  );
});
