// Refusals mean what the providers meant by them.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { readHint } from "./hints.ts";

test("throttling is told by words under any status that may mean it", () => {
  for (const message of [
    "Rate limit exceeded",
    "Too Many Requests",
    "Request was throttled. Expected available in 2 seconds.",
  ])
    for (const status of [200, 403, 429, 500, 503])
      assert.equal(readHint(status, { message }), "rate-limited", message);
  for (const message of [
    "Quota exceeded for the project",
    "usage limit reached",
    "60 requests per minute",
    "Concurrent requests",
  ])
    assert.equal(readHint(429, { message }), "rate-limited", message);
});

test("a request that is too large is not taken for throttling", () => {
  assert.equal(readHint(400, { message: "max_tokens limit exceeded: at most 4096 tokens per request" }), null);
  assert.equal(readHint(400, { message: "The context window limit exceeded" }), "context-length");
  assert.equal(readHint(413, { message: "Request body too large" }), null);
});

test("an account without credit is a dead key, though its status says throttled", () => {
  assert.equal(
    readHint(429, { message: "You exceeded your current quota", code: "insufficient_quota" }),
    "key-rejected",
  );
  assert.equal(readHint(429, { message: "You exceeded your current quota, check your plan and billing" }), null);
});

test("a server's own failure stays one", () => {
  for (const message of ["Internal error", "Bad gateway", "The server is overloaded. Please try again later."])
    for (const status of [500, 502, 503, 504, 529]) assert.equal(readHint(status, { message }), null, message);
});

test("an unknown model is told apart from other faults of a request", () => {
  assert.equal(readHint(400, { message: "Invalid model: x" }), "model-not-found");
  assert.equal(readHint(404, { message: "The model 'x' does not exist" }), "model-not-found");
  assert.equal(readHint(400, { message: "The field messages does not exist" }), null);
  assert.equal(readHint(500, { message: "model not found" }), null);
});

test("signatures are told apart from content", () => {
  for (const message of [
    "messages.1.content.0: Invalid `signature` in `thinking` block",
    "Thought signature is not valid",
    "Corrupted thought signature.",
    "Item with id 'rs_68' not found. Items are not persisted when `store` is set to false.",
  ])
    assert.equal(readHint(400, { message }), "signature-rejected", message);
  assert.equal(readHint(400, { message: "Expected `thinking` or `redacted_thinking`, but found `text`" }), null);
});

test("an error inside a good answer is read by its words and by a numeric code", () => {
  assert.equal(readHint(200, { message: "maximum context length is 8192" }), "context-length");
  assert.equal(readHint(200, { message: "Provider returned error", code: "429" }), "rate-limited");
  assert.equal(readHint(200, { message: "Provider returned error", code: "502" }), null);
});

test("long and strange messages are read quickly and never throw", () => {
  const started = performance.now();
  for (const text of [
    "a".repeat(1e6),
    "context ".repeat(1e5),
    "(".repeat(1e5),
    "model ".repeat(1e5),
    "api key ".repeat(1e5),
  ])
    for (const status of [200, 400, 429, 503]) readHint(status, { message: text, code: text.slice(0, 1000) });
  assert.ok(performance.now() - started < 2000);
  fc.assert(
    fc.property(
      fc.integer({ min: 200, max: 599 }),
      fc.string(),
      fc.option(fc.string(), { nil: undefined }),
      (status, message, code) => {
        readHint(status, { message, code });
      },
    ),
    { seed: 3, numRuns: 300 },
  );
});
