// What kind of window a counter has, read from the words of the configuration.
import { parseDuration } from "../durations.ts";

export type CalendarUnit = "day" | "week" | "month" | "quarter" | "year";

export type WindowSpec =
  /** Prepaid: nothing is ever given back but by hand. */
  | { readonly type: "never" }
  /** Whole windows of this length, counted from the last reset. */
  | { readonly type: "rolling"; readonly ms: number }
  /** Windows of `count` units that begin with a unit in UTC. `quarterStartMonth`: 1 to 12, the month in which a fiscal year begins. */
  | {
      readonly type: "calendar";
      readonly unit: CalendarUnit;
      readonly count: number;
      readonly quarterStartMonth: number;
    }
  /** Whatever was used within the last `ms`. */
  | { readonly type: "sliding"; readonly ms: number };

export interface WindowWords {
  /** null = never reset. */
  readonly duration: string | null;
  readonly calendarAligned?: boolean;
  readonly quarterStartMonth?: number;
  /** Of a rate limit: it slides where it is not aligned. */
  readonly isRateLimit?: boolean;
}

const DAY = 86_400_000;
const ALIGNED = /^(\d{1,6})([dwMQY])$/;
const UNITS: Readonly<Record<string, CalendarUnit>> = { d: "day", w: "week", M: "month", Q: "quarter", Y: "year" };

/** The window; null when the duration is none. */
export function windowSpec(words: WindowWords): WindowSpec | null {
  if (words.duration === null) return { type: "never" };
  const duration = parseDuration(words.duration);
  if (duration === null) return null;
  const ms = Math.max(1, Math.ceil(duration.ms));
  if (words.calendarAligned !== true) return { type: words.isRateLimit === true ? "sliding" : "rolling", ms };
  const calendar = calendarOf(duration.text, ms);
  if (calendar === null) return { type: "rolling", ms };
  return { type: "calendar", ...calendar, quarterStartMonth: words.quarterStartMonth ?? 1 };
}

/** Whole days, weeks, months, quarters or years; `24h` is a day as well. Anything else, as `90m` or `1.5d`, has no place in a calendar. */
function calendarOf(text: string, ms: number): { readonly unit: CalendarUnit; readonly count: number } | null {
  const [, count, letter] = ALIGNED.exec(text) ?? [];
  if (count !== undefined && letter !== undefined) return { unit: UNITS[letter] as CalendarUnit, count: Number(count) };
  return /^[^dwMQY]+$/.test(text) && ms % DAY === 0 ? { unit: "day", count: ms / DAY } : null;
}
