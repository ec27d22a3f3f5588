// What raises a limit for some windows or for ever, and what is left of it.
import { windowsSince } from "./fixed.ts";
import type { WindowSpec } from "./spec.ts";

export interface LimitOverride {
  readonly amount: bigint;
  /** Windows, the one it began in included; null = for ever. */
  readonly cycles: number | null;
  /** Unix ms of the reset from which the windows are counted; null = the window that is open when it is first seen. */
  readonly anchorReset: number | null;
}

/** The number of the window from which the windows of an override are counted. */
export function overrideAnchor(override: LimitOverride, spec: WindowSpec, number: number, now: number): number {
  return override.anchorReset === null ? number : number - windowsSince(spec, override.anchorReset, now);
}

/** Windows that are left, the open one included; null = for ever. */
export function cyclesLeft(override: LimitOverride, anchor: number, number: number): number | null {
  return override.cycles === null ? null : Math.max(0, override.cycles - Math.max(0, number - anchor));
}

/** What is added to the limit in this window. */
export function overrideAmount(override: LimitOverride | null, anchor: number, number: number): bigint {
  if (override === null || cyclesLeft(override, anchor, number) === 0) return 0n;
  return override.amount;
}
