// How long to wait before the same key is tried again.

/** min(max, initial · 2ⁿ) with a jitter of ±20 %; `random` in [0, 1). ms. */
export function backoff(initial: number, longest: number, retry: number, random: number): number {
  const doubled = Math.min(initial * 2 ** Math.min(retry, 30), longest);
  return Math.min(longest, doubled * (0.8 + 0.4 * random));
}
