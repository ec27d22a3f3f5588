// Large JSON opens at once, because what is folded costs nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonLines } from "./json-lines.ts";

const NOTHING = { flipped: new Set<string>(), whole: new Set<string>() };

test("a list of thousands begins with a page, and opens whole when asked", () => {
  const value = { messages: Array.from({ length: 2_000 }, (_, index) => ({ role: "user", content: `m${index}` })) };
  const lines = jsonLines(value, NOTHING);
  assert.ok(lines.length < 150);
  assert.deepEqual(
    lines.filter((line) => line.type === "more").map((line) => line.rest),
    [1_900],
  );
  assert.equal(
    jsonLines(value, { ...NOTHING, whole: new Set(["$/messages"]) }).filter((line) => line.type === "fold").length,
    2_002,
  );
});

test("a text of megabytes is cut until it is asked for", () => {
  const value = { content: "x".repeat(5_000_000) };
  const [, line] = jsonLines(value, NOTHING);
  assert.ok(line?.type === "leaf" && line.isCut && line.text.length < 700);
  const [, whole] = jsonLines(value, { ...NOTHING, whole: new Set(["$/content"]) });
  assert.ok(whole?.type === "leaf" && !whole.isCut && whole.text.length === 5_000_002);
});

test("folds flip, and names, kinds and ends are told", () => {
  const value = { a: 1, b: [null, true], c: {} };
  assert.deepEqual(
    jsonLines(value, { ...NOTHING, flipped: new Set(["$/b"]) }).map((line) =>
      "text" in line ? line.text : "words" in line ? line.words : "",
    ),
    ["{", "1", "[ 2 ]", "{ }", "}"],
  );
});
