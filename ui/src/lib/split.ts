// Shares of a whole that always add up to it: what the split bar does with its handles.

/** Whole percents; what one gains its neighbours lose. */
export type Shares = readonly number[];

const WHOLE = 100;

/** Weights of any size as percents that add up to 100 (largest remainder). Without any weight all are 0. */
export function sharesOf(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + Math.max(0, weight), 0);
  if (total <= 0) return weights.map(() => 0);
  const raw = weights.map((weight) => (Math.max(0, weight) / total) * WHOLE);
  const shares = raw.map(Math.floor);
  const order = raw
    .map((value, index) => ({ index, rest: value - Math.floor(value) }))
    .toSorted((a, b) => b.rest - a.rest);
  let missing = WHOLE - shares.reduce((sum, share) => sum + share, 0);
  for (const { index } of order) {
    if (missing-- <= 0) break;
    shares[index] = (shares[index] ?? 0) + 1;
  }
  return shares;
}

/** Moves the handle behind part `index` by `delta` percents: only its two neighbours change. */
export function moveHandle(shares: Shares, index: number, delta: number): number[] {
  const left = shares[index] ?? 0;
  const right = shares[index + 1] ?? 0;
  const moved = Math.round(Math.max(-left, Math.min(right, delta)));
  return shares.map((share, at) => (at === index ? share + moved : at === index + 1 ? share - moved : share));
}

/** Gives part `index` the share `value`: the others keep their proportions and share the rest. */
export function setShare(shares: Shares, index: number, value: number): number[] {
  const wanted = Math.round(Math.max(0, Math.min(WHOLE, value)));
  if (shares.length < 2) return shares.map(() => WHOLE);
  const others = shares.filter((_, at) => at !== index);
  const isBare = others.every((share) => share === 0);
  const scaled = sharesOf(isBare ? others.map(() => 1) : others).map((share) => (share * (WHOLE - wanted)) / WHOLE);
  const rounded = wholeSum(scaled, WHOLE - wanted);
  return shares.map((_, at) => (at === index ? wanted : (rounded[at < index ? at : at - 1] ?? 0)));
}

/** Rounds so that the sum is `sum`. */
function wholeSum(values: readonly number[], sum: number): number[] {
  if (sum === 0) return values.map(() => 0);
  const total = values.reduce((all, value) => all + value, 0);
  const floors = values.map((value) => Math.floor((value / total) * sum));
  let missing = sum - floors.reduce((all, value) => all + value, 0);
  const order = values
    .map((value, index) => ({ index, rest: ((value / total) * sum) % 1 }))
    .toSorted((a, b) => b.rest - a.rest);
  for (const { index } of order) {
    if (missing-- <= 0) break;
    floors[index] = (floors[index] ?? 0) + 1;
  }
  return floors;
}
