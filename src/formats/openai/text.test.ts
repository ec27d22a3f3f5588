// Text completions: looked at, watched, decoded and encoded, whole and as streams.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { answerEvents } from "../../core/answer-events.ts";
import type { ChatResponse } from "../../core/chat.ts";
import type { ChatEvent } from "../../core/events.ts";
import { type AnswerContext, InvalidAnswerError, ProviderStreamError } from "../../core/formats.ts";
import { assembleText } from "../assemble-text.ts";
import { textFormat } from "./text-format.ts";

const CONTEXT: AnswerContext = { model: "m", includeUsage: false, extraFields: null, inputEstimate: 1 };
const choice = (text: string, index = 0, finish_reason: string | null = null) => ({
  text,
  index,
  logprobs: null,
  finish_reason,
});
const object = (choices: unknown, more: object = {}): string =>
  JSON.stringify({ id: "c", object: "text_completion", created: 1, model: "m", choices, ...more });
const type = (text: string): string => textFormat.inspect(Buffer.from(text)).type;
const sse = (...events: string[]): Buffer => Buffer.from(events.map((event) => `data: ${event}\n\n`).join(""));
const read = (bytes: Buffer, isStream: boolean): string => assembleText(bytes, "openai", isStream);
const USAGE = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };

test("looks at a whole answer and tells what makes one unusable", () => {
  const view = textFormat.inspect(Buffer.from(object([choice("a", 0, "length")], { usage: USAGE })));
  assert.ok(view.type === "answer");
  assert.equal(view.stopReason, "length");
  assert.equal(view.usage.outputTokens, 2);
  for (const bad of [
    "",
    "[]",
    "{",
    object([]),
    object(null),
    object(["x"]),
    object([{ index: 0 }]),
    object([{ text: 5 }]),
  ])
    assert.equal(type(bad), "invalid", bad);
  assert.equal(type(object([{ message: { content: "a chat" } }])), "invalid");
  assert.equal(type('{"error":{"message":"no"}}'), "error");
  assert.equal(type(object([choice("")])), "answer");
});

test("watches a stream: content commits, a finish ends a choice, nothing may follow it", () => {
  const watch = textFormat.watch();
  const view = (data: string) => watch.view("", data);
  assert.equal(view(object([choice("")])).type, "preface");
  assert.equal(view(object([choice("a")])).type, "content");
  const plain = Buffer.from(object([choice('says "finish_reason":"stop", "usage":{} and "error":1')]));
  assert.equal(watch.isNotable(plain, 0, plain.length), false);
  const last = Buffer.from(object([choice("", 0, "stop")]));
  assert.equal(watch.isNotable(last, 0, last.length), true);
  assert.equal(view(last.toString()).type, "finish");
  assert.equal(view(object([choice("more")])).type, "invalid");
  assert.equal(view(object([], { usage: USAGE })).type, "usage");
  assert.equal(view('{"error":{"message":"x"}}').type, "error");
  assert.equal(view("nonsense").type, "invalid");
  assert.equal(view("[DONE]").type, "end");
});

function decodeAll(events: readonly string[]): ChatEvent[] {
  const decoder = textFormat.streamDecoder("x");
  return events.flatMap((data) => decoder.push("", data));
}

test("decodes a stream with several choices, and refuses one that goes on after its end", () => {
  const events = decodeAll([
    object([choice("a"), choice("b", 1)]),
    object([choice("c", 0, "stop")]),
    object([choice("", 1, "length")], { usage: USAGE }),
    "[DONE]",
  ]);
  assert.deepEqual(
    events.map((event) => event.type),
    ["response-start", "text-delta", "text-delta", "text-delta", "choice-end", "choice-end", "usage", "response-end"],
  );
  assert.throws(() => decodeAll([object([choice("a", 0, "stop")]), object([choice("b")])]), InvalidAnswerError);
  assert.throws(() => decodeAll(['{"error":{"message":"x"}}']), ProviderStreamError);
  assert.throws(() => decodeAll(["[]"]), InvalidAnswerError);
  const open = textFormat.streamDecoder("x");
  open.push("", object([choice("a")]));
  assert.equal(open.complete, false);
  open.push("", object([choice("", 0, "stop")]));
  assert.equal(open.complete, true);
});

const chat = (text: string, more: Partial<ChatResponse["choices"][0]> = {}): ChatResponse => ({
  id: "c",
  model: "x",
  created: 1,
  choices: [{ index: 0, content: [{ type: "text", text }], stopReason: "stop", ...more }],
  usage: { inputTokens: 3, outputTokens: 2, cachedTokens: null, cacheWriteTokens: null, reasoningTokens: null },
});

test("tells a chat's answer as text, without its reasoning, with its logprobs in four lists", () => {
  const body = textFormat.encodeResponse(
    chat("ab", {
      content: [
        { type: "thinking", text: "hm" },
        { type: "text", text: "ab" },
      ],
      logprobs: {
        content: [
          { token: "a", logprob: -1, top_logprobs: [{ token: "a", logprob: -1 }] },
          { token: "b", logprob: -2, top_logprobs: [] },
        ],
      },
    }),
    CONTEXT,
  );
  assert.equal(body["object"], "text_completion");
  assert.deepEqual(body["choices"], [
    {
      text: "ab",
      index: 0,
      logprobs: { tokens: ["a", "b"], token_logprobs: [-1, -2], top_logprobs: [{ a: -1 }, {}], text_offset: [0, 1] },
      finish_reason: "stop",
    },
  ]);
  assert.equal((body["usage"] as typeof USAGE).total_tokens, 5);
});

test("what it encodes it decodes again, whole and as a stream, whatever the text", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: "grapheme" }), fc.boolean(), (text, includeUsage) => {
      const whole = textFormat.decodeResponse(
        JSON.parse(JSON.stringify(textFormat.encodeResponse(chat(text), CONTEXT))),
        "x",
      );
      assert.deepEqual(whole.choices[0]?.content, [{ type: "text", text }]);
      const encoder = textFormat.streamEncoder({ ...CONTEXT, includeUsage });
      const told = answerEvents(chat(text))
        .map((event) => encoder.encode(event))
        .join("");
      const events = decodeAll([...told.matchAll(/^data: (.*)$/gm)].map((match) => match[1] as string));
      const said = events.map((event) => (event.type === "text-delta" ? event.text : "")).join("");
      assert.equal(said, text);
      assert.equal(
        events.some((event) => event.type === "usage"),
        includeUsage,
      );
      assert.equal(events.at(-1)?.type, "response-end");
    }),
    { seed: 7, numRuns: 200 },
  );
});

test("the record finds the text of whole answers, of streams, and of those that broke off", () => {
  assert.equal(read(Buffer.from(object([choice('a "message"'), choice("b", 1)])), false), 'a "message"');
  const stream = sse(object([choice("Hel")]), object([choice("lo")]), object([choice("", 0, "stop")]), "[DONE]");
  assert.equal(read(stream, true), "Hello");
  assert.equal(read(sse(object([choice("Hel")]), '{"error":{"message":"gone"}}'), true), "Hel");
  assert.equal(read(sse(object([choice("a")]), object([choice("b", 1)]), object([choice("c")])), true), "ac");
});
