// Estimates: defaults at first, what was learned later, bounds for hard budgets, and why targets are passed over.
import assert from "node:assert/strict";
import { test } from "node:test";
import { mediaKind } from "../core/media.ts";
import type { RequestSize, TargetPrice } from "../core/request-size.ts";
import type { TargetAsk } from "./admission-ask.ts";
import { Estimator } from "./estimator.ts";
import { LearnedQuantile } from "./learned-quantile.ts";
import { NO_LEVELS } from "./levels.ts";
import { askOf, type Prospect } from "./target-ask.ts";

const price: TargetPrice = {
  cost: (input, output) => input * 10 + output * 40,
  bound: (input, output, tools) => input * 20 + output * 80 + tools * 1000,
};
const size: RequestSize = { textBytes: 4000, media: [], maxTokens: null, n: 1 };
const answered = { textBytes: 4000, media: [], inputTokens: 800, outputTokens: 50, inputCost: 4000, n: 1 };

/** The requests of one key to one model, looked up anew each time. */
function at(estimator: Estimator, keyId: string | null) {
  return {
    estimate: (asked: RequestSize, at = price) => estimator.estimate(estimator.here(keyId, "m"), asked, at),
    learn: (told: typeof answered) => estimator.learn(estimator.here(keyId, "m"), told),
  };
}

test("a quarter of a token a byte and 1,024 tokens of output, before anything was learned", () => {
  const estimate = at(new Estimator(), "k").estimate(size);
  assert.deepEqual(estimate, { inputTokens: 1000, outputTokens: 1024, cost: 1000 * 10 + 1024 * 40 });
});

test("output never more than max_tokens, times n", () => {
  const { outputTokens } = at(new Estimator(), null).estimate({ ...size, maxTokens: 100, n: 3 });
  assert.equal(outputTokens, 300);
});

test("a picture counts 1,600 tokens however many bytes it has", () => {
  const media = [{ kind: "image", count: 2, bytes: 900_000 } as const];
  const { inputTokens } = at(new Estimator(), null).estimate({ ...size, media });
  assert.equal(inputTokens, 1000 + 3200);
  assert.equal(mediaKind("application/pdf"), "document");
});

test("what a key's input was billed is learned, then that of the model, cached tokens at their price", () => {
  const estimator = new Estimator();
  for (let i = 0; i < 30; i++) at(estimator, "k").learn(answered);
  const own = at(estimator, "k").estimate(size);
  assert.equal(own.inputTokens, 800);
  assert.equal(own.outputTokens, 50);
  assert.equal(own.cost, 4000 + 50 * 40);
  assert.deepEqual(at(estimator, "another").estimate(size), own);
});

test("the quantile follows what is recent and ignores what is no number", () => {
  const quantile = new LearnedQuantile(0.5);
  for (let i = 0; i < 200; i++) quantile.learn(100);
  for (const nonsense of [Number.NaN, -1, 0, Number.POSITIVE_INFINITY]) quantile.learn(nonsense);
  assert.equal(quantile.count, 200);
  for (let i = 0; i < 100; i++) quantile.learn(300);
  assert.ok(Math.abs(quantile.value - 300) < 1);
  const high = new LearnedQuantile(0.9);
  for (let i = 0; i < 2000; i++) high.learn(1 + ((i * 37) % 100));
  assert.ok(high.value > 75 && high.value < 101, `${high.value}`);
});

test("what was found once beside a key's levels learns and estimates like its names; all keys of a model learn from it too", () => {
  const estimator = new Estimator();
  const here = estimator.here("k", "m");
  for (let i = 0; i < 400; i++) estimator.learn(here, answered);
  assert.deepEqual(estimator.estimate(here, size, price), at(estimator, "k").estimate(size));
  assert.equal(at(estimator, "another").estimate(size).inputTokens, 800);
  for (let i = 0; i < 2000; i++) estimator.learn(here, { ...answered, inputTokens: 1600 });
  assert.ok(at(estimator, "another").estimate(size).inputTokens > 1500, "what changes later is learned too");
});

test("memory is bounded whatever keys there are", () => {
  const estimator = new Estimator(100);
  for (let i = 0; i < 1000; i++) estimator.learn(estimator.here(`k${i}`, `m${i}`), answered);
  assert.ok(estimator.size <= 200);
});

const prospect: Prospect = {
  provider: "openai",
  model: "gpt",
  levels: { ...NO_LEVELS, hasHard: true, hasBudget: true },
  size: { ...size, maxTokens: 10 },
  price,
  maxOutputTokens: null,
  toolCalls: 0,
  unpriced: "allow",
  maxCost: null,
};

/** By an estimator that has learned nothing. */
function asked(one: Prospect): TargetAsk {
  return askOf(one, at(new Estimator(), "k").estimate(one.size, one.price));
}

test("a hard budget reserves bytes as tokens at the dearest price, times n, with tools", () => {
  const ask = asked({ ...prospect, size: { ...size, maxTokens: 10, n: 2 }, toolCalls: 3 });
  assert.equal(ask.bound, 2 * (4000 * 20 + 10 * 80 + 3 * 1000));
  assert.equal(ask.passed, null);
});

test("where a bound is missing the target is passed over and the field is named", () => {
  assert.equal(asked({ ...prospect, size }).passed?.param, "max_tokens");
  assert.equal(asked({ ...prospect, size, maxOutputTokens: 100 }).passed, null);
  assert.equal(asked({ ...prospect, toolCalls: null }).passed?.param, "max_tool_calls");
  const unpriced = { cost: () => null, bound: () => null };
  assert.equal(asked({ ...prospect, price: unpriced }).passed?.reason, "unpriced");
});

test("models without a price are denied or reserve nothing, by policy; x-bf-max-cost passes dear ones over", () => {
  const soft = { ...prospect, levels: NO_LEVELS };
  const unpriced = { cost: () => null, bound: () => null };
  assert.deepEqual(asked({ ...soft, price: unpriced }).cost, 0);
  assert.equal(asked({ ...soft, price: unpriced, unpriced: "deny" }).passed?.reason, "unpriced");
  const { passed } = asked({ ...soft, maxCost: 5 });
  assert.equal(passed?.reason, "max-cost");
});
