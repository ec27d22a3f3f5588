// The demo's answers depend on the request alone, and obey it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { compose, tokensOf } from "./compose.ts";
import { sampleOf } from "./sample.ts";

const ask = (content: unknown, more: Record<string, unknown> = {}) => ({
  messages: [{ role: "user", content }],
  ...more,
});
const WEATHER = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: { type: "object", properties: { city: { type: "string" }, days: { type: "integer", minimum: 3 } } },
  },
};
const TIME = { name: "get_time", input_schema: { type: "object", properties: { zone: { enum: ["UTC", "CET"] } } } };

test("the last user message is quoted, in parts or as text", () => {
  assert.equal(compose("echo", ask("Hi")).text, "You said: Hi");
  assert.equal(
    compose("echo", ask([{ type: "text", text: "a" }, { type: "image_url" }, { type: "text", text: "b" }])).text,
    "You said: ab",
  );
  assert.equal(compose("echo", { messages: [] }).text, "This is the demo provider.");
});

test("the same request gets the same answer, another one another id", () => {
  assert.deepEqual(compose("echo", ask("Hi")), compose("echo", ask("Hi")));
  assert.notEqual(compose("echo", ask("Hi")).id, compose("echo", ask("Ho")).id);
});

test("a token is four bytes, begun ones count", () => {
  assert.deepEqual([0, 1, 4, 5].map(tokensOf), [1, 1, 1, 2]);
  const { usage, text } = compose("echo", ask("ünïcödé", { system: "x" }));
  assert.deepEqual(usage, {
    input: tokensOf(Buffer.byteLength("ünïcödé") + 1),
    output: tokensOf(Buffer.byteLength(text)),
  });
});

test("a tool is called when the message names it or when it must be", () => {
  const named = compose("echo", ask("use get_weather please", { tools: [WEATHER, TIME] }));
  assert.deepEqual(
    named.toolCalls.map((call) => [call.name, JSON.parse(call.arguments)]),
    [["get_weather", { city: "use get_weather please", days: 3 }]],
  );
  assert.equal(named.stopReason, "tool-use");
  assert.equal(compose("echo", ask("Hi", { tools: [WEATHER] })).toolCalls.length, 0);
  assert.equal(compose("echo", ask("Hi", { tools: [WEATHER], tool_choice: "required" })).toolCalls.length, 1);
  assert.equal(
    compose("echo", ask("Hi", { tools: [TIME], tool_choice: { type: "any" } })).toolCalls[0]?.arguments,
    '{"zone":"UTC"}',
  );
  assert.equal(compose("echo", ask("get_time", { tools: [TIME], tool_choice: { type: "none" } })).toolCalls.length, 0);
  const one = { tools: [WEATHER, TIME], tool_choice: { type: "function", function: { name: "get_time" } } };
  assert.equal(compose("echo", ask("Hi", one)).toolCalls[0]?.name, "get_time");
});

test("several tools are called at once unless that is forbidden", () => {
  const tools = [WEATHER, TIME];
  assert.equal(compose("echo", ask("get_weather and get_time", { tools })).toolCalls.length, 2);
  assert.equal(
    compose("echo", ask("get_weather and get_time", { tools, parallel_tool_calls: false })).toolCalls.length,
    1,
  );
});

test("after the result the conversation ends with text", () => {
  const openai = {
    messages: [
      { role: "user", content: "get_weather" },
      { role: "tool", content: "sunny" },
    ],
    tools: [WEATHER],
  };
  assert.equal(compose("echo", openai).text, "The tool answered: sunny");
  const result = { type: "tool_result", content: [{ type: "text", text: "sunny" }] };
  const anthropic = {
    messages: [
      { role: "user", content: "get_weather" },
      { role: "user", content: [result] },
    ],
    tools: [WEATHER],
  };
  assert.equal(compose("echo", anthropic).text, "The tool answered: sunny");
});

test("JSON comes when it is asked for, and fits its schema", () => {
  assert.deepEqual(JSON.parse(compose("echo", ask("Hi", { response_format: { type: "json_object" } })).text), {
    answer: "Hi",
  });
  const schema = {
    type: "object",
    properties: { ok: { type: "boolean" }, list: { type: "array", items: { type: "number" } } },
  };
  const format = { type: "json_schema", json_schema: { name: "x", schema } };
  assert.deepEqual(JSON.parse(compose("echo", ask("Hi", { response_format: format })).text), { ok: true, list: [1] });
});

test("output limit and stop sequences cut the answer, never within a character", () => {
  const short = compose("echo", ask("éééééééééé", { max_tokens: 3 }));
  assert.deepEqual([short.text, short.stopReason], ["You said: é", "length"]);
  const stopped = compose("echo", ask("one two", { stop: ["two"] }));
  assert.deepEqual(
    [stopped.text, stopped.stopReason, stopped.stopSequence],
    ["You said: one ", "stop-sequence", "two"],
  );
});

test("a schema that turns in circles is cut off", () => {
  const tree = {
    $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } } } },
    $ref: "#/$defs/node",
  };
  assert.ok(JSON.stringify(sampleOf(tree, "x")).length < 1000);
});
