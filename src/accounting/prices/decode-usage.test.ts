// Tests of what each provider's report means, on reports as their references show them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { emptyUsage, type RawUsage } from "../../core/usage.ts";
import { decodeTitanUsage } from "./decode-bedrock.ts";
import {
  decodeImagesUsage,
  decodePagesUsage,
  decodeSpeechUsage,
  decodeTranscriptionUsage,
  decodeVideoUsage,
} from "./decode-media.ts";
import { contextOf } from "./price-usage.ts";
import { decodeRawUsage, rawUsageOf, type UsageFacts, type UsageWire } from "./raw-usage.ts";

function fixture(file: string, name: string): unknown {
  const text = readFileSync(new URL(`fixtures/${file}.json`, import.meta.url), "utf8");
  return (JSON.parse(text) as Record<string, unknown>)[name];
}

const read = (wire: UsageWire, file: string, name: string, facts?: UsageFacts): RawUsage =>
  decodeRawUsage(wire, fixture(file, name), facts);

test("OpenAI: cached tokens leave the input, reasoning leaves the output", () => {
  assert.deepEqual(read("openai", "openai", "chat"), {
    counts: { input: 86, cached_input: 1920, output: 108, reasoning: 192 },
    tier: null,
    region: null,
    reportedNano: null,
    refused: [],
  });
});

test("OpenAI: audio is counted apart on both sides", () => {
  assert.deepEqual(read("openai", "openai", "audio").counts, {
    input: 200,
    input_audio: 1000,
    output: 100,
    output_audio: 400,
  });
});

test("OpenAI: written tokens are part of the prompt", () => {
  assert.deepEqual(read("openai", "openai", "cache_writes").counts, {
    input: 1000,
    cached_input: 1000,
    cache_write_5m: 3000,
    output: 10,
  });
});

test("OpenAI: embeddings have input alone", () => {
  assert.deepEqual(read("openai", "openai", "embeddings").counts, { input: 8 });
});

test("OpenAI: the tier of the answer counts, the default one is none", () => {
  assert.equal(read("openai", "openai", "chat", { serviceTier: "flex" }).tier, "flex");
  assert.equal(read("openai", "openai", "chat", { serviceTier: "default" }).tier, null);
  assert.equal(read("openai", "openai", "chat", { serviceTier: 5 }).tier, null);
});

test("OpenAI responses: searches, file searches and sessions of the interpreter are counted", () => {
  const usage = read("openai-responses", "openai", "responses", { outputItems: fixture("openai", "output_items") });
  assert.deepEqual(usage.counts, {
    web_search: 1,
    file_search: 1,
    code_interpreter: 1,
    input: 200,
    cached_input: 128,
    output: 32,
    reasoning: 20,
  });
});

test("OpenAI images: tokens where they are told, else pictures by quality and size", () => {
  const pictures = { count: 2, size: "1024x1792", quality: "hd" };
  assert.deepEqual(decodeImagesUsage(fixture("openai", "images"), pictures).counts, {
    input: 60,
    input_image: 40,
    output_image: 1050,
  });
  assert.deepEqual(decodeImagesUsage(undefined, pictures).counts, { "image_out/hd/1024x1792": 2 });
  assert.deepEqual(decodeImagesUsage(null, { count: 1, size: "auto", quality: "auto" }).counts, { image_out: 1 });
});

test("OpenAI audio: transcription by tokens or seconds, speech by tokens or characters", () => {
  assert.deepEqual(decodeTranscriptionUsage(fixture("openai", "transcription_tokens")).counts, {
    input_audio: 100,
    input: 14,
    output: 45,
  });
  assert.deepEqual(decodeTranscriptionUsage(fixture("openai", "transcription_duration")).counts, { second_in: 8.5 });
  assert.deepEqual(decodeTranscriptionUsage(undefined, 12.25).counts, { second_in: 12.25 });
  assert.deepEqual(decodeSpeechUsage(fixture("openai", "speech"), 50).counts, { input: 14, output_audio: 101 });
  assert.deepEqual(decodeSpeechUsage(undefined, 50).counts, { character_in: 50 });
});

test("videos are counted by the second at their resolution, pages by the page", () => {
  assert.deepEqual(decodeVideoUsage("8", "720p").counts, { "second_out/720p": 8 });
  assert.deepEqual(decodeVideoUsage(4, "1280x720").counts, { second_out: 4 });
  assert.deepEqual(decodePagesUsage(fixture("mistral", "ocr"), true).counts, { page: 29, annotated_page: 29 });
});

test("DeepSeek and Moonshot name cached tokens in their own way", () => {
  assert.deepEqual(read("openai", "like-openai", "deepseek").counts, {
    input: 360,
    cached_input: 640,
    output: 50,
    reasoning: 150,
  });
  assert.deepEqual(read("openai", "like-openai", "moonshot").counts, { input: 244, cached_input: 256, output: 20 });
});

test("xAI: reasoning is beside the completion, and its own figure is in ticks", () => {
  const usage = read("openai", "like-openai", "xai");
  assert.deepEqual(usage.counts, { input: 26, cached_input: 6, output: 9, reasoning: 94 });
  assert.equal(usage.reportedNano, 3_775_600);
});

test("OpenRouter and Perplexity: their own cost is kept", () => {
  const routed = read("openai", "like-openai", "openrouter");
  assert.equal(routed.reportedNano, 950_000_000);
  assert.deepEqual(routed.counts, { input: 94, cache_write_5m: 100, output: 2 });
  const own = { ...(fixture("like-openai", "openrouter") as object), is_byok: true };
  assert.equal(decodeRawUsage("openai", own).reportedNano, 19_950_000_000);
  const searched = read("openai", "like-openai", "perplexity");
  assert.equal(searched.reportedNano, 5_274_000);
  assert.deepEqual(searched.counts, { input: 14, output: 260, "request/low": 1 });
});

test("Perplexity's research counts citations, searches, and reasoning beside the completion", () => {
  const usage = read("openai", "like-openai", "perplexity_research");
  assert.deepEqual(usage.counts, { input: 33, output: 7163, reasoning: 73_997, citation: 20_016, web_search: 18 });
  assert.equal(usage.reportedNano, 409_000_000);
});

test("Anthropic: reads and writes are beside the input, writes by how long they are kept", () => {
  const usage = read("anthropic", "anthropic", "message");
  assert.deepEqual(usage.counts, {
    input: 2048,
    cached_input: 1800,
    cache_write_1h: 100,
    cache_write_5m: 148,
    output: 503,
  });
  assert.equal(contextOf(usage), 4096);
  assert.deepEqual(read("anthropic", "anthropic", "plain_writes").counts, {
    input: 10,
    cache_write_5m: 500,
    output: 3,
  });
});

test("Anthropic: searches, tier, region and thinking", () => {
  const searched = read("anthropic", "anthropic", "search");
  assert.deepEqual(searched.counts, { input: 6039, output: 931, web_search: 3 });
  assert.deepEqual([searched.tier, searched.region], ["batch", "us"]);
  const thought = read("anthropic", "anthropic", "thinking");
  assert.deepEqual(thought.counts, { input: 39, output: 50, reasoning: 350 });
  assert.equal(thought.tier, "priority");
  assert.equal(decodeRawUsage("anthropic", { input_tokens: 1, speed: "fast" }).tier, "fast");
});

test("Gemini: kinds of content, the cache's among them, and thoughts beside the answer", () => {
  assert.deepEqual(read("gemini", "gemini", "mixed").counts, {
    input: 120,
    input_audio: 200,
    input_image: 200,
    cached_audio: 200,
    cached_input: 800,
    output: 200,
    reasoning: 80,
  });
});

test("Gemini: what a list does not tell is text; the tier of Vertex and the searches count", () => {
  assert.deepEqual(read("gemini", "gemini", "picture").counts, { input: 10, output: 10, output_image: 1290 });
  assert.equal(read("gemini", "gemini", "vertex_flex").tier, "flex");
  const grounding = [fixture("gemini", "grounding")];
  assert.equal(read("gemini", "gemini", "vertex_flex", { grounding }).counts.web_search, 2);
});

test("Bedrock: reads and writes are beside the input; the tier stands in the answer", () => {
  const usage = read("bedrock", "bedrock", "converse", { serviceTier: { type: "priority" } });
  assert.deepEqual(usage.counts, {
    input: 30,
    cached_input: 4000,
    cache_write_1h: 600,
    cache_write_5m: 400,
    output: 628,
  });
  assert.equal(usage.tier, "priority");
  assert.deepEqual(decodeTitanUsage(fixture("bedrock", "titan_embedding")).counts, { input: 9 });
});

test("Cohere: what is billed counts, not what was counted", () => {
  assert.deepEqual(read("cohere", "cohere", "chat").counts, { input: 5, output: 418 });
  assert.deepEqual(read("cohere", "cohere", "rerank").counts, { search_unit: 1 });
  assert.deepEqual(read("cohere", "cohere", "embed").counts, { input: 2 });
  assert.deepEqual(read("cohere", "cohere", "embed_images").counts, { image_in: 1 });
});

test("the counts of the corridor become the same kinds", () => {
  const usage = {
    ...emptyUsage(),
    inputTokens: 100,
    cachedTokens: 60,
    cacheWriteTokens: 10,
    outputTokens: 9,
    reasoningTokens: 4,
  };
  assert.deepEqual(rawUsageOf(usage).counts, {
    input: 30,
    cached_input: 60,
    cache_write_5m: 10,
    output: 5,
    reasoning: 4,
  });
  assert.deepEqual(rawUsageOf(emptyUsage()).counts, {});
});

test("a count that is none is left out and named, the others stay", () => {
  for (const bad of [-5, Number.NaN, 1.5, "12", 5e12, true, {}]) {
    const usage = decodeRawUsage("openai", { prompt_tokens: bad, completion_tokens: 7 });
    assert.deepEqual(usage.counts, { output: 7 });
    assert.deepEqual(usage.refused, ["prompt_tokens"]);
  }
  assert.deepEqual(decodeRawUsage("openai", { prompt_tokens: 1, cost: -1 }).refused, ["cost"]);
});

test("a part that is more than its whole is cut and named", () => {
  const usage = decodeRawUsage("openai", { prompt_tokens: 10, prompt_tokens_details: { cached_tokens: 11 } });
  assert.deepEqual(usage.counts, { cached_input: 10 });
  assert.deepEqual(usage.refused, ["cached_tokens"]);
});

const members =
  `prompt_tokens completion_tokens input_tokens output_tokens cached_tokens audio_tokens image_tokens reasoning_tokens
  cache_write_tokens promptTokenCount cachedContentTokenCount candidatesTokenCount cacheWriteInputTokens inputTokens
  search_units cost total_tokens ephemeral_1h_input_tokens`.split(/\s+/);
const groups = [
  "prompt_tokens_details",
  "completion_tokens_details",
  "cached_tokens_details",
  "cache_creation",
  "billed_units",
];
const values = fc.oneof(fc.integer(), fc.nat(1000), fc.double(), fc.string(), fc.constant(null));
const flat = fc.dictionary(fc.constantFrom(...members), values);
const nested = fc.dictionary(fc.constantFrom(...groups), fc.oneof(flat, fc.jsonValue()));
const wires = fc.constantFrom<UsageWire>("openai", "openai-responses", "anthropic", "gemini", "bedrock", "cohere");

test("no report makes a decoder fail, and every count is above 0 and bounded", () => {
  const reports = fc.oneof(
    fc.tuple(flat, nested).map(([a, b]) => ({ ...a, ...b })),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(wires, reports, (wire, report) => {
      const usage = decodeRawUsage(wire, report);
      for (const count of Object.values(usage.counts as Record<string, number>))
        assert.ok(count > 0 && count <= 400_000_000);
    }),
    { seed: 21, numRuns: 1500 },
  );
});

test("OpenAI's parts add up to the totals, however they overlap", () => {
  const part = fc.nat(1500);
  fc.assert(
    fc.property(
      fc.nat(1000),
      fc.nat(1000),
      part,
      part,
      part,
      part,
      (input, output, cached_tokens, audio_tokens, image_tokens, reasoning_tokens) => {
        const details = { cached_tokens, audio_tokens, image_tokens, cache_write_tokens: reasoning_tokens };
        const usage = decodeRawUsage("openai", {
          prompt_tokens: input,
          completion_tokens: output,
          prompt_tokens_details: details,
          completion_tokens_details: { reasoning_tokens, audio_tokens },
        });
        const all = Object.values(usage.counts as Record<string, number>).reduce((sum, count) => sum + count, 0);
        assert.equal(contextOf(usage), input);
        assert.equal(all, input + output);
      },
    ),
    { seed: 22, numRuns: 1000 },
  );
});
