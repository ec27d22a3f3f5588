// Tells a caller how the rate limits of his own stand: of his key, its provider config, its team and its customer.
import type { Clock } from "../core/ports.ts";
import type { OwnerKind } from "./counter-spec.ts";
import type { LimitSpelling } from "./limit-text.ts";
import type { LoopCounter } from "./loop-counter.ts";

const OWN: ReadonlySet<OwnerKind> = new Set(["VK", "Provider config", "Team", "Customer"]);

/** A line of a reservation, or what stood in its way. */
export interface Limited {
  readonly counter: LoopCounter;
}

/** Lines of a head; empty where there is no such limit. The tightest of each kind counts. */
export function limitHeaders(lines: readonly Limited[], spelling: LimitSpelling, clock: Clock): string {
  let requests: LoopCounter | null = null;
  let tokens: LoopCounter | null = null;
  for (const line of lines) {
    if (!isTold(line)) continue;
    const { counter } = line;
    if (counter.spec.kind === "requests") requests = tighter(requests, counter, clock);
    else tokens = tighter(tokens, counter, clock);
  }
  const ofRequests = requests === null ? "" : textOf(requests, "requests", spelling, clock);
  return tokens === null ? ofRequests : ofRequests + textOf(tokens, "tokens", spelling, clock);
}

function isTold({ counter }: Limited): boolean {
  const { kind, owner } = counter.spec;
  return (kind === "requests" || kind === "tokens") && !counter.gone && OWN.has(owner.kind);
}

function tighter(best: LoopCounter | null, next: LoopCounter, clock: Clock): LoopCounter {
  if (best === null) return next;
  const wall = clock.now();
  const monotonic = clock.monotonic();
  return remainingOf(next, wall, monotonic) < remainingOf(best, wall, monotonic) ? next : best;
}

/** As far as this loop knows: exactly after each grant, without what other processes did since. */
function remainingOf({ rest, balance, open, spec }: LoopCounter, wall: number, monotonic: number): number {
  return Math.max(0, Math.min(spec.limit, Math.floor(rest.left(wall, monotonic, open) + balance)));
}

function textOf(counter: LoopCounter, kind: "requests" | "tokens", spelling: LimitSpelling, clock: Clock): string {
  const monotonic = clock.monotonic();
  const fresh = counter.told.fresh(spelling, monotonic);
  if (fresh !== null) return fresh;
  const wall = clock.now();
  const remaining = remainingOf(counter, wall, monotonic);
  const resetsAt = counter.rest.resetsAt(wall);
  return counter.told.lines(spelling, kind, { limit: counter.spec.limit, remaining, resetsAt, now: wall, monotonic });
}
