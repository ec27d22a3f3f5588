// Messages of the dialects, whole and listed, become parts that can be shown.
import assert from "node:assert/strict";
import { test } from "node:test";
import { answerMessage, headline, requestMessages } from "./messages.ts";

const event = (delta: object): string => `data: ${JSON.stringify({ choices: [{ delta }] })}\n\n`;
const partsOf = (body: unknown) => requestMessages({ raw_request: JSON.stringify(body), input_history: [] });

test("a chat with a picture, a tool call and its result", () => {
  const messages = partsOf({
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "look" },
          { type: "image_url", image_url: { url: "data:image/png;base64,AAAAAAAA" } },
        ],
      },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "c1", function: { name: "find", arguments: '{"q":1}' } }],
      },
      { role: "tool", tool_call_id: "c1", content: "found" },
    ],
  });
  assert.deepEqual(messages[0]?.parts, [
    { type: "text", text: "look" },
    { type: "media", kind: "image", facts: "image/png, 6 bytes inside" },
  ]);
  assert.deepEqual(messages[1]?.parts, [{ type: "tool-call", name: "find", id: "c1", input: '{\n  "q": 1\n}' }]);
  assert.deepEqual(messages[2]?.parts, [{ type: "tool-result", id: "c1", text: "found" }]);
  assert.equal(messages[1] === undefined ? "" : headline(messages[1]), "calls find");
});

test("Anthropic's system and thinking, the items of responses, and a plain prompt", () => {
  assert.deepEqual(
    partsOf({
      system: "brief",
      messages: [
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "hm" },
            { type: "text", text: "yes" },
          ],
        },
      ],
    }).map(({ role, parts }) => [role, parts.map(({ type }) => type)]),
    [
      ["system", ["text"]],
      ["assistant", ["reasoning", "text"]],
    ],
  );
  assert.deepEqual(
    partsOf({
      input: [
        { type: "function_call", name: "f", call_id: "c", arguments: "{}" },
        { type: "function_call_output", call_id: "c", output: "ok" },
      ],
    }).map(({ role, parts }) => [role, parts[0]?.type]),
    [
      ["assistant", "tool-call"],
      ["tool", "tool-result"],
    ],
  );
  assert.equal(partsOf({ input: "hello" })[0]?.role, "user");
});

test("what is not kept is told by kind and length", () => {
  const [image, text] = requestMessages({
    raw_request: null,
    input_history: [
      { role: "user", content: "", kind: "image", bytes: 150 },
      { role: "user", content: "go on", kind: "text", bytes: 5 },
    ],
  });
  assert.deepEqual(image?.missing, { kind: "image", bytes: 150 });
  assert.deepEqual(text?.parts, [{ type: "text", text: "go on" }]);
});

test("tools that a stream calls are put together from its pieces", () => {
  const raw =
    event({ tool_calls: [{ index: 0, id: "c1", function: { name: "find", arguments: '{"q"' } }] }) +
    event({ tool_calls: [{ index: 0, function: { arguments: ":2}" } }] });
  assert.deepEqual(answerMessage({ output_message: null, raw_response: raw })?.parts, [
    { type: "tool-call", name: "find", id: "c1", input: '{\n  "q": 2\n}' },
  ]);
});

test("whatever a body is, nothing throws", () => {
  for (const raw of ["", "[]", "{", '{"messages":[null,1,"x",{"content":[null,3,{"type":{}}]}]}', '{"messages":{}}'])
    assert.ok(Array.isArray(requestMessages({ raw_request: raw, input_history: [] })));
});
