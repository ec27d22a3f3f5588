// How a provider does, told from health and from the tries of the last minute.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LiveRequest } from "../../../../src/core/live.ts";
import { stateOf, troublesOf } from "./provider-state.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const request = (ago: number, ...tries: readonly (readonly [string, string, number | null])[]) =>
  ({
    timestamp: new Date(NOW - ago).toISOString(),
    latency: 10,
    attempts: tries.map(([provider, outcome, status], index) => ({
      provider,
      outcome,
      status,
      start: index,
      end: index + 1,
    })),
  }) as unknown as LiveRequest;

test("a provider that failed and has not answered since is in trouble, from its first failure on", () => {
  const found = troublesOf(
    [
      request(1_000, ["a", "server_error", 503], ["b", "", 200]),
      request(2_000, ["a", "server_error", 500], ["b", "", 200]),
      request(3_000, ["a", "", 200]),
      request(4_000, ["a", "server_error", 503]),
    ],
    NOW,
  );
  assert.deepEqual([...found], [["a", { reason: "503 server error", since: NOW - 2_000, count: 2 }]]);
});

test("what is older than a minute, runs still, or was given up by the client says nothing", () => {
  const running = { ...request(10), attempts: [{ provider: "a", outcome: "", end: null, start: 0 }] } as never;
  const list = [running, request(20, ["a", "cancelled", null]), request(70_000, ["a", "timeout", null])];
  assert.equal(troublesOf(list, NOW).size, 0);
});

test("what cannot be used comes before what rests, and that before what fails", () => {
  const health = { provider: "a", state: "resting", reason: "throttled", since: 5, keys: [] } as const;
  const trouble = { reason: "503", since: 7, count: 1 };
  assert.equal(stateOf(health, trouble, "no key").reason, "no key");
  assert.deepEqual(stateOf(health, trouble, ""), { tone: "warn", word: "resting", reason: "throttled", since: 5 });
  assert.deepEqual(stateOf({ ...health, state: "ok" }, trouble, "").word, "failing");
  assert.equal(stateOf(undefined, undefined, "").tone, "good");
});
