// The port of the switch that breaks the demo provider for a while.

/** Its modes, as people call them. */
export const DEMO_MODES = ["ok", "slow", "fail", "throttle", "break"] as const;
/** What the demo does to requests that it would answer well. */
export type DemoMode = (typeof DEMO_MODES)[number];

/** The switch as the rest of the house keeps it. */
export interface DemoPort {
  readonly mode: DemoMode;
  /** Unix ms when it mends itself; 0 = it is as it should be. */
  readonly until: number;
  /** In force on the loop before anything that is answered later. */
  set(mode: DemoMode): void;
}
