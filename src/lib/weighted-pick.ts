// Draws an index by weight.

/**
 * The index that `draw` in [0, 1) falls on when each index has a share by its weight; -1 for an empty list. Weights that
 * add up to nothing count as equal.
 */
export function weightedPick(weights: readonly number[], draw: number): number {
  if (weights.length === 0) return -1;
  let total = 0;
  for (const weight of weights) total += weight;
  if (total <= 0) return Math.min(weights.length - 1, Math.floor(draw * weights.length));
  let rest = draw * total;
  let last = -1;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i] as number;
    if (weight <= 0) continue;
    last = i;
    rest -= weight;
    if (rest < 0) return i;
  }
  return last;
}
