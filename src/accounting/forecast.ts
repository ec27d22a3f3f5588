// Expects what a budget will have used when it resets, and when it is used up, from the hours before: pure arithmetic.
import {
  FORECAST_HISTORY,
  type Forecast,
  type ForecastBasis,
  type ForecastQuestion,
  type UsedHour,
} from "../core/forecast.ts";

/*
 * pattern (use is known for 14 days or more): an hour is expected to use the mean of the same hour of the week (UTC) over
 * the whole hours of the last 28 days, or since the first use, times the level: what the last seven days used, divided by
 * what the means of their hours give, within 1/4 and 4. Hours without use count as 0.
 * recent (else): each hour is expected to use what the last 24 hours used, by the hour; of a shorter history that one.
 * window (no hours are known, as when requests are not logged): use ÷ time since the last reset.
 * Expected at reset = used + Σ expected over the hours from now to the reset, the first and last in proportion; exhausted
 * when that sum reaches the limit, in proportion within its hour. A rate is taken over an hour at least.
 */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const WEEK_HOURS = 168;
const PATTERN_FROM = 2 * WEEK;
const LEVEL = { least: 0.25, most: 4 } as const;
/** Beyond this nobody knows. */
const FURTHEST = 365 * DAY;

/** What is expected of the hour that begins then. */
type Expect = (hour: number) => number;

/** Answers a question on one budget. Amounts are those of the question. */
export function forecastUse(question: ForecastQuestion): Forecast {
  const { used, limit, now, resetsAt } = question;
  const { expect, basis } = expectation(question);
  const end = Math.min(resetsAt ?? Number.POSITIVE_INFINITY, now + FURTHEST);
  let sum = used;
  let exhaustedAt = used >= limit ? now : null;
  for (let from = now; from < end; ) {
    const hour = Math.floor(from / HOUR) * HOUR;
    const to = Math.min(hour + HOUR, end);
    const amount = (expect(hour) * (to - from)) / HOUR;
    if (exhaustedAt === null && sum + amount >= limit)
      exhaustedAt = Math.round(from + ((limit - sum) / amount) * (to - from));
    sum += amount;
    from = to;
  }
  return { expectedAtReset: resetsAt === null ? null : sum, exhaustedAt, basis };
}

function expectation(question: ForecastQuestion): { expect: Expect; basis: ForecastBasis } {
  const { hours, used, lastReset, now } = question;
  const known = hours.filter(({ at, amount }) => at >= now - FORECAST_HISTORY && at <= now && amount > 0);
  const first = known[0];
  if (first === undefined) {
    const rate = (used / Math.max(now - lastReset, HOUR)) * HOUR;
    return { expect: () => rate, basis: used > 0 ? "window" : "none" };
  }
  if (now - first.at >= PATTERN_FROM) return { expect: weekly(known, first.at, now), basis: "pattern" };
  const since = Math.max(first.at, now - DAY);
  const rate = (amountSince(known, since, now) / Math.max(now - since, HOUR)) * HOUR;
  return { expect: () => rate, basis: "recent" };
}

/** The hour in which a time begins counts for the part that lies behind it. */
function amountSince(hours: readonly UsedHour[], since: number, now: number): number {
  let sum = 0;
  for (const { at, amount } of hours) {
    const end = Math.min(at + HOUR, now);
    if (end <= since) continue;
    sum += at >= since ? amount : (amount * (end - since)) / (end - at);
  }
  return sum;
}

/** Only whole hours show what an hour uses. */
function weekly(hours: readonly UsedHour[], first: number, now: number): Expect {
  const from = Math.floor(first / HOUR) * HOUR;
  const to = Math.floor(now / HOUR) * HOUR;
  const sums = new Float64Array(WEEK_HOURS);
  const counts = new Float64Array(WEEK_HOURS);
  for (let at = from; at < to; at += HOUR) add(counts, at, 1);
  for (const { at, amount } of hours) if (at < to) add(sums, at, amount);
  const mean: Expect = (at) => (sums[slotOf(at)] as number) / Math.max(counts[slotOf(at)] as number, 1);
  let byMeans = 0;
  for (let at = to - WEEK; at < to; at += HOUR) byMeans += mean(at);
  const recent = hours.reduce((sum, { at, amount }) => (at >= to - WEEK && at < to ? sum + amount : sum), 0);
  const level = byMeans === 0 ? 1 : Math.min(Math.max(recent / byMeans, LEVEL.least), LEVEL.most);
  return (at) => mean(at) * level;
}

function slotOf(at: number): number {
  return Math.floor(at / HOUR) % WEEK_HOURS;
}

function add(into: Float64Array, at: number, amount: number): void {
  const slot = slotOf(at);
  into[slot] = (into[slot] as number) + amount;
}
