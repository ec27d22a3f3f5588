// What is used of budgets and rate limits now: read from the counters for a whole page of an answer at once.

import type { JsonObject } from "../core/config-store.ts";
import { rateCounterId } from "../core/counter-declarations.ts";
import { type CounterReading, type CounterStore, CountersUnavailableError } from "../core/counters.ts";
import { type LimitPlace, objectsOf } from "./governance-places.ts";
import { isObject, own } from "./restore-shown.ts";

/** The thread of counters does other work between two calls. */
const AT_ONCE = 1000;

/** The counters of a page. */
export interface Usage {
  /** Undefined: it was never used, or cannot be told now. */
  of(counterId: string): CounterReading | undefined;
  /** Why what is shown may not be what is used. */
  readonly warnings: readonly string[];
}

/** For what is shown without its use. */
export const NO_USAGE: Usage = Object.freeze({ of: () => undefined, warnings: [] });

/** The use of everything that stands at these places. */
export async function readUsage(counters: CounterStore | null, places: readonly LimitPlace[]): Promise<Usage> {
  const ids = counterIds(places);
  if (ids.length === 0) return NO_USAGE;
  if (counters === null)
    return { ...NO_USAGE, warnings: ["there is no store of counters: use is shown as it is configured"] };
  const readings = new Map<string, CounterReading>();
  try {
    for (let start = 0; start < ids.length; start += AT_ONCE)
      for (const reading of await counters.read(ids.slice(start, start + AT_ONCE)))
        if (reading !== null) readings.set(reading.id, reading);
  } catch (error) {
    if (!(error instanceof CountersUnavailableError)) throw error;
    return { ...NO_USAGE, warnings: [`${error.message}; use is shown as it is configured`] };
  }
  return { of: (id) => readings.get(id), warnings: [] };
}

function counterIds(places: readonly LimitPlace[]): string[] {
  const ids = new Set<string>();
  for (const { body } of places) {
    for (const budget of objectsOf(own(body, "budgets"))) ids.add(String(own(budget, "id") ?? ""));
    const rate = own(body, "rate_limit");
    if (!isObject(rate)) continue;
    const id = String(own(rate, "id") ?? "");
    for (const kind of ["token", "request"] as const)
      if ((own(rate, `${kind}_max_limit`) ?? null) !== null) ids.add(rateCounterId(id, `${kind}s`));
  }
  return [...ids];
}

/** The member `warnings` of an answer, where there is anything to say. */
export function warningsOf(warnings: readonly string[], usage: Usage): JsonObject {
  const all = [...warnings, ...usage.warnings];
  return all.length === 0 ? {} : { warnings: all };
}
