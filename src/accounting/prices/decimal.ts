// Decimal text to whole numbers of a small unit, digit by digit, so that a price is never off by a binary fraction.

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

/** `text` × 10^digits, rounded half up; null when it is no decimal number. */
export function scaledDecimal(text: string, digits: number): bigint | null {
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const all = whole + fraction;
  // how many digits of `all` stand before the new point
  const point = whole.length + Number(exponent) + digits;
  const kept = point <= 0 ? "0" : all.slice(0, point).padEnd(point, "0");
  const next = point < 0 ? "0" : (all[point] ?? "0");
  const magnitude = BigInt(kept) + (next >= "5" ? 1n : 0n);
  return sign === "-" ? -magnitude : magnitude;
}

/** A number of dollars in units of 10^-digits dollars; null when it is negative, not finite or no safe whole number then. */
export function scaledDollars(dollars: unknown, digits: number): number | null {
  if (typeof dollars !== "number" || !Number.isFinite(dollars) || dollars < 0) return null;
  // the shortest text of a double is the decimal that was written
  const scaled = scaledDecimal(String(dollars), digits);
  return scaled === null || scaled > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(scaled);
}

/** Rounds half up: `value` / `divisor`, both above or equal to 0. */
export function dividedHalfUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor / 2n) / divisor;
}
