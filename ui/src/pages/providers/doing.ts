// What the live rows say of providers: how many calls are under way, and the last error of each.
import type { LiveRequest } from "../../../../src/core/live.ts";

export interface LastError {
  readonly words: string;
  /** RFC 3339 of the request. */
  readonly at: string;
  readonly request: string;
}

export interface Doing {
  /** Calls under way by provider, and by `provider key-name`. */
  readonly inFlight: ReadonlyMap<string, number>;
  /** By provider, and by `provider key-name`. */
  readonly errors: ReadonlyMap<string, LastError>;
}

/** `rows`: the newest first. */
export function doing(rows: readonly LiveRequest[]): Doing {
  const inFlight = new Map<string, number>();
  const errors = new Map<string, LastError>();
  for (const row of rows) {
    const last = row.attempts.at(-1);
    if (row.status === "processing" && last !== undefined && last.end === null)
      for (const name of [last.provider, keyOf(last.provider, last.key)])
        inFlight.set(name, (inFlight.get(name) ?? 0) + 1);
    for (const attempt of row.attempts.toReversed()) {
      if (attempt.outcome === "" || attempt.outcome === "cancelled") continue;
      const words = attempt.error || attempt.outcome;
      const error = { words, at: row.timestamp, request: row.id };
      for (const name of [attempt.provider, keyOf(attempt.provider, attempt.key)])
        if (!errors.has(name)) errors.set(name, error);
    }
  }
  return { inFlight, errors };
}

/** How keys are called in the maps. */
export function keyOf(provider: string, key: string): string {
  return `${provider} ${key}`;
}
