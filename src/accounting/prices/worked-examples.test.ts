// One worked example for each kind of usage, from the provider's report to the dollars on its page, over the shipped catalogue.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RawUsage, UsageKey } from "../../core/usage.ts";
import { bundledPrices } from "./bundled.ts";
import { findPrice } from "./find-price.ts";
import { chargeUsage, priceUsage } from "./price-usage.ts";
import { usageOf } from "./testing.ts";

interface Example {
  readonly kind: string;
  readonly provider: string;
  readonly model: string;
  readonly counts: Partial<Record<UsageKey, number>>;
  readonly more?: Partial<RawUsage>;
  /** Default: 23 November 2026, a Monday, 12:00 UTC. */
  readonly at?: number;
  /** The sum as one reads it off the page. */
  readonly dollars: number;
  readonly source: string;
}

const NOW = Date.UTC(2026, 10, 23, 12);
const M = 1_000_000;
const ANTHROPIC =
  "platform.claude.com, Pricing, copy with Claude Opus 4.6 as the newest: Sonnet 4.5 $3, $3.75, $6, $0.30, $15; batch half; searches $10 a thousand";
const DEEPSEEK = "api-docs.deepseek.com, Models & Pricing, copies as of 31 July, 16 August and 27 October 2026";
const PERPLEXITY =
  "docs.perplexity.ai, Pricing: Sonar Deep Research $2, $8, citations $2, reasoning $3, searches $5 a thousand";
const TWO = "@pydantic/genai-prices 0.1.8 and LiteLLM 1.109.1 agree";
const SHEETS = "LiteLLM 1.109.1, and ";

const sonnet = { provider: "anthropic", model: "claude-sonnet-4-5-20250929", source: ANTHROPIC };
const flash = { provider: "deepseek", model: "deepseek-v4-flash", source: DEEPSEEK };

const EXAMPLES: readonly Example[] = [
  { kind: "input, output", ...sonnet, counts: { input: 1000, output: 500 }, dollars: 0.003 + 0.0075 },
  { kind: "cached read", ...sonnet, counts: { cached_input: 100_000 }, dollars: 0.03 },
  { kind: "cache write, five minutes", ...sonnet, counts: { cache_write_5m: 100_000 }, dollars: 0.375 },
  { kind: "cache write, one hour", ...sonnet, counts: { cache_write_1h: 100_000 }, dollars: 0.6 },
  { kind: "web searches", ...sonnet, counts: { web_search: 3 }, dollars: 0.03 },
  {
    kind: "batch, caches included",
    ...sonnet,
    counts: { input: 1000, cached_input: 10_000, cache_write_1h: 1000, output: 1000 },
    more: { tier: "batch" },
    dollars: 0.0015 + 0.0015 + 0.003 + 0.0075,
  },
  {
    kind: "region",
    provider: "anthropic",
    model: "claude-opus-4-6",
    counts: { input: M, output: 100_000 },
    more: { region: "us" },
    dollars: 5.5 + 2.75,
    source:
      "platform.claude.com, Pricing: US-only inference costs 1.1 times every category of tokens; Opus 4.6 $5, $25",
  },
  {
    kind: "reasoning, as output",
    provider: "openai",
    model: "gpt-5",
    counts: { output: 1000, reasoning: 9000 },
    dollars: 0.1,
    source: TWO,
  },
  {
    kind: "reasoning, citations and searches with prices of their own",
    provider: "perplexity",
    model: "sonar-deep-research",
    counts: { input: 33, output: 7163, reasoning: 73_997, citation: 20_016, web_search: 18 },
    dollars: 0.000_066 + 0.057_304 + 0.221_991 + 0.040_032 + 0.09,
    source: PERPLEXITY,
  },
  {
    kind: "fee of a request",
    provider: "perplexity",
    model: "sonar",
    counts: { input: 14, output: 260, "request/low": 1 },
    dollars: 0.005_274,
    source: `${SHEETS}developer.puter.com, Perplexity API pricing, June 2026: $5 / $8 / $12 a thousand`,
  },
  {
    kind: "dated price, before",
    ...flash,
    at: Date.UTC(2026, 6, 31),
    counts: { input: M, cached_input: M, output: M },
    dollars: 0.14 + 0.0028 + 0.28,
  },
  {
    kind: "dated price, at its first peak",
    ...flash,
    at: Date.UTC(2026, 7, 17, 2),
    counts: { input: M, output: M },
    dollars: 0.44 + 1.32,
  },
  {
    kind: "hour of the day, peak",
    ...flash,
    at: Date.UTC(2026, 10, 23, 9, 59),
    counts: { input: M, output: M },
    dollars: 0.3 + 1.2,
  },
  { kind: "hour of the day, off-peak", ...flash, at: NOW, counts: { input: M, output: M }, dollars: 0.15 + 0.6 },
  { kind: "weekend", ...flash, at: Date.UTC(2026, 10, 22, 9), counts: { input: M, output: M }, dollars: 0.15 + 0.6 },
  {
    kind: "long context, above 200k",
    provider: "gemini",
    model: "gemini-2.5-pro",
    counts: { input: 250_000, output: 1000 },
    dollars: 0.625 + 0.015,
    source: `${TWO}; discuss.ai.google.dev and deploybase.ai, Gemini 2.5 pricing, March 2026: $2.50 / $15`,
  },
  {
    kind: "long context, not above 200k",
    provider: "gemini",
    model: "gemini-2.5-pro",
    counts: { input: 200_000, output: 1000 },
    dollars: 0.25 + 0.01,
    source: TWO,
  },
  {
    kind: "long context, above 272k",
    provider: "openai",
    model: "gpt-5.4",
    counts: { input: 300_000, output: 1000 },
    dollars: 1.5 + 0.0225,
    source: TWO,
  },
  {
    kind: "long context, above 100k",
    provider: "anthropic",
    model: "claude-haiku-5-5",
    counts: { input: 150_000, output: 1000 },
    dollars: 0.075 + 0.0025,
    source: `${SHEETS}docs.rs/synaps 0.10.2, from platform.claude.com, 10 October 2026: above 100k $0.50 / $2.50`,
  },
  {
    kind: "flex",
    provider: "openai",
    model: "gpt-5",
    counts: { input: M, output: M },
    more: { tier: "flex" },
    dollars: 0.625 + 5,
    source: `${SHEETS}the rule of OpenAI's page that flex costs what batch costs, half`,
  },
  {
    kind: "priority",
    provider: "openai",
    model: "gpt-5",
    counts: { input: M, cached_input: M, output: M },
    more: { tier: "priority" },
    dollars: 2.5 + 0.25 + 20,
    source: "openai.com, Priority Processing, copy with GPT-5.5 as the newest: GPT-5 $2.50, $0.25, $20",
  },
  {
    kind: "audio in and out",
    provider: "openai",
    model: "gpt-realtime",
    counts: { input_audio: 10_000, cached_audio: 10_000, output_audio: 1000 },
    dollars: 0.32 + 0.004 + 0.064,
    source: TWO,
  },
  {
    kind: "audio in",
    provider: "gemini",
    model: "gemini-2.5-flash",
    counts: { input_audio: 1000, cached_audio: 1000 },
    dollars: 0.001 + 0.0001,
    source: TWO,
  },
  {
    kind: "transcription by tokens",
    provider: "openai",
    model: "gpt-4o-mini-transcribe",
    counts: { input_audio: 1000, input: 100, output: 100 },
    dollars: 0.003 + 0.000_125 + 0.0005,
    source: "halfpower.work, on OpenAI's pricing page: audio $3, text $1.25 and $5; @pydantic/genai-prices 0.1.8",
  },
  {
    kind: "transcription by seconds",
    provider: "openai",
    model: "whisper-1",
    counts: { second_in: 8.5 },
    dollars: 0.000_85,
    source: `${TWO}: $0.006 a minute`,
  },
  {
    kind: "characters of speech",
    provider: "openai",
    model: "tts-1",
    counts: { character_in: 1000 },
    dollars: 0.015,
    source: `${SHEETS}the Azure entry of the same model: $15 a million characters`,
  },
  {
    kind: "audio of speech",
    provider: "openai",
    model: "gpt-4o-mini-tts",
    counts: { input: 1000, output_audio: 1000 },
    dollars: 0.0006 + 0.012,
    source: "community.openai.com 1151816, quoting the page: $0.60 in, $12 a million audio tokens out; both sheets",
  },
  {
    kind: "pictures in and out by tokens",
    provider: "openai",
    model: "gpt-image-1",
    counts: { input: 100, input_image: 1000, output_image: 1050 },
    dollars: 0.0005 + 0.01 + 0.042,
    source: `${TWO}, one of them calling its output of pictures plain output`,
  },
  {
    kind: "pictures as input",
    provider: "gemini",
    model: "gemini-2.5-flash",
    counts: { input_image: 1000 },
    dollars: 0.0003,
    source: `${TWO}; the page prices text, pictures and video as one`,
  },
  {
    kind: "pictures by the piece",
    provider: "openai",
    model: "gpt-image-1",
    counts: { "image_out/medium/1024x1024": 2 },
    dollars: 0.084,
    source: `${SHEETS}1,050 tokens of $40 a million, 0.042 a picture`,
  },
  {
    kind: "seconds of video",
    provider: "openai",
    model: "sora-2",
    counts: { "second_out/720p": 8 },
    dollars: 0.8,
    source: `${SHEETS}its second entry openai/sora-2: $0.10 a second`,
  },
  {
    kind: "search units",
    provider: "cohere",
    model: "rerank-v3.5",
    counts: { search_unit: 3 },
    dollars: 0.006,
    source: `${SHEETS}docs.memberjunction.org, April 2026: $2 a thousand searches`,
  },
  {
    kind: "pages",
    provider: "mistral",
    model: "mistral-ocr-latest",
    counts: { page: 10, annotated_page: 10 },
    dollars: 0.04 + 0.05,
    source: TWO,
  },
  {
    kind: "pages at an older price",
    provider: "mistral",
    model: "mistral-ocr-latest",
    at: Date.UTC(2026, 0, 1),
    counts: { page: 10 },
    dollars: 0.02,
    source: "@pydantic/genai-prices 0.1.8, dated",
  },
  {
    kind: "file searches",
    provider: "openai",
    model: "gpt-5",
    counts: { file_search: 4 },
    dollars: 0.01,
    source:
      "@pydantic/genai-prices 0.1.8, the same for every model with the tool: $2.50 a thousand (no second source at hand)",
  },
  {
    kind: "sessions of the code interpreter",
    provider: "openai",
    model: "gpt-5",
    counts: { code_interpreter: 2 },
    dollars: 0.06,
    source: `${SHEETS}zenn.dev/kat, on OpenAI's tools: $0.03 a session`,
  },
  {
    kind: "a prompt that searched",
    provider: "gemini",
    model: "gemini-2.5-flash",
    counts: { web_search: 4 },
    dollars: 0.035,
    source: `${SHEETS}discuss.ai.google.dev 47220: $35 a thousand requests, however many queries`,
  },
  {
    kind: "embeddings",
    provider: "openai",
    model: "text-embedding-3-small",
    counts: { input: M },
    dollars: 0.02,
    source: TWO,
  },
  {
    kind: "embeddings in a batch",
    provider: "openai",
    model: "text-embedding-3-small",
    counts: { input: M },
    more: { tier: "batch" },
    dollars: 0.01,
    source: `${SHEETS}the rule that a batch costs half`,
  },
];

const { table } = await bundledPrices();

for (const { kind, provider, model, counts, more, at, dollars, source } of EXAMPLES) {
  test(`${kind}: ${provider}/${model} costs ${dollars} dollars (${source})`, () => {
    const price = findPrice([table], { provider, base: provider, models: [model] });
    const priced = priceUsage(usageOf(counts, more), price, at ?? NOW);
    assert.deepEqual(priced.unpriced, []);
    assert.equal(priced.nano, Math.round(dollars * 1e9));
  });
}

test("the provider's own cost: OpenRouter's answer costs what it says (OpenRouter, Usage Accounting)", () => {
  const usage = usageOf({ input: 94, cache_write_5m: 100, output: 2 }, { reportedNano: 950_000_000 });
  const price = findPrice([table], { provider: "openrouter", base: "openrouter", models: ["openai/gpt-4o"] });
  const cost = chargeUsage(usage, priceUsage(usage, price, NOW), "openrouter");
  assert.deepEqual([cost.nano, cost.origin, cost.unpriced], [950_000_000, "reported", []]);
  assert.deepEqual(cost.computed.unpriced, ["cache_write_5m"]);
});

function unpricedOf(provider: string): readonly string[] {
  const price = findPrice([table], { provider, base: provider, models: ["any"] });
  return priceUsage(usageOf({ input: 1, output: 1 }), price, NOW).unpriced;
}

test("the built-in provider costs nothing, a local server is unpriced", () => {
  assert.deepEqual(unpricedOf("demo"), []);
  assert.deepEqual(unpricedOf("ollama"), ["input", "output"]);
});
