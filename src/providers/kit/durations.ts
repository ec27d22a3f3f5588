// Reads the ways in which providers spell a time to wait: seconds, "6m0s", HTTP dates, RFC 3339, Unix times.

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const PART = /^(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)/;
const NUMBER = /^\d{1,16}(?:\.\d{1,9})?$/;
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** A plain decimal number, or null. */
export function readNumber(text: string): number | null {
  return NUMBER.test(text) ? Number(text) : null;
}

/** "1s", "6m0s", "250ms", "1h2m" in ms; null when it is no such text. */
export function readDuration(text: string): number | null {
  let rest = text;
  let total = 0;
  if (rest === "" || rest.length > 40) return null;
  while (rest !== "") {
    const part = PART.exec(rest);
    if (part === null) return null;
    total += Number(part[1]) * (UNITS[part[2] as string] as number);
    rest = rest.slice(part[0].length);
  }
  return total;
}

/** ms until the moment that an HTTP date or an RFC 3339 time names; negative when it has passed, null when it is neither. */
export function readDate(text: string, now: number): number | null {
  if (!HTTP_DATE.test(text) && !RFC_3339.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at - now;
}

/** A number in ms from now: a small one is seconds to wait, a large one a Unix time in seconds or ms. */
export function readResetNumber(value: number, now: number): number {
  if (value < 1e8) return value * 1000;
  return (value < 1e11 ? value * 1000 : value) - now;
}

/** ms from now, in whichever of these spellings the time is told; null when it is none. */
export function readReset(text: string, now: number): number | null {
  const trimmed = text.trim();
  const number = readNumber(trimmed);
  if (number !== null) return readResetNumber(number, now);
  return readDuration(trimmed) ?? readDate(trimmed, now);
}
