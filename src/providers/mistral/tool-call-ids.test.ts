// Tool calls of other providers get ids that Mistral takes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { shortenToolCallIds, shortId } from "./tool-call-ids.ts";

test("a foreign id becomes nine letters and digits, always the same", () => {
  assert.match(shortId("call_abcdefghijklmnop"), /^[a-zA-Z0-9]{9}$/);
  assert.equal(shortId("toolu_01"), shortId("toolu_01"));
  assert.notEqual(shortId("toolu_01"), shortId("toolu_02"));
});

test("an id of its own stays as it is", () => {
  assert.equal(shortId("D681PevKs"), "D681PevKs");
});

test("a call and its result still meet", () => {
  const body = {
    messages: [
      {
        role: "assistant",
        tool_calls: [{ id: "toolu_01", type: "function", function: { name: "f", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "toolu_01", content: "1" },
      null,
      { role: "user", content: "x" },
    ],
  };
  shortenToolCallIds(body);
  const [call, result] = body.messages;
  assert.equal(result?.tool_call_id, call?.tool_calls?.[0]?.id);
  assert.equal(result?.tool_call_id?.length, 9);
});
