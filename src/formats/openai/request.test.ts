// Checks that OpenAI requests are read whole, refused clearly, and made as providers take them.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChatRequest } from "../../core/chat.ts";
import { GatewayError } from "../../core/errors.ts";
import { target } from "../testing.ts";
import { openaiFormat } from "./format.ts";

const decode = (body: Record<string, unknown>) => openaiFormat.decodeRequest({ model: "m", messages: [], ...body });
const encode = (request: ChatRequest, provider = "openai") =>
  openaiFormat.encodeRequest(request, target(provider)).value;

const PNG = "data:image/png;base64,iVBORw0KGgo=";

const MESSAGES = [
  { role: "system", content: "Be brief." },
  { role: "developer", content: [{ type: "text", text: "Metric units.", cache_control: { type: "ephemeral" } }] },
  {
    role: "user",
    name: "ann",
    content: [
      { type: "text", text: "What is this?" },
      { type: "image_url", image_url: { url: PNG, detail: "low" } },
      { type: "image_url", image_url: { url: "https://example.org/a.jpg" } },
      { type: "file", file: { file_data: "data:application/pdf;base64,JVBERi0=", filename: "a.pdf" } },
      { type: "file", file: { file_id: "file-1" } },
      { type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } },
    ],
  },
  {
    role: "assistant",
    content: "Let me look.",
    reasoning_content: "Hm.",
    tool_calls: [
      { id: "call_1", type: "function", function: { name: "look", arguments: '{"a": 1.0}' } },
      { id: "call_2", type: "function", function: { name: "look", arguments: "{half" } },
    ],
  },
  { role: "tool", tool_call_id: "call_1", content: "seen" },
  {
    role: "tool",
    tool_call_id: "call_2",
    content: [
      { type: "text", text: "a" },
      { type: "text", text: "b" },
    ],
  },
  { role: "assistant", content: null, refusal: "No." },
  { role: "user", content: "Go on." },
];

const FULL = {
  messages: MESSAGES,
  tools: [
    {
      type: "function",
      function: { name: "look", description: "Looks", parameters: { type: "object" }, strict: true },
    },
  ],
  tool_choice: { type: "function", function: { name: "look" } },
  parallel_tool_calls: false,
  response_format: { type: "json_schema", json_schema: { name: "n", schema: { type: "object" }, strict: true } },
  max_completion_tokens: 100,
  temperature: 0.5,
  top_p: 0.9,
  stop: ["a", "b"],
  seed: 7,
  n: 2,
  frequency_penalty: 0.1,
  presence_penalty: -0.1,
  logit_bias: { "50256": -100 },
  logprobs: true,
  top_logprobs: 3,
  reasoning_effort: "high",
  service_tier: "flex",
  user: "u",
  metadata: { a: "b" },
  verbosity: "low",
  store: false,
};

test("keeps every field on the way through the canonical form to a provider of the same dialect", () => {
  const { value, losses } = decode(FULL);
  assert.deepEqual(losses, []);
  assert.equal(value.origin, "openai");
  assert.deepEqual(value.extra, { verbosity: "low", store: false });
  const { value: body, losses: more } = openaiFormat.encodeRequest(value, target("openai"));
  assert.deepEqual(more, []);
  assert.deepEqual(body, { model: "m", ...FULL });
  assert.deepEqual(openaiFormat.decodeRequest(body).value, value);
});

test("sends the output limit under the name that the provider knows", () => {
  const { value } = decode({ max_tokens: 5 });
  assert.equal(encode(value)["max_completion_tokens"], 5);
  assert.equal(encode(value, "mistral")["max_tokens"], 5);
  assert.equal("max_completion_tokens" in encode(value, "mistral"), false);
});

test("asks for usage in streams wherever that may be asked", () => {
  const { value } = decode({ stream: true });
  assert.equal(value.includeUsage, false);
  assert.deepEqual(encode(value)["stream_options"], { include_usage: true });
  const { value: without } = openaiFormat.encodeRequest(value, target("x", "m", false));
  assert.equal("stream_options" in without, false);
  assert.equal(decode({ stream: true, stream_options: { include_usage: true } }).value.includeUsage, true);
});

test("reads reasoning in each of its spellings", () => {
  assert.deepEqual(decode({ reasoning_effort: "low" }).value.reasoning, { effort: "low" });
  assert.deepEqual(decode({ reasoning: { effort: "high", max_tokens: 9, enabled: true } }).value.reasoning, {
    enabled: true,
    effort: "high",
    maxTokens: 9,
  });
  assert.deepEqual(decode({ reasoning_max_tokens: 9 }).value.reasoning, { maxTokens: 9 });
  assert.deepEqual(encode(decode({ reasoning: { max_tokens: 9 } }).value, "openrouter")["reasoning"], {
    max_tokens: 9,
  });
  assert.equal(encode(decode({ reasoning: { max_tokens: 9000 } }).value)["reasoning_effort"], "high");
});

test("reads what is deprecated: functions, function_call, messages of role function", () => {
  const { value } = decode({
    functions: [{ name: "f", parameters: {} }],
    function_call: { name: "f" },
    messages: [
      { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } },
      { role: "function", name: "f", content: "1" },
    ],
  });
  assert.deepEqual(value.tools, [{ type: "function", name: "f", parameters: {} }]);
  assert.deepEqual(value.toolChoice, { type: "tool", name: "f" });
  const body = encode(value);
  assert.deepEqual(body["messages"], [
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "call_f", type: "function", function: { name: "f", arguments: "{}" } }],
    },
    { role: "tool", tool_call_id: "call_f", content: "1" },
  ]);
});

test("keeps tools and choices that only this dialect knows", () => {
  const custom = { type: "custom", custom: { name: "c" } };
  const choice = { type: "allowed_tools", allowed_tools: { mode: "required", tools: [custom] } };
  const { value } = decode({ tools: [custom], tool_choice: choice });
  assert.deepEqual(value.toolChoice, { type: "required" });
  const body = encode(value);
  assert.deepEqual(body["tools"], [custom]);
  assert.deepEqual(body["tool_choice"], choice);
});

test("gives reasoning_details back to their issuer alone", () => {
  const details = [
    { type: "reasoning.text", text: "a", index: 0 },
    { type: "reasoning.text", signature: "dbsig:openrouter:s1", index: 0 },
    { type: "reasoning.encrypted", data: "dbsig:openrouter:e", index: 1 },
  ];
  const { value } = decode({ messages: [{ role: "assistant", content: "x", reasoning_details: details }] });
  assert.deepEqual(value.messages[0]?.content.slice(0, 2), [
    { type: "thinking", text: "a", signature: "s1", issuer: "openrouter" },
    { type: "redacted-thinking", data: "e", issuer: "openrouter" },
  ]);
  const own = (encode(value, "openrouter")["messages"] as Record<string, unknown>[])[0];
  assert.deepEqual(own?.["reasoning_details"], [
    { type: "reasoning.text", text: "a", signature: "s1", index: 0 },
    { type: "reasoning.encrypted", data: "e", index: 1 },
  ]);
  const { value: other, losses } = openaiFormat.encodeRequest(value, target("groq"));
  assert.doesNotMatch(JSON.stringify(other), /s1|reasoning/);
  assert.deepEqual(losses, [{ field: "messages[0].reasoning_content", kind: "hint" }]);
});

test("refuses wrong types with the field's name", () => {
  const cases: [Record<string, unknown>, string, RegExp][] = [
    [{ model: 1 }, "model", /model must be a string/],
    [{ model: undefined }, "model", /model is required/],
    [{ messages: undefined }, "messages", /messages is required/],
    [{ messages: "x" }, "messages", /messages must be a list/],
    [{ messages: [1] }, "messages[0]", /messages\[0\] must be an object/],
    [{ messages: [{ role: "x" }] }, "messages[0].role", /one of system/],
    [{ messages: [{ role: "user", content: 1 }] }, "messages[0].content", /must be a string or a list of parts/],
    [{ messages: [{ role: "user", content: [{ type: "x" }] }] }, "messages[0].content[0].type", /one of text/],
    [
      { messages: [{ role: "user", content: [{ type: "image_url", image_url: {} }] }] },
      "messages[0].content[0].image_url.url",
      /required/,
    ],
    [{ messages: [{ role: "tool", content: "x" }] }, "messages[0].tool_call_id", /required/],
    [
      { messages: [{ role: "assistant", tool_calls: [{}] }] },
      "messages[0].tool_calls[0].function",
      /must be an object/,
    ],
    [{ tools: [{ type: "function", function: {} }] }, "tools[0].function.name", /required/],
    [{ tool_choice: "x" }, "tool_choice", /one of/],
    [{ temperature: "hot" }, "temperature", /must be a number/],
    [{ max_tokens: -1 }, "max_tokens", /whole number of at least 0/],
    [{ stop: [1] }, "stop", /a string or a list of strings/],
    [{ stream: "yes" }, "stream", /true or false/],
    [{ logit_bias: { a: "b" } }, "logit_bias.a", /must be a number/],
    [{ response_format: { type: "x" } }, "response_format.type", /json_schema/],
  ];
  for (const [body, param, message] of cases) {
    assert.throws(
      () => decode(body),
      (error: unknown) => {
        assert.ok(error instanceof GatewayError, String(error));
        assert.equal(error.status, 400);
        assert.equal(error.param, param);
        assert.match(error.message, message);
        return true;
      },
    );
  }
});

test("is not impressed by names of Object's own", () => {
  const body = JSON.parse('{"model":"m","messages":[],"__proto__":{"polluted":1},"constructor":1}') as Record<
    string,
    unknown
  >;
  const { value } = openaiFormat.decodeRequest(body);
  assert.equal((value.extra as { polluted?: unknown }).polluted, undefined);
  assert.throws(() => decode({ messages: [{ role: "user", content: [{ type: "constructor" }] }] }), GatewayError);
});
