// The timeline tells a failover as it was.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type RouteFacts, ticksOf, timelineOf } from "./timeline.ts";

const attempt = (over: Partial<RouteFacts["attempts"][number]>): RouteFacts["attempts"][number] => ({
  provider: "azure",
  model: "gpt-4o",
  key: "east",
  fallback_index: 0,
  status: 200,
  outcome: "",
  error: "",
  reason: "drawn",
  start: 1,
  connected: 20,
  first_byte: 100,
  first_token: 120,
  end: 300,
  ...over,
});

test("a failover shows both attempts, the wait between them and why", () => {
  const { lanes, total } = timelineOf({
    latency: 800,
    overheadUs: 42,
    attempts: [
      attempt({ status: 503, outcome: "overloaded", end: 120, first_byte: 119 }),
      attempt({ provider: "openai", start: 220, connected: 230, first_byte: 400, first_token: 410, end: 798 }),
    ],
  });
  assert.equal(total, 800);
  assert.deepEqual(
    lanes.map((lane) => [lane.name, lane.end]),
    [
      ["identify, admit, plan", "ok"],
      ["azure", "failed"],
      ["openai", "ok"],
      ["relay", "ok"],
    ],
  );
  assert.equal(lanes[1]?.reason, "503 overloaded · on to openai in 100 ms");
  assert.deepEqual(
    lanes[2]?.segments.map(({ kind, from, to }) => [kind, from, to]),
    [
      ["gap", 120, 220],
      ["connect", 220, 230],
      ["wait", 230, 400],
      ["stream", 400, 798],
    ],
  );
  assert.deepEqual(
    lanes[3]?.segments.map(({ from, to }) => [from, to]),
    [[410, 800]],
  );
});

test("what still runs reaches to now", () => {
  const { lanes } = timelineOf({
    latency: null,
    elapsed: 500,
    overheadUs: null,
    attempts: [attempt({ connected: null, first_byte: null, first_token: null, end: null, status: null })],
  });
  assert.equal(lanes[1]?.end, "running");
  assert.deepEqual(
    lanes[1]?.segments.map(({ kind, to }) => [kind, to]),
    [["wait", 500]],
  );
  assert.equal(lanes.length, 2);
});

test("fifty attempts and a request without any are timelines too", () => {
  const attempts = Array.from({ length: 50 }, (_, index) =>
    attempt({ start: index * 10, end: index * 10 + 9, outcome: "timeout", status: null }),
  );
  assert.equal(timelineOf({ latency: 500, overheadUs: 1, attempts }).lanes.length, 51);
  assert.deepEqual(
    timelineOf({ latency: 0, overheadUs: 1, attempts: [] }).lanes.map((lane) => lane.id),
    ["phase:identify, admit, plan"],
  );
});

test("ticks are round numbers", () => {
  assert.deepEqual(ticksOf(800), [0, 200, 400, 600, 800]);
  assert.deepEqual(ticksOf(0.5), [0, 0.2, 0.4]);
  assert.deepEqual(ticksOf(1_300), [0, 500, 1000]);
});
