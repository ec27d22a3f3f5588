// Durations of the configuration: read by the rules that windows of counters follow too.
import { parseDuration } from "../lib/durations.ts";

export { type Duration, parseDuration } from "../lib/durations.ts";

/** The window of a limit. */
export interface LimitWindow {
  /** null = never reset. */
  readonly resetDuration: string | null;
  readonly calendarAligned?: true;
}

/** Months of the calendar, whose length in days is not always the same. */
const CALENDAR_MONTHS = /^(\d{1,6})([MQY])$/;
const MONTHS: Readonly<Record<string, number>> = { M: 1, Q: 3, Y: 12 };

/** Whether both have one length, however it is written: `24h` and `1d`, `7d` and `1w`. A month of the calendar is not thirty days. */
export function isSameWindow(a: LimitWindow, b: LimitWindow): boolean {
  if (a.resetDuration === b.resetDuration) return true;
  return a.resetDuration !== null && b.resetDuration !== null && lengthOf(a) === lengthOf(b);
}

function lengthOf({ resetDuration, calendarAligned }: LimitWindow): string {
  const text = resetDuration ?? "";
  const [, count, unit] = (calendarAligned === true && CALENDAR_MONTHS.exec(text)) || [];
  if (count !== undefined && unit !== undefined) return `${Number(count) * MONTHS[unit]!} months`;
  return String(Math.round(parseDuration(text)?.ms ?? 0));
}
