// Tests of the fields, of what is sent, and of records that are opened again.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogRow } from "../../../../src/core/stores.ts";
import { bodyOf, NO_SETTINGS, readTools, replayOf, settingErrors } from "./request-body.ts";

const MESSAGES = [{ role: "user", content: "hi" }];

test("what is left empty is not sent", () => {
  assert.deepEqual(bodyOf("a/b", { ...NO_SETTINGS, isStream: false }, MESSAGES), { model: "a/b", messages: MESSAGES });
});

test("what is filled in is sent as numbers and lists", () => {
  const tools = '[{"type":"function","function":{"name":"f"}}]';
  const body = bodyOf(
    "m",
    { isStream: true, system: "Be brief.", temperature: "0.2", maxTokens: "9", tools },
    MESSAGES,
  );
  assert.deepEqual(body, {
    model: "m",
    messages: [{ role: "system", content: "Be brief." }, ...MESSAGES],
    stream: true,
    temperature: 0.2,
    max_tokens: 9,
    tools: [{ type: "function", function: { name: "f" } }],
  });
});

test("wrong fields are named", () => {
  const errors = settingErrors({ ...NO_SETTINGS, temperature: "hot", maxTokens: "1.5", tools: "{" });
  assert.deepEqual(Object.keys(errors), ["temperature", "maxTokens", "tools"]);
  assert.match(readTools('[{"type":"x"}]').error ?? "", /Tool 1: "type"/);
  assert.match(readTools('[{"type":"function","function":{"name":"a b"}}]').error ?? "", /function\.name/);
});

const ROW = {
  requested_model: "openai/gpt-4o",
  virtual_key_id: "vk",
  stream: false,
  content_level: "full",
  raw_request: null,
  input_history: [],
} as unknown as LogRow;

test("a record that was kept whole comes back whole", () => {
  const body = {
    messages: [
      { role: "system", content: "S" },
      { role: "user", content: "one" },
      { role: "assistant", content: "two" },
      { role: "user", content: [{ type: "text", text: "three" }] },
    ],
    temperature: 1,
  };
  const replay = replayOf({ ...ROW, raw_request: JSON.stringify(body) });
  assert.equal(replay.missing, null);
  assert.equal(replay.draft, "three");
  assert.equal(replay.settings.system, "S");
  assert.equal(replay.settings.temperature, "1");
  assert.deepEqual(
    replay.base.map(({ role }) => role),
    ["user", "assistant"],
  );
});

test("of a record that kept the ends the last message comes back, and that is told", () => {
  const input_history = [
    { role: "system", content: "", bytes: 20 },
    { role: "user", content: "last" },
  ];
  const replay = replayOf({ ...ROW, content_level: "ends", input_history } as unknown as LogRow);
  assert.equal(replay.draft, "last");
  assert.match(replay.missing ?? "", /last message alone/);
});

test("of a record without content nothing is made up", () => {
  const replay = replayOf({ ...ROW, content_level: "off" } as LogRow);
  assert.equal(replay.draft, "");
  assert.match(replay.missing ?? "", /no text/);
});
