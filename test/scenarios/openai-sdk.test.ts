// OpenAI's Node SDK against the gateway: the same calls to OpenAI, to Azure, and translated to Anthropic.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import OpenAI, { BadRequestError } from "openai";
import type { ChatCompletionTool } from "openai/resources/chat/completions";
import { ALL_PROVIDERS, EVENT_SCHEMA, PIXEL, WEATHER_SCHEMA } from "./support/all-providers.ts";
import { type House, openHouse } from "./support/house.ts";
import { CLAUDE, clientOf, user, WAYS } from "./support/openai-ways.ts";
import { AFTER_TOOLS, CALLS, EVENT, HELLO, MODELS, REASONING, STORY, USAGE, VECTOR } from "./support/repertoire.ts";

const TOOLS: ChatCompletionTool[] = [
  { type: "function", function: { name: "get_weather", description: "The weather now", parameters: WEATHER_SCHEMA } },
  { type: "function", function: { name: "get_time", parameters: { type: "object", properties: {} } } },
];

let house: House;
before(async () => {
  house = await openHouse(ALL_PROVIDERS);
});
after(() => house.close());
beforeEach(() => house.reset());

/** What the mock said, against what the SDK made of the answer. */
function assertUsage(usage: OpenAI.CompletionUsage | null | undefined): void {
  assert.equal(usage?.prompt_tokens, USAGE.prompt_tokens);
  assert.equal(usage?.completion_tokens, USAGE.completion_tokens);
  assert.equal(usage?.total_tokens, USAGE.prompt_tokens + USAGE.completion_tokens);
}

function assertCalls(calls: readonly { id: string; name: string; arguments: string }[]): void {
  assert.deepEqual(
    calls.map((call) => ({ ...call, arguments: JSON.parse(call.arguments) as unknown })),
    CALLS,
  );
}

for (const way of WAYS)
  describe(way.name, () => {
    const client = clientOf(way);
    const completions = client.chat.completions;
    const { model } = way;
    const isForeign = way.player === "anthropic";

    test("a chat with a system prompt and settings: text, stop reason, usage", async () => {
      const answer = await completions.create({
        model,
        messages: [{ role: "system", content: "Be brief." }, ...user("Hello!")],
        temperature: 0.5,
        top_p: 0.9,
        max_tokens: 50,
        stop: ["END"],
      });
      assert.equal(answer.object, "chat.completion");
      assert.equal(answer.choices.length, 1);
      assert.equal(answer.choices[0]?.message.role, "assistant");
      assert.equal(answer.choices[0]?.message.content, HELLO);
      assert.equal(answer.choices[0]?.finish_reason, "stop");
      assertUsage(answer.usage);
      const { json } = house[way.player].last();
      assert.equal(json.temperature, 0.5);
      assert.equal(json.top_p, 0.9);
      if (isForeign) {
        assert.match(JSON.stringify(json.system), /Be brief\./);
        assert.deepEqual(json.stop_sequences, ["END"]);
        assert.equal(json.max_tokens, 50);
      } else {
        assert.deepEqual(json.messages?.[0], { role: "system", content: "Be brief." });
        assert.deepEqual(json.stop, ["END"]);
        assert.equal(json.max_tokens ?? json.max_completion_tokens, 50);
      }
    });

    test(`the answer ${way.unified ? "has the gateway's extra_fields" : "has nothing of the gateway's"}`, async () => {
      const { data, response } = await completions.create({ model, messages: user("Hello!") }).withResponse();
      const extra = (data as { extra_fields?: Record<string, unknown> }).extra_fields;
      assert.equal(extra?.["provider"], way.unified ? way.player : undefined);
      assert.equal(response.headers.get("x-bifrost-provider"), way.player);
      if (isForeign) return;
      const { extra_fields: _extra, ...rest } = data as { extra_fields?: unknown };
      assert.deepEqual(rest, JSON.parse(house[way.player].last().answer));
    });

    for (const includeUsage of [false, true])
      test(`a stream ${includeUsage ? "with" : "without"} include_usage`, async () => {
        const stream = await completions.create({
          model,
          messages: user("Tell a story."),
          stream: true,
          ...(includeUsage ? { stream_options: { include_usage: true } } : {}),
        });
        const chunks: OpenAI.ChatCompletionChunk[] = [];
        for await (const chunk of stream) chunks.push(chunk);
        const texts = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "");
        assert.equal(texts.join(""), STORY);
        assert.ok(texts.filter((text) => text !== "").length > 5, "it came in one piece");
        assert.equal(new Set(chunks.map((chunk) => chunk.id)).size, 1);
        assert.ok(chunks.every((chunk) => chunk.object === "chat.completion.chunk"));
        const reasons = chunks.flatMap((chunk) => chunk.choices[0]?.finish_reason ?? []);
        assert.deepEqual(reasons, ["stop"]);
        const last = chunks.at(-1);
        if (includeUsage) {
          assert.deepEqual(last?.choices, []);
          assertUsage(last?.usage);
        } else {
          assert.ok(
            chunks.every((chunk) => chunk.choices.length === 1),
            "a usage chunk that nobody asked for",
          );
          if (way.unified) assertUsage(last?.usage);
          else assert.ok(chunks.every((chunk) => (chunk.usage ?? null) === null));
        }
        const extra = (last as { extra_fields?: { provider?: string } } | undefined)?.extra_fields;
        assert.equal(extra?.provider, way.unified ? way.player : undefined);
      });

    test("the SDK's own stream helper makes the same of it", async () => {
      const runner = completions.stream({
        model,
        messages: user("Tell a story."),
        stream_options: { include_usage: true },
      });
      let text = "";
      runner.on("content", (delta) => (text += delta));
      const answer = await runner.finalChatCompletion();
      assert.equal(text, STORY);
      assert.equal(answer.choices[0]?.message.content, STORY);
      assert.equal(answer.choices[0]?.finish_reason, "stop");
      assertUsage(answer.usage);
    });

    test("two tool calls at once", async () => {
      const answer = await completions.create({ model, messages: user("What is the weather?"), tools: TOOLS });
      const { message, finish_reason: reason } = answer.choices[0] ?? {};
      assert.equal(reason, "tool_calls");
      assertCalls((message?.tool_calls ?? []).map((call) => ({ id: call.id, ...functionOf(call) })));
      assertUsage(answer.usage);
      const [tool] = (house[way.player].last().json.tools ?? []) as unknown as Record<string, unknown>[];
      if (isForeign)
        assert.deepEqual(tool, { name: "get_weather", description: "The weather now", input_schema: WEATHER_SCHEMA });
      else assert.deepEqual(tool, TOOLS[0]);
    });

    test("two tool calls at once, their arguments streamed in pieces", async () => {
      const runner = completions.stream({ model, messages: user("Please look and call."), tools: TOOLS });
      let pieces = 0;
      runner.on(
        "tool_calls.function.arguments.delta",
        ({ arguments_delta: delta }) => (pieces += delta === "" ? 0 : 1),
      );
      const answer = await runner.finalChatCompletion();
      const { message, finish_reason: reason } = answer.choices[0] ?? {};
      assert.ok(pieces > 4, `arguments came in ${pieces} pieces`);
      assert.equal(reason, "tool_calls");
      assert.equal(message?.content, "Let me look.");
      assertCalls((message?.tool_calls ?? []).map((call) => ({ id: call.id, ...functionOf(call) })));
    });

    test("the tools' results go back, each to its call", async () => {
      const answer = await completions.create({
        model,
        tools: TOOLS,
        messages: [
          ...user("What is the weather?"),
          {
            role: "assistant",
            content: null,
            tool_calls: CALLS.map((call) => ({
              id: call.id,
              type: "function",
              function: { name: call.name, arguments: JSON.stringify(call.arguments) },
            })),
          },
          { role: "tool", tool_call_id: "call_paris", content: "18 degrees" },
          { role: "tool", tool_call_id: "call_rome", content: "12:00" },
        ],
      });
      assert.equal(answer.choices[0]?.message.content, AFTER_TOOLS);
      const sent = JSON.stringify(house[way.player].last().json.messages);
      for (const part of ["call_paris", "18 degrees", "call_rome", "12:00"]) assert.ok(sent.includes(part), sent);
      if (isForeign) assert.match(sent, /"type":"tool_use".*"type":"tool_result".*"type":"tool_result"/);
    });

    test("parse() gives an object of the schema", async () => {
      const answer = await completions.parse({
        model,
        messages: user("Alice and Bob go to a science fair on Friday."),
        response_format: { type: "json_schema", json_schema: { name: "event", schema: EVENT_SCHEMA, strict: true } },
      });
      assert.deepEqual(answer.choices[0]?.message.parsed, EVENT);
      const { json } = house[way.player].last();
      const schema = isForeign ? json.output_config?.format?.schema : json.response_format?.json_schema?.schema;
      assert.deepEqual(schema, EVENT_SCHEMA);
    });

    test("an image goes along", async () => {
      const answer = await completions.create({
        model,
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "What is this?" },
              { type: "image_url", image_url: { url: `data:image/png;base64,${PIXEL}` } },
            ],
          },
        ],
      });
      assert.equal(answer.choices[0]?.message.content, HELLO);
      const parts = house[way.player].last().json.messages?.[0]?.content;
      assert.deepEqual(
        parts?.[1],
        isForeign
          ? { type: "image", source: { type: "base64", media_type: "image/png", data: PIXEL } }
          : { type: "image_url", image_url: { url: `data:image/png;base64,${PIXEL}` } },
      );
    });

    for (const [question, reason] of [
      ["This will be cut short.", "length"],
      ["This will be filtered.", "content_filter"],
    ] as const)
      test(`the stop reason ${reason}, plain and streamed`, async () => {
        const plain = await completions.create({ model, messages: user(question) });
        assert.equal(plain.choices[0]?.finish_reason, reason);
        const reasons: (string | null)[] = [];
        for await (const chunk of await completions.create({ model, messages: user(question), stream: true }))
          reasons.push(...chunk.choices.map((choice) => choice.finish_reason).filter((one) => one !== null));
        assert.deepEqual(reasons, [reason]);
      });

    test("reasoning comes beside the text, plain and streamed", async () => {
      const plain = await completions.create({ model, messages: user("Can you think?") });
      const message = plain.choices[0]?.message as { content: string; reasoning_content?: string; reasoning?: string };
      assert.equal(message.content, "Yes.");
      assert.equal(message.reasoning_content ?? message.reasoning, REASONING);
      let text = "";
      let reasoning = "";
      for await (const chunk of await completions.create({ model, messages: user("Can you think?"), stream: true })) {
        const delta = (chunk.choices[0]?.delta ?? {}) as {
          content?: string;
          reasoning_content?: string;
          reasoning?: string;
        };
        text += delta.content ?? "";
        reasoning += delta.reasoning_content ?? delta.reasoning ?? "";
      }
      assert.equal(text, "Yes.");
      assert.equal(reasoning, REASONING);
    });
  });

function functionOf(call: OpenAI.ChatCompletionMessageToolCall): { name: string; arguments: string } {
  assert.equal(call.type, "function");
  const { name, arguments: text } = (call as OpenAI.ChatCompletionMessageFunctionToolCall).function;
  return { name, arguments: text };
}

describe("besides chats", () => {
  for (const base of ["/v1", "/openai", "/openai/v1"]) {
    test(`embeddings on ${base}`, async () => {
      const model = base === "/v1" ? "openai/text-embedding-3-small" : "text-embedding-3-small";
      const answer = await clientOf({ base }).embeddings.create({
        model,
        input: ["one", "two"],
        encoding_format: "float",
      });
      assert.deepEqual(
        answer.data.map((one) => [one.index, one.embedding]),
        [
          [0, VECTOR],
          [1, VECTOR],
        ],
      );
      assert.deepEqual(house.openai.last().json, {
        model: "text-embedding-3-small",
        input: ["one", "two"],
        encoding_format: "float",
      });
      assert.equal(house.openai.last().path, "/v1/embeddings");
    });

    test(`the list of models on ${base}`, async () => {
      const ids: string[] = [];
      for await (const model of clientOf({ base }).models.list()) ids.push(model.id);
      for (const id of MODELS) assert.ok(ids.includes(`openai/${id}`), ids.join());
    });
  }

  test("embeddings of azure go by deployment", async () => {
    await clientOf({ base: "/v1" }).embeddings.create({
      model: "azure/text-embedding-3-small",
      input: "one",
      encoding_format: "float",
    });
    assert.equal(
      house.azure.last().path,
      "/openai/deployments/text-embedding-3-small/embeddings?api-version=2024-10-21",
    );
  });

  test("embeddings that a provider does not have are a BadRequestError that says so", async () => {
    const call = clientOf({ base: "/v1" }).embeddings.create({ model: `anthropic/${CLAUDE}`, input: "one" });
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof BadRequestError);
      assert.equal(error.code, "unsupported_operation");
      assert.match(error.message, /embedding is not supported by anthropic provider/);
      return true;
    });
  });
});
