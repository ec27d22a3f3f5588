// Whether to try again, and where: the failover table as a function from a failure and what is left to a step.
import type { AttemptFailure, FailureKind } from "../core/failure.ts";

/** What is left to try when an attempt has failed. */
export interface Situation {
  /** Further tries that `max_retries` still allows at this provider. */
  readonly retriesLeft: number;
  /** Another key of this provider has not been tried. */
  readonly otherKey: boolean;
  /** Another target is planned. */
  readonly otherTarget: boolean;
  /** A planned target is known to have a larger context window than this one. */
  readonly largerTarget: boolean;
  /** The stale connection has been replaced once already. */
  readonly refreshed: boolean;
  /** Signatures have been removed once already. */
  readonly stripped: boolean;
  /** The next wait by the backoff, ms. */
  readonly backoff: number;
}

export type Step =
  | { readonly type: "same-key"; readonly wait: boolean; readonly counted: boolean; readonly fresh: boolean }
  | { readonly type: "other-key"; readonly counted: boolean }
  | { readonly type: "strip-signatures" }
  | { readonly type: "next-target" }
  | { readonly type: "larger-target" }
  | { readonly type: "give-up" };

const SAME_WITH_BACKOFF: Step = { type: "same-key", wait: true, counted: true, fresh: false };
const SAME_AT_ONCE: Step = { type: "same-key", wait: false, counted: false, fresh: true };
const NEXT: Step = { type: "next-target" };
const GIVE_UP: Step = { type: "give-up" };

function next(situation: Situation): Step {
  return situation.otherTarget ? NEXT : GIVE_UP;
}

/** One row of the table per kind of failure. */
const TABLE: Record<FailureKind, (failure: AttemptFailure, situation: Situation) => Step> = {
  transport: (failure, s) => {
    if (failure.stale && !s.refreshed) return SAME_AT_ONCE;
    return s.retriesLeft > 0 ? SAME_WITH_BACKOFF : next(s);
  },
  timeout: (_, s) => next(s),
  "server-error": (_, s) => {
    if (s.retriesLeft <= 0) return next(s);
    return s.otherKey ? { type: "other-key", counted: true } : SAME_WITH_BACKOFF;
  },
  "rate-limited": (failure, s) => {
    if (s.otherKey) return { type: "other-key", counted: false };
    if (s.otherTarget) return NEXT;
    const told = failure.restHint !== null && failure.restHint > s.backoff;
    return s.retriesLeft > 0 && !told ? SAME_WITH_BACKOFF : GIVE_UP;
  },
  "key-rejected": (_, s) => (s.otherKey ? { type: "other-key", counted: false } : next(s)),
  "model-not-found": (_, s) => next(s),
  "signature-rejected": (_, s) => (s.stripped ? GIVE_UP : { type: "strip-signatures" }),
  "context-length": (_, s) => (s.largerTarget ? { type: "larger-target" } : GIVE_UP),
  rejected: () => GIVE_UP,
};

export function nextStep(failure: AttemptFailure, situation: Situation): Step {
  return TABLE[failure.kind](failure, situation);
}
