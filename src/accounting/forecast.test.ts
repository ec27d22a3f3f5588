// Forecasts follow the week where enough of it is known, else the last day; worked series, and what holds for any.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { ForecastQuestion, UsedHour } from "../core/forecast.ts";
import { forecastUse } from "./forecast.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Monday, midnight UTC. */
const MONDAY = Date.parse("2026-05-04T00:00:00Z");

const question = (more: Partial<ForecastQuestion>): ForecastQuestion => ({
  hours: [],
  used: 0,
  limit: 1000,
  lastReset: MONDAY,
  resetsAt: MONDAY + 7 * DAY,
  now: MONDAY,
  ...more,
});

function series(from: number, to: number, amount: (at: number) => number): UsedHour[] {
  const hours: UsedHour[] = [];
  for (let at = from; at < to; at += HOUR) if (amount(at) > 0) hours.push({ at, amount: amount(at) });
  return hours;
}

const isOffice = (at: number): boolean => {
  const [day, hour] = [new Date(at).getUTCDay(), new Date(at).getUTCHours()];
  return day >= 1 && day <= 5 && hour >= 9 && hour < 17;
};

test("office hours are expected in office hours: the limit is reached on a working day, not at the weekend", () => {
  const hours = series(MONDAY - 28 * DAY, MONDAY, (at) => (isOffice(at) ? 10 : 0));
  // five days of eight hours of 10
  const week = forecastUse(question({ hours }));
  assert.deepEqual(week, { expectedAtReset: 400, exhaustedAt: null, basis: "pattern" });
  // 320 until Thursday evening, the next 10 by Friday 10:00, 5 more by 10:30
  const tight = forecastUse(question({ hours, limit: 335 }));
  assert.equal(new Date(tight.exhaustedAt ?? 0).toISOString(), "2026-05-08T10:30:00.000Z");
  const weekend = forecastUse(question({ hours, now: MONDAY + 5 * DAY, used: 399 }));
  assert.equal(weekend.expectedAtReset, 399);
});

test("the level of the last seven days counts: a week of double use doubles what is expected against the mean of four", () => {
  const hours = series(MONDAY - 28 * DAY, MONDAY, (at) => (at >= MONDAY - 7 * DAY ? 2 : 1));
  // mean of each hour (1 + 1 + 1 + 2) / 4 = 1.25, level 2 / 1.25 = 1.6: 2 an hour
  const { expectedAtReset, basis } = forecastUse(question({ hours }));
  assert.deepEqual([expectedAtReset, basis], [336, "pattern"]);
});

test("with less than two weeks the last day's rate counts", () => {
  const hours = series(MONDAY - 3 * DAY, MONDAY, (at) => (at >= MONDAY - DAY ? 3 : 9));
  const { expectedAtReset, exhaustedAt, basis } = forecastUse(question({ hours, used: 100, limit: 400 }));
  // 100 + 168 × 3; 300 left at 3 an hour
  assert.deepEqual([expectedAtReset, exhaustedAt, basis], [604, MONDAY + 100 * HOUR, "recent"]);
});

test("a history of minutes is taken as an hour", () => {
  const now = MONDAY + 10 * 60_000;
  const { expectedAtReset } = forecastUse(
    question({ hours: [{ at: MONDAY, amount: 6 }], now, used: 6, resetsAt: now + HOUR }),
  );
  assert.equal(expectedAtReset, 12);
});

test("without hours the rate of the open window counts, and without use nothing is expected", () => {
  const now = MONDAY + DAY;
  assert.deepEqual(forecastUse(question({ now, used: 240 })), {
    expectedAtReset: 240 * 7,
    exhaustedAt: MONDAY + 100 * HOUR,
    basis: "window",
  });
  assert.deepEqual(forecastUse(question({ now })), { expectedAtReset: 0, exhaustedAt: null, basis: "none" });
});

test("a budget that never resets is looked at for a year", () => {
  const hours = series(MONDAY - DAY, MONDAY, () => 1);
  assert.deepEqual(forecastUse(question({ hours, resetsAt: null, limit: 240 })), {
    expectedAtReset: null,
    exhaustedAt: MONDAY + 240 * HOUR,
    basis: "recent",
  });
  assert.equal(forecastUse(question({ hours, resetsAt: null, limit: 9000 })).exhaustedAt, null);
});

test("what is used up already is so now", () => {
  assert.equal(forecastUse(question({ used: 1000, now: MONDAY + 5 })).exhaustedAt, MONDAY + 5);
});

test("whatever was used, the forecast is a number that does not fall, and exhaustion lies within the window", () => {
  const hours = fc
    .array(fc.record({ hour: fc.integer({ min: -40 * 24, max: 30 }), amount: fc.nat(1e12) }), { maxLength: 200 })
    .map((list) => list.map(({ hour, amount }) => ({ at: MONDAY + hour * HOUR, amount })).sort((a, b) => a.at - b.at));
  fc.assert(
    fc.property(hours, fc.nat(1e12), fc.nat(1e12), fc.integer({ min: 0, max: 7 * DAY }), (known, used, limit, late) => {
      const now = MONDAY + late;
      const { expectedAtReset, exhaustedAt } = forecastUse(question({ hours: known, used, limit, now }));
      assert.ok(expectedAtReset !== null && Number.isFinite(expectedAtReset) && expectedAtReset >= used);
      assert.equal(exhaustedAt !== null, expectedAtReset >= limit);
      if (exhaustedAt !== null) assert.ok(exhaustedAt >= now && exhaustedAt <= MONDAY + 7 * DAY);
    }),
    { numRuns: 300, seed: 5 },
  );
});
