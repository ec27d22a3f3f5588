// Tells a caller how the rate limits of his own stand: of his key, its provider config, its team and its customer.
import type { OwnerKind } from "./counter-spec.ts";
import type { LimitSpelling } from "./limit-text.ts";
import type { LoopCounter } from "./loop-counter.ts";
import type { Line } from "./reservation.ts";

const OWN: ReadonlySet<OwnerKind> = new Set(["VK", "Provider config", "Team", "Customer"]);

/** Lines of a head; empty where there is no such limit. The tightest of each kind counts. */
export function limitHeaders(lines: readonly Line[], spelling: LimitSpelling, wall: number, monotonic: number): string {
  let requests: LoopCounter | null = null;
  let tokens: LoopCounter | null = null;
  for (const { counter } of lines) {
    const { kind, owner } = counter.spec;
    if ((kind !== "requests" && kind !== "tokens") || counter.gone || !OWN.has(owner.kind)) continue;
    if (kind === "requests") requests = tighter(requests, counter, wall, monotonic);
    else tokens = tighter(tokens, counter, wall, monotonic);
  }
  const ofRequests = requests === null ? "" : textOf(requests, "requests", spelling, { wall, monotonic });
  return tokens === null ? ofRequests : ofRequests + textOf(tokens, "tokens", spelling, { wall, monotonic });
}

function tighter(best: LoopCounter | null, next: LoopCounter, wall: number, monotonic: number): LoopCounter {
  return best === null || remainingOf(next, wall, monotonic) < remainingOf(best, wall, monotonic) ? next : best;
}

/** As far as this loop knows: exactly after each grant, without what other processes did since. */
function remainingOf({ rest, balance, open, spec }: LoopCounter, wall: number, monotonic: number): number {
  return Math.max(0, Math.min(spec.limit, Math.floor(rest.left(wall, monotonic, open) + balance)));
}

function textOf(
  counter: LoopCounter,
  kind: "requests" | "tokens",
  spelling: LimitSpelling,
  now: { readonly wall: number; readonly monotonic: number },
): string {
  const { wall, monotonic } = now;
  const fresh = counter.told.fresh(spelling, monotonic);
  if (fresh !== null) return fresh;
  const remaining = remainingOf(counter, wall, monotonic);
  const resetsAt = counter.rest.resetsAt(wall);
  return counter.told.lines(spelling, kind, { limit: counter.spec.limit, remaining, resetsAt, now: wall, monotonic });
}
