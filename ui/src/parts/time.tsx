// A moment: relative, with the exact time on hover; and the switch between UTC and the reader's own zone.
import { absoluteTime, NONE, relativeTime } from "../lib/format.ts";
import { now, setZone, zone } from "../lib/now.ts";
import { Segments } from "./switch.tsx";

export interface TimeFacts {
  /** Unix ms or RFC 3339; null = never. */
  readonly at: number | string | null;
  /** The exact time in place, the relative one on hover. */
  readonly exact?: boolean;
}

export function Time({ at, exact = false }: TimeFacts) {
  const ms = typeof at === "string" ? Date.parse(at) : at;
  if (ms === null || Number.isNaN(ms)) return <span class="num">{NONE}</span>;
  const relative = relativeTime(ms, Math.max(now.value, Math.min(ms, now.value + 5_000)));
  const absolute = absoluteTime(ms, zone.value);
  return (
    <time class="num" dateTime={new Date(ms).toISOString()} title={exact ? relative : absolute}>
      {exact ? absolute : relative}
    </time>
  );
}

const ZONES = [
  { value: "local", label: "Local" },
  { value: "utc", label: "UTC" },
] as const;

/** Holds for all times on all pages. */
export function ZoneSwitch() {
  return <Segments label="Times in" value={zone.value} options={ZONES} onChange={setZone} />;
}
