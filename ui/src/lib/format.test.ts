// What numbers and times look like.
import assert from "node:assert/strict";
import { test } from "node:test";
import { absoluteTime, bytes, duration, exactMoney, money, percent, plural, relativeTime, short } from "./format.ts";

test("money shows what is small, and never calls an unknown price nothing", () => {
  const shown = [0, 0.0042, 0.00001, 0.5, 0.05, 0.00042, 1.284, 999.999, 12_400, null].map(money);
  assert.deepEqual(shown, [
    "$0",
    "$0.0042",
    "<$0.0001",
    "$0.5",
    "$0.05",
    "$0.00042",
    "$1.28",
    "$1000.00",
    "$12.4k",
    "unknown price",
  ]);
  assert.equal(exactMoney(0.00004213), "$0.00004213");
});

test("durations go from microseconds to days", () => {
  const shown = [0.84, 1.24, 12.4, 999.4, 1_234, 12_340, 125_000, 3_600_000 * 3 + 600_000, 86_400_000 * 2, null];
  assert.deepEqual(shown.map(duration), [
    "840 µs",
    "1.2 ms",
    "12 ms",
    "999 ms",
    "1.2 s",
    "12 s",
    "2 min 5 s",
    "3 h 10 min",
    "2 d",
    "–",
  ]);
});

test("counts are shortened", () => {
  assert.deepEqual([0, 950, 999.95, 12_400, 123_400, 3_100_000, 2e9, null].map(short), [
    "0",
    "950",
    "1k",
    "12.4k",
    "123k",
    "3.1M",
    "2B",
    "–",
  ]);
});

test("what is not all is never called all, and what is something never nothing", () => {
  assert.deepEqual([0, 1, 0.99999, 0.00001, 0.997, 0.8, null].map(percent), [
    "0 %",
    "100 %",
    "99.9 %",
    "<0.1 %",
    "99.7 %",
    "80 %",
    "–",
  ]);
});

test("bytes, plurals and times", () => {
  assert.deepEqual([320, 8192, 1_258_291].map(bytes), ["320 B", "8 KB", "1.2 MB"]);
  assert.deepEqual([plural(1, "request"), plural(1200, "request")], ["1 request", "1,200 requests"]);
  const now = Date.UTC(2026, 10, 23, 22, 45, 3, 120);
  assert.equal(absoluteTime(now, "utc"), "2026-11-23 22:45:03.120 UTC");
  const ago = [0, 12_000, 5 * 60_000, 7_200_000, 3 * 86_400_000].map((ms) => relativeTime(now - ms, now));
  assert.deepEqual(ago, ["now", "12 s ago", "5 min ago", "2 h ago", "3 d ago"]);
  assert.equal(relativeTime(now + 7_200_000, now), "in 2 h");
});
