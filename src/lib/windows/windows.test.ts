// Tests of windows: every spelling, the calendar, and what clocks that jump may do to them.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { firstWindow, type OpenWindow, windowAt, windowEnd } from "./fixed.ts";
import { cyclesLeft, overrideAmount, overrideAnchor } from "./override.ts";
import { addToSlices, emptySlices, sliceTotal, slide, untilAtMost } from "./sliding.ts";
import { type WindowSpec, windowSpec } from "./spec.ts";

const DAY = 86_400_000;
const at = (text: string): number => Date.parse(text);
const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const aligned = (duration: string, quarterStartMonth = 1): WindowSpec =>
  windowSpec({ duration, calendarAligned: true, quarterStartMonth }) as WindowSpec;

test("a window is read from its words", () => {
  const table: readonly [Parameters<typeof windowSpec>[0], WindowSpec | null][] = [
    [{ duration: null }, { type: "never" }],
    [{ duration: "1mo" }, { type: "rolling", ms: 30 * DAY }],
    [{ duration: "1.5d" }, { type: "rolling", ms: 1.5 * DAY }],
    [{ duration: "1Q" }, { type: "rolling", ms: 90 * DAY }],
    [{ duration: "1ns" }, { type: "rolling", ms: 1 }],
    [
      { duration: "1m", isRateLimit: true },
      { type: "sliding", ms: 60_000 },
    ],
    [
      { duration: "1d", isRateLimit: true, calendarAligned: true },
      { type: "calendar", unit: "day", count: 1, quarterStartMonth: 1 },
    ],
    [
      { duration: "24h", calendarAligned: true },
      { type: "calendar", unit: "day", count: 1, quarterStartMonth: 1 },
    ],
    [
      { duration: "2M", calendarAligned: true },
      { type: "calendar", unit: "month", count: 2, quarterStartMonth: 1 },
    ],
    [
      { duration: "1h", calendarAligned: true, isRateLimit: true },
      { type: "rolling", ms: 3_600_000 },
    ],
    [
      { duration: "1.5d", calendarAligned: true },
      { type: "rolling", ms: 1.5 * DAY },
    ],
    [{ duration: "soon" }, null],
  ];
  for (const [words, spec] of table) assert.deepEqual(windowSpec(words), spec, JSON.stringify(words));
});

test("calendar windows begin with the day, Monday, the first of the month, the fiscal quarter and the year", () => {
  const now = at("2027-05-12T15:30:00Z");
  const table: readonly [WindowSpec, string, string][] = [
    [aligned("1d"), "2027-05-12", "2027-05-13"],
    [aligned("1w"), "2027-05-10", "2027-05-17"],
    [aligned("1M"), "2027-05-01", "2027-06-01"],
    [aligned("1Q"), "2027-04-01", "2027-07-01"],
    [aligned("1Q", 2), "2027-05-01", "2027-08-01"],
    [aligned("1Q", 3), "2027-03-01", "2027-06-01"],
    [aligned("1Q", 12), "2027-03-01", "2027-06-01"],
    [aligned("1Y"), "2027-01-01", "2028-01-01"],
  ];
  for (const [spec, start, end] of table) {
    const window = firstWindow(spec, now, null);
    assert.deepEqual([isoDay(window.start), isoDay(windowEnd(spec, window) as number)], [start, end]);
  }
  const january = firstWindow(aligned("1Q", 12), at("2028-01-20T00:00:00Z"), null);
  assert.equal(isoDay(january.start), "2027-12-01");
});

test("rolling windows move by whole windows from the last reset, calendar windows by their units", () => {
  const day: WindowSpec = { type: "rolling", ms: DAY };
  const start = at("2027-01-01T06:00:00Z");
  assert.deepEqual(windowAt(day, { number: 1, start }, start + 3.5 * DAY), { number: 4, start: start + 3 * DAY });
  const month = aligned("1M");
  const first = firstWindow(month, at("2027-01-31T23:59:59Z"), null);
  assert.deepEqual(windowAt(month, first, at("2027-03-01T00:00:00Z")), {
    number: 3,
    start: at("2027-03-01T00:00:00Z"),
  });
  const two = aligned("2M");
  assert.equal(windowAt(two, first, at("2027-02-28T00:00:00Z")).number, 1);
  assert.equal(windowAt(two, first, at("2027-03-01T00:00:00Z")).number, 2);
});

test("a prepaid budget has one window for ever", () => {
  const window = firstWindow({ type: "never" }, 5, null);
  assert.equal(windowAt({ type: "never" }, window, 1e15), window);
  assert.equal(windowEnd({ type: "never" }, window), null);
});

const spec = fc.oneof(
  fc.integer({ min: 1, max: 400 * DAY }).map((ms): WindowSpec => ({ type: "rolling", ms })),
  fc.record({
    type: fc.constant("calendar" as const),
    unit: fc.constantFrom("day", "week", "month", "quarter", "year"),
    count: fc.integer({ min: 1, max: 3 }),
    quarterStartMonth: fc.integer({ min: 1, max: 12 }),
  }) as fc.Arbitrary<WindowSpec>,
);
const time = fc.integer({ min: at("1971-01-01"), max: at("2200-01-01") });

test("whatever the clock does, numbers only rise, the open window holds now, and it ends after its length at the latest", () => {
  fc.assert(
    fc.property(spec, time, fc.array(time, { maxLength: 30 }), (spec, first, clock) => {
      let window = firstWindow(spec, first, null);
      for (const now of clock) {
        const next = windowAt(spec, window, now);
        assert.ok(next.number >= window.number);
        assert.ok(next.start <= now && now < (windowEnd(spec, next) as number));
        if (now < window.start)
          assert.equal(next.number, window.number, "nothing is given back by a clock that goes back");
        if (spec.type === "rolling") assert.ok((windowEnd(spec, next) as number) - now <= spec.ms);
        assert.deepEqual(windowAt(spec, next, now), next);
        window = next;
      }
    }),
    { seed: 61, numRuns: 500 },
  );
});

test("a clock that jumps forward and back gives one extra window at most, and never an earlier one", () => {
  fc.assert(
    fc.property(spec, time, fc.integer({ min: 0, max: 4000 * DAY }), (spec, now, jump) => {
      const before = firstWindow(spec, now, null);
      const forward = windowAt(spec, before, now + jump);
      const back = windowAt(spec, forward, now);
      assert.equal(back.number, forward.number);
      const opened: OpenWindow[] = [before, forward, back].filter(
        (w, i, all) => i === 0 || w.number !== all[i - 1]?.number,
      );
      assert.ok(opened.length <= 2);
    }),
    { seed: 62, numRuns: 500 },
  );
});

test("an override raises the limit for its windows, or for ever", () => {
  const day: WindowSpec = { type: "rolling", ms: DAY };
  const three = { amount: 5n, cycles: 3, anchorReset: null };
  const anchor = overrideAnchor(three, day, 7, 0);
  assert.deepEqual(
    [7, 8, 9, 10].map((number) => [overrideAmount(three, anchor, number), cyclesLeft(three, anchor, number)]),
    [
      [5n, 3],
      [5n, 2],
      [5n, 1],
      [0n, 0],
    ],
  );
  const old = { ...three, anchorReset: 100 * DAY };
  assert.equal(cyclesLeft(old, overrideAnchor(old, day, 7, 102 * DAY), 7), 1);
  const forever = { amount: 5n, cycles: null, anchorReset: null };
  assert.equal(overrideAmount(forever, 1, 1e6), 5n);
  assert.equal(overrideAmount(null, 1, 1), 0n);
});

test("no window of a sliding limit ever holds more than the limit, and the wait that is told is enough", () => {
  const ms = 60_000;
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 50n }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.bigInt({ min: 1n, max: 9n })), { maxLength: 200 }),
      (limit, steps) => {
        let now = 1_700_000_000_000;
        let slices = emptySlices(ms, now);
        const taken: { readonly at: number; readonly amount: bigint }[] = [];
        for (const [passed, amount] of steps) {
          now += passed;
          slices = slide(slices, ms, now);
          if (amount > limit) continue;
          if (sliceTotal(slices) + amount <= limit) {
            slices = addToSlices(slices, amount);
            taken.push({ at: now, amount });
          } else {
            const wait = untilAtMost(slices, ms, now, limit - amount);
            assert.ok(wait > 0 && wait <= ms + ms / 60);
            assert.ok(sliceTotal(slide(slices, ms, now + wait)) + amount <= limit);
            assert.ok(sliceTotal(slide(slices, ms, now + wait - 1)) + amount > limit, "no longer than needed");
          }
          const inWindow = taken.filter(({ at }) => at > now - ms).reduce((sum, { amount }) => sum + amount, 0n);
          assert.ok(inWindow <= limit);
        }
      },
    ),
    { seed: 63, numRuns: 200 },
  );
});

test("a sliding window forgets nothing when the clock goes back, and everything one window later", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 * DAY }), time, time, (ms, first, then) => {
      const used = addToSlices(emptySlices(ms, first), 7n);
      const moved = slide(used, ms, then);
      if (then < first) assert.equal(sliceTotal(moved), 7n);
      assert.equal(sliceTotal(slide(moved, ms, then + ms + Math.ceil(ms / 60) + 1)), 0n);
    }),
    { seed: 64, numRuns: 500 },
  );
});

test("what is taken back from a sliding window never makes it less than empty", () => {
  let slices = addToSlices(emptySlices(60_000, 0), 5n);
  slices = addToSlices(slide(slices, 60_000, 10_000), 3n);
  assert.equal(sliceTotal(addToSlices(slices, -6n)), 2n);
  assert.equal(sliceTotal(addToSlices(slices, -60n)), 0n);
  assert.equal(untilAtMost(slices, 60_000, 10_000, 100n), 0);
});
