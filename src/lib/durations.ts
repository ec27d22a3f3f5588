// Reads durations as governance and network settings write them: Go's spelling, and days, weeks, months, quarters and years.
import { remember } from "./remember.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Milliseconds of one unit. Case matters: `m` is a minute, `M` a month. */
const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: MINUTE,
  h: 60 * MINUTE,
  d: DAY,
  w: 7 * DAY,
  M: 30 * DAY,
  mo: 30 * DAY,
  Q: 90 * DAY,
  Y: 365 * DAY,
};

const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|mo|[smhdwMQY])/y;

export interface Duration {
  readonly ms: number;
  /** As it is written in answers: `1mo` as `1M`. */
  readonly text: string;
  /** The units that were used, in order. */
  readonly units: readonly string[];
}

/** The duration, or null when the text is none. More than 0 only: an empty window or wait is a mistake here. */
export const parseDuration: (text: string) => Duration | null = remember(1000, parse);

function parse(text: string): Duration | null {
  let ms = 0;
  let at = 0;
  const units: string[] = [];
  PART.lastIndex = 0;
  for (let match = PART.exec(text); match !== null; match = PART.exec(text)) {
    const unit = match[2]!;
    ms += Number(match[1]) * UNITS[unit]!;
    units.push(unit === "mo" ? "M" : unit);
    at = PART.lastIndex;
  }
  if (at !== text.length || units.length === 0 || !Number.isFinite(ms) || ms <= 0 || ms > Number.MAX_SAFE_INTEGER)
    return null;
  return { ms, text: text.replaceAll("mo", "M"), units };
}
