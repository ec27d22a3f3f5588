// Tests of the search for equal texts: it names all that are equal, in their order, however many there are.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { EqualTexts } from "./equal-texts.ts";

/** Groups of equal texts as a plain search finds them. */
function groupsOf(texts: readonly string[]): number[][] {
  const byText = new Map<string, number[]>();
  for (const [index, text] of texts.entries()) if (text !== "") byText.set(text, [...(byText.get(text) ?? []), index]);
  return [...byText.values()].filter((group) => group.length > 1);
}

/** What is left of the candidates once they are compared. */
function found(texts: readonly string[]): number[][] {
  const equal = new EqualTexts();
  for (const [index, text] of texts.entries()) equal.note(text, index);
  return equal.candidates().flatMap((group) => {
    assert.deepEqual(
      group,
      [...group].sort((a, b) => a - b),
    );
    return groupsOf(texts.map((text, index) => (group.includes(index) ? text : "")));
  });
}

const byFirst = (a: number[], b: number[]): number => a[0]! - b[0]!;

test("finds what a plain search finds", () => {
  const texts = fc.array(fc.oneof(fc.constantFrom("", "a", "b", "ab"), fc.string({ maxLength: 3 })), { maxLength: 40 });
  fc.assert(
    fc.property(texts, (list) => assert.deepEqual(found(list).sort(byFirst), groupsOf(list).sort(byFirst))),
    { seed: 3, numRuns: 500 },
  );
});

test("long texts that differ at their end alone are candidates, not equal", () => {
  const long = "x".repeat(200);
  assert.deepEqual(found([`${long}1`, `${long}2`, `${long}1`]), [[0, 2]]);
});

test("a hundred thousand texts", () => {
  const equal = new EqualTexts();
  for (let index = 0; index < 100_000; index++) equal.note(`tenant ${index % 99_999}`, index);
  const groups = equal.candidates();
  assert.ok(groups.some((group) => group[0] === 0 && group[1] === 99_999));
  assert.ok(groups.length < 20, `${groups.length} groups`);
});
