// The UTC calendar of windows: where a day, week, month, fiscal quarter or year begins, and which comes so many later.
import type { CalendarUnit } from "./spec.ts";

const DAY = 86_400_000;
const WEEK = 7 * DAY;
/** 1970-01-05, the first Monday of Unix time. */
const FIRST_MONDAY = 4 * DAY;
const MONTHS: Readonly<Record<CalendarUnit, number>> = { day: 0, week: 0, month: 1, quarter: 3, year: 12 };

/** The beginning of the unit in which `at` lies. Unix ms. */
export function unitStart(unit: CalendarUnit, at: number, quarterStartMonth: number): number {
  if (unit === "day") return Math.floor(at / DAY) * DAY;
  if (unit === "week") return Math.floor((at - FIRST_MONDAY) / WEEK) * WEEK + FIRST_MONDAY;
  const month = monthOf(at);
  if (unit === "month") return monthStart(month);
  if (unit === "year") return monthStart(month - (month % 12));
  return monthStart(month - ((month - (quarterStartMonth - 1) + 12) % 3));
}

/** The beginning of the unit that comes `count` units after the one that begins at `start`. */
export function unitsLater(unit: CalendarUnit, start: number, count: number): number {
  if (unit === "day") return start + count * DAY;
  if (unit === "week") return start + count * WEEK;
  return monthStart(monthOf(start) + count * MONTHS[unit]);
}

/** How many whole units lie between two beginnings of a unit. */
export function unitsBetween(unit: CalendarUnit, start: number, later: number): number {
  if (unit === "day") return Math.floor((later - start) / DAY);
  if (unit === "week") return Math.floor((later - start) / WEEK);
  return Math.floor((monthOf(later) - monthOf(start)) / MONTHS[unit]);
}

/** Months since the year 0. */
function monthOf(at: number): number {
  const date = new Date(at);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

function monthStart(month: number): number {
  // Date.UTC takes the years 0 to 99 for those of the twentieth century
  return new Date(0).setUTCFullYear(Math.floor(month / 12), month % 12, 1);
}
