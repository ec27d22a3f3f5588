// Checks whole Anthropic answers: read, made, looked at in their bytes, and told as text.
import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidAnswerError, ProviderStreamError } from "../../core/formats.ts";
import { answerContext, assembleEvents, decodeStream, fixture, fixtureJson } from "../testing.ts";
import { assembleText } from "./assemble.ts";
import { anthropicFormat } from "./format.ts";

const json = (name: string) => fixtureJson(`anthropic/fixtures/${name}.json`);
const decode = (body: unknown) => anthropicFormat.decodeResponse(body, "anthropic");
const inspect = (text: string) => anthropicFormat.inspect(Buffer.from(text));

test("reads answers as their streams are read", () => {
  for (const name of ["tool-use", "thinking"]) {
    const { choices } = decode(json(name));
    const stream = decodeStream(anthropicFormat, "anthropic", fixture(`anthropic/fixtures/${name}.sse`));
    const [whole, streamed] = [choices[0], assembleEvents(stream).choices[0]];
    assert.equal(whole?.stopReason, streamed?.stopReason);
    assert.deepEqual(
      whole?.content.map((part) => part.type),
      streamed?.content.map((part) => part.type),
    );
  }
  const response = decode(json("thinking"));
  assert.deepEqual(response.usage, {
    inputTokens: 1125,
    outputTokens: 89,
    cachedTokens: 1000,
    cacheWriteTokens: 100,
    reasoningTokens: 60,
  });
});

test("makes again what it read", () => {
  for (const name of ["text", "tool-use", "thinking", "refusal"]) {
    const response = decode(json(name));
    const again = decode(anthropicFormat.encodeResponse(response, answerContext({ model: response.model })));
    const { serviceTier: _tier, ...rest } = response;
    assert.deepEqual({ ...again, created: 0, report: null }, { ...rest, created: 0, report: null });
  }
  const body = anthropicFormat.encodeResponse(decode(json("text")), answerContext());
  assert.deepEqual(body["usage"], {
    input_tokens: 25,
    cache_creation_input_tokens: 100,
    cache_read_input_tokens: 1000,
    output_tokens: 89,
  });
});

test("refuses what is no answer, and tells an error that came as one", () => {
  for (const body of [null, [], {}, { content: "x" }]) assert.throws(() => decode(body), InvalidAnswerError);
  assert.throws(() => decode(json("error")), ProviderStreamError);
});

test("looks at an answer in its bytes", () => {
  const bytes = fixture("anthropic/fixtures/thinking.json");
  const view = anthropicFormat.inspect(bytes);
  assert.ok(view.type === "answer");
  assert.equal(bytes[view.spliceAt], 125);
  assert.equal(bytes.toString().trimEnd().length, bytes.toString("utf8", 0, view.spliceAt + 1).length);
  assert.deepEqual([view.stopReason, view.model, view.usage.inputTokens], ["stop", "claude-sonnet-4-5-20250929", 1125]);
  for (let n = 0; n < bytes.length - 2; n++)
    assert.equal(anthropicFormat.inspect(bytes.subarray(0, n)).type, "invalid");
  const error = anthropicFormat.inspect(fixture("anthropic/fixtures/error.json"));
  assert.ok(error.type === "error");
  assert.equal(error.error.type, "not_found_error");
  assert.equal(inspect('{"type":"message"}').type, "invalid");
  assert.equal(inspect('{"type":"completion","content":[]}').type, "invalid");
  assert.equal(inspect("<html>").type, "invalid");
  const huge = inspect('{"type":"message","content":[],"usage":{"input_tokens":-5,"output_tokens":1e300}}');
  assert.ok(huge.type === "answer");
  assert.deepEqual([huge.usage.inputTokens, huge.usage.outputTokens], [null, null]);
});

const read = (name: string) => assembleText(fixture(`anthropic/fixtures/${name}`));

test("tells the text of answers, whole, streamed and cut anywhere", () => {
  assert.equal(read("text.json"), "Hello! I'm Claude.");
  assert.equal(read("text.sse"), 'Hello wörld "stop_reason":"x"');
  assert.equal(read("thinking.sse"), "42");
  assert.equal(read("tool-use.sse"), "Let me check.");
  const bytes = fixture("anthropic/fixtures/text.sse");
  for (let n = 0; n < bytes.length; n++) assert.ok(read("text.sse").startsWith(assembleText(bytes.subarray(0, n))));
  assert.equal(assembleText(Buffer.from("{")), "");
});
