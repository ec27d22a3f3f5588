// Checks what survives between the dialects: requests, whole answers and streams, for any conversation.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { answerEvents } from "../core/answer-events.ts";
import type { ChatRequest, ChatResponse, Message, Part, StopReason } from "../core/chat.ts";
import type { ChatFormat } from "../core/formats.ts";
import { anthropicFormat } from "./anthropic/format.ts";
import { openaiFormat } from "./openai/format.ts";
import { answerContext, assembleEvents, decodeStream, fixture, fixtureJson, target } from "./testing.ts";

const RUNS = { seed: 9, numRuns: 300 };
const word = fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/);
const text = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }).filter((value) => value.trimEnd() === value);
const json = fc
  .dictionary(word, fc.oneof(fc.integer(), fc.string(), fc.boolean()))
  .map((value) => JSON.stringify(value));

const textPart = text.map((value): Part => ({ type: "text", text: value }));
const image = fc.constantFrom<Part>(
  { type: "image", source: { type: "url", url: "https://example.org/a.png" } },
  { type: "image", source: { type: "base64", mediaType: "image/png", data: "iVBORw0KGgo=" } },
  { type: "file", source: { type: "base64", mediaType: "application/pdf", data: "JVBERi0=" }, name: "a.pdf" },
);
const turn: fc.Arbitrary<Message[]> = fc
  .record({
    question: fc.array(fc.oneof(textPart, image), { minLength: 1, maxLength: 3 }),
    answer: text,
    calls: fc.uniqueArray(fc.record({ id: word, name: word, arguments: json, result: text }), {
      selector: (call) => call.id,
      maxLength: 3,
    }),
  })
  .map(({ question, answer, calls }) => {
    const messages: Message[] = [
      { role: "user", content: question },
      {
        role: "assistant",
        content: [
          { type: "text", text: answer },
          ...calls.map(({ id, name, arguments: args }): Part => ({ type: "tool-call", id, name, arguments: args })),
        ],
      },
    ];
    for (const { id, result } of calls) {
      messages.push({
        role: "tool",
        content: [{ type: "tool-result", id, content: [{ type: "text", text: result }] }],
      });
    }
    return messages;
  });
/** A conversation with what both dialects have; it ends with a user's turn. */
const conversation = fc
  .tuple(fc.option(text, { nil: undefined }), fc.array(turn, { maxLength: 3 }), text)
  .map(([system, turns, last]): Message[] => [
    ...(system === undefined ? [] : [{ role: "system", content: [{ type: "text", text: system }] } as const]),
    ...turns.flat(),
    { role: "user", content: [{ type: "text", text: last }] },
  ]);
const settings = fc.record(
  {
    maxOutputTokens: fc.integer({ min: 1, max: 9999 }),
    temperature: fc.constantFrom(0, 0.5, 1),
    stop: fc.uniqueArray(word, { minLength: 1, maxLength: 4 }),
    user: word,
    parallelToolCalls: fc.constant(false),
    tools: fc.constant([
      { type: "function", name: "f", description: "d", parameters: { type: "object", properties: {} } } as const,
    ]),
    toolChoice: fc.constantFrom(
      { type: "required" } as const,
      { type: "tool", name: "f" } as const,
      { type: "auto" } as const,
    ),
    responseFormat: fc.constant({ type: "json-schema", name: "answer", schema: { type: "object" } } as const),
  },
  { requiredKeys: ["maxOutputTokens", "tools", "toolChoice"] },
);

function makeRequest(messages: readonly Message[], over: Partial<ChatRequest>): ChatRequest {
  return { model: "claude-sonnet-4-5", messages, ...over, stream: false, includeUsage: false, extra: {} };
}

function crossRequest(request: ChatRequest, through: ChatFormat, origin: "openai" | "anthropic") {
  const encoded = through.encodeRequest({ ...request, origin }, target("p", request.model));
  const { value } = through.decodeRequest(JSON.parse(JSON.stringify(encoded.value)) as Record<string, unknown>);
  return { value, losses: encoded.losses };
}

/** The conversation as both dialects can tell it: turns joined, tool results one message. */
function normal(messages: readonly Message[]): unknown[] {
  const turns: { role: string; content: Part[] }[] = [];
  for (const message of messages) {
    const last = turns.at(-1);
    if (last?.role === message.role) last.content.push(...message.content);
    else turns.push({ role: message.role, content: [...message.content] });
  }
  return turns;
}

test("any conversation is the same after either dialect, whichever the caller spoke", () => {
  fc.assert(
    fc.property(conversation, settings, (messages, over) => {
      const request = makeRequest(messages, over);
      for (const through of [openaiFormat, anthropicFormat]) {
        for (const origin of ["openai", "anthropic"] as const) {
          const { value, losses } = crossRequest(request, through, origin);
          assert.deepEqual(normal(value.messages), normal(messages));
          const { messages: _m, origin: _o, includeUsage: _i, ...rest } = value;
          const { messages: _n, includeUsage: _j, ...expected } = request;
          assert.deepEqual(rest, expected);
          assert.deepEqual(losses, []);
        }
      }
    }),
    RUNS,
  );
});

test("an OpenAI request crosses to Anthropic and back with all that both have", () => {
  fc.assert(
    fc.property(conversation, settings, (messages, over) => {
      const first = openaiFormat.decodeRequest(
        openaiFormat.encodeRequest(makeRequest(messages, over), target("openai", "claude-sonnet-4-5")).value,
      ).value;
      const { value } = crossRequest(first, anthropicFormat, "openai");
      assert.deepEqual(normal(value.messages), normal(first.messages));
    }),
    RUNS,
  );
});

const reason = fc.constantFrom<StopReason>("stop", "length", "tool-use", "refusal");
const usage = fc
  .tuple(fc.nat(5000), fc.nat(1000), fc.nat(1000), fc.nat(5000), fc.nat(100))
  .map(([fresh, cached, written, output, reasoning]) => ({
    inputTokens: fresh + cached + written,
    outputTokens: output + reasoning,
    cachedTokens: cached,
    cacheWriteTokens: written,
    reasoningTokens: reasoning,
  }));
const answer = fc
  .record({
    thinking: fc.option(text, { nil: undefined }),
    said: fc.option(text, { nil: undefined }),
    calls: fc.uniqueArray(fc.record({ id: word, name: word, arguments: json }), {
      selector: (call) => call.id,
      maxLength: 3,
    }),
    reason,
    usage,
  })
  .map(({ thinking, said, calls, reason, usage }): ChatResponse => {
    const content: Part[] = [];
    if (thinking !== undefined) content.push({ type: "thinking", text: thinking, signature: "c2ln", issuer: "vertex" });
    if (said !== undefined) content.push({ type: "text", text: said });
    for (const call of calls) content.push({ type: "tool-call", ...call });
    // An answer with calls ends for them.
    const stopReason = calls.length > 0 && reason === "stop" ? "tool-use" : reason;
    return { id: "r", model: "asked", created: 7, choices: [{ index: 0, content, stopReason }], usage };
  });

/** Without what differs by intent: OpenAI has one word for two stop reasons, and clients get signatures marked. */
function comparable(response: Pick<ChatResponse, "choices">): unknown {
  return response.choices.map((choice) => ({
    ...choice,
    stopReason: choice.stopReason === "content-filter" ? "refusal" : choice.stopReason,
    content: choice.content.map((part) => {
      if (part.type === "redacted-thinking") return { type: part.type };
      return part.type === "thinking" ? { type: part.type, text: part.text } : part;
    }),
  }));
}

test("any answer is the same after either dialect, whole and streamed", () => {
  fc.assert(
    fc.property(answer, (response) => {
      for (const format of [openaiFormat, anthropicFormat]) {
        const whole = format.decodeResponse(
          JSON.parse(JSON.stringify(format.encodeResponse(response, answerContext()))),
          "x",
        );
        assert.deepEqual(comparable(whole), comparable(response));
        assert.deepEqual(whole.usage, response.usage);
        const encoder = format.streamEncoder(answerContext({ includeUsage: true }));
        const bytes = answerEvents(response)
          .map((event) => encoder.encode(event))
          .join("");
        const streamed = assembleEvents(decodeStream(format, "x", Buffer.from(bytes)));
        assert.deepEqual(comparable(streamed), comparable(response));
        assert.deepEqual([streamed.usage, streamed.ended], [response.usage, true]);
      }
    }),
    RUNS,
  );
});

test("streams of each provider reach clients of the other dialect whole", () => {
  const cases: [ChatFormat, string, ChatFormat][] = [
    [openaiFormat, "openai/fixtures/text.sse", anthropicFormat],
    [openaiFormat, "openai/fixtures/tool-calls.sse", anthropicFormat],
    [openaiFormat, "openai/fixtures/reasoning.sse", anthropicFormat],
    [anthropicFormat, "anthropic/fixtures/text.sse", openaiFormat],
    [anthropicFormat, "anthropic/fixtures/tool-use.sse", openaiFormat],
    [anthropicFormat, "anthropic/fixtures/thinking.sse", openaiFormat],
  ];
  for (const [from, path, to] of cases) {
    const events = decodeStream(from, "p", fixture(path));
    const encoder = to.streamEncoder(answerContext({ includeUsage: true }));
    const bytes = Buffer.from(events.map((event) => encoder.encode(event)).join(""));
    const [source, reached] = [assembleEvents(events), assembleEvents(decodeStream(to, "p", bytes))];
    assert.deepEqual(comparable(reached), comparable(source), path);
    assert.deepEqual(
      [reached.usage.inputTokens, reached.usage.outputTokens],
      [source.usage.inputTokens, source.usage.outputTokens],
    );
  }
});

test("a thinking block comes back to its provider unchanged through a client of the other dialect", () => {
  const response = anthropicFormat.decodeResponse(fixtureJson("anthropic/fixtures/thinking.json"), "anthropic");
  const body = openaiFormat.encodeResponse(response, answerContext()) as { choices: { message: object }[] };
  const messages = [{ role: "user", content: "a" }, body.choices[0]?.message, { role: "user", content: "b" }];
  const { value } = openaiFormat.decodeRequest({ model: "m", messages });
  const sent = anthropicFormat.encodeRequest(value, target("anthropic")).value as { messages: { content: unknown }[] };
  assert.deepEqual(sent.messages[1]?.content, [
    { type: "thinking", thinking: "Let me think.", signature: "EqQBCgIYAg==" },
    { type: "redacted_thinking", data: "EmwKAhgB" },
    { type: "text", text: "42" },
  ]);
});

test("a provider's unsigned reasoning comes back to it through an Anthropic client, and to no other", () => {
  const response = openaiFormat.decodeResponse(fixtureJson("openai/fixtures/reasoning.json"), "deepseek");
  const { content } = anthropicFormat.encodeResponse(response, answerContext());
  const body = {
    model: "m",
    max_tokens: 1,
    messages: [
      { role: "user", content: "a" },
      { role: "assistant", content },
    ],
  };
  const { value } = anthropicFormat.decodeRequest(body);
  const sent = (provider: string) => JSON.stringify(openaiFormat.encodeRequest(value, target(provider)).value);
  assert.match(sent("deepseek"), /"reasoning_content":"Let me think\."/);
  assert.doesNotMatch(sent("groq"), /reasoning/);
  assert.doesNotMatch(JSON.stringify(anthropicFormat.encodeRequest(value, target("anthropic")).value), /thinking/);
});

test("Anthropic's requests tell at OpenAI's what is lost, in the caller's spelling", () => {
  const cache = { cache_control: { type: "ephemeral" } };
  const { value } = anthropicFormat.decodeRequest({
    model: "m",
    max_tokens: 10,
    system: [{ type: "text", text: "s", ...cache }],
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "a", ...cache },
          { type: "document", source: { type: "file", file_id: "f" } },
        ],
      },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "t", signature: "s" },
          { type: "tool_use", id: "1", name: "f", input: {} },
        ],
      },
      {
        role: "user",
        content: [
          {
            type: "tool_result",
            tool_use_id: "1",
            is_error: true,
            content: [{ type: "image", source: { type: "url", url: "https://e.org/i.png" } }],
          },
          { type: "text", text: "b" },
        ],
      },
    ],
    tools: [
      { name: "f", input_schema: { type: "object" }, ...cache },
      { type: "web_search_20250305", name: "web_search" },
    ],
    thinking: { type: "enabled", budget_tokens: 1024 },
    top_k: 4,
    mcp_servers: [],
    stop_sequences: ["1", "2", "3", "4", "5"],
  });
  const { value: body, losses } = openaiFormat.encodeRequest(value, target("openai"));
  assert.deepEqual(Object.fromEntries(losses.map(({ field, kind }) => [field, kind])), {
    "system[0].cache_control": "hint",
    "messages[0].content[0].cache_control": "hint",
    "messages[0].content[1]": "loss",
    "messages[1].content[0]": "hint",
    "messages[2].content[0].is_error": "hint",
    "tools[0].cache_control": "hint",
    "tools[1]": "loss",
    "thinking.budget_tokens": "hint",
    top_k: "loss",
    mcp_servers: "loss",
    stop_sequences: "loss",
  });
  assert.equal(body["reasoning_effort"], "low");
  const [, , , result, media, last] = body["messages"] as { role: string; content: unknown }[];
  assert.deepEqual([result?.role, media?.role, last?.content], ["tool", "user", "b"]);
  assert.deepEqual(media?.content, [{ type: "image_url", image_url: { url: "https://e.org/i.png" } }]);
});
