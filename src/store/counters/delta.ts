// What entries of a loop mean for the counters, added up: costs, and what changed in its leases.

/** What entries mean for one counter and one loop, added up. */
export interface CounterDelta {
  /** Settled, whole; in two parts, so that the sum of millions stays exact. */
  cost: number;
  largeCost: bigint;
  readonly terms: TermDelta[];
}

export interface TermDelta {
  readonly term: number;
  /** Change of what is reserved: more by reservations, less by what of them was not needed. */
  reserved: number;
  /** What costs have used up of reservations. */
  covered: number;
  isEnded: boolean;
}

/** By handle. */
export type LoopDeltas = Map<number, CounterDelta>;

const LARGE = 2 ** 52;

/** The whole sum. */
export function costOf(delta: CounterDelta): bigint {
  return delta.largeCost + BigInt(delta.cost);
}

/** Adds `more` to `sums`. */
export function mergeDeltas(sums: LoopDeltas, more: LoopDeltas): void {
  for (const [handle, delta] of more) {
    const sum = deltaOf(sums, handle);
    sum.largeCost += delta.largeCost;
    addCost(sum, delta.cost);
    for (const part of delta.terms) {
      const into = termOf(sum, part.term);
      into.reserved += part.reserved;
      into.covered += part.covered;
      into.isEnded ||= part.isEnded;
    }
  }
}

/** A cost more. */
export function addCost(delta: CounterDelta, cost: number): void {
  delta.cost += cost;
  if (delta.cost < LARGE) return;
  delta.largeCost += BigInt(delta.cost);
  delta.cost = 0;
}

/** The delta of a counter, made when there is none. */
export function deltaOf(deltas: LoopDeltas, handle: number): CounterDelta {
  let delta = deltas.get(handle);
  if (delta === undefined) deltas.set(handle, (delta = { cost: 0, largeCost: 0n, terms: [] }));
  return delta;
}

/** The part of a delta for one term, made when there is none. */
export function termOf(delta: CounterDelta, term: number): TermDelta {
  for (const part of delta.terms) if (part.term === term) return part;
  const part: TermDelta = { term, reserved: 0, covered: 0, isEnded: false };
  delta.terms.push(part);
  return part;
}
