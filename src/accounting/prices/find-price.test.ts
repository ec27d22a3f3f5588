// Tests of the look-up: whose price, under which spelling, sheet before catalogue.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelPrice } from "../../core/price.ts";
import { findPrice, type PriceQuery, type PriceTable } from "./find-price.ts";
import { modelForms } from "./model-forms.ts";
import { priceOf } from "./testing.ts";

function table(source: string, entries: Record<string, readonly string[]>): PriceTable {
  const found = (provider: string, model: string): ModelPrice | null =>
    entries[provider]?.includes(model) === true
      ? priceOf({}, { source, version: `${source} ${provider}/${model}` })
      : null;
  return { get: found };
}

function find(
  tables: readonly PriceTable[],
  query: Partial<PriceQuery> & { models: readonly (string | null)[] },
): string | null {
  return findPrice(tables, { provider: "openai", base: "openai", ...query })?.version ?? null;
}

const bundled = table("bundled", {
  openai: ["gpt-4o", "gpt-4o-2024-05-13", "ft:gpt-4o-2024-08-06"],
  azure: ["gpt-4o"],
  anthropic: ["claude-sonnet-4-5", "claude-3-5-haiku-latest"],
  gemini: ["gemini-2.5-pro"],
  bedrock: [
    "anthropic.claude-sonnet-4-5-20250929-v1:0",
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "amazon.nova-pro-v1:0",
  ],
  vertex: ["claude-sonnet-4-5"],
  fireworks: ["deepseek-v3"],
  openrouter: ["openai/gpt-4o", "x/y:free"],
});

test("the alias's model comes before the provider's spelling, that before the caller's", () => {
  const sheet = table("sheet", { openai: ["a", "b", "c"] });
  assert.equal(find([sheet], { models: ["a", "b", "c"] }), "sheet openai/a");
  assert.equal(find([sheet], { models: [null, "b", "c"] }), "sheet openai/b");
  assert.equal(find([sheet], { models: ["?", "?", "c"] }), "sheet openai/c");
});

test("an azure deployment is priced by the model behind it", () => {
  const query = { provider: "azure", base: "azure", models: ["gpt-4o", "our-deployment-7", "gpt-4o"] };
  assert.equal(find([bundled], query), "bundled azure/gpt-4o");
});

test("a provider without an entry asks those with the same prices, exact spellings first", () => {
  const query = { provider: "azure", base: "azure", models: ["gpt-4o-2024-05-13"] };
  assert.equal(find([bundled], query), "bundled openai/gpt-4o-2024-05-13");
  assert.equal(
    find([bundled], { provider: "vertex", base: "vertex", models: ["gemini-2.5-pro-001"] }),
    "bundled gemini/gemini-2.5-pro",
  );
});

test("a custom provider is priced by its own name, else by its base type", () => {
  const sheet = table("sheet", { "my-openai": ["gpt-4o"], openai: ["gpt-5"] });
  const query = { provider: "my-openai", base: "openai" };
  assert.equal(find([sheet, bundled], { ...query, models: ["gpt-4o"] }), "sheet my-openai/gpt-4o");
  assert.equal(find([sheet, bundled], { ...query, models: ["gpt-5"] }), "sheet openai/gpt-5");
  assert.equal(find([bundled], { ...query, models: ["gpt-4o"] }), "bundled openai/gpt-4o");
});

test("an entry of the sheet wins over the bundled one, one without a provider too", () => {
  assert.equal(find([table("sheet", { openai: ["gpt-4o"] }), bundled], { models: ["gpt-4o"] }), "sheet openai/gpt-4o");
  assert.equal(find([table("sheet", { "*": ["gpt-4o"] }), bundled], { models: ["gpt-4o"] }), "sheet */gpt-4o");
});

test("a dated model with a price of its own keeps it, another one is priced without its date", () => {
  const sheet = table("sheet", { openai: ["gpt-4o"] });
  assert.equal(find([sheet, bundled], { models: ["gpt-4o-2024-05-13"] }), "bundled openai/gpt-4o-2024-05-13");
  assert.equal(find([sheet, bundled], { models: ["gpt-4o-2026-01-01"] }), "sheet openai/gpt-4o");
});

test("prefixes of regions, vendors and projects are seen through", () => {
  const bedrock = { provider: "bedrock", base: "bedrock" };
  const model = "anthropic.claude-sonnet-4-5-20250929-v1:0";
  assert.equal(find([bundled], { ...bedrock, models: [`us.${model}`] }), `bundled bedrock/us.${model}`);
  assert.equal(find([bundled], { ...bedrock, models: [`eu.${model}`] }), `bundled bedrock/${model}`);
  assert.equal(
    find([bundled], { ...bedrock, models: [`arn:aws:bedrock:us-east-1:1:inference-profile/eu.${model}`] }),
    `bundled bedrock/${model}`,
  );
  assert.equal(
    find([bundled], { ...bedrock, models: ["amazon.nova-pro-v1:0:300k"] }),
    "bundled bedrock/amazon.nova-pro-v1:0",
  );
  const vertex = { provider: "vertex", base: "vertex" };
  assert.equal(
    find([bundled], { ...vertex, models: ["claude-sonnet-4-5@20250929"] }),
    "bundled vertex/claude-sonnet-4-5",
  );
  assert.equal(
    find([bundled], { ...vertex, models: ["projects/p/locations/eu/publishers/google/models/gemini-2.5-pro"] }),
    "bundled gemini/gemini-2.5-pro",
  );
  assert.equal(
    find([bundled], { provider: "gemini", base: "gemini", models: ["models/gemini-2.5-pro"] }),
    "bundled gemini/gemini-2.5-pro",
  );
  assert.equal(
    find([bundled], { provider: "fireworks", base: "fireworks", models: ["accounts/fireworks/models/deepseek-v3"] }),
    "bundled fireworks/deepseek-v3",
  );
  assert.equal(find([bundled], { models: ["openai/gpt-4o"] }), "bundled openai/gpt-4o");
});

test("a fine-tuned model has the price of fine-tuned ones, never that of its base", () => {
  assert.equal(find([bundled], { models: ["ft:gpt-4o-2024-08-06:acme::id"] }), "bundled openai/ft:gpt-4o-2024-08-06");
  assert.equal(find([bundled], { models: ["ft:gpt-4o-2030-01-01:acme::id"] }), null);
});

test("a way to choose the host is no other model, a free one is", () => {
  const router = { provider: "openrouter", base: "openrouter" };
  assert.equal(find([bundled], { ...router, models: ["openai/gpt-4o:nitro"] }), "bundled openrouter/openai/gpt-4o");
  assert.equal(find([bundled], { ...router, models: ["openai/gpt-4o:free"] }), null);
});

test("the newest of a line stands for its bare name", () => {
  assert.equal(
    find([bundled], { base: "anthropic", models: ["claude-3-5-haiku"] }),
    "bundled anthropic/claude-3-5-haiku-latest",
  );
});

test("a star prices what a provider has no other entry for", () => {
  const sheet = table("sheet", { vllm: ["*", "big"] });
  assert.equal(find([sheet], { provider: "vllm", base: "vllm", models: ["big"] }), "sheet vllm/big");
  assert.equal(find([sheet], { provider: "vllm", base: "vllm", models: ["other"] }), "sheet vllm/*");
});

test("a model that nobody knows has no price", () => {
  assert.equal(find([bundled], { models: ["no-such-model", "", null] }), null);
  assert.equal(find([bundled], { models: ["__proto__", "constructor"] }), null);
});

test("a model's spellings are few and begin with its own", () => {
  const forms = modelForms("projects/p/locations/eu/publishers/anthropic/models/claude-sonnet-4-5@20250929", [
    "vertex",
  ]);
  assert.equal(forms[0], "projects/p/locations/eu/publishers/anthropic/models/claude-sonnet-4-5@20250929");
  assert.ok(forms.includes("claude-sonnet-4-5-20250929") && forms.includes("claude-sonnet-4-5"));
  assert.ok(forms.length < 12);
});
