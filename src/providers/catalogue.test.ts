// The catalogue is fresh, knows the models that people name, and says nothing impossible.
import assert from "node:assert/strict";
import { test } from "node:test";
import { flatten, readCatalogue } from "../../scripts/build-catalogue.ts";
import { catalogue } from "./catalogue.ts";
import { registry } from "./registry.ts";

function find(provider: string, id: string): number | null | undefined {
  return catalogue.find((entity) => entity.provider === provider)?.models.find((model) => model.id === id)
    ?.contextWindow;
}

test("the generated file is what its generator makes of the installed source; else run scripts/build-catalogue.ts", () => {
  const { date, ...content } = readCatalogue();
  assert.match(date, /^20\d\d-\d\d-\d\d$/);
  assert.deepEqual(content, JSON.parse(JSON.stringify(flatten())));
});

test("it knows the models that people start with", () => {
  assert.equal(find("openai", "gpt-4o"), 128_000);
  assert.equal(find("openai", "gpt-4o-mini"), 128_000);
  assert.equal(find("azure", "gpt-4o"), 128_000);
  assert.equal(find("anthropic", "claude-3-5-sonnet-20241022"), 200_000);
  assert.equal(find("openai", "text-embedding-3-small"), 8192);
  assert.ok((find("demo", "echo") ?? 0) > 0);
});

test("every list belongs to a provider of ours and names each model once", () => {
  for (const { provider, models } of catalogue) {
    assert.ok(registry.get(provider), provider);
    assert.ok(models.length > 0, provider);
    assert.equal(new Set(models.map((model) => model.id)).size, models.length, provider);
    for (const { id, contextWindow, maxOutputTokens } of models) {
      assert.match(id, /^\S+$/);
      for (const count of [contextWindow, maxOutputTokens])
        assert.ok(count === null || (Number.isInteger(count) && count > 0), id);
    }
  }
});
