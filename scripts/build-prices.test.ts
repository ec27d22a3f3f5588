// Tests of the price catalogue: fresh, consistent, small and quick to load; no network is asked.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { catalogueTable, readModel } from "../src/accounting/prices/catalogue-file.ts";
import { findPrice } from "../src/accounting/prices/find-price.ts";
import { isTokenKind, readRateKey } from "../src/accounting/prices/rate-key.ts";
import { HIGHEST_PRICE } from "../src/accounting/prices/sheet-fields.ts";
import { buildPrices, printDifferences, readDifferences, readPrices } from "./build-prices.ts";
import { CORRECTIONS, DECISIONS } from "./prices/decisions.ts";
import { derive } from "./prices/derive.ts";
import { draftsOfGenai } from "./prices/from-genai.ts";
import { draftsOfLitellm } from "./prices/from-litellm.ts";
import { merge } from "./prices/merge.ts";

const FILE = new URL("../src/accounting/prices/catalogue.generated.json", import.meta.url);
const stored = readPrices();
const built = buildPrices(stored.date);
const table = catalogueTable(stored);

test("the catalogue is what its sources and the decisions give (else run: node scripts/build-prices.ts)", () => {
  assert.equal(stored.version, built.file.version);
  assert.deepEqual(stored, built.file);
});

test("the list of differences is the one that was decided on", () => {
  assert.equal(readDifferences(), printDifferences(built.differences));
});

test("every decision decides on something, and says why", () => {
  for (const { provider, model, why } of DECISIONS) {
    assert.ok(why.length > 10);
    const used = built.differences.some((difference) => difference.provider === provider && difference.why === why);
    assert.ok(used, `${provider} ${String(model)} decides on nothing: delete it`);
  }
});

test("the file stays small", () => {
  assert.ok(statSync(FILE).size <= 400_000);
});

test("it loads within 10 ms", () => {
  const text = readFileSync(FILE, "utf8");
  const times = Array.from({ length: 7 }, () => {
    const before = performance.now();
    catalogueTable(JSON.parse(text) as typeof stored).get("openai", "gpt-4o");
    return performance.now() - before;
  });
  // the quickest: the others measure who else is on the machine
  assert.ok(Math.min(...times) <= 10, `took ${Math.min(...times)} ms`);
});

test("every rate is a name that the pricing knows, and a whole number of pico-dollars within bounds", () => {
  for (const rate of stored.rates) assert.notEqual(readRateKey(rate), null, rate);
  for (const [provider, lines] of Object.entries(stored.providers))
    for (const line of lines) {
      const [model] = readModel(line);
      const price = table.get(provider, model);
      assert.ok(price !== null && price.periods.length > 0, model);
      for (const { rates, from, to } of price.periods) {
        assert.ok(from === null || to === null || from < to, model);
        for (const [key, pico] of Object.entries(rates))
          assert.ok(Number.isSafeInteger(pico) && pico >= 0 && pico <= HIGHEST_PRICE * 1e12, `${model} ${key}`);
      }
    }
});

test("no token costs more than a thousandth of a dollar", () => {
  for (const [provider, lines] of Object.entries(stored.providers))
    for (const [model] of lines.map(readModel))
      for (const { rates } of table.get(provider, model)?.periods ?? [])
        for (const [key, pico] of Object.entries(rates))
          assert.ok(pico <= 1e9 || !isTokenKind(readRateKey(key)?.what ?? ""), `${provider}/${model} ${key}`);
});

test("a model that was left out for its twin is found with the same price", () => {
  const { models } = merge(draftsOfGenai(), draftsOfLitellm(), Date.parse(stored.date));
  for (const [provider, all] of derive(models))
    for (const [model, { periods, maxOutputTokens }] of all) {
      const found = findPrice([table], { provider, base: provider, models: [model] });
      const sorted = (list: typeof periods): unknown =>
        list.map((p) => ({ ...p, rates: Object.entries(p.rates).toSorted() }));
      assert.deepEqual(sorted(found?.periods ?? []), sorted(periods), `${provider}/${model}`);
      assert.equal(found?.maxOutputTokens, maxOutputTokens, `${provider}/${model}`);
    }
});

test("models that people ask for have a price", () => {
  const asked: Readonly<Record<string, readonly string[]>> = {
    openai: ["gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-5", "o3", "text-embedding-3-small"],
    azure: ["gpt-4o", "gpt-4o-2024-08-06"],
    anthropic: ["claude-sonnet-4-5-20250929", "claude-3-5-haiku-20241022", "claude-opus-4-1-20250805"],
    gemini: ["gemini-2.5-pro", "gemini-2.5-flash"],
    vertex: ["gemini-2.5-pro", "claude-sonnet-4-5@20250929"],
    bedrock: ["us.anthropic.claude-sonnet-4-5-20250929-v1:0", "amazon.nova-pro-v1:0"],
    mistral: ["mistral-large-latest"],
    groq: ["llama-3.3-70b-versatile"],
    deepseek: ["deepseek-chat"],
    xai: ["grok-4.3"],
    openrouter: ["openai/gpt-4o"],
  };
  for (const [provider, models] of Object.entries(asked))
    for (const model of models) {
      const price = findPrice([table], { provider, base: provider, models: [model] });
      assert.ok(price?.periods.at(-1)?.rates["input"] !== undefined, `${provider}/${model}`);
    }
});

test("what stands by hand is in force", () => {
  for (const [provider, models] of Object.entries(CORRECTIONS))
    for (const model of Object.keys(models)) assert.equal(table.get(provider, model)?.source, "entered by hand");
});
