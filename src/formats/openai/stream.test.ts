// Checks the OpenAI stream decoder, encoder and watch on streams as providers send them.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChatEvent } from "../../core/events.ts";
import { type EventGlance, type EventView, InvalidAnswerError, ProviderStreamError } from "../../core/formats.ts";
import { SseReader, SseSplitter } from "../../lib/sse.ts";
import { answerContext, assembleEvents, decodeStream, fixture } from "../testing.ts";
import { openaiFormat } from "./format.ts";

const read = (name: string) => fixture(`openai/fixtures/${name}`);
const assemble = (name: string) => assembleEvents(decodeStream(openaiFormat, "groq", read(name)));

test("decodes text and usage with cached and reasoning tokens", () => {
  const { choices, usage, ended } = assemble("text.sse");
  assert.deepEqual(choices, [
    { index: 0, content: [{ type: "text", text: 'Hello "finish_reason":"stop" wörld' }], stopReason: "stop" },
  ]);
  assert.deepEqual(usage, {
    inputTokens: 2006,
    outputTokens: 300,
    cachedTokens: 1920,
    cacheWriteTokens: null,
    reasoningTokens: 128,
  });
  assert.equal(ended, true);
});

test("decodes parallel tool calls with streamed arguments", () => {
  assert.deepEqual(assemble("tool-calls.sse").choices[0], {
    index: 0,
    content: [
      { type: "tool-call", id: "call_a1", name: "get_weather", arguments: '{"city":"Paris"}' },
      { type: "tool-call", id: "call_b2", name: "get_time", arguments: '{"zone": "CET"}' },
    ],
    stopReason: "tool-use",
  });
});

test("decodes reasoning under each of its names, with the issuer and the signature where there is one", () => {
  assert.deepEqual(assemble("reasoning.sse").choices[0]?.content, [
    { type: "thinking", text: "Let me think.", signature: "", issuer: "groq" },
    { type: "text", text: "42" },
  ]);
  assert.equal(assemble("reasoning.sse").usage.cachedTokens, 16);
  assert.deepEqual(assemble("reasoning-details.sse").choices[0]?.content, [
    { type: "thinking", text: "Hmm", signature: "c2ln", issuer: "groq" },
    { type: "text", text: "Yes" },
  ]);
});

test("decodes refusals and content filters", () => {
  assert.deepEqual(assemble("refusal.sse").choices[0]?.content, [{ type: "refusal", text: "I can't help." }]);
  const [start] = decodeStream(openaiFormat, "azure", read("azure.sse"));
  assert.deepEqual(start, {
    type: "response-start",
    id: "chatcmpl-9lQ",
    model: "gpt-4o-mini-2024-07-18",
    created: 1761307200,
  });
  assert.equal(assemble("azure.sse").choices[0]?.stopReason, "content-filter");
});

test("decodes the same wherever the stream is cut", () => {
  for (const name of ["tool-calls.sse", "reasoning-details.sse"]) {
    const bytes = read(name);
    const whole = decodeStream(openaiFormat, "groq", bytes);
    for (let n = 0; n <= bytes.length; n++)
      assert.deepEqual(decodeStream(openaiFormat, "groq", bytes.subarray(0, n), bytes.subarray(n)), whole);
  }
});

const push = (data: string) => () => openaiFormat.streamDecoder("x").push("", data);

test("throws what the provider tells and what makes no sense", () => {
  assert.throws(
    () => decodeStream(openaiFormat, "x", read("error-event.sse")),
    (error: unknown) => {
      assert.ok(error instanceof ProviderStreamError);
      assert.equal(error.error.type, "server_error");
      return true;
    },
  );
  assert.throws(push("{"), InvalidAnswerError);
  assert.throws(push("[]"), InvalidAnswerError);
  assert.throws(push('{"choices":[1]}'), InvalidAnswerError);
  const decoder = openaiFormat.streamDecoder("x");
  decoder.push("", '{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}');
  assert.deepEqual(decoder.push("", '{"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}]}'), []);
  assert.throws(() => decoder.push("", '{"choices":[{"index":0,"delta":{"content":"b"}}]}'), InvalidAnswerError);
  assert.throws(push('{"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}'), ProviderStreamError);
});

test("is complete with the end marker, or with a finish reason for every choice", () => {
  const decoder = openaiFormat.streamDecoder("x");
  assert.equal(decoder.complete, false);
  decoder.push("", '{"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"b"}}]}');
  decoder.push("", '{"choices":[{"index":1,"delta":{},"finish_reason":"stop"}]}');
  assert.equal(decoder.complete, false);
  decoder.push("", '{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}');
  assert.equal(decoder.complete, true);
  const other = openaiFormat.streamDecoder("x");
  other.push("", "[DONE]");
  assert.equal(other.complete, true);
});

const call = (id: string | undefined, index: number | undefined, args: string) => ({
  ...(id === undefined ? {} : { id }),
  ...(index === undefined ? {} : { index }),
  function: { name: "f", arguments: args },
});

const calls = (...deltas: unknown[]) => {
  const decoder = openaiFormat.streamDecoder("x");
  const events = deltas.flatMap((call) =>
    decoder.push("", JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [call] } }] })),
  );
  events.push(...decoder.push("", '{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}'));
  const { choices } = assembleEvents(events);
  assert.equal(choices[0]?.stopReason, "tool-use");
  return choices[0].content.map((part) => (part.type === "tool-call" ? [part.id, part.name, part.arguments] : part));
};

test("puts tool calls of careless servers in order: no index, all of them 0, no id, arguments before the name", () => {
  assert.deepEqual(calls(call("a", 0, "{}"), call("b", 0, '{"x":1}')), [
    ["a", "f", "{}"],
    ["b", "f", '{"x":1}'],
  ]);
  assert.deepEqual(calls(call("a", undefined, "{"), { function: { arguments: "}" } }, call("b", undefined, "{}")), [
    ["a", "f", "{}"],
    ["b", "f", "{}"],
  ]);
  assert.deepEqual(calls(call(undefined, 0, "{}")), [["call_0", "f", "{}"]]);
  assert.deepEqual(
    calls({ index: 0, id: "a", function: { arguments: "{" } }, { index: 0, function: { name: "f", arguments: "}" } }),
    [["a", "f", "{}"]],
  );
  assert.deepEqual(calls({ index: 0, id: "a", function: { name: "f", arguments: { x: 1 } } }), [["a", "f", '{"x":1}']]);
});

function encode(
  events: readonly ChatEvent[],
  context = answerContext(),
): { text: string; chunks: Record<string, unknown>[] } {
  const encoder = openaiFormat.streamEncoder(context);
  const text = events.map((event) => encoder.encode(event)).join("");
  const data = new SseReader().push(Buffer.from(text)).map((event) => event.data);
  assert.equal(data.pop(), "[DONE]");
  return { text, chunks: data.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

test("encodes what it decodes", () => {
  for (const name of ["text.sse", "tool-calls.sse", "refusal.sse", "reasoning-details.sse"]) {
    const events = decodeStream(openaiFormat, "groq", read(name));
    const { text } = encode(events, answerContext({ includeUsage: true }));
    const again = assembleEvents(decodeStream(openaiFormat, "groq", Buffer.from(text)));
    const expected = assembleEvents(events);
    assert.deepEqual(again.choices.length, 1);
    // The signature goes out with its issuer's mark.
    const marked = JSON.parse(JSON.stringify(expected.choices).replace('"c2ln"', '"dbsig:groq:c2ln"')) as unknown;
    assert.deepEqual(again.choices, marked);
  }
});

test("holds the finish chunk until usage and extra_fields can ride on it", () => {
  const events = decodeStream(openaiFormat, "groq", read("text.sse"));
  const { chunks } = encode(events, answerContext({ extraFields: () => '{"provider":"p"}' }));
  const last = chunks.at(-1);
  assert.deepEqual(last?.["extra_fields"], { provider: "p" });
  assert.equal((last["usage"] as { prompt_tokens: number }).prompt_tokens, 2006);
  assert.deepEqual(last["choices"], [{ index: 0, delta: {}, finish_reason: "stop" }]);
  assert.equal(
    chunks.slice(0, -1).some((chunk) => "usage" in chunk || "extra_fields" in chunk),
    false,
  );
  const first = chunks[0] as { model: string; choices: { delta: { role: string } }[] };
  assert.equal(first.model, "asked");
  assert.equal(first.choices[0]?.delta.role, "assistant");
});

test("gives the caller who asked for usage a chunk of its own, the last before the end marker", () => {
  const events = decodeStream(openaiFormat, "groq", read("text.sse"));
  const { chunks } = encode(events, answerContext({ includeUsage: true, extraFields: () => "{}" }));
  const last = chunks.at(-1);
  assert.deepEqual(last?.["choices"], []);
  assert.deepEqual(last["extra_fields"], {});
  assert.equal((last["usage"] as { total_tokens: number }).total_tokens, 2306);
  assert.equal("usage" in (chunks.at(-2) as object), false);
});

test("tells no usage where neither the caller asked for it nor the route has extra_fields to ride on", () => {
  const events = decodeStream(openaiFormat, "groq", read("text.sse"));
  const { chunks } = encode(events, answerContext());
  assert.equal(
    chunks.some((chunk) => "usage" in chunk),
    false,
  );
  const reasons = chunks.flatMap((chunk) => (chunk["choices"] as { finish_reason: string | null }[])[0]?.finish_reason);
  assert.equal(reasons.at(-1), "stop");
});

test("ends once, however often it is told to", () => {
  const encoder = openaiFormat.streamEncoder(answerContext());
  encoder.encode({ type: "choice-end", choice: 0, stopReason: "stop" });
  assert.match(encoder.encode({ type: "response-end" }), /\[DONE\]/);
  assert.equal(encoder.encode({ type: "response-end" }), "");
});

function views(name: string): string[] {
  const watch = openaiFormat.watch();
  const splitter = new SseSplitter();
  splitter.feed(read(name));
  const types: string[] = [];
  while (splitter.next()) {
    if (splitter.dataLines === 0) continue;
    const notable = watch.isNotable(splitter.bytes, splitter.dataStart, splitter.dataEnd);
    types.push(notable ? watch.view(splitter.name(), splitter.data()).type : "-");
  }
  return types;
}

test("watches raw streams: parses until content comes, then only what ends or counts", () => {
  assert.deepEqual(views("text.sse"), ["preface", "content", "-", "finish", "usage", "end"]);
  assert.deepEqual(views("python-spacing.sse"), ["preface", "content", "-", "finish", "usage", "end"]);
  assert.deepEqual(views("azure.sse"), ["preface", "preface", "content", "finish", "end"]);
  assert.deepEqual(views("tool-calls.sse"), ["content", "-", "-", "-", "-", "finish", "usage", "end"]);
  assert.deepEqual(views("reasoning.sse"), ["preface", "content", "-", "-", "finish", "end"]);
  assert.deepEqual(views("refusal.sse"), ["preface", "content", "-", "finish", "end"]);
  assert.deepEqual(views("error-event.sse"), ["preface", "content", "error"]);
});

test("watches what is no event of the dialect", () => {
  const watch = openaiFormat.watch();
  watch.view("", '{"choices":[{"delta":{"content":"x"}}]}');
  const notable = (text: string) => watch.isNotable(Buffer.from(text), 0, Buffer.byteLength(text));
  assert.equal(notable("[DONE]"), true);
  assert.equal(notable('{"choices":[{"delta":{"content":"x'), true);
  assert.equal(notable('{"choices":[{"delta":{"content":"a"},"finish_reason": null}],"usage": null}'), false);
  assert.equal(
    notable('{"choices":[{"delta":{"content":"\\"finish_reason\\":\\"stop\\" \\"usage\\":{"},"finish_reason":null}]}'),
    false,
  );
  assert.equal(notable('{"choices":[{"delta":{},"finish_reason" : "stop"}]}'), true);
  assert.equal(notable('{"error": {"message":"x"}}'), true);
  assert.equal(watch.view("", "nonsense").type, "invalid");
  assert.equal(watch.view("", '"text"').type, "invalid");
  assert.equal(watch.view("error", '{"message":"x"}').error?.message, "x");
  assert.equal(
    watch.view("", '{"choices":[],"usage":{"prompt_tokens":-1,"completion_tokens":1e99}}').usage?.inputTokens,
    null,
  );
  assert.equal(
    watch.view("", '{"choices":[{"delta":{},"finish_reason":"error","error":{"message":"m"}}]}').type,
    "error",
  );
});

/** What both tell. Of a report one tells the text, the other what it parses to; usage.test.ts compares what they mean. */
function common({ type, usage, error, stopReason }: EventView): object {
  return { type, usage, error, stopReason: stopReason ?? null };
}

/** What a glance tells beyond that: how much text, where it stands, and where the usage stands. */
function checkPlaces(glance: EventGlance, bytes: Buffer, event: unknown): void {
  const text = (from: number, to: number) => bytes.toString("utf8", from, to);
  const { choices, usage } = event as { choices?: { delta: { content?: unknown } }[]; usage?: unknown };
  if (glance.textBytes >= 0 && glance.type !== "usage" && glance.type !== "invalid")
    assert.equal(glance.textBytes, openaiFormat.watch().textBytes(bytes, 2, bytes.length - 2), text(0, bytes.length));
  if (glance.textFrom >= 0)
    assert.equal(JSON.parse(`"${text(glance.textFrom, glance.textTo)}"`), choices?.[0]?.delta.content);
  if (glance.usageFrom >= 0) assert.deepEqual(JSON.parse(text(glance.usageFrom, glance.usageTo)), usage);
  assert.equal(glance.usageFrom >= 0, glance.usage !== undefined);
}

test("a glance at the bytes of an event tells what parsing it tells, or nothing", () => {
  const deltas = [
    {},
    { role: "assistant", content: "" },
    { content: "Hi" },
    { content: null, refusal: "no" },
    { content: 'a "b" \\' },
    { content: "h\u00e9llo \n\u0001 \ud83d\ude00" },
    { role: "assistant", content: "Hi", refusal: null },
    { content: "", thinking: "hm" },
    { content: "a", name: "b" },
    { content: [{ type: "text", text: "c" }] },
    { tool_calls: [{ index: 0, id: "c", function: { name: "f", arguments: "" } }] },
    { tool_calls: [] },
    { reasoning_content: "hm" },
    { function_call: { name: "f" } },
    { audio: null },
    { content: [] },
    { content: ["x"] },
  ];
  const finishes = [null, "stop", "tool_calls", "length", "error", "cont\u00e9nt", 7];
  const usages = [undefined, null, { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }, []];
  const events: unknown[] = [
    { choices: [], usage: { prompt_tokens: 1 } },
    { choices: [] },
    { error: { message: "x" } },
    [],
    5,
  ];
  for (const delta of deltas)
    for (const finish_reason of finishes)
      for (const usage of usages) events.push({ id: "c", choices: [{ index: 0, delta, finish_reason }], usage });
  events.push({
    choices: [
      { index: 0, delta: { content: "a" } },
      { index: 1, delta: { content: "b" } },
    ],
  });
  events.push(
    { choices: [{ delta: { content: "a" } }] },
    { choices: [{ index: 12, delta: {}, finish_reason: "stop" }] },
  );
  let seen = 0;
  for (const first of [
    '{"choices":[{"index":0,"delta":{"content":"x"}}]}',
    '{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
  ])
    for (const event of events) {
      const data = `xx${JSON.stringify(event)}yy`;
      const bytes = Buffer.from(data);
      const [glancing, viewing] = [openaiFormat.watch(), openaiFormat.watch()];
      glancing.view("", first);
      viewing.view("", first);
      const glanced = glancing.glance?.(bytes, 2, bytes.length - 2) ?? null;
      if (glanced === null) continue;
      seen++;
      assert.deepEqual(common(glanced), common(viewing.view("", data.slice(2, -2))), data);
      checkPlaces(glanced, bytes, event);
    }
  assert.equal(openaiFormat.watch().glance?.(Buffer.from("xx[DONE]yy"), 2, 8)?.type, "end");
  assert.equal(openaiFormat.watch().glance?.(Buffer.from("[DONE] "), 0, 7), null);
  assert.ok(seen > 200, `only ${seen} events were told by a glance`);
});
