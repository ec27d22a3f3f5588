// What answers and events of the Anthropic dialect tell of their usage.
import assert from "node:assert/strict";
import { test } from "node:test";
import { anthropicFormat } from "./format.ts";

const start = {
  input_tokens: 25,
  cache_creation_input_tokens: 300,
  cache_read_input_tokens: 7,
  cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
  output_tokens: 1,
  service_tier: "standard",
};

test("the end of a stream is told over its beginning", () => {
  const watch = anthropicFormat.watch();
  const first = watch.view("message_start", JSON.stringify({ type: "message_start", message: { usage: start } }));
  // what comes after it is not in it
  assert.equal(first.usage?.outputTokens, null);
  assert.equal(first.usage?.inputTokens, 332);
  const last = watch.view(
    "message_delta",
    JSON.stringify({
      type: "message_delta",
      delta: { stop_reason: "end_turn" },
      usage: { output_tokens: 50, input_tokens: null, server_tool_use: { web_search_requests: 2 } },
    }),
  );
  assert.equal(last.usage?.outputTokens, 50);
  assert.deepEqual(last.report?.usage, {
    ...start,
    output_tokens: 50,
    server_tool_use: { web_search_requests: 2 },
  });
  assert.deepEqual(first.report?.usage, start);
});

test("whole answers and refusals tell the report as it is", () => {
  const answer = { type: "message", content: [], stop_reason: "end_turn", usage: { ...start, speed: "fast" } };
  const view = anthropicFormat.inspect(Buffer.from(JSON.stringify(answer)));
  assert.ok(view.type === "answer");
  assert.deepEqual(view.report?.usage, answer.usage);
  const refusal = { type: "error", error: { type: "overloaded_error", message: "x" }, usage: { input_tokens: 3 } };
  assert.equal(anthropicFormat.findUsage(Buffer.from(JSON.stringify(refusal)))?.usage.inputTokens, 3);
  assert.equal(anthropicFormat.findUsage(Buffer.from("no usage")), null);
});

test("the text of an event is counted in bytes without its escapes", () => {
  const watch = anthropicFormat.watch();
  const events: readonly (readonly [event: unknown, bytes: number])[] = [
    [{ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: 'é "x"\n' } }, 7],
    [{ type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "hm" } }, 2],
    [{ type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: "abcdef" } }, 0],
    [{ type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: '{"a":' } }, 5],
    [
      { type: "content_block_start", index: 1, content_block: { type: "tool_use", id: "t", name: "get", input: {} } },
      3,
    ],
    [{ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }, 0],
    [{ type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: {} }, 0],
  ];
  for (const [event, expected] of events) {
    const bytes = Buffer.from(JSON.stringify(event));
    assert.equal(watch.textBytes(bytes, 0, bytes.length), expected, JSON.stringify(event));
  }
});
