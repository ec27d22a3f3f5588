// Windows that begin and end: opened by the wall clock, numbered, and only ever rising.
import { unitStart, unitsBetween, unitsLater } from "./calendar.ts";
import type { WindowSpec } from "./spec.ts";

export interface OpenWindow {
  /** Only ever rises, by one for each window that went by. */
  readonly number: number;
  /** Unix ms: the last reset. */
  readonly start: number;
}

/** The first window of a counter; `lastReset` is what is known of its beginning elsewhere. */
export function firstWindow(spec: WindowSpec, now: number, lastReset: number | null): OpenWindow {
  return { number: 1, start: alignedStart(spec, lastReset ?? now) };
}

/** Where the window begins in which `at` lies, as far as that follows from the calendar; else `at` itself. */
export function alignedStart(spec: WindowSpec, at: number): number {
  return spec.type === "calendar" ? unitStart(spec.unit, at, spec.quarterStartMonth) : at;
}

/**
 * The window that is open at `now`. Past the end the next one opens. A beginning that lies in the future (a clock that
 * went back, a wrong stored time) is moved to now: the window runs on, and so ends after its length at the latest.
 */
export function windowAt(spec: WindowSpec, window: OpenWindow, now: number): OpenWindow {
  if (spec.type === "never" || spec.type === "sliding") return window;
  if (now < window.start) return { number: window.number, start: alignedStart(spec, now) };
  const passed = windowsPassed(spec, window.start, now);
  if (passed <= 0) return window;
  return { number: window.number + passed, start: later(spec, window.start, passed) };
}

/** When the window ends, unix ms; null = never, or bit by bit. */
export function windowEnd(spec: WindowSpec, window: OpenWindow): number | null {
  if (spec.type === "never" || spec.type === "sliding") return null;
  return later(spec, window.start, 1);
}

type FixedSpec = Extract<WindowSpec, { type: "rolling" | "calendar" }>;

function windowsPassed(spec: FixedSpec, start: number, now: number): number {
  if (spec.type === "rolling") return Math.floor((now - start) / spec.ms);
  const current = unitStart(spec.unit, now, spec.quarterStartMonth);
  return Math.floor(unitsBetween(spec.unit, start, current) / spec.count);
}

function later(spec: FixedSpec, start: number, windows: number): number {
  if (spec.type === "rolling") return start + windows * spec.ms;
  return unitsLater(spec.unit, start, windows * spec.count);
}

/** How many windows began between two times: for what is counted from a reset of long ago. */
export function windowsSince(spec: WindowSpec, anchor: number, now: number): number {
  if (spec.type === "never" || spec.type === "sliding" || now < anchor) return 0;
  return Math.max(0, windowsPassed(spec, alignedStart(spec, anchor), now));
}
