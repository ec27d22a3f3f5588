// The time to wait is read from every header that tells it.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { headersOf } from "./contract.ts";
import { readDuration, readReset } from "./durations.ts";
import { MAX_REST, restHint } from "./rest-hint.ts";

const NOW = Date.UTC(2026, 0, 1);
const hint = (headers: Record<string, string>): number | null => restHint(headersOf(headers), NOW);

test("Retry-After counts in seconds, also with a fraction", () => {
  assert.equal(hint({ "retry-after": "2" }), 2000);
  assert.equal(hint({ "retry-after": "0" }), 0);
  assert.equal(hint({ "retry-after": "0.25" }), 250);
});

test("Retry-After may be a date; one that has passed means now", () => {
  assert.equal(hint({ "retry-after": new Date(NOW + 3000).toUTCString() }), 3000);
  assert.equal(hint({ "retry-after": new Date(NOW - 3000).toUTCString() }), 0);
});

test("retry-after-ms is more exact and wins", () => {
  assert.equal(hint({ "retry-after": "2", "retry-after-ms": "1500" }), 1500);
});

test("durations are read as OpenAI spells them", () => {
  for (const [text, ms] of [
    ["1s", 1000],
    ["6m0s", 360_000],
    ["250ms", 250],
    ["1h2m3s", 3_723_000],
    ["7.66s", 7660],
    ["1m30.5s", 90_500],
  ] as const)
    assert.equal(readDuration(text), ms, text);
  for (const text of ["", "s", "1", "1x", "1s!", "-1s", "1 s", "9".repeat(50)])
    assert.equal(readDuration(text), null, text);
});

test("the window that is used up decides", () => {
  assert.equal(
    hint({
      "x-ratelimit-remaining-requests": "10",
      "x-ratelimit-reset-requests": "1s",
      "x-ratelimit-remaining-tokens": "0",
      "x-ratelimit-reset-tokens": "20s",
    }),
    20_000,
  );
});

test("of several used up the last to open decides", () => {
  assert.equal(
    hint({
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": "30s",
      "x-ratelimit-remaining-tokens": "0",
      "x-ratelimit-reset-tokens": "20s",
    }),
    30_000,
  );
});

test("where no window says that it is used up, the first that moves is worth a try", () => {
  assert.equal(hint({ "x-ratelimit-reset-requests": "30s", "x-ratelimit-reset-tokens": "20s" }), 20_000);
});

test("reset times are read as seconds, Unix seconds, Unix ms and RFC 3339", () => {
  assert.equal(readReset("33.5", NOW), 33_500);
  assert.equal(readReset(String((NOW + 9000) / 1000), NOW), 9000);
  assert.equal(readReset(String(NOW + 9000), NOW), 9000);
  assert.equal(readReset("2026-01-01T00:00:09Z", NOW), 9000);
  assert.equal(readReset("2026-01-01T01:00:09+01:00", NOW), 9000);
});

test("no hint is longer than five minutes", () => {
  assert.equal(hint({ "retry-after": "86400" }), MAX_REST);
  assert.equal(hint({ "x-ratelimit-reset": String(NOW * 10) }), MAX_REST);
});

test("what is no time says nothing", () => {
  for (const text of ["", "soon", "-5", "1e9", "NaN", "Infinity", "0x10", "1,000", "2, 3", "tomorrow"])
    assert.equal(hint({ "retry-after": text }), null, text);
  assert.equal(hint({}), null);
});

test("whatever a header holds, the hint is null or between 0 and five minutes", () => {
  const names = ["retry-after", "retry-after-ms", "x-ratelimit-reset", "x-ratelimit-reset-tokens"];
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.oneof(fc.string(), fc.double().map(String), fc.date().map(String)),
      (name, value) => {
        const ms = hint({ [name]: value });
        assert.ok(ms === null || (Number.isInteger(ms) && ms >= 0 && ms <= MAX_REST));
      },
    ),
    { seed: 7, numRuns: 500 },
  );
});
