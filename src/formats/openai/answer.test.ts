// Checks whole OpenAI answers: read, made, looked at in their bytes, and told as text.
import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidAnswerError, ProviderStreamError } from "../../core/formats.ts";
import { answerContext, fixture, fixtureJson } from "../testing.ts";
import { assembleText } from "./assemble.ts";
import { inspectEmbeddings } from "./embeddings.ts";
import { openaiFormat } from "./format.ts";
import { decodeUsage, readUsage } from "./usage.ts";

const json = (name: string) => fixtureJson(`openai/fixtures/${name}.json`);
const decode = (body: unknown) => openaiFormat.decodeResponse(body, "deepseek");
const inspect = (text: string) => openaiFormat.inspect(Buffer.from(text));

test("reads tool calls, refusals, reasoning and usage", () => {
  assert.deepEqual(decode(json("tool-calls")).choices[0], {
    index: 0,
    content: [
      { type: "tool-call", id: "call_a1", name: "get_weather", arguments: '{"city":"Paris"}' },
      { type: "tool-call", id: "call_b2", name: "get_time", arguments: '{\n"zone": "CET"\n}' },
    ],
    stopReason: "tool-use",
  });
  assert.deepEqual(decode(json("refusal")).choices[0]?.content, [
    { type: "refusal", text: "I'm sorry, I cannot assist with that request." },
  ]);
  assert.deepEqual(decode(json("reasoning")).choices[0]?.content, [
    { type: "thinking", text: "Let me think.", signature: "", issuer: "deepseek" },
    { type: "text", text: "42" },
  ]);
  const message = {
    content: [
      { type: "thinking", thinking: [{ type: "text", text: "a" }] },
      { type: "text", text: "b" },
    ],
  };
  assert.deepEqual(decode({ choices: [{ message }] }).choices[0]?.content, [
    { type: "thinking", text: "a", signature: "", issuer: "deepseek" },
    { type: "text", text: "b" },
  ]);
});

test("makes again what it read", () => {
  for (const name of ["text", "tool-calls", "refusal", "reasoning"]) {
    const response = decode(json(name));
    const again = decode(openaiFormat.encodeResponse(response, answerContext({ model: response.model })));
    assert.deepEqual({ ...again, report: null }, { ...response, report: null });
  }
  const { usage } = openaiFormat.encodeResponse(decode(json("text")), answerContext()) as { usage: object };
  assert.deepEqual(usage, {
    prompt_tokens: 2006,
    completion_tokens: 300,
    total_tokens: 2306,
    prompt_tokens_details: { cached_tokens: 1920 },
    completion_tokens_details: { reasoning_tokens: 128 },
  });
});

test("refuses what is no answer, and tells an error that came as one", () => {
  for (const body of [null, [], {}, { choices: [] }, { choices: [{}] }])
    assert.throws(() => decode(body), InvalidAnswerError);
  assert.throws(() => decode(json("error")), ProviderStreamError);
  assert.throws(() => decode({ choices: [{ message: {}, finish_reason: "error" }] }), ProviderStreamError);
  assert.equal(decode({ error: null, choices: [{ message: { content: "a" } }] }).choices[0]?.stopReason, null);
});

test("counts as providers count: xAI's reasoning beside the output, DeepSeek's cache hits, nonsense as unknown", () => {
  const usage = {
    prompt_tokens: 10,
    completion_tokens: 5,
    total_tokens: 35,
    completion_tokens_details: { reasoning_tokens: 20 },
  };
  assert.equal(decodeUsage(usage).outputTokens, 25);
  assert.equal(decodeUsage({ prompt_tokens: 10, prompt_cache_hit_tokens: 4 }).cachedTokens, 4);
  assert.equal(decodeUsage({ prompt_tokens: 10, prompt_tokens_details: { cached_tokens: 11 } }).cachedTokens, null);
  for (const bad of [-1, 1.5, "7", null, 1e12]) assert.equal(decodeUsage({ prompt_tokens: bad }).inputTokens, null);
  assert.equal(decodeUsage("x").inputTokens, null);
});

test("looks at an answer in its bytes", () => {
  const bytes = fixture("openai/fixtures/tool-calls.json");
  const view = openaiFormat.inspect(bytes);
  assert.ok(view.type === "answer");
  assert.equal(bytes[view.spliceAt], 125);
  assert.deepEqual([view.stopReason, view.model, view.usage.cachedTokens], ["tool-use", "gpt-4.1-2025-04-14", 1920]);
  for (let n = 0; n < bytes.length - 2; n++) assert.equal(openaiFormat.inspect(bytes.subarray(0, n)).type, "invalid");
  const error = openaiFormat.inspect(fixture("openai/fixtures/error.json"));
  assert.ok(error.type === "error");
  assert.equal(error.error.code, "invalid_api_key");
  for (const text of [
    "{}",
    "[]",
    "",
    "<html>",
    '{"choices":[]}',
    '{"choices":{}}',
    '{"choices":[1]}',
    '{"choices":[{}]}',
    '{"choices":[{"message":null}]}',
  ])
    assert.equal(inspect(text).type, "invalid", text);
  assert.equal(inspect('{"error":"rate limited"}').type, "error");
  assert.equal(inspect('{"error":null,"choices":[{"message":{}}]}').type, "answer");
  assert.equal(inspect('{"choices":[{"message":{}}],"usage":{"prompt_tokens":-1}}').type, "answer");
});

const inspectText = (text: string) => inspectEmbeddings(Buffer.from(text)).type;

test("looks at embeddings in their bytes", () => {
  const view = inspectEmbeddings(fixture("openai/fixtures/embeddings.json"));
  assert.ok(view.type === "answer");
  assert.deepEqual([view.usage.inputTokens, view.model], [8, "text-embedding-3-small"]);
  assert.equal(inspectText('{"data":[]}'), "invalid");
  assert.equal(inspectText('{"data":[{"index":0}]}'), "invalid");
  assert.equal(inspectText('{"data":[{"embedding":"AAAA"}]}'), "answer");
  assert.equal(inspectText('{"error":{"message":"m"}}'), "error");
});

const read = (name: string) => assembleText(fixture(`openai/fixtures/${name}`));

test("tells the text of answers, whole, streamed and cut anywhere", () => {
  assert.equal(read("text.json"), "Hello! How can I assist you today?");
  assert.equal(read("text.sse"), 'Hello "finish_reason":"stop" wörld');
  assert.equal(read("python-spacing.sse"), "Hi there");
  assert.equal(read("refusal.sse"), "I can't help.");
  assert.equal(read("reasoning.sse"), "42");
  assert.equal(read("tool-calls.sse"), 'get_weather({"city":"Paris"})\nget_time({"zone": "CET"})');
  assert.match(read("tool-calls.json"), /^get_weather\(\{"city":"Paris"\}\)\n/);
  const bytes = fixture("openai/fixtures/text.sse");
  for (let n = 0; n < bytes.length; n++) assert.ok(read("text.sse").startsWith(assembleText(bytes.subarray(0, n))));
  assert.equal(assembleText(Buffer.from("")), "");
});

test("reads a usage in its bytes as it reads the parsed one", () => {
  const usages: unknown[] = [
    { prompt_tokens: 92, completion_tokens: 48, total_tokens: 140, prompt_tokens_details: { cached_tokens: 64 } },
    { prompt_tokens: 1e12, completion_tokens: -1, completion_tokens_details: { reasoning_tokens: 7 } },
    { prompt_tokens: 5, completion_tokens: 2, total_tokens: 10, completion_tokens_details: { reasoning_tokens: 3 } },
    { prompt_tokens: "5", completion_tokens: null, prompt_cache_hit_tokens: 4, prompt_tokens_details: null },
    { prompt_tokens: 1.5, completion_tokens: 1e2, prompt_tokens_details: { cached_tokens: 1, cache_write_tokens: 1 } },
    { prompt_tokens_details: [], completion_tokens_details: "x", x: { prompt_tokens: 1 } },
    {},
  ];
  for (const usage of usages) {
    const bytes = Buffer.from(`  ${JSON.stringify(usage)} `);
    assert.deepEqual(readUsage(bytes, 2, bytes.length - 1).usage, decodeUsage(usage), JSON.stringify(usage));
  }
  const twice = Buffer.from('{"prompt_tokens":1,"prompt_tokens":2}');
  assert.equal(readUsage(twice, 0, twice.length).usage.inputTokens, 2);
});
