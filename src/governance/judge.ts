// Whether a counter has room for an amount, judged from what the loop knows: the one place that says yes, no, wait or ask.
import type { Grant } from "../core/counters.ts";
import type { TargetAsk } from "./admission-ask.ts";
import type { LeaseDesk } from "./lease-desk.ts";
import type { TargetLevels } from "./levels.ts";
import { CONTENDED_MS, type LoopCounter, VERDICT, type Verdict } from "./loop-counter.ts";
import { amountFor, type Line, type Reservation } from "./reservation.ts";
import type { Block } from "./waiter.ts";

/** ms for which requests that fit may pass one that does not. */
export const OVERTAKING_MS = 1000;

/** Who asks for room. */
export interface Applicant {
  readonly own: Reservation | null;
  /** Its place in every queue. */
  readonly sequence: number;
  /** What the store has reserved for it. */
  readonly exact: readonly Grant[];
}

export interface Now {
  /** Unix ms. */
  wall: number;
  monotonic: number;
}

/** The counters of the target, in the order of its levels. */
export function countersOf({ specs, live }: TargetLevels, desk: LeaseDesk): readonly LoopCounter[] {
  for (let at = 0; at < specs.length; at++) {
    const known = live[at];
    if (known === undefined || known.forgotten) live[at] = desk.counter(specs[at]!);
  }
  return live as readonly LoopCounter[];
}

/** What stands in the way at the counters of a target; null = all of them have room. Nothing is reserved yet. */
export function findBlocks(target: TargetAsk, applicant: Applicant, desk: LeaseDesk, now: Now): Block[] | null {
  const counters = countersOf(target.levels, desk);
  const { own, sequence, exact } = applicant;
  let blocks: Block[] | null = null;
  for (let at = 0; at < counters.length; at++) {
    const counter = counters[at]!;
    if (own?.hasCounted(counter)) continue;
    const amount = amountFor(counter.spec, target);
    let verdict = judge(counter, amount, own === null ? null : own.lineOn(counter), exact, desk, now);
    if (verdict < VERDICT.contended && counter.waiters.length > 0 && isOvertaken(counter, sequence, now.monotonic))
      verdict = VERDICT.contended;
    if (verdict !== VERDICT.fits) (blocks ??= []).push({ counter, amount, verdict });
  }
  return blocks;
}

function judge(
  counter: LoopCounter,
  amount: number,
  own: Line | null,
  exact: readonly Grant[],
  desk: LeaseDesk,
  now: Now,
): Verdict {
  if (counter.gone) return VERDICT.fits;
  const reserved = own === null ? 0 : own.amount;
  if (counter.spec.kind === "parallel")
    return counter.open - reserved + amount <= counter.spec.limit ? VERDICT.fits : VERDICT.exhausted;
  desk.refresh(counter, now.wall, now.monotonic);
  if (exact.some((grant) => grant.counter === counter.id)) return VERDICT.fits;
  if (own !== null && amount <= reserved) return VERDICT.fits;
  if (now.monotonic < counter.exhaustedUntil) return VERDICT.exhausted;
  const room = counter.balance + (own !== null && own.term === counter.term ? reserved : 0);
  if (counter.term > 0 && room >= amount && room > 0) return withinJournal(counter, amount, desk, now.monotonic);
  return now.monotonic < counter.contendedUntil ? shortage(counter, amount) : VERDICT.unknown;
}

/** A lease is spent only so far ahead of the journal as the store was told, and not at all when the journal lags. */
function withinJournal(counter: LoopCounter, amount: number, { posts }: LeaseDesk, monotonic: number): Verdict {
  if (posts.isOverdue(monotonic)) return VERDICT.behind;
  const pending = counter.unpostedAhead(posts.posted);
  if (pending + amount <= counter.ahead) return VERDICT.fits;
  // more than may ever run ahead: such a request asks for itself
  return pending > 0 && amount <= counter.ahead ? VERDICT.behind : VERDICT.unknown;
}

/** What it means for an amount that the store has just said that others' reservations stand in the way. */
export function shortage(counter: LoopCounter, amount: number): Verdict {
  const { standing, spec } = counter;
  if (spec.kind === "requests") return VERDICT.exhausted;
  // no release of others makes room for a bound beyond what is not used yet
  if (spec.hard && standing !== null && BigInt(amount) > standing.limit - standing.used) return VERDICT.exhausted;
  return VERDICT.contended;
}

/** An earlier one has been passed for long enough: whoever came later waits behind it. */
function isOvertaken(counter: LoopCounter, sequence: number, monotonic: number): boolean {
  for (const { waiter } of counter.waiters) {
    if (waiter.sequence >= sequence) return false;
    if (waiter.contendedSince >= 0 && monotonic - waiter.contendedSince > OVERTAKING_MS) return true;
  }
  return false;
}

/**
 * While the store does not answer: what stands in the way by its last word. So an outage of a moment does not let a burst
 * through that a budget has no room for, and a long one no more than what was left.
 */
export function shortWithoutStore(blocks: readonly Block[], own: Reservation | null, now: Now): Block[] {
  const short: Block[] = [];
  for (const { counter, amount, verdict } of blocks) {
    if (verdict !== VERDICT.unknown) continue;
    const line = own === null ? null : own.lineOn(counter);
    const left = counter.rest.left(now.wall, now.monotonic, counter.open) + counter.balance + (line?.amount ?? 0);
    const others = counter.openCount - (line === null ? 0 : 1);
    if (left >= amount || (left > 0 && others === 0)) continue;
    const isWorthWaiting = others > 0 && counter.spec.kind !== "requests";
    if (isWorthWaiting) counter.contendedUntil = now.monotonic + CONTENDED_MS;
    short.push({ counter, amount, verdict: isWorthWaiting ? VERDICT.contended : VERDICT.exhausted });
  }
  return short;
}
