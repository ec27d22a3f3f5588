// A loop's lease of one counter as the store keeps it, and what entries of the loop do to it.
import type { CounterDelta } from "./delta.ts";

/** What a loop holds of a counter: what it reserved, and what it may still reserve. `held` is both together. */
export interface LeaseState {
  readonly handle: number;
  readonly loop: string;
  node: string;
  /** Names the lease; another one when it ends. */
  term: number;
  window: number;
  held: number;
  reserved: number;
  /** How much may be reserved that the journal does not know of. */
  ahead: number;
  /** It was called back, and the loop has not answered yet. */
  isRecalled: boolean;
  /** When it was last ended or called back, as a number that rises over the whole store; 0 = never. */
  turn: number;
}

export function freeOf(lease: LeaseState): number {
  return Math.max(0, lease.held - lease.reserved);
}

/**
 * What happened since the last time. What was reserved from the lease's term comes out of it and goes back to it; a
 * reservation of an earlier term is only carried: it is held until it ends, and nothing of it comes back to the loop.
 */
export function applyToLease(lease: LeaseState, delta: CounterDelta, nextTerm: () => number): void {
  let isEnded = false;
  for (const part of delta.terms) {
    lease.reserved += part.reserved - part.covered;
    lease.held += (part.term === lease.term ? 0 : part.reserved) - part.covered;
    if (part.isEnded && part.term === lease.term) isEnded = true;
  }
  lease.reserved = Math.max(0, lease.reserved);
  lease.held = Math.max(lease.held, lease.reserved);
  if (isEnded) endTerm(lease, nextTerm());
}

/** Nothing can be reserved from it any more; what is reserved stays. */
export function endTerm(lease: LeaseState, term: number): void {
  lease.term = term;
  lease.held = lease.reserved;
  lease.ahead = 0;
  lease.isRecalled = false;
}

/** Of a process that does not answer: what it may have reserved without the journal's knowledge stays held as well. */
export function expire(lease: LeaseState, term: number): void {
  const kept = Math.min(freeOf(lease), lease.ahead);
  endTerm(lease, term);
  lease.held += kept;
}
