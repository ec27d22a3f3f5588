// The tier of a request by the words of what the user said last.
import assert from "node:assert/strict";
import { test } from "node:test";
import { STANDARD_COMPLEXITY } from "../../core/complexity.ts";
import { complexityScore, complexityTier } from "./complexity.ts";

const words = (codeWords: string[], reasoningWords: string[], technicalWords: string[], simpleWords: string[]) => ({
  ...STANDARD_COMPLEXITY,
  codeWords,
  reasoningWords,
  technicalWords,
  simpleWords,
});
const OWN = words(["code", "c++"], ["step by step", "prove", "why"], ["kernel"], ["hello"]);

const score = (text: string): number => Math.round(complexityScore(text, OWN) * 1000) / 1000;

test("each kind of word has its share of the score, three different ones are all of it", () => {
  assert.equal(score(""), 0);
  assert.equal(score("hello"), 0);
  // the length counts too: 400 words are all of its tenth
  assert.equal(score("code code"), 0.1);
  assert.equal(score("C++ and code"), 0.201);
  assert.equal(score("prove it step by step, why"), 0.252);
  assert.equal(score("step by the step"), 0.001);
  assert.equal(score("hello kernel"), 0.034);
  assert.equal(score("decode kernels"), 0.001);
  assert.equal(score("word ".repeat(400)), 0.1);
});

test("tiers begin at their thresholds, which are configured", () => {
  const tier = (text: string, entity: typeof OWN | null): string => complexityTier(text, entity);
  assert.equal(tier("Hi, what is the capital of France?", null), "SIMPLE");
  assert.equal(tier("Write a python function that parses json", null), "MEDIUM");
  const hard =
    "Analyze the trade-offs of this distributed architecture: debug the python code, compare latency step by step";
  assert.equal(tier(hard, null), "REASONING");
  assert.equal(tier("code", { ...OWN, medium: 0.05, complex: 0.1, reasoning: 0.9 }), "COMPLEX");
});

test("of a long text both ends are looked at, and no more", () => {
  const middle = "x ".repeat(100_000);
  const share = (text: string): number => complexityScore(text, OWN) - complexityScore(middle, OWN);
  assert.ok(share(`code ${middle}`) > 0.09);
  assert.ok(share(`${middle} code`) > 0.09);
  assert.equal(share(`${middle} code ${middle}`), 0);
});
