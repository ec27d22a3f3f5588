// Models lists are read in every shape that providers give them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidAnswerError } from "../../core/formats.ts";
import { readModelsList } from "./models-list.ts";

test("the context window is found under every name that providers use", () => {
  for (const name of ["context_length", "context_window", "max_context_length", "max_model_len", "max_input_tokens"])
    assert.equal(readModelsList({ data: [{ id: "a", [name]: 8192 }] })[0]?.contextWindow, 8192, name);
  for (const value of [-1, 0, "8192", null, Number.NaN])
    assert.equal(readModelsList({ data: [{ id: "a", context_length: value }] })[0]?.contextWindow, null);
});

test("a bare array is a list too, and times come as seconds or as text", () => {
  const [first, second] = readModelsList([
    { id: "a", created: 1_700_000_000, organization: "Meta" },
    { id: "b", created_at: "2024-10-22T00:00:00Z", owned_by: "me" },
  ]);
  assert.deepEqual(first, { id: "a", contextWindow: null, created: 1_700_000_000, ownedBy: "Meta" });
  assert.deepEqual(second, { id: "b", contextWindow: null, created: 1_729_555_200, ownedBy: "me" });
});

test("of repeated ids the first stays", () => {
  assert.deepEqual(
    readModelsList([
      { id: "a", context_length: 1 },
      { id: "a", context_length: 2 },
    ]).map((model) => model.contextWindow),
    [1],
  );
});

test("a list beyond every reason is refused", () => {
  assert.throws(() => readModelsList(Array.from({ length: 20_001 }, (_, i) => ({ id: `m${i}` }))), InvalidAnswerError);
});
