// Rests, marks and probes of provider keys.
import assert from "node:assert/strict";
import { test } from "node:test";
import { RoutingState } from "./state.ts";

const until = (state: RoutingState, id = "k") => state.view(0).keys.get(id)?.restUntil ?? 0;

test("a throttled key rests until the provider's hint, for five minutes at most", () => {
  const state = new RoutingState();
  state.throttled("k", 1000, 2000);
  assert.equal(until(state), 3000);
  state.throttled("long", 1000, 3_600_000);
  assert.equal(until(state, "long"), 301_000);
});

test("without a hint the rest is a second and doubles to a minute while throttling goes on", () => {
  const state = new RoutingState();
  let now = 0;
  const rests: number[] = [];
  for (let i = 0; i < 8; i++) {
    state.throttled("k", now, null);
    rests.push(until(state) - now);
    now = until(state);
  }
  assert.deepEqual(rests, [1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000]);
});

test("requests that were under way together are one rest: none of them doubles it", () => {
  const state = new RoutingState();
  for (let i = 0; i < 10; i++) state.throttled("k", 100 + i, null);
  assert.equal(until(state), 1109);
  for (let i = 0; i < 10; i++) state.throttled("k", 2000, null);
  assert.equal(until(state), 4000);
  for (let i = 0; i < 10; i++) state.rejected("other", 0);
  assert.equal(until(state, "other"), 5000);
});

test("after a rest one request probes, and its success makes the key whole", () => {
  const state = new RoutingState();
  state.rejected("k", 0);
  assert.equal(state.began("k", 100), false);
  assert.equal(state.began("k", 6000), true);
  assert.equal(state.began("k", 6000), false);
  state.succeeded("k");
  assert.equal(state.view(0).keys.size, 0);
});

test("a probe that tells nothing leaves the next one free", () => {
  const state = new RoutingState();
  state.throttled("k", 0, null);
  assert.equal(state.began("k", 2000), true);
  state.ended("k");
  assert.equal(state.began("k", 2000), true);
});

test("the third failure in a row makes a key rest, a success between them does not", () => {
  const state = new RoutingState();
  state.failed("k", 0);
  state.failed("k", 0);
  assert.equal(until(state), 0);
  state.succeeded("k");
  state.failed("k", 0);
  state.failed("k", 0);
  state.failed("k", 0);
  assert.equal(until(state), 1000);
});

test("keys that are gone are forgotten", () => {
  const state = new RoutingState();
  state.throttled("k", 0, null);
  state.retain(new Set(["other"]));
  assert.deepEqual(state.copy(), []);
});

test("a clock that is set back by days makes no rest longer, and one that is set forward ends it", () => {
  const state = new RoutingState();
  const days = 3 * 86_400_000;
  state.view(days);
  state.throttled("k", days, 20_000);
  assert.equal(state.view(5_000).keys.get("k")?.restUntil, 25_000);
  assert.equal(state.began("k", 26_000), true);
  state.throttled("k", 26_000, null);
  assert.equal(state.began("k", days), true);
});
