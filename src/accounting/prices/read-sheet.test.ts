// Tests of price sheets in Bifrost's and LiteLLM's form: what is read, what is refused and how that is said.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { catalogueTable } from "./catalogue-file.ts";
import { catalogueOf } from "./catalogue-write.ts";
import { findPrice, type PriceTable } from "./find-price.ts";
import { PriceSheetError, readSheet } from "./read-sheet.ts";

const read = (sheet: unknown): ReturnType<typeof readSheet> => readSheet(JSON.stringify(sheet));
const tableOf = (sheet: ReturnType<typeof readSheet>): PriceTable => catalogueTable(catalogueOf(sheet, ""));
const rates = (entry: Record<string, unknown>): unknown =>
  read({ m: { provider: "p", ...entry } }).entries[0]?.price.periods[0]?.rates;

function refusal(text: string): string {
  try {
    readSheet(text);
  } catch (error) {
    assert.ok(error instanceof PriceSheetError, String(error));
    return error.message;
  }
  throw new Error("the sheet was taken");
}

const refused = (entry: unknown): string =>
  refusal(JSON.stringify({ good: { input_cost_per_token: 1e-6 }, "p/bad": entry }));

test("every member of the form becomes its rate", () => {
  assert.deepEqual(
    rates({
      mode: "chat",
      input_cost_per_token: 1e-6,
      output_cost_per_token: 2e-6,
      cache_read_input_token_cost: 1e-7,
      cache_creation_input_token_cost: 1.25e-6,
      cache_creation_input_token_cost_above_1hr: 2e-6,
      input_cost_per_token_above_128k_tokens: 3e-6,
      output_cost_per_token_above_200k_tokens: 4e-6,
      cache_read_input_token_cost_above_272k_tokens: 2e-7,
      input_cost_per_token_batches: 5e-7,
      output_cost_per_token_priority: 4e-6,
      input_cost_per_token_flex: 6e-7,
      input_cost_per_token_above_272k_tokens_priority: 9e-6,
      output_cost_per_reasoning_token: 3e-6,
      input_cost_per_audio_token: 7e-6,
      search_context_cost_per_query: { search_context_size_low: 0.01, search_context_size_medium: 0.02 },
      file_search_cost_per_1k_calls: 2.5,
      what_is_this: "ignored",
      input_cost_per_image_token: null,
    }),
    {
      input: 1_000_000,
      output: 2_000_000,
      cached_input: 100_000,
      cache_write_5m: 1_250_000,
      cache_write_1h: 2_000_000,
      "input>128000": 3_000_000,
      "output>200000": 4_000_000,
      "cached_input>272000": 200_000,
      "input@batch": 500_000,
      "output@priority": 4_000_000,
      "input@flex": 600_000,
      "input@priority>272000": 9_000_000,
      reasoning: 3_000_000,
      input_audio: 7_000_000,
      web_search: 20_000_000_000,
      "web_search/low": 10_000_000_000,
      file_search: 2_500_000_000,
    },
  );
});

test("ranges of the input and cheaper hours are read", () => {
  const steps = [
    { range: [0, 32_000], input_cost_per_token: 1e-6 },
    { range: [32_000, 128_000], input_cost_per_token: 2e-6 },
  ];
  assert.deepEqual(rates({ tiered_pricing: steps }), { input: 1_000_000, "input>32000": 2_000_000 });
  const windows = [{ hours_utc: ["10:00-00:00", "00:00-01:00"], weekdays: [1] }];
  const off_peak_pricing = { input_cost_per_token: 1e-6, windows };
  const [entry] = read({
    m: { provider: "p", input_cost_per_token: 2e-6, output_cost_per_token: 3e-6, off_peak_pricing },
  }).entries;
  assert.deepEqual(entry?.price.periods[1]?.windows, [
    { from: 600, to: 1440, days: [1] },
    { from: 0, to: 60, days: [1] },
  ]);
  assert.deepEqual(entry?.price.periods[1]?.rates, { input: 1_000_000, output: 3_000_000 });
});

const names = (sheet: Record<string, unknown>): unknown =>
  read(sheet).entries.map(({ provider, model }) => `${provider} ${model}`);

test("the entry's members name the provider before its key does", () => {
  const price = { input_cost_per_token: 1e-6 };
  assert.deepEqual(names({ "openai/gpt-4o": price }), ["openai gpt-4o"]);
  assert.deepEqual(names({ "gpt-4o": { ...price, provider: "azure" } }), ["azure gpt-4o"]);
  assert.deepEqual(names({ "openai/gpt-4o": { ...price, provider: "my-own" } }), ["my-own openai/gpt-4o"]);
  assert.deepEqual(names({ "gpt-4o": { ...price, litellm_provider: "azure_ai" } }), ["azure gpt-4o"]);
  assert.deepEqual(names({ "together_ai/meta/llama": { ...price, litellm_provider: "together_ai" } }), [
    "together meta/llama",
  ]);
  assert.deepEqual(names({ "meta/llama": { ...price, provider: "nebius" } }), ["nebius meta/llama"]);
  assert.deepEqual(names({ "gpt-4o": price }), ["* gpt-4o"]);
});

test("an entry whose key names another provider is found under the provider of its members", () => {
  const table = tableOf(read({ "openai/gpt-4o": { provider: "my-own", input_cost_per_token: 1e-6 } }));
  const found = findPrice([table], { provider: "my-own", base: "openai", models: ["gpt-4o"] });
  assert.equal(found?.source, "price sheet");
  assert.equal(findPrice([table], { provider: "openai", base: "openai", models: ["gpt-4o"] }), null);
});

test("an entry prices its base model too, where that has no entry of its own", () => {
  const dated = { provider: "openai", base_model: "gpt-4o", input_cost_per_token: 1e-6 };
  const table = tableOf(read({ "gpt-4o-2024-08-06": dated }));
  assert.equal(table.get("openai", "gpt-4o")?.periods[0]?.rates["input"], 1_000_000);
  const own = tableOf(read({ "gpt-4o-2024-08-06": dated, "gpt-4o": { ...dated, input_cost_per_token: 2e-6 } }));
  assert.equal(own.get("openai", "gpt-4o")?.periods[0]?.rates["input"], 2_000_000);
});

test("limits are taken, entries without a price and the explaining entry are passed over", () => {
  const sheet = read({
    sample_spec: { input_cost_per_token: "a text", max_input_tokens: "a text" },
    free: { provider: "p", mode: "chat" },
    m: { provider: "p", input_cost_per_token: 0, max_input_tokens: 1000, max_output_tokens: 50 },
  });
  assert.equal(sheet.entries.length, 1);
  assert.deepEqual([sheet.entries[0]?.price.maxInputTokens, sheet.entries[0]?.price.maxOutputTokens], [1000, 50]);
});

test("the same sheet has the same version, another one another", () => {
  const a = read({ m: { provider: "p", input_cost_per_token: 1e-6 } });
  assert.equal(a.version, read({ m: { provider: "p", input_cost_per_token: 1e-6 } }).version);
  assert.notEqual(a.version, read({ m: { provider: "p", input_cost_per_token: 2e-6 } }).version);
});

test("a broken sheet is refused whole, with the place of the fault", () => {
  assert.match(refusal('{\n "a": {"input_cost_per_token": 1e-6},\n "b": nope }'), /line 3, column \d+/);
  assert.match(refusal('{"a": {'), /ends too early|line 1/);
  assert.match(refusal("<html>"), /line 1, column 1/);
  for (const text of ["[]", "null", '"x"', "3"]) assert.match(refusal(text), /must be one JSON object/);
  assert.match(refusal("{}"), /no price/);
});

test("a wrong price is named with its entry and its member", () => {
  assert.equal(
    refused({ input_cost_per_token: -1e-6 }),
    'the price sheet\'s entry "p/bad": input_cost_per_token is negative',
  );
  assert.match(
    refused({ output_cost_per_token_batches: "1e-6" }),
    /"p\/bad": output_cost_per_token_batches is no number/,
  );
  assert.match(refused({ input_cost_per_token: 1e300 }), /is more than 1000 dollars/);
  assert.match(refused({ input_cost_per_token: 1e-15 }), /less than a trillionth/);
  assert.match(
    refused({ search_context_cost_per_query: { search_context_size_low: -1 } }),
    /search_context_size_low is negative/,
  );
  assert.match(refused({ input_cost_per_token: 1e-6, provider: 5 }), /provider is no text/);
  assert.match(refused({ input_cost_per_token: 1e-6, max_output_tokens: -4 }), /max_output_tokens is no count/);
  assert.match(
    refused({ input_cost_per_token: 1e-6, off_peak_pricing: { windows: [{ hours_utc: "noon" }] } }),
    /hours/,
  );
  assert.match(refused([]), /"p\/bad" is no object/);
  // JSON has no Infinity, but numbers that become it
  assert.match(refusal('{"p/bad": {"input_cost_per_token": 1e999}}'), /is more than/);
});

test("no sheet makes the reader fail otherwise, and every rate is a whole number from 0", () => {
  const member = fc.constantFrom(
    "input_cost_per_token",
    "tiered_pricing",
    "off_peak_pricing",
    "search_context_cost_per_query",
    "provider",
    "base_model",
    "max_input_tokens",
    "__proto__",
  );
  const sheets = fc.dictionary(fc.string(), fc.oneof(fc.dictionary(member, fc.jsonValue()), fc.jsonValue()));
  fc.assert(
    fc.property(sheets, (sheet) => {
      try {
        for (const { price } of read(sheet).entries)
          for (const { rates } of price.periods)
            for (const rate of Object.values(rates)) assert.ok(Number.isSafeInteger(rate) && rate >= 0);
      } catch (error) {
        assert.ok(error instanceof PriceSheetError, String(error));
      }
    }),
    { seed: 11, numRuns: 500 },
  );
});
