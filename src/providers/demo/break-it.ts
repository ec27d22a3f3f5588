// The switch by which a person breaks the demo provider for a while: models that are named to fail keep doing so.
import type { DemoRequest } from "./options.ts";

/** What the demo does to requests that it would answer well. */
export type DemoMode = "ok" | "slow" | "fail" | "throttle" | "break";

/** Nobody has to remember to mend it: it does so by itself after this time, ms. */
export const BROKEN_FOR = 10 * 60_000;

/** The behaviour of each mode. */
const PLAYS: Readonly<Record<Exclude<DemoMode, "ok">, (request: DemoRequest) => string>> = {
  slow: (request) => (request.stream ? "slow-stream-400ms" : "slow-3s"),
  fail: () => "status-503",
  throttle: () => "status-429-retry-after-2",
  break: () => "break-mid-stream",
};
/** Models that answer well by themselves. */
const GOOD = /^(?:echo|slow|chunks|big|thinking|length|tool|json)/;

/** One for each side that serves the demo. */
export class DemoSwitch {
  readonly #now: () => number;
  #mode: DemoMode = "ok";
  #until = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  get mode(): DemoMode {
    return this.#now() < this.#until ? this.#mode : "ok";
  }

  /** Unix ms; 0 = it is as it should be. */
  get until(): number {
    return this.mode === "ok" ? 0 : this.#until;
  }

  set(mode: DemoMode): void {
    this.#mode = mode;
    this.#until = mode === "ok" ? 0 : this.#now() + BROKEN_FOR;
  }

  /** The behaviour for a request; null: its model's own. */
  behaviour(request: DemoRequest): string | null {
    const { mode } = this;
    if (mode === "ok" || request.operation === "models" || !GOOD.test(request.model)) return null;
    return PLAYS[mode](request);
  }
}

/** The same on the side of a person: tells the other sides of every change. */
export class TellingSwitch extends DemoSwitch {
  readonly #tell: (mode: DemoMode) => void;

  constructor(now: () => number, tell: (mode: DemoMode) => void) {
    super(now);
    this.#tell = tell;
  }

  override set(mode: DemoMode): void {
    super.set(mode);
    this.#tell(mode);
  }
}
