// Stored bytes become readable text, whole or cut off anywhere.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { closeJson, inputText } from "./content-text.ts";

const text = (value: unknown): string => inputText(Buffer.from(JSON.stringify(value)), false);

test("the text of a message is found in every form it has", () => {
  assert.equal(text("plain"), "plain");
  assert.equal(text({ role: "user", content: "hello" }), "hello");
  assert.equal(
    text([
      { type: "text", text: "one" },
      { type: "image_url", image_url: { url: "data:" } },
    ]),
    "one\n[image_url]",
  );
  assert.equal(text({ role: "user", content: [{ type: "tool_result", content: [{ type: "text", text: "7" }] }] }), "7");
  assert.equal(text({ role: "user", content: null }), "");
});

test("what is no JSON is kept as it came", () => {
  assert.equal(inputText(Buffer.from("no json"), false), "no json");
  assert.equal(inputText(Buffer.from("[[[nonsense"), true), "[[[nonsense");
});

test("a message cut off anywhere gives the beginning of its text", () => {
  const content = 'say "é\\\u0001日本" \u{1f600} and so on';
  const bytes = Buffer.from(JSON.stringify({ role: "user", content }));
  const begin = bytes.indexOf('"say') + 1;
  for (let length = begin; length < bytes.length - 2; length++) {
    const cut = inputText(bytes.subarray(0, length), true);
    assert.ok(content.startsWith(cut.toWellFormed().replace(/\ufffd$/, "")), `${length}: ${cut}`);
  }
});

test("JSON cut off inside a string can always be closed", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ unit: "binary" }), fc.nat(1000), (before, last, at) => {
      const bytes = Buffer.from(JSON.stringify({ before, last: `${last} ` }));
      const begin = bytes.lastIndexOf('"last":"') + 8;
      const cut = bytes.subarray(0, begin + (at % (bytes.length - begin - 1)));
      const closed = JSON.parse(closeJson(cut)) as { before: unknown; last: string };
      assert.deepEqual(closed.before, JSON.parse(JSON.stringify(before)));
    }),
    { numRuns: 500, seed: 3 },
  );
});

test("whatever is cut wherever never throws", () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(1000), (json, at) => {
      const bytes = Buffer.from(json);
      assert.equal(typeof inputText(bytes.subarray(0, at % (bytes.length + 1)), true), "string");
    }),
    { numRuns: 500, seed: 4 },
  );
});
