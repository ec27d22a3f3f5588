// The failover table, row by row.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AttemptFailure, FailureKind } from "../core/failure.ts";
import { nextStep, type Situation } from "./retry-policy.ts";

function failure(kind: FailureKind, more: Partial<AttemptFailure> = {}): AttemptFailure {
  return {
    kind,
    status: 0,
    error: { message: "" },
    transport: null,
    stale: false,
    restHint: null,
    body: null,
    contentType: null,
    possiblyBilled: false,
    ...more,
  };
}

const LAST: Situation = {
  retriesLeft: 0,
  otherKey: false,
  otherTarget: false,
  largerTarget: false,
  refreshed: false,
  stripped: false,
  backoff: 500,
};
const step = (kind: FailureKind, situation: Partial<Situation> = {}, more: Partial<AttemptFailure> = {}) =>
  nextStep(failure(kind, more), { ...LAST, ...situation });

test("a transport failure: a stale connection at once, then the same key with backoff, then the next provider", () => {
  assert.deepEqual(step("transport", { otherTarget: true }, { stale: true }), {
    type: "same-key",
    wait: false,
    counted: false,
    fresh: true,
  });
  assert.equal(step("transport", { otherTarget: true, refreshed: true }, { stale: true }).type, "next-target");
  assert.deepEqual(step("transport", { retriesLeft: 1, otherKey: true }), {
    type: "same-key",
    wait: true,
    counted: true,
    fresh: false,
  });
  assert.equal(step("transport", { otherTarget: true, otherKey: true }).type, "next-target");
  assert.equal(step("transport").type, "give-up");
});

test("a timeout goes to the next provider, whatever retries are left", () => {
  assert.equal(step("timeout", { otherTarget: true, retriesLeft: 3, otherKey: true }).type, "next-target");
  assert.equal(step("timeout", { retriesLeft: 3 }).type, "give-up");
});

test("a server error takes another key for each retry, the same one with backoff where there is no other", () => {
  assert.deepEqual(step("server-error", { retriesLeft: 2, otherKey: true }), { type: "other-key", counted: true });
  assert.deepEqual(step("server-error", { retriesLeft: 2 }), {
    type: "same-key",
    wait: true,
    counted: true,
    fresh: false,
  });
  assert.equal(step("server-error", { otherKey: true, otherTarget: true }).type, "next-target");
});

test("a throttled key: another key at once and uncounted, then the next provider, then waiting", () => {
  assert.deepEqual(step("rate-limited", { otherKey: true }), { type: "other-key", counted: false });
  assert.equal(step("rate-limited", { otherTarget: true, retriesLeft: 2 }).type, "next-target");
  assert.deepEqual(step("rate-limited", { retriesLeft: 2 }), {
    type: "same-key",
    wait: true,
    counted: true,
    fresh: false,
  });
  assert.equal(step("rate-limited", { retriesLeft: 2 }, { restHint: 2000 }).type, "give-up");
  assert.equal(step("rate-limited", { retriesLeft: 2 }, { restHint: 100 }).type, "same-key");
});

test("a rejected key: another key at once and uncounted, then the next provider", () => {
  assert.deepEqual(step("key-rejected", { otherKey: true }), { type: "other-key", counted: false });
  assert.equal(step("key-rejected", { otherTarget: true, retriesLeft: 2 }).type, "next-target");
  assert.equal(step("key-rejected", { retriesLeft: 2 }).type, "give-up");
});

test("an unknown model goes to the next target only", () => {
  assert.equal(step("model-not-found", { otherTarget: true, otherKey: true, retriesLeft: 2 }).type, "next-target");
  assert.equal(step("model-not-found", { otherKey: true, retriesLeft: 2 }).type, "give-up");
});

test("a refused signature is tried once more without the blocks", () => {
  assert.equal(step("signature-rejected", { otherTarget: true }).type, "strip-signatures");
  assert.equal(step("signature-rejected", { otherTarget: true, stripped: true }).type, "give-up");
});

test("a prompt that is too long goes only to a known larger window", () => {
  assert.equal(step("context-length", { otherTarget: true }).type, "give-up");
  assert.equal(step("context-length", { otherTarget: true, largerTarget: true }).type, "larger-target");
});

test("a rejected request is the caller's", () => {
  assert.equal(step("rejected", { otherKey: true, otherTarget: true, retriesLeft: 3 }).type, "give-up");
});
