// Whether a counter grants what a request asks of it, and how much more: the rules of leases, near the limit and far from it.
import type { CounterStanding, GrantAsk } from "../../core/counters.ts";
import { untilAtMost } from "../../lib/windows/sliding.ts";
import { type CounterState, endOf, lastResetOf, limitOf, uncertainOf, usedOf } from "./counter-state.ts";

/** A lease is at most this part of the limit, */
const PART_OF_LIMIT = 100n;
/** and of what is left: so leases shrink towards the limit. */
const PART_OF_REST = 8n;
/** By this part of the limit reservations may run ahead of the journal: 200 ms of a lease that lasts a second. */
const AHEAD = 500n;
/** A lease that serves fewer requests than this is none: the next ones ask for themselves. */
const FEWEST_REQUESTS = 2;
/** So that sums of leases stay exact numbers. */
const LARGEST_LEASE = 2 ** 50;

export interface Holdings {
  /** What all loops hold: reserved or free. */
  readonly held: bigint;
  /** What this request has reserved here already. */
  readonly own: number;
}

export type Verdict =
  | { readonly type: "lease"; readonly amount: number; readonly ahead: number }
  | { readonly type: "exact" }
  | { readonly type: "contended" | "exhausted" };

/** The counter's window is that of now. */
export function decide(ask: GrantAsk, state: CounterState, { held, own }: Holdings): Verdict {
  const limit = limitOf(state);
  const used = usedOf(state) + uncertainOf(state);
  if (used >= limit && (own === 0 || ask.estimate > own)) return { type: "exhausted" };
  const rest = limit - used - held;
  const needed = ask.estimate - own;
  if (BigInt(needed) > rest && needed > 0)
    return ask.alone && !state.hard && rest > 0n ? { type: "exact" } : { type: "contended" };
  const amount = own === 0 ? leaseAmount(ask, limit, rest) : 0;
  if (amount < ask.estimate * FEWEST_REQUESTS || amount === 0) return { type: "exact" };
  return { type: "lease", amount, ahead: Math.max(ask.estimate, lowest(limit / AHEAD, BigInt(amount))) };
}

/** What is neither used nor in the hands of loops; below 0 where a request alone has gone beyond the limit. */
export function leftOf(state: CounterState, held: bigint): number {
  const left = limitOf(state) - usedOf(state) - uncertainOf(state) - held;
  return lowest(left, BigInt(Number.MAX_SAFE_INTEGER));
}

function leaseAmount(ask: GrantAsk, limit: bigint, rest: bigint): number {
  return Math.min(ask.want, lowest(limit / PART_OF_LIMIT, rest / PART_OF_REST), LARGEST_LEASE);
}

function lowest(left: bigint, right: bigint): number {
  return Number(left < right ? left : right);
}

export function standingOf(
  state: CounterState,
  verdict: Verdict,
  { ask, now }: { readonly ask: GrantAsk; readonly now: number },
): CounterStanding {
  const isGranted = verdict.type === "lease" || verdict.type === "exact";
  return {
    counter: state.id,
    handle: state.handle,
    state: isGranted ? "room" : (verdict.type as "contended" | "exhausted"),
    used: usedOf(state) + uncertainOf(state),
    limit: limitOf(state),
    lastReset: lastResetOf(state, now),
    resetsAt: endOf(state),
    retryAfter: retryAfter(state, ask, now),
  };
}

/** A request that is larger than the limit fits with the first that may go beyond it: when everything else has gone. */
function retryAfter(state: CounterState, ask: GrantAsk, now: number): number | null {
  const limit = limitOf(state);
  if (limit <= 0n) return null;
  if (state.spec.type !== "sliding" || state.slices === null) {
    const end = endOf(state);
    return end === null ? null : Math.max(0, end - now);
  }
  const most = limit - BigInt(Math.max(1, ask.estimate));
  const { ms } = state.spec;
  const { used, uncertain } = state.slices;
  const amounts = used.amounts.map((amount, age) => amount + (uncertain.amounts[age] as bigint));
  return untilAtMost({ newest: used.newest, amounts }, ms, now, most > 0n ? most : 0n);
}

/** Of a counter that is not there. */
export function unknownStanding(counter: string): CounterStanding {
  return { counter, state: "unknown", used: 0n, limit: 0n, lastReset: 0, resetsAt: null, retryAfter: null };
}
