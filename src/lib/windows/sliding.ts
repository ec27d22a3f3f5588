// A window that slides, in 60 slices: the oldest is counted whole, so that no window of that length ever holds more than was allowed.

const SLICES = 60;
/** A window of 60 slices touches 61 of them: the newest and the oldest by a part each. */
const KEPT = SLICES + 1;

export interface Slices {
  /** The number of the newest slice. */
  readonly newest: number;
  /** The newest first. */
  readonly amounts: readonly bigint[];
}

const NOTHING: readonly bigint[] = Object.freeze(Array.from({ length: KEPT }, () => 0n));

export function emptySlices(ms: number, now: number): Slices {
  return { newest: sliceAt(ms, now), amounts: NOTHING };
}

/**
 * The slices as they stand at `now`. A clock that went back, or a stored time in the future, takes nothing away: what was
 * counted is taken as counted until now, and is forgotten slice by slice from here on.
 */
export function slide(slices: Slices, ms: number, now: number): Slices {
  const newest = sliceAt(ms, now);
  const moved = newest - slices.newest;
  if (moved === 0) return slices;
  if (moved < 0) return { newest, amounts: slices.amounts };
  if (moved >= KEPT) return { newest, amounts: NOTHING };
  return { newest, amounts: [...NOTHING.slice(0, moved), ...slices.amounts.slice(0, KEPT - moved)] };
}

/** Adds to the newest slice; an amount below 0 takes away, from the newest on, as much as there is. */
export function addToSlices(slices: Slices, amount: bigint): Slices {
  const amounts = slices.amounts.slice();
  if (amount >= 0n) amounts[0] = (amounts[0] as bigint) + amount;
  else takeAway(amounts, -amount);
  return { newest: slices.newest, amounts };
}

function takeAway(amounts: bigint[], amount: bigint): void {
  let left = amount;
  for (let age = 0; age < amounts.length && left > 0n; age++) {
    const there = amounts[age] as bigint;
    const taken = there < left ? there : left;
    amounts[age] = there - taken;
    left -= taken;
  }
}

export function sliceTotal(slices: Slices): bigint {
  return slices.amounts.reduce((sum, amount) => sum + amount, 0n);
}

/** ms until enough slices have left that at most `most` is counted. */
export function untilAtMost(slices: Slices, ms: number, now: number, most: bigint): number {
  let total = sliceTotal(slices);
  for (let age = KEPT - 1; age >= 0; age--) {
    if (total <= most) return age === KEPT - 1 ? 0 : waitFor(slices, age + 1, ms, now);
    total -= slices.amounts[age] as bigint;
  }
  return waitFor(slices, 0, ms, now);
}

/** ms until the slice of this age has left. */
function waitFor(slices: Slices, age: number, ms: number, now: number): number {
  return Math.max(0, Math.ceil(((slices.newest - age + KEPT) * ms) / SLICES) - now);
}

function sliceAt(ms: number, now: number): number {
  return Math.floor((now * SLICES) / ms);
}
