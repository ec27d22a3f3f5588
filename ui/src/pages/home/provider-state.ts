// How a provider does right now: from what the gateway tells of its keys, and from the tries of the last minute.
import type { LiveProviderHealth, LiveRequest } from "../../../../src/core/live.ts";

export interface ProviderState {
  readonly tone: "good" | "warn" | "bad" | "off";
  readonly word: string;
  /** In words; empty when all is well. */
  readonly reason: string;
  /** Unix ms; null = not known. */
  readonly since: number | null;
}

/** Tries that are older say nothing of now, ms. */
const RECENT = 60_000;

/** The failures of a provider since it answered last. */
export interface Trouble {
  readonly reason: string;
  readonly since: number;
  readonly count: number;
}

/** By provider: who failed in the last minute and has not answered since. `requests`: the newest first. */
export function troublesOf(requests: readonly LiveRequest[], now: number): ReadonlyMap<string, Trouble> {
  const found = new Map<string, Trouble>();
  const well = new Set<string>();
  for (const request of requests) {
    const began = Date.parse(request.timestamp);
    if (began + (request.latency ?? 0) < now - RECENT) break;
    for (const attempt of request.attempts.toReversed()) {
      if (attempt.end === null || well.has(attempt.provider) || attempt.outcome === "cancelled") continue;
      if (attempt.outcome === "") {
        well.add(attempt.provider);
        continue;
      }
      const words = attempt.outcome.replaceAll(/[_-]/g, " ");
      const before = found.get(attempt.provider);
      found.set(attempt.provider, {
        reason: before?.reason ?? (attempt.status === null ? words : `${attempt.status} ${words}`),
        since: began + attempt.start,
        count: (before?.count ?? 0) + 1,
      });
    }
  }
  return found;
}

/** What is shown of a provider. `error`: why it cannot be used at all, empty where it can. */
export function stateOf(
  health: LiveProviderHealth | undefined,
  trouble: Trouble | undefined,
  error: string,
): ProviderState {
  if (error !== "") return { tone: "bad", word: "not usable", reason: error, since: null };
  if (health !== undefined && health.state !== "ok")
    return {
      // it is still tried where nothing better is left
      tone: "warn",
      word: health.state === "resting" ? "resting" : "degraded",
      reason: health.reason,
      since: health.since,
    };
  if (trouble !== undefined)
    return {
      tone: "warn",
      word: "failing",
      reason: trouble.count > 1 ? `${trouble.reason}, ${trouble.count} tries` : trouble.reason,
      since: trouble.since,
    };
  return { tone: "good", word: "ready", reason: "", since: null };
}
