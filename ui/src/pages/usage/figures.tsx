// The figures over the chart: cost, what has no price, requests, tokens, latency; each against the time before.
import type { ComponentChildren } from "preact";
import { useResource } from "../../api/resource.ts";
import { plural } from "../../lib/format.ts";
import { now } from "../../lib/now.ts";
import { Count, Duration, Figure, Money, Percent, Tokens } from "../../parts/figures.tsx";
import type { UsageStats } from "./ranked.ts";
import { changeOf, changeWords } from "./series.ts";
import { filtersOf, logPath, timeBefore, timeOf, type UsageQuery } from "./usage-query.ts";

/** The time before moves on in such steps, so that it is not asked for each time. */
const STEP = 300_000;

interface FiguresFacts {
  readonly stats: UsageStats;
  readonly usage: UsageQuery;
}

export function UsageFigures({ stats, usage }: FiguresFacts) {
  const before = useBefore(usage);
  const isUnpriced = stats.total_cost === 0 && stats.unpriced_requests > 0;
  const requests = stats.total_requests;
  return (
    <div class="figures usage-figures">
      <Figure
        name="Cost"
        value={<Money usd={isUnpriced ? null : stats.total_cost} />}
        note={<Change now={stats.total_cost} before={before?.total_cost} otherwise="of what has a price" />}
      />
      <Figure
        name="Unknown price"
        value={<Count value={stats.unpriced_requests} />}
        note={<Unpriced stats={stats} usage={usage} />}
      />
      <Figure
        name="Requests"
        value={<Count value={requests} />}
        note={
          <Change
            now={requests}
            before={before?.total_requests}
            otherwise={
              <>
                <Percent of={requests === 0 ? null : stats.success_rate / 100} /> answered
              </>
            }
          />
        }
      />
      <Figure
        name="Tokens"
        value={<Tokens count={stats.total_tokens} />}
        note={
          <Change
            now={stats.total_tokens}
            before={before?.total_tokens}
            otherwise={
              <>
                <Tokens count={stats.prompt_tokens} /> in, <Tokens count={stats.completion_tokens} /> out
              </>
            }
          />
        }
      />
      <Figure
        name="Latency"
        value={<Duration ms={requests === 0 ? null : stats.average_latency} />}
        note={
          <Change
            now={stats.average_latency}
            before={before?.average_latency}
            otherwise={
              <>
                mean, p95 <Duration ms={stats.p95_latency} />
              </>
            }
          />
        }
      />
    </div>
  );
}

/** Sums of the equally long time before, where they are compared. */
function useBefore(usage: UsageQuery): UsageStats | undefined {
  const time = usage.compares ? timeBefore(usage.range, Math.floor(now.value / STEP) * STEP) : null;
  const path = time === null ? null : logPath("/api/logs/stats", filtersOf(usage), time);
  return useResource<UsageStats>(path).data;
}

function Change({
  now: value,
  before,
  otherwise,
}: {
  readonly now: number;
  readonly before: number | undefined;
  readonly otherwise: ComponentChildren;
}) {
  if (before === undefined) return <>{otherwise}</>;
  const change = changeOf(value, before);
  return <>{change === null ? "nothing before" : `${changeWords(change)} against before`}</>;
}

function Unpriced({ stats, usage }: FiguresFacts) {
  if (stats.unpriced_requests === 0) return <>all requests are priced</>;
  const filters = filtersOf(usage);
  return (
    <>
      <a href={logPath("/requests", filters, timeOf(usage.range), { missing_cost_only: "true" })}>
        {plural(stats.unpriced_requests, "request")}
      </a>
      , <a href="/providers?tab=models">set a price</a>
    </>
  );
}
