// Tests of the maths of the charts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { dimensionOf } from "./dimensions.ts";
import { changeOf, changeWords, type GroupChart, hoursOfDay, linesOf } from "./series.ts";

const key = dimensionOf("virtual_key");
const at = (hour: number): string => `2026-05-01T${String(hour).padStart(2, "0")}:00:00.000Z`;

function chart(...buckets: Record<string, number | null>[]): GroupChart {
  return {
    buckets: buckets.map((by_dimension, hour) => ({
      timestamp: at(hour),
      by_dimension: by_dimension as Record<string, number>,
    })),
    labels: { a: "search", b: "chat" },
    bucket_size_seconds: 3600,
  };
}

test("the largest groups have lines of their own, the others and the rest of the API are one", () => {
  const lines = linesOf(chart({ a: 1, b: 5, c: 2, other: 1 }, { a: 1, "": 3 }), "cost", key, 2);
  assert.deepEqual(
    lines.map(({ name, values }) => [name, values]),
    [
      ["chat", [5, null]],
      ["no virtual key", [null, 3]],
      ["all others", [4, 1]],
    ],
  );
});

test("an unknown price is no zero in a line of its own", () => {
  assert.deepEqual(linesOf(chart({ a: null }, { a: 2 }), "cost", key, 3)[0]?.values, [null, 2]);
});

const told = (avg_latency: number) => ({ avg_latency }) as unknown as number;

test("means do not add up: of latency there are no others", () => {
  const lines = linesOf(chart({ a: told(10), b: told(20), c: told(5) }), "latency", key, 1);
  assert.deepEqual(
    lines.map(({ id }) => id),
    ["b"],
  );
});

test("hours of the day add up over days", () => {
  const buckets = [3, 27, 28].map((hour) => ({
    timestamp: new Date(Date.UTC(2026, 4, 1, hour)).toISOString(),
    count: 2,
  }));
  const hours = hoursOfDay({ buckets, bucket_size_seconds: 3600 }, "requests", "utc");
  assert.equal(hours.length, 24);
  assert.deepEqual(
    hours.filter(({ value }) => value > 0),
    [
      { hour: 3, value: 4 },
      { hour: 4, value: 2 },
    ],
  );
});

test("changes are told against something, in percent or as a multiple", () => {
  assert.equal(changeOf(5, 0), null);
  assert.equal(changeOf(5, undefined), null);
  assert.equal(changeWords(0.12), "+12 %");
  assert.equal(changeWords(-0.5), "-50 %");
  assert.equal(changeWords(2.2), "×3.2");
});
