// What attempts are charged, against sums that are made here from what the provider told or sent.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { PlannedTarget } from "../core/decision.ts";
import type { Attempt, Exchange } from "../core/exchange.ts";
import { fixtureExchange } from "../core/exchange-fixture.ts";
import type { ModelPrice, PriceTarget } from "../core/price.ts";
import type { ProviderKey } from "../core/snapshot.ts";
import type { RawUsage, Usage } from "../core/usage.ts";
import { type Charged, chargeAttempt } from "./charge.ts";
import { priceOf, usageOf } from "./prices/testing.ts";

/** Pico-dollars a token. */
const RATES = { input: 3_000_000, cached_input: 300_000, cache_write_5m: 3_750_000, output: 15_000_000 };
const price = priceOf(RATES, { maxInputTokens: 100_000 });
const BODY = Buffer.from(JSON.stringify({ model: "m", messages: [{ role: "user", content: "x".repeat(357) }] }));
const NOTHING_TOLD: Usage = {
  inputTokens: null,
  outputTokens: null,
  cachedTokens: null,
  cacheWriteTokens: null,
  reasoningTokens: null,
};

interface Case {
  readonly usage?: Partial<Usage> | null;
  readonly raw?: RawUsage | null;
  readonly textOut?: number;
  /** Content came of it. */
  readonly isAnswer?: boolean;
  readonly attempt?: Partial<Attempt>;
  readonly price?: ModelPrice | null;
  readonly base?: string;
  readonly operation?: string;
}

interface Outcome extends Charged {
  readonly attempt: Attempt;
}

function targetOf(base: string): PlannedTarget {
  return {
    provider: { name: "mine", adapter: { name: base } },
    model: "m-1",
    askedModel: "m",
    contextWindow: null,
  } as unknown as PlannedTarget;
}

const KEY = { id: "key-1", name: "main", entity: {} } as unknown as ProviderKey;

function exchangeOf(given: Case): Exchange {
  const exchange = fixtureExchange({ body: BODY, attempts: [given.attempt ?? {}], answeredBy: -1, outcome: "error" });
  const attempt = exchange.attempts[0] as Attempt;
  attempt.usage = given.usage == null ? null : { ...NOTHING_TOLD, ...given.usage };
  attempt.rawUsage = given.raw ?? null;
  exchange.textOut = given.textOut ?? 0;
  if (given.isAnswer === true) exchange.answeredBy = attempt;
  if (given.operation !== undefined) Object.assign(exchange, { endpoint: { operation: given.operation } });
  return exchange;
}

function charge(given: Case, seen?: (target: PriceTarget) => void): Outcome {
  const exchange = exchangeOf(given);
  const attempt = exchange.attempts[0] as Attempt;
  const prices = {
    priceOf: (target: PriceTarget) => {
      seen?.(target);
      return given.price === undefined ? price : given.price;
    },
  };
  return { ...chargeAttempt(exchange, attempt, targetOf(given.base ?? "openai"), KEY, prices), attempt };
}

/** The documented count, in nano-dollars. */
function countedCost(textOut: number): number {
  return Math.ceil(BODY.length / 4) * 3000 + Math.ceil(textOut / 4) * 15_000;
}

test("a report is charged at its prices, and told for estimates", () => {
  const raw = usageOf({ input: 100, cached_input: 50, output: 10 });
  const { attempt, ...charged } = charge({ isAnswer: true, usage: { inputTokens: 150, outputTokens: 10 }, raw });
  assert.deepEqual(charged, {
    cost: 100 * 3000 + 50 * 300 + 10 * 15_000,
    tokens: 160,
    isUnknown: false,
    inputCost: 100 * 3000 + 50 * 300,
    inputTokens: 150,
    outputTokens: 10,
  });
  assert.equal(attempt.usageOrigin, "reported");
  assert.equal(attempt.cost?.nano, charged.cost);
  assert.equal(attempt.rawUsage, raw);
});

test("the price is that of the target, the key and the kind of request", () => {
  let seen: PriceTarget | null = null;
  charge({ attempt: { model: "m-1" }, base: "anthropic" }, (target) => (seen = target));
  assert.deepEqual(seen, {
    provider: "mine",
    base: "anthropic",
    model: "m-1",
    askedModel: "m",
    modelName: null,
    providerKeyId: "key-1",
    providerKeyName: "main",
    virtualKeyId: null,
    requestType: "chat_completion",
  });
});

test("an answer without a report is counted: body and text, a quarter of a token a byte, begun ones whole", () => {
  for (const usage of [null, {}, { inputTokens: null }] as const) {
    const { attempt, ...charged } = charge({ isAnswer: true, usage, textOut: 41 });
    assert.equal(charged.cost, countedCost(41));
    assert.equal(charged.isUnknown, true);
    assert.deepEqual([charged.inputCost, charged.inputTokens, charged.outputTokens], [null, null, null]);
    assert.equal(attempt.usageOrigin, "counted");
    assert.deepEqual(attempt.rawUsage?.counts, { input: Math.ceil(BODY.length / 4), output: 11 });
  }
});

test("of a broken stream whose provider told its input alone the output is counted", () => {
  const raw = usageOf({ input: 40, cached_input: 5, output: 1 });
  const given: Case = { isAnswer: true, usage: { inputTokens: 45 }, raw, textOut: 100 };
  const { attempt, cost } = charge({ ...given, attempt: { outcome: "server-error", possiblyBilled: true } });
  assert.equal(cost, 40 * 3000 + 5 * 300 + 25 * 15_000);
  assert.equal(attempt.usageOrigin, "counted");
});

test("a failure is free, and unknown where it may have been billed", () => {
  const failed = { outcome: "server-error", status: 500 };
  const { attempt, ...charged } = charge({ attempt: failed });
  const nothing = { cost: 0, tokens: 0, isUnknown: false, inputCost: null, inputTokens: null, outputTokens: null };
  assert.deepEqual(charged, nothing);
  assert.deepEqual([attempt.cost, attempt.rawUsage, attempt.usageOrigin], [null, null, "none"]);
  const { attempt: _timedOut, ...maybe } = charge({ attempt: { ...failed, outcome: "timeout", possiblyBilled: true } });
  assert.deepEqual(maybe, { ...nothing, isUnknown: true });
});

test("a failure that reports usage is charged, unless the report is absurd", () => {
  const failed = { outcome: "server-error", status: 500, possiblyBilled: true };
  const raw = usageOf({ input: 70 });
  const told = charge({ attempt: failed, usage: { inputTokens: 70 }, raw });
  assert.deepEqual([told.cost, told.isUnknown, told.attempt.usageOrigin], [210_000, false, "reported"]);
  const absurd = charge({ attempt: failed, usage: { inputTokens: 100_001 }, raw: usageOf({ input: 100_001 }) });
  assert.deepEqual([absurd.cost, absurd.attempt.usageOrigin], [0, "none"]);
});

test("more than the model's window can hold is refused, counted and flagged", () => {
  const raw = usageOf({ input: 100_001, output: 7 });
  const given: Case = { isAnswer: true, usage: { inputTokens: 100_001, outputTokens: 7 }, raw, textOut: 9 };
  const { attempt, cost } = charge(given);
  assert.equal(cost, Math.ceil(BODY.length / 4) * 3000 + 7 * 15_000);
  assert.deepEqual([attempt.usageOrigin, attempt.rawUsage?.refused], ["counted", ["input_tokens"]]);
  const whole = charge({ ...given, price: priceOf(RATES) });
  assert.equal(whole.cost, 100_001 * 3000 + 7 * 15_000);
  // tools of the provider ask its model again and again
  const searched = charge({ ...given, raw: usageOf({ input: 100_001, output: 7, web_search: 2 }) });
  assert.equal(searched.attempt.usageOrigin, "reported");
  const many = charge({ ...given, operation: "embeddings" });
  assert.equal(many.attempt.usageOrigin, "reported");
});

test("an embedding has no output to report", () => {
  const raw = usageOf({ input: 12 });
  const told = charge({ isAnswer: true, usage: { inputTokens: 12 }, raw, operation: "embeddings" });
  assert.deepEqual([told.cost, told.attempt.usageOrigin], [36_000, "reported"]);
  const silent = charge({ isAnswer: true, operation: "embeddings" });
  assert.equal(silent.cost, countedCost(0));
});

test("a provider's own figure wins where it is known to, beside what we compute", () => {
  const raw = usageOf({ input: 100, output: 10 }, { reportedNano: 123 });
  const given: Case = { isAnswer: true, usage: { inputTokens: 100, outputTokens: 10 }, raw };
  const routed = charge({ ...given, base: "openrouter" });
  assert.deepEqual([routed.cost, routed.attempt.cost?.computed.nano], [123, 450_000]);
  assert.equal(charge({ ...given, base: "xai" }).cost, 450_000);
});

test("what has no price costs nothing and is named", () => {
  const given: Case = { isAnswer: true, usage: { inputTokens: 100, outputTokens: 10 }, raw: usageOf({ input: 100 }) };
  const unknown = charge({ ...given, price: null });
  assert.deepEqual([unknown.cost, unknown.inputCost, unknown.attempt.cost?.unpriced], [0, null, ["input"]]);
});

/** Dearer from this moment on. */
function changedAt(until: number): ModelPrice {
  const periods = [
    { from: null, to: until, windows: null, rates: RATES },
    { from: until, to: null, windows: null, rates: { input: 9_000_000, output: 0 } },
  ];
  return { ...price, periods };
}

test("requests are charged the prices of the moment at which they were accepted", () => {
  const at = fixtureExchange().acceptedAt;
  const given: Case = { isAnswer: true, usage: { inputTokens: 10, outputTokens: 0 }, raw: usageOf({ input: 10 }) };
  assert.equal(charge({ ...given, price: changedAt(at + 1) }).cost, 30_000);
  assert.equal(charge({ ...given, price: changedAt(at) }).cost, 90_000);
});

test("Σ of what random attempts are charged is Σ of what they truly cost by the rule", () => {
  const attempts = fc.record({
    isAnswer: fc.boolean(),
    report: fc.option(fc.record({ input: fc.nat(50_000), cached: fc.nat(20_000), output: fc.nat(9_000) })),
    textOut: fc.nat(5_000),
  });
  fc.assert(
    fc.property(fc.array(attempts, { maxLength: 8 }), (list) => {
      let [sum, expected] = [0, 0];
      for (const { isAnswer, report, textOut } of list) {
        const raw = report && usageOf({ input: report.input, cached_input: report.cached, output: report.output });
        const usage = report && { inputTokens: report.input + report.cached, outputTokens: report.output };
        sum += charge({ isAnswer, raw, usage, textOut: isAnswer ? textOut : 0 }).cost;
        if (report !== null) expected += report.input * 3000 + report.cached * 300 + report.output * 15_000;
        else if (isAnswer) expected += countedCost(textOut);
      }
      assert.equal(sum, expected);
    }),
    { seed: 5 },
  );
});
