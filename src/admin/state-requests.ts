// Asks the loop for a copy of what it knows of the present, for simulations and pages.
import type { KeyState, StateView } from "../core/decision.ts";
import { GatewayError } from "../core/errors.ts";

/** Longest wait, ms: the loop answers within one, so silence means that it is in trouble. */
const PATIENCE = 1000;

interface Waiting {
  readonly resolve: (view: StateView) => void;
  readonly timer: NodeJS.Timeout;
}

/** One for the control plane. */
export class StateRequests {
  readonly #send: (id: number) => boolean;
  readonly #patience: number;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(send: (id: number) => boolean, patience = PATIENCE) {
    this.#send = send;
    this.#patience = patience;
  }

  /** Rejects with GatewayError when no answer comes. */
  ask(): Promise<StateView> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(
          new GatewayError("overloaded", "the data plane did not tell its state in time; try again", { retryAfter: 1 }),
        );
      }, this.#patience);
      this.#waiting.set(id, { resolve, timer });
      this.#send(id);
    });
  }

  receive(id: number, now: number, keys: readonly (readonly [string, KeyState])[]): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    waiting.resolve({ now, keys: new Map(keys) });
  }
}
