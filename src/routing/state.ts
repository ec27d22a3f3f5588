// What is known of the present of each provider key: rests, marks and probes. Lives on the loop; a copy of it replays a decision.
import type { KeyState, StateView } from "../core/decision.ts";

/** A rest without a hint, doubling with each further failure up to the longest. ms. */
const FIRST_REST = { "rate limited": 1_000, rejected: 5_000, failing: 1_000 } as const;
const LONGEST_REST = { "rate limited": 60_000, rejected: 300_000, failing: 60_000 } as const;
/** A hint of the provider is followed for this long at most, ms. */
const LONGEST_HINT = 300_000;
/** So many failures in a row before a key is left alone. */
const FAILURES_BEFORE_REST = 3;
/** The wall clock was set back when it shows so much less than before, ms; a rest may last that much longer unnoticed. */
const STEP_BACK = 60_000;

export type RestReason = "rate limited" | "rejected" | "failing";

interface Mutable {
  restUntil: number;
  reason: KeyState["reason"];
  probing: boolean;
  /** Rests in a row without a success between them. */
  rests: number;
  failures: number;
}

/**
 * Only orders the candidates, refuses nothing. A rest ends at the provider's hint or after five minutes, whichever comes
 * first; then one request at a time probes the key, and its first success makes it whole again.
 */
export class RoutingState {
  readonly #keys = new Map<string, Mutable>();
  #lastSeen = 0;

  /** A live view: valid as long as nothing is awaited. */
  view(now: number): StateView {
    if (now < this.#lastSeen - STEP_BACK) this.#follow(now - this.#lastSeen);
    this.#lastSeen = now;
    return { now, keys: this.#keys };
  }

  /** A copy as plain data, for another thread. */
  copy(): [string, KeyState][] {
    return [...this.#keys].map(([id, s]) => [id, { restUntil: s.restUntil, reason: s.reason, probing: s.probing }]);
  }

  /** An attempt with this key begins: after a rest it is the probe. True when it is. */
  began(keyId: string, now: number): boolean {
    const state = this.#keys.get(keyId);
    if (state === undefined || state.reason === "" || state.probing || state.restUntil > now) return false;
    state.probing = true;
    return true;
  }

  succeeded(keyId: string): void {
    this.#keys.delete(keyId);
  }

  /** 429: rests until the hint, else a second, doubling. */
  throttled(keyId: string, now: number, hint: number | null): void {
    this.#rest(keyId, "rate limited", now, hint);
  }

  /** 401, 402, 403: marked. */
  rejected(keyId: string, now: number): void {
    this.#rest(keyId, "rejected", now, null);
  }

  /** A server error, a timeout or a transport failure: the third in a row makes it rest. */
  failed(keyId: string, now: number): void {
    const state = this.#state(keyId);
    state.failures++;
    if (state.probing || state.failures >= FAILURES_BEFORE_REST)
      this.#rest(keyId, state.reason === "" ? "failing" : state.reason, now, null);
  }

  /** An attempt ended without telling anything of the key (client gone, the caller's own error). */
  ended(keyId: string): void {
    const state = this.#keys.get(keyId);
    if (state !== undefined) state.probing = false;
  }

  /** Keys that are no longer configured are forgotten. */
  retain(keyIds: ReadonlySet<string>): void {
    for (const id of this.#keys.keys()) if (!keyIds.has(id)) this.#keys.delete(id);
  }

  /** The clock went back: rests end after as long as they had still to last. */
  #follow(step: number): void {
    for (const state of this.#keys.values()) state.restUntil = Math.max(state.restUntil + step, 0);
  }

  #state(keyId: string): Mutable {
    let state = this.#keys.get(keyId);
    if (state === undefined) {
      state = { restUntil: 0, reason: "", probing: false, rests: 0, failures: 0 };
      this.#keys.set(keyId, state);
    }
    return state;
  }

  #rest(keyId: string, reason: RestReason, now: number, hint: number | null): void {
    const state = this.#state(keyId);
    // Requests that were under way together tell of one throttle, not of many: only a rest that has ended is doubled.
    const isAgain = state.restUntil > now;
    const doublings = Math.min(isAgain ? Math.max(state.rests - 1, 0) : state.rests, 20);
    if (!isAgain) state.rests++;
    const doubled = Math.min(FIRST_REST[reason] * 2 ** doublings, LONGEST_REST[reason]);
    const rest = hint === null ? doubled : Math.min(hint, LONGEST_HINT);
    state.restUntil = Math.max(state.restUntil, now + rest);
    state.reason = reason;
    state.probing = false;
  }
}
