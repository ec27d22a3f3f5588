// The text that the record keeps of an answer, whole, streamed, cut off and broken.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assembleText } from "./assemble-text.ts";

const sse = (...events: string[]): Buffer => Buffer.from(events.map((event) => `data: ${event}\n\n`).join(""));
const delta = (content: string): string =>
  JSON.stringify({
    id: "c",
    object: "chat.completion.chunk",
    created: 1,
    model: "m",
    choices: [{ index: 0, delta: { content } }],
  });

test("takes the text and the calls of the first choice of a whole answer", () => {
  const answer = {
    id: "c",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: "Let me look.",
          tool_calls: [{ id: "t", type: "function", function: { name: "find", arguments: '{"q":1}' } }],
        },
        finish_reason: "tool_calls",
      },
      { index: 1, message: { role: "assistant", content: "other" }, finish_reason: "stop" },
    ],
  };
  assert.equal(assembleText(Buffer.from(JSON.stringify(answer)), "openai", false), 'Let me look.\nfind({"q":1})');
});

test("joins the deltas of a stream, and what there is of one that was cut off", () => {
  const whole = sse(delta("Hel"), delta("lo"), "[DONE]");
  assert.equal(assembleText(whole, "openai", true), "Hello");
  assert.equal(assembleText(whole.subarray(0, whole.length - 40), "openai", true), "Hel");
});

test("tells what came before the error event of a stream", () => {
  const broken = sse(delta("Hel"), '{"error":{"message":"overloaded"}}');
  assert.equal(assembleText(broken, "openai", true), "Hel");
});

test("reads the other dialect, whole and streamed", () => {
  const answer = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "m",
    content: [
      { type: "thinking", thinking: "hm", signature: "s" },
      { type: "text", text: "Hi" },
    ],
    stop_reason: "end_turn",
    usage: { input_tokens: 1, output_tokens: 1 },
  };
  assert.equal(assembleText(Buffer.from(JSON.stringify(answer)), "anthropic", false), "Hi");
  const events = [
    ["message_start", { message: { ...answer, content: [], stop_reason: null } }],
    ["content_block_start", { index: 0, content_block: { type: "text", text: "" } }],
    ["content_block_delta", { index: 0, delta: { type: "text_delta", text: "Hi" } }],
  ].map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify({ type: name, ...(data as object) })}\n\n`);
  assert.equal(assembleText(Buffer.from(events.join("")), "anthropic", true), "Hi");
});

test("throws on a whole answer that is none", () => {
  assert.throws(() => assembleText(Buffer.from('{"data":[]}'), "openai", false));
});
