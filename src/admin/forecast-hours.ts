// The hourly costs of one owner, read in small steps: a team of very many keys must not hold the thread.
import { setImmediate as turn } from "node:timers/promises";
import type { CostLog, HoursQuery } from "../core/cost-log.ts";
import { FORECAST_HISTORY, type UsedHour } from "../core/forecast.ts";

const HOUR = 3_600_000;
const FIRST_STEP = 24 * HOUR;
const STEP_MS = 4;

export type HoursOwner = Omit<HoursQuery, "from" | "to">;

/** Nano-dollars, of the last 28 days. Each step is sized by how long the one before took; one hour is the least. */
export async function ownerHours(log: CostLog, owner: HoursOwner, now: number): Promise<UsedHour[]> {
  const hours: UsedHour[] = [];
  let step = FIRST_STEP;
  for (let from = Math.floor((now - FORECAST_HISTORY) / HOUR) * HOUR; from <= now; ) {
    const to = from + step;
    const before = performance.now();
    for (const { at, cost } of log.hours({ ...owner, from, to })) hours.push({ at, amount: cost });
    const took = performance.now() - before;
    if (took > STEP_MS) step = Math.max(Math.floor(step / HOUR / 2), 1) * HOUR;
    else if (took < STEP_MS / 4) step = Math.min(step * 2, FORECAST_HISTORY);
    from = to;
    await turn();
  }
  return hours;
}
