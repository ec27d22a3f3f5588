// Tests of answers that come in pieces, whole, and broken; and of what is said next.
import assert from "node:assert/strict";
import { test } from "node:test";
import { addChunk, errorIn, NO_CONTENT, wholeAnswer } from "./answer-reader.ts";

const delta = (value: object): string => JSON.stringify({ choices: [{ delta: value }] });

test("a stream becomes text, reasoning and tool calls", () => {
  const chunks = [
    delta({ role: "assistant", content: "" }),
    delta({ reasoning_content: "hm" }),
    delta({ content: "He" }),
    delta({ content: "llo" }),
    delta({ tool_calls: [{ index: 0, id: "c1", function: { name: "f", arguments: '{"a"' } }] }),
    delta({ tool_calls: [{ index: 0, function: { arguments: ":1}" } }] }),
    "not json",
    JSON.stringify({ choices: [{ delta: {}, finish_reason: "tool_calls" }] }),
    "[DONE]",
  ];
  assert.deepEqual(chunks.reduce(addChunk, NO_CONTENT), {
    text: "Hello",
    reasoning: "hm",
    toolCalls: [{ id: "c1", name: "f", arguments: '{"a":1}' }],
    finish: "tool_calls",
    error: null,
  });
});

test("an error in the middle of a stream keeps what was said", () => {
  const told = JSON.stringify({ error: { code: "upstream_error", message: "gone" } });
  const content = [delta({ content: "half" }), told].reduce(addChunk, NO_CONTENT);
  assert.equal(content.text, "half");
  assert.equal(content.error?.code, "upstream_error");
});

test("a whole answer, and one that is no JSON", () => {
  const body = JSON.stringify({ choices: [{ message: { content: "hi" }, finish_reason: "stop" }] });
  assert.equal(wholeAnswer(body).text, "hi");
  assert.equal(wholeAnswer("<html>").error?.code, "no_json");
});

test("errors are read in whichever form they come", () => {
  const facts = { status: 402, retryAfter: 3 };
  assert.equal(errorIn('{"error":{"type":"budget_exceeded","message":"no"}}', facts).code, "budget_exceeded");
  assert.match(errorIn("<html>", facts).message, /402/);
});
