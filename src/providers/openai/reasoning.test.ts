// Reasoning models get the fields that they take.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openai } from "./provider.ts";

test("reasoning models get max_completion_tokens, others what the caller wrote", () => {
  for (const model of ["o1", "o3-mini", "o4-mini-2025-04-16", "gpt-5", "gpt-5-nano", "gpt-5.1", "ft:o3-mini:me"])
    assert.deepEqual(openai.renames(model), [["max_tokens", "max_completion_tokens"]], model);
  for (const model of ["gpt-4o", "gpt-4.1", "gpt-3.5-turbo", "chatgpt-4o-latest", "text-embedding-3-small"])
    assert.deepEqual(openai.renames(model), [], model);
});

test("sampling parameters that a reasoning model refuses are dropped and told", () => {
  const body: Record<string, unknown> = { model: "o3", temperature: 0.2, top_p: 0.9, max_tokens: 5 };
  assert.deepEqual(openai.adjust(body, "o3"), [
    { field: "top_p", kind: "loss" },
    { field: "temperature", kind: "loss" },
  ]);
  assert.deepEqual(body, { model: "o3", max_completion_tokens: 5 });
});

test("a temperature of 1 is what they do anyway", () => {
  assert.deepEqual(openai.adjust({ temperature: 1 }, "gpt-5"), []);
});

test("without reasoning, and for chat models of the family, everything stays", () => {
  assert.deepEqual(openai.adjust({ temperature: 0.2, reasoning_effort: "none" }, "gpt-5.1"), []);
  assert.deepEqual(openai.adjust({ temperature: 0.2 }, "gpt-5-chat-latest"), []);
  assert.deepEqual(openai.adjust({ temperature: 0.2 }, "gpt-4o"), []);
});
