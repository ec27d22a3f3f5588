// Checks the Anthropic stream decoder, encoder and watch on streams as the provider sends them.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { ChatEvent } from "../../core/events.ts";
import { InvalidAnswerError, ProviderStreamError } from "../../core/formats.ts";
import { type SseEvent, SseReader, SseSplitter } from "../../lib/sse.ts";
import { answerContext, assembleEvents, decodeStream, fixture } from "../testing.ts";
import { anthropicFormat } from "./format.ts";

const read = (name: string) => fixture(`anthropic/fixtures/${name}`);
const decode = (name: string) => decodeStream(anthropicFormat, "anthropic", read(name));
const assemble = (name: string) => assembleEvents(decode(name));

test("decodes text, with cached and written tokens as part of the input", () => {
  const { choices, usage, ended } = assemble("text.sse");
  assert.deepEqual(choices, [
    { index: 0, content: [{ type: "text", text: 'Hello wörld "stop_reason":"x"' }], stopReason: "stop" },
  ]);
  assert.deepEqual(usage, {
    inputTokens: 1125,
    outputTokens: 89,
    cachedTokens: 1000,
    cacheWriteTokens: 100,
    reasoningTokens: null,
  });
  assert.equal(ended, true);
});

test("decodes tool calls, also one without arguments", () => {
  assert.deepEqual(assemble("tool-use.sse").choices[0], {
    index: 0,
    content: [
      { type: "text", text: "Let me check." },
      { type: "tool-call", id: "toolu_01A", name: "get_weather", arguments: '{"city": "Paris"}' },
      { type: "tool-call", id: "toolu_01B", name: "list_cities", arguments: "{}" },
    ],
    stopReason: "tool-use",
  });
});

test("decodes thinking with its signature, redacted thinking and thinking tokens", () => {
  const { choices, usage } = assemble("thinking.sse");
  assert.deepEqual(choices[0]?.content, [
    { type: "thinking", text: "Let me think.", signature: "EqQBCgIYAg==", issuer: "anthropic" },
    { type: "redacted-thinking", data: "EmwKAhgB", issuer: "anthropic" },
    { type: "text", text: "42" },
  ]);
  assert.equal(usage.reasoningTokens, 60);
  assert.equal(usage.inputTokens, 1130);
});

test("decodes the sequence that ended the answer, and every stop reason", () => {
  assert.equal(assemble("stop-sequence.sse").choices[0]?.stopSequence, "END");
  const reasons = {
    model_context_window_exceeded: "length",
    pause_turn: "pause",
    refusal: "refusal",
    max_tokens: "length",
  };
  for (const [word, reason] of Object.entries(reasons)) {
    const text = read("text.sse").toString().replace("end_turn", word);
    const { choices } = assembleEvents(decodeStream(anthropicFormat, "anthropic", Buffer.from(text)));
    assert.equal(choices[0]?.stopReason, reason);
  }
});

const strip = (events: ChatEvent[]) => events.slice(1);

test("decodes the same wherever the stream is cut", () => {
  for (const name of ["tool-use.sse", "thinking.sse"]) {
    const bytes = read(name);
    const whole = strip(decode(name));
    for (let n = 0; n <= bytes.length; n++) {
      const cut = decodeStream(anthropicFormat, "anthropic", bytes.subarray(0, n), bytes.subarray(n));
      assert.deepEqual(strip(cut), whole);
    }
  }
});

const push = (data: string) => () => anthropicFormat.streamDecoder("x").push("", data);

test("throws what the provider tells and what makes no sense, and is complete only at message_stop", () => {
  assert.throws(
    () => decode("error-event.sse"),
    (error: unknown) => {
      assert.ok(error instanceof ProviderStreamError);
      assert.deepEqual([error.error.type, error.error.message], ["overloaded_error", "Overloaded"]);
      return true;
    },
  );
  assert.throws(push("{"), InvalidAnswerError);
  assert.throws(push('{"type":"content_block_delta","index":0,"delta":{}}'), InvalidAnswerError);
  assert.throws(push('{"type":"message_start"}'), InvalidAnswerError);
  const ended = anthropicFormat.streamDecoder("x");
  for (const { name, data } of new SseReader().push(read("text.sse")).slice(0, -1)) ended.push(name, data);
  const late = '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}}';
  assert.throws(() => ended.push("", late), InvalidAnswerError);
  const decoder = anthropicFormat.streamDecoder("x");
  const events = new SseReader().push(read("text.sse"));
  for (const { name, data } of events.slice(0, -1)) decoder.push(name, data);
  assert.equal(decoder.complete, false);
  decoder.push("", '{"type":"message_stop"}');
  assert.equal(decoder.complete, true);
});

interface Wire {
  readonly type: string;
  readonly index?: number;
  readonly [field: string]: unknown;
}

function encode(events: readonly ChatEvent[], context = answerContext()): { text: string; wire: Wire[] } {
  const encoder = anthropicFormat.streamEncoder(context);
  const text = events.map((event) => encoder.encode(event)).join("");
  const wire = new SseReader().push(Buffer.from(text)).map(({ name, data }: SseEvent) => {
    const event = JSON.parse(data) as Wire;
    assert.equal(event.type, name);
    return event;
  });
  return { text, wire };
}

/** The rules of the dialect: one block at a time, indexes rising by one, the frame around them. */
function checkOrder(wire: readonly Wire[]): void {
  assert.equal(wire[0]?.type, "message_start");
  assert.deepEqual(
    wire.slice(-2).map((event) => event.type),
    ["message_delta", "message_stop"],
  );
  let open = -1;
  let next = 0;
  for (const event of wire.slice(1, -2)) {
    if (event.type === "content_block_start") {
      assert.equal(open, -1, "a block began inside another");
      assert.equal(event.index, next);
      open = next++;
    } else {
      assert.equal(event.index, open);
      if (event.type === "content_block_stop") open = -1;
      else assert.equal(event.type, "content_block_delta");
    }
  }
  assert.equal(open, -1);
}

test("encodes what it decodes", () => {
  for (const name of ["text.sse", "tool-use.sse", "thinking.sse", "stop-sequence.sse"]) {
    const events = decode(name);
    const { text, wire } = encode(events);
    checkOrder(wire);
    assert.deepEqual(
      assembleEvents(decodeStream(anthropicFormat, "anthropic", Buffer.from(text))),
      assembleEvents(events),
    );
  }
});

const START: ChatEvent = { type: "response-start", id: "r", model: "m", created: 1 };
const tool = (index: number): ChatEvent => ({
  type: "tool-call-start",
  choice: 0,
  index,
  id: `c${index}`,
  name: `f${index}`,
});
const args = (index: number, text: string): ChatEvent => ({
  type: "tool-call-delta",
  choice: 0,
  index,
  arguments: text,
});
const say = (text: string): ChatEvent => ({ type: "text-delta", choice: 0, text });
const END: ChatEvent[] = [{ type: "choice-end", choice: 0, stopReason: "tool-use" }, { type: "response-end" }];

test("tells the input estimate first and the true usage last", () => {
  const usage = { inputTokens: 50, outputTokens: 9, cachedTokens: 20, cacheWriteTokens: 5, reasoningTokens: 2 };
  const { wire } = encode([START, say("a"), { type: "usage", usage }, ...END]);
  assert.equal(JSON.stringify(wire[0]).includes(`"input_tokens":77`), true);
  assert.deepEqual(wire.at(-2)?.["usage"], {
    input_tokens: 25,
    cache_creation_input_tokens: 5,
    cache_read_input_tokens: 20,
    output_tokens: 9,
    output_tokens_details: { thinking_tokens: 2 },
  });
});

test("opens a new block for text behind a tool call", () => {
  const { wire } = encode([START, say("a"), tool(0), args(0, "{}"), say("b"), say("c"), ...END]);
  checkOrder(wire);
  const starts = wire.filter((event) => event.type === "content_block_start");
  assert.deepEqual(
    starts.map((event) => (event["content_block"] as Wire).type),
    ["text", "tool_use", "text"],
  );
});

test("serialises tool calls whose arguments come interleaved, and streams the first at once", () => {
  const encoder = anthropicFormat.streamEncoder(answerContext());
  encoder.encode(START);
  assert.match(encoder.encode(tool(0)), /content_block_start/);
  assert.match(encoder.encode(args(0, '{"a":')), /partial_json/);
  assert.equal(encoder.encode(tool(1)), "");
  assert.equal(encoder.encode(args(1, '{"b":2}')), "");
  // The first call is whole with this piece: it ends and the second follows.
  assert.match(encoder.encode(args(0, "1}")), /content_block_stop[^]*"c1"[^]*\{\\"b\\":2\}/);
});

test("names a provider's own thinking in the signature, so that it can go back to it", () => {
  const { wire } = encode([
    START,
    { type: "thinking-delta", choice: 0, text: "hm" },
    { type: "thinking-signature", choice: 0, signature: "", issuer: "deepseek" },
    say("a"),
    ...END,
  ]);
  assert.deepEqual(wire[3]?.["delta"], { type: "signature_delta", signature: "dbsig:deepseek:" });
});

test("ends a refused answer as a refusal, and tells the choice of others not at all", () => {
  const refusal: ChatEvent = { type: "refusal-delta", choice: 0, text: "no" };
  const other: ChatEvent = { type: "text-delta", choice: 1, text: "hidden" };
  const { wire, text } = encode([
    START,
    refusal,
    other,
    { type: "choice-end", choice: 0, stopReason: "stop" },
    { type: "response-end" },
  ]);
  assert.equal(JSON.stringify(wire.at(-2)?.["delta"]).includes(`"stop_reason":"refusal"`), true);
  assert.doesNotMatch(text, /hidden/);
});

test("any order of deltas makes a well-formed stream that loses nothing", () => {
  const event = fc.oneof(
    fc.record({ kind: fc.constant("text"), call: fc.constant(0), text: fc.string({ minLength: 1 }) }),
    fc.record({ kind: fc.constant("thinking"), call: fc.constant(0), text: fc.string({ minLength: 1 }) }),
    fc.record({ kind: fc.constant("args"), call: fc.nat(3), text: fc.constantFrom("{", '"a":', "1", "}", "{}", " ") }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 25 }), (steps) => {
      const started = new Set<number>();
      const sent = new Map<number, string>();
      const events: ChatEvent[] = [START];
      let text = "";
      let thinking = "";
      for (const step of steps) {
        if (step.kind === "text") {
          events.push(say(step.text));
          text += step.text;
        } else if (step.kind === "thinking") {
          events.push({ type: "thinking-delta", choice: 0, text: step.text });
          thinking += step.text;
        } else {
          if (!started.has(step.call)) events.push(tool(step.call));
          started.add(step.call);
          events.push(args(step.call, step.text));
          sent.set(step.call, (sent.get(step.call) ?? "") + step.text);
        }
      }
      const { wire, text: bytes } = encode([...events, ...END]);
      checkOrder(wire);
      const parts =
        assembleEvents(decodeStream(anthropicFormat, "anthropic", Buffer.from(bytes))).choices[0]?.content ?? [];
      const joined = (type: string) =>
        parts.map((part) => (part.type === type && "text" in part ? part.text : "")).join("");
      assert.equal(joined("text"), text);
      assert.equal(joined("thinking"), thinking);
      for (const part of parts) {
        if (part.type !== "tool-call") continue;
        // What follows a whole JSON value is nothing to a reader of it.
        const all = sent.get(Number(part.id.slice(1))) as string;
        assert.ok(all.startsWith(part.arguments) || part.arguments === "{}", `${all} / ${part.arguments}`);
        if (part.arguments !== all) assert.doesNotThrow(() => JSON.parse(part.arguments) as unknown);
      }
      assert.equal(parts.filter((part) => part.type === "tool-call").length, started.size);
    }),
    { seed: 7, numRuns: 500 },
  );
});

function views(name: string): string[] {
  const watch = anthropicFormat.watch();
  const splitter = new SseSplitter();
  splitter.feed(read(name));
  const types: string[] = [];
  while (splitter.next()) {
    const notable = watch.isNotable(splitter.bytes, splitter.dataStart, splitter.dataEnd);
    types.push(notable ? watch.view(splitter.name(), splitter.data()).type : "-");
  }
  return types;
}

test("watches raw streams: parses until content comes, then only what ends or counts", () => {
  assert.deepEqual(views("text.sse"), ["preface", "preface", "preface", "content", "-", "-", "finish", "end"]);
  assert.deepEqual(views("error-event.sse"), ["preface", "preface", "content", "error"]);
  const watch = anthropicFormat.watch();
  for (const { name, data } of new SseReader().push(read("thinking.sse"))) {
    const view = watch.view(name, data);
    if (view.type === "preface" && name === "message_start") assert.equal(view.usage?.inputTokens, 1125);
    if (view.type === "finish") {
      assert.deepEqual([view.stopReason, view.usage?.inputTokens, view.usage?.outputTokens], ["stop", 1130, 89]);
    }
  }
  assert.equal(watch.view("", "{").type, "invalid");
  const begun = anthropicFormat.watch();
  for (const { name, data } of new SseReader().push(read("text.sse")).slice(0, 4)) begun.view(name, data);
  const spaced = Buffer.from(
    '{"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "x"}}',
  );
  assert.equal(begun.isNotable(spaced, 0, spaced.length), false);
  assert.equal(begun.isNotable(spaced, 0, spaced.length - 3), true);
});
