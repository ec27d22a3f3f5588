// Finds the budgets that are worth a closer look: those that a straight line through their use brings near their limit.
import type { CounterReading, CounterStore } from "../core/counters.ts";

const HOUR = 3_600_000;
/** A line to less than this part of the limit is far from it, whatever the week looks like. */
const NEAR = 0.25;
/** So many are looked at closer, the nearest ones. */
const MOST = 300;

interface Found {
  readonly reading: CounterReading;
  /** Of the limit. */
  readonly part: number;
}

/** The nearest first. */
export async function nearTheirLimit(counters: CounterStore, now: number): Promise<CounterReading[]> {
  let found: Found[] = [];
  await counters.each((reading) => {
    const part = reading.kind === "budget" ? projected(reading, now) : 0;
    if (part < NEAR) return;
    found.push({ reading, part });
    if (found.length >= 2 * MOST) found = nearest(found);
  });
  return nearest(found).map(({ reading }) => reading);
}

function nearest(found: readonly Found[]): Found[] {
  return found.toSorted((a, b) => b.part - a.part).slice(0, MOST);
}

/** What the open window comes to at its own rate, as a part of the limit; a window without an end as it stands. */
function projected({ settled, uncertain, limit, lastReset, resetsAt }: CounterReading, now: number): number {
  const used = Number(settled + uncertain);
  if (used <= 0) return 0;
  const growth = resetsAt === null ? 1 : (resetsAt - lastReset) / Math.max(now - lastReset, HOUR);
  return (used * Math.max(growth, 1)) / Math.max(Number(limit), 1);
}
