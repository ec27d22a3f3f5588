// Sums the parts of a cost and rounds once: in plain numbers as long as these are exact.
import type { PricedPart } from "../../core/price.ts";
import { dividedHalfUp } from "./decimal.ts";

/** Counts are taken in millionths: seconds have decimals. */
const MILLIONTHS = 1_000_000;
/** 10^-18 dollars, the unit of pico-dollars times millionths, in a nano-dollar. */
const ATTO_IN_NANO = 1_000_000_000n;
const PICO_IN_NANO = 1000;
const MOST = Number.MAX_SAFE_INTEGER;

/** Nano-dollars of all parts, half up. */
export function amountOf(parts: readonly PricedPart[]): number {
  let pico = 0;
  for (const { count, unitPico } of parts) {
    const product = count * unitPico;
    // a product of whole numbers within these is exact, and so is the sum
    if (!Number.isInteger(count) || product > MOST) return largeAmountOf(parts);
    pico += product;
    if (pico > MOST) return largeAmountOf(parts);
  }
  const rest = pico % PICO_IN_NANO;
  return (pico - rest) / PICO_IN_NANO + (rest >= PICO_IN_NANO / 2 ? 1 : 0);
}

/** The same for parts of any size, and with decimals. */
export function largeAmountOf(parts: readonly PricedPart[]): number {
  const atto = parts.reduce(
    (sum, { count, unitPico }) => sum + BigInt(unitPico) * BigInt(Math.round(count * MILLIONTHS)),
    0n,
  );
  const nano = dividedHalfUp(atto, ATTO_IN_NANO);
  // nine million dollars for one answer: a nonsense price, which must not become a nonsense number
  return nano > BigInt(MOST) ? MOST : Number(nano);
}

/** A price of a region: `millionths` of it, half up. */
export function upliftedPico(pico: number, millionths: number): number {
  const product = pico * millionths;
  if (product > MOST || !Number.isInteger(millionths))
    return Number(dividedHalfUp(BigInt(pico) * BigInt(Math.round(millionths)), BigInt(MILLIONTHS)));
  const rest = product % MILLIONTHS;
  return (product - rest) / MILLIONTHS + (rest >= MILLIONTHS / 2 ? 1 : 0);
}
