// Anthropic's Node SDK against the gateway: the same calls to Anthropic, and translated to OpenAI and Azure.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import type { MessageParam, Tool } from "@anthropic-ai/sdk/resources/messages";
import { ALL_PROVIDERS, EVENT_SCHEMA, PIXEL, WEATHER_SCHEMA } from "./support/all-providers.ts";
import { ANTHROPIC_WAYS, anthropicClient, question, sentVersion } from "./support/anthropic-ways.ts";
import { type House, openHouse } from "./support/house.ts";
import { AFTER_TOOLS, CALLS, EVENT, HELLO, REASONING, SIGNATURE, STORY, USAGE } from "./support/repertoire.ts";

const TOOLS: Tool[] = [
  { name: "get_weather", description: "The weather now", input_schema: { ...WEATHER_SCHEMA, required: ["city"] } },
  { name: "get_time", input_schema: { type: "object", properties: {} } },
];

/** The wire has it; this SDK's types know only models that refuse it. */
const SETTINGS = { temperature: 0.5 };

let house: House;
before(async () => {
  house = await openHouse(ALL_PROVIDERS);
});
after(() => house.close());
beforeEach(() => house.reset());

function textOf(message: Anthropic.Message): string {
  return message.content.map((block) => (block.type === "text" ? block.text : "")).join("");
}

/** What the mock said, against what the SDK made of the answer. */
function assertUsage(usage: Anthropic.Usage | Anthropic.MessageDeltaUsage | undefined): void {
  assert.equal(usage?.input_tokens, USAGE.input_tokens);
  assert.equal(usage?.output_tokens, USAGE.output_tokens);
}

function assertCalls(message: Anthropic.Message): void {
  const calls = message.content.flatMap((block) => (block.type === "tool_use" ? [block] : []));
  assert.deepEqual(
    calls.map(({ id, name, input }) => ({ id, name, arguments: input })),
    CALLS,
  );
}

for (const way of ANTHROPIC_WAYS)
  describe(way.name, () => {
    const { messages } = anthropicClient();
    const { model } = way;
    const isForeign = way.player !== "anthropic";

    test("a message with a system prompt and settings: text, stop reason, usage", async () => {
      const answer = await messages.create({
        model,
        max_tokens: 50,
        system: "Be brief.",
        stop_sequences: ["END"],
        messages: question("Hello!"),
        ...SETTINGS,
      });
      assert.equal(answer.type, "message");
      assert.equal(answer.role, "assistant");
      assert.deepEqual(
        answer.content.map((block) => block.type),
        ["text"],
      );
      assert.equal(textOf(answer), HELLO);
      assert.equal(answer.stop_reason, "end_turn");
      assertUsage(answer.usage);
      const { json, headers, path } = house[way.player].last();
      assert.equal(json.temperature, 0.5);
      if (isForeign) {
        assert.deepEqual(json.messages?.[0], { role: "system", content: "Be brief." });
        assert.deepEqual(json.stop, ["END"]);
        assert.equal(json.max_completion_tokens ?? json.max_tokens, 50);
      } else {
        assert.equal(path, "/v1/messages");
        assert.equal(headers["anthropic-version"], sentVersion());
        assert.deepEqual(json, {
          model: "claude-3-5-sonnet-20241022",
          max_tokens: 50,
          system: "Be brief.",
          temperature: 0.5,
          stop_sequences: ["END"],
          messages: question("Hello!"),
        });
      }
    });

    test("the answer has nothing of the gateway's but its headers", async () => {
      const { data, response } = await messages
        .create({ model, max_tokens: 50, messages: question("Hello!") })
        .withResponse();
      assert.equal("extra_fields" in data, false);
      assert.equal(response.headers.get("x-bifrost-provider"), way.player);
      assert.equal(response.headers.get("x-bifrost-routing-info-key"), way.player === "anthropic" ? "a" : way.key);
      if (!isForeign) assert.deepEqual({ ...data }, JSON.parse(house.anthropic.last().answer));
    });

    test("a raw stream: the events in their order, with usage and stop reason", async () => {
      const events: Anthropic.RawMessageStreamEvent[] = [];
      const stream = await messages.create({
        model,
        max_tokens: 500,
        messages: question("Tell a story."),
        stream: true,
      });
      for await (const event of stream) events.push(event);
      const types = events.map((event) => event.type);
      assert.equal(types[0], "message_start");
      assert.equal(types[1], "content_block_start");
      assert.deepEqual(types.slice(-3), ["content_block_stop", "message_delta", "message_stop"]);
      const texts = events.flatMap((event) =>
        event.type === "content_block_delta" && event.delta.type === "text_delta" ? [event.delta.text] : [],
      );
      assert.equal(texts.join(""), STORY);
      assert.ok(texts.length > 5, "it came in one piece");
      const end = events.find((event) => event.type === "message_delta");
      assert.equal(end?.delta.stop_reason, "end_turn");
      assert.equal(end?.usage.output_tokens, USAGE.output_tokens);
    });

    test("the SDK's stream helper: text events, the final message, its usage", async () => {
      const stream = messages.stream({ model, max_tokens: 500, messages: question("Tell a story.") });
      let text = "";
      stream.on("text", (delta) => (text += delta));
      const message = await stream.finalMessage();
      assert.equal(text, STORY);
      assert.equal(await stream.finalText(), STORY);
      assert.equal(message.stop_reason, "end_turn");
      assertUsage(message.usage);
    });

    test("two tool calls at once, plain", async () => {
      const answer = await messages.create({
        model,
        max_tokens: 500,
        tools: TOOLS,
        messages: question("What is the weather?"),
      });
      assert.equal(answer.stop_reason, "tool_use");
      assertCalls(answer);
      assertUsage(answer.usage);
      const tools = house[way.player].last().json.tools as unknown as Record<string, unknown>[];
      if (!isForeign) assert.deepEqual(tools, TOOLS);
      else
        assert.deepEqual(tools[0], {
          type: "function",
          function: { name: "get_weather", description: "The weather now", parameters: WEATHER_SCHEMA },
        });
    });

    test("two tool calls at once behind a text, their input streamed in pieces", async () => {
      const stream = messages.stream({
        model,
        max_tokens: 500,
        tools: TOOLS,
        messages: question("Please look and call."),
      });
      let pieces = 0;
      stream.on("inputJson", (delta) => (pieces += delta === "" ? 0 : 1));
      const message = await stream.finalMessage();
      assert.ok(pieces > 4, `input came in ${pieces} pieces`);
      assert.deepEqual(
        message.content.map((block) => block.type),
        ["text", "tool_use", "tool_use"],
      );
      assert.equal(textOf(message), "Let me look.");
      assert.equal(message.stop_reason, "tool_use");
      assertCalls(message);
    });

    test("the tools' results go back, each to its call", async () => {
      const conversation: MessageParam[] = [
        ...question("What is the weather?"),
        {
          role: "assistant",
          content: CALLS.map(({ id, name, arguments: input }) => ({ type: "tool_use", id, name, input })),
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "call_paris", content: "18 degrees" },
            { type: "tool_result", tool_use_id: "call_rome", content: [{ type: "text", text: "12:00" }] },
          ],
        },
      ];
      const answer = await messages.create({ model, max_tokens: 500, tools: TOOLS, messages: conversation });
      assert.equal(textOf(answer), AFTER_TOOLS);
      const sent = house[way.player].last().json.messages;
      if (!isForeign) return assert.deepEqual(sent, conversation);
      assert.deepEqual(sent?.[2], { role: "tool", tool_call_id: "call_paris", content: "18 degrees" });
      assert.equal(sent?.[3]?.tool_call_id, "call_rome");
      assert.match(JSON.stringify(sent?.[3]?.content), /12:00/);
    });

    test("structured output keeps its schema", async () => {
      const answer = await messages.create({
        model,
        max_tokens: 500,
        messages: question("Alice and Bob go to a science fair on Friday."),
        output_config: { format: { type: "json_schema", schema: EVENT_SCHEMA } },
      });
      assert.deepEqual(JSON.parse(textOf(answer)), EVENT);
      const { json } = house[way.player].last();
      const schema = isForeign ? json.response_format?.json_schema?.schema : json.output_config?.format?.schema;
      assert.deepEqual(schema, EVENT_SCHEMA);
    });

    test("an image goes along", async () => {
      const image = { type: "image", source: { type: "base64", media_type: "image/png", data: PIXEL } } as const;
      const answer = await messages.create({
        model,
        max_tokens: 50,
        messages: [{ role: "user", content: [{ type: "text", text: "What is this?" }, image] }],
      });
      assert.equal(textOf(answer), HELLO);
      assert.deepEqual(
        house[way.player].last().json.messages?.[0]?.content?.[1],
        isForeign ? { type: "image_url", image_url: { url: `data:image/png;base64,${PIXEL}` } } : image,
      );
    });

    test("thinking comes in blocks of its own, plain and streamed", async () => {
      const asked = {
        model,
        max_tokens: 5000,
        thinking: { type: "enabled", budget_tokens: 2000 },
        messages: question("Can you think?"),
      } as const;
      const plain = await messages.create({ ...asked, messages: [...asked.messages] });
      const streamed = messages.stream({ ...asked, messages: [...asked.messages] });
      let thinking = "";
      streamed.on("thinking", (delta) => (thinking += delta));
      for (const message of [plain, await streamed.finalMessage()]) {
        assert.deepEqual(
          message.content.map((block) => block.type),
          ["thinking", "text"],
        );
        const [first] = message.content;
        assert.equal(first?.type === "thinking" && first.thinking, REASONING);
        if (!isForeign) assert.equal(first?.type === "thinking" && first.signature, SIGNATURE);
        assert.equal(textOf(message), "Yes.");
      }
      assert.equal(thinking, REASONING);
      if (!isForeign) assert.deepEqual(house.anthropic.last().json.thinking, asked.thinking);
    });

    for (const [content, reason] of [
      ["This will be cut short.", "max_tokens"],
      ["This will be filtered.", "refusal"],
    ] as const)
      test(`the stop reason ${reason}, plain and streamed`, async () => {
        const asked = { model, max_tokens: 50, messages: question(content) };
        assert.equal((await messages.create(asked)).stop_reason, reason);
        assert.equal((await messages.stream(asked).finalMessage()).stop_reason, reason);
      });
  });
