// What answers and events of the OpenAI dialect tell of their usage, read in their bytes and parsed.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { openaiFormat } from "./format.ts";
import { readPlainUsage } from "./plain-usage.ts";
import { decodeUsage, findUsage, readUsage } from "./usage.ts";

const count = fc.oneof(fc.nat(3), fc.nat(200_000), fc.constantFrom(null, -1, 1.5, 2e9, 123456789, "7"));
const details = (...names: readonly string[]): fc.Arbitrary<unknown> =>
  fc.oneof(fc.constant(null), fc.record(Object.fromEntries(names.map((name) => [name, count])), { requiredKeys: [] }));
const usages = fc.record(
  {
    prompt_tokens: count,
    completion_tokens: count,
    total_tokens: count,
    prompt_tokens_details: details("cached_tokens", "audio_tokens", "cache_write_tokens", "image_tokens"),
    completion_tokens_details: details("reasoning_tokens", "audio_tokens", "accepted_prediction_tokens"),
    cost: fc.constantFrom(undefined, 0.001, { total_cost: 1 }),
  },
  { requiredKeys: ["prompt_tokens"] },
);

test("a usage that is read without parsing says what the parsed one says, or is left to the parser", () => {
  let plain = 0;
  fc.assert(
    fc.property(usages, (usage) => {
      const bytes = Buffer.from(`x${JSON.stringify(usage)}y`);
      const read = readPlainUsage(bytes, 1, bytes.length - 1);
      if (read !== null) {
        plain++;
        assert.deepEqual(read, decodeUsage(usage));
        assert.equal("cost" in usage && usage.cost !== undefined, false);
      }
      assert.deepEqual(readUsage(bytes, 1, bytes.length - 1).usage, decodeUsage(usage));
    }),
    { seed: 11, numRuns: 3000 },
  );
  assert.ok(plain > 20, `${plain} read without parsing`);
});

test("the same spelling with other numbers is read without parsing", () => {
  for (const [prompt, completion, cached, reasoning] of [
    [0, 0, 0, 0],
    [123_456, 7, 1024, 7],
    [9, 99_999, 9, 0],
  ]) {
    const usage = {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: (prompt ?? 0) + (completion ?? 0),
      prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: reasoning, accepted_prediction_tokens: 3 },
    };
    const bytes = Buffer.from(JSON.stringify(usage, null, 1));
    // a new spelling is not learnt from at every sight
    for (let i = 0; i < 64 && readPlainUsage(bytes, 0, bytes.length) === null; i++);
    assert.deepEqual(readPlainUsage(bytes, 0, bytes.length), decodeUsage(usage));
  }
});

test("what says more than counts is left to the parser", () => {
  const more: unknown[] = [
    { prompt_tokens: 5, completion_tokens: 5, prompt_tokens_details: { audio_tokens: 2 } },
    { prompt_tokens: 5, completion_tokens: 5, total_tokens: 13, completion_tokens_details: { reasoning_tokens: 3 } },
    { prompt_tokens: 5, completion_tokens: 5, cost: 1 },
    { prompt_tokens: 5, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 6 } },
    { prompt_tokens: 1_000_000_000_000, completion_tokens: 5 },
    { prompt_tokens: -1, completion_tokens: 5 },
    { prompt_tokens: 5 },
  ];
  for (const usage of more) {
    const bytes = Buffer.from(JSON.stringify(usage));
    assert.equal(readPlainUsage(bytes, 0, bytes.length), null, JSON.stringify(usage));
  }
});

const told = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13, num_sources_used: 2 };

test("a report that says more than counts rides along with answers and events", () => {
  const message = { choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }] };
  for (const pad of ["", "x".repeat(20_000)]) {
    const view = openaiFormat.inspect(Buffer.from(JSON.stringify({ ...message, pad, usage: told })));
    assert.ok(view.type === "answer" && view.report !== null);
    const { usage } = view.report;
    assert.deepEqual(typeof usage === "string" ? JSON.parse(usage) : usage, told);
  }
  const watch = openaiFormat.watch();
  const event = Buffer.from(JSON.stringify({ choices: [], usage: told }));
  const glanced = watch.glance?.(event, 0, event.length);
  assert.deepEqual(JSON.parse(glanced?.report?.usage as string), told);
  assert.deepEqual(watch.view("", event.toString()).report?.usage, told);
});

test("the tier of an answer is told unless it is the standard one", () => {
  const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };
  for (const [tier, expected] of [
    ["flex", "flex"],
    ["priority", "priority"],
    ["default", null],
    [undefined, null],
  ]) {
    const choices = [{ index: 0, message: { content: "hi" }, finish_reason: "stop" }];
    const view = openaiFormat.inspect(Buffer.from(JSON.stringify({ choices, service_tier: tier, usage })));
    assert.equal(view.type === "answer" ? (view.report?.serviceTier ?? null) : "", expected);
    const event = Buffer.from(JSON.stringify({ choices: [], service_tier: tier, usage }));
    const glanced = openaiFormat.watch().glance?.(event, 0, event.length);
    assert.equal(glanced?.report?.serviceTier ?? null, expected);
  }
});

test("a refusal with usage tells it; anything else tells nothing", () => {
  const error = { error: { message: "no" }, usage: told };
  assert.equal(findUsage(Buffer.from(JSON.stringify(error)))?.usage.inputTokens, 9);
  assert.equal(openaiFormat.watch().view("", JSON.stringify(error)).usage?.outputTokens, 4);
  for (const text of ["", "<html>usage", '{"usage":3}', '{"usage":', '[{"usage":{}}]', '{"error":"usage"}'])
    assert.equal(findUsage(Buffer.from(text)), null, text);
});

test("the text of an event is counted in bytes without its escapes", () => {
  const watch = openaiFormat.watch();
  const events: readonly (readonly [delta: unknown, bytes: number])[] = [
    [{ role: "assistant", content: "" }, 0],
    [{ content: "Hello" }, 5],
    [{ content: 'a "b" \\ \n é 😀' }, 17],
    [{ content: null, reasoning_content: "hm, well" }, 8],
    [{ reasoning: "hm", reasoning_details: [{ type: "reasoning.text", text: "hm" }] }, 2],
    [{ reasoning_details: [{ type: "reasoning.text", text: "hm" }] }, 2],
    [{ refusal: "no" }, 2],
    [
      { tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "get", arguments: '{"a":1}' } }] },
      10,
    ],
    [{ content: [{ type: "text", text: "abc" }] }, 3],
    [{ content: [{ type: "thinking", thinking: [{ type: "text", text: "abc" }] }] }, 3],
    [{}, 0],
  ];
  for (const space of [undefined, 1])
    for (const [delta, expected] of events) {
      const data = `xx${JSON.stringify({ id: "delta", choices: [{ index: 0, delta, finish_reason: null }] }, null, space)}yy`;
      const bytes = Buffer.from(data);
      assert.equal(watch.textBytes(bytes, 2, bytes.length - 2), expected, data);
    }
  const two = Buffer.from(JSON.stringify({ choices: [{ delta: { content: "ab" } }, { delta: { content: "c" } }] }));
  assert.equal(watch.textBytes(two, 0, two.length), 3);
});
