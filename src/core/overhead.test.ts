// The gateway's own time has neither the provider's nor the waiting in it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ExchangeSpec, fixtureExchange } from "./exchange-fixture.ts";
import { overheadUs } from "./overhead.ts";

const cases: readonly (readonly [string, ExchangeSpec, number])[] = [
  [
    "an answered request: before the call and after the answer",
    { sentAt: 0.25, answerEndedAt: 100, endedAt: 100.125 },
    375,
  ],
  ["without what it waited for room", { sentAt: 50.25, waited: 50, answerEndedAt: 100, endedAt: 100.125 }, 375],
  ["a refused request: all of it", { attempts: [], outcome: "error", endedAt: 0.5 }, 500],
  ["a refused request that waited", { attempts: [], outcome: "error", waited: 30, endedAt: 30.5 }, 500],
  [
    "a failed one: behind its last attempt",
    { sentAt: 0.25, outcome: "error", attempts: [{ endedAt: 9 }], endedAt: 9.25 },
    500,
  ],
  ["not known before it is settled", {}, -1],
];

for (const [title, spec, expected] of cases)
  test(title, () => {
    assert.equal(overheadUs(fixtureExchange(spec)), expected);
  });
