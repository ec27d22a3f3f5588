// Dollars as text to integer nano-dollars, digit by digit: a float never comes between.
import { remember } from "../lib/remember.ts";

const NANO_DIGITS = 9;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/;

/** A limit above nine billion dollars does not fit into 64 bits of nano-dollars together with what is spent against it. */
export const HIGHEST_LIMIT_NANO = 9_000_000_000n * 1_000_000_000n;

/** Nano-dollars of a JSON number's text, rounded half up beyond the ninth decimal; null when it is not a decimal number. */
export const parseDollars: (text: string) => bigint | null = remember(1000, parse);

function parse(text: string): bigint | null {
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  // how many digits of `digits` stand before the nano point
  const point = whole.length + Number(exponent) + NANO_DIGITS;
  if (point > 40) return /^0*$/.test(digits) ? 0n : null;
  const kept = point <= 0 ? "0" : digits.slice(0, point).padEnd(point, "0");
  const next = point < 0 ? "0" : (digits[point] ?? "0");
  const nano = BigInt(kept) + (next >= "5" ? 1n : 0n);
  return sign === "-" ? -nano : nano;
}

/** Nano-dollars as people write dollars: `12.5`, without needless zeros. */
export function formatDollars(nano: bigint): string {
  const magnitude = nano < 0n ? -nano : nano;
  const whole = magnitude / 1_000_000_000n;
  const fraction = String(magnitude % 1_000_000_000n)
    .padStart(NANO_DIGITS, "0")
    .replace(/0+$/, "");
  return `${nano < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
