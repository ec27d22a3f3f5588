// Four figures: how much, how well, how fast, and what it costs.
import type { LogStats } from "../../../../src/core/stores.ts";
import { useResource } from "../../api/resource.ts";
import { duration, money, percent } from "../../lib/format.ts";
import { now } from "../../lib/now.ts";
import { Count, Duration, Figure, Money, Percent, Tokens } from "../../parts/figures.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { Sparkline } from "../../parts/sparkline.tsx";
import type { BudgetAtRisk } from "./attention-items.ts";

const EVERY = 15_000;
const DAY = "period=24h";
const BUCKETS = "bucket_size_seconds=3600";

interface WholeStats extends LogStats {
  readonly p50_latency: number;
  readonly p95_latency: number;
  readonly average_overhead_us: number | null;
}
interface Buckets<T> {
  readonly buckets: readonly T[];
}
interface CountBucket {
  readonly count: number;
  readonly success: number;
  readonly cancelled: number;
}
interface LatencyBucket {
  readonly p95_latency: number;
  readonly total_requests: number;
}
interface CostBucket {
  readonly total_cost: number;
}

/** The day of the reader's own clock. */
function startOfDay(at: number): string {
  const day = new Date(at);
  day.setHours(0, 0, 0, 0);
  return day.toISOString();
}

export function OverviewFigures({ budget }: { readonly budget: BudgetAtRisk | null }) {
  const stats = useResource<WholeStats>(`/api/logs/stats?${DAY}`, { every: EVERY });
  const counts = useResource<Buckets<CountBucket>>(`/api/logs/histogram?${DAY}&${BUCKETS}`, { every: EVERY });
  const latency = useResource<Buckets<LatencyBucket>>(`/api/logs/histogram/latency?${DAY}&${BUCKETS}`, {
    every: EVERY,
  });
  const today = `start_time=${encodeURIComponent(startOfDay(now.value))}`;
  const spent = useResource<LogStats>(`/api/logs/stats?${today}`, { every: EVERY });
  const cost = useResource<Buckets<CostBucket>>(`/api/logs/histogram/cost?${DAY}&${BUCKETS}`, { every: EVERY });
  return (
    <Loaded of={stats} failed="The figures could not be read." waiting={<Skeleton height={132} />}>
      {(day) => {
        const isBare = day.total_requests === 0;
        return (
          <div class="figures" data-testid="figures">
            <Figure name="Requests" value={<Count value={day.total_requests} />} note="in 24 hours">
              <Sparkline label="Requests by hour" values={counts.data?.buckets.map(({ count }) => count) ?? []} />
            </Figure>
            <Figure
              name="Success"
              value={<Percent of={isBare ? null : day.user_facing_success_rate / 100} />}
              note="as the clients saw it"
            >
              <Sparkline
                label="Success by hour"
                tone="good"
                values={counts.data?.buckets.map(({ count, success }) => (count === 0 ? null : success / count)) ?? []}
              />
            </Figure>
            <Figure
              name="Latency"
              value={<Duration ms={isBare ? null : day.p50_latency} />}
              note={
                isBare
                  ? "no request yet"
                  : `median; p95 ${duration(day.p95_latency)}, gateway itself ${overhead(day.average_overhead_us)}`
              }
            >
              <Sparkline
                label="95th percentile of latency by hour"
                values={latency.data?.buckets.map((one) => (one.total_requests === 0 ? null : one.p95_latency)) ?? []}
              />
            </Figure>
            <Figure
              name="Spend today"
              value={spent.data === undefined ? "–" : <Money usd={spent.data.total_cost} />}
              note={<SpendNote spent={spent.data} budget={budget} />}
            >
              <Sparkline label="Spend by hour" values={cost.data?.buckets.map(({ total_cost }) => total_cost) ?? []} />
            </Figure>
          </div>
        );
      }}
    </Loaded>
  );
}

/** Always in µs: that is what a gateway should take. */
function overhead(us: number | null): string {
  return us === null ? "not known" : `${Math.round(us).toLocaleString("en-US")} µs`;
}

/** What is not priced comes first: the sum is without it. */
function SpendNote({ spent, budget }: { readonly spent: LogStats | undefined; readonly budget: BudgetAtRisk | null }) {
  if (spent !== undefined && spent.unpriced_requests > 0) return <>{spent.unpriced_requests} with an unknown price</>;
  if (budget !== null && budget.max_limit !== null)
    return (
      <>
        {budget.owner.name}: {percent(budget.current_usage / budget.max_limit)} of {money(budget.max_limit)}
      </>
    );
  return (
    <>
      <Tokens count={spent?.total_tokens ?? null} /> tokens, no budget at risk
    </>
  );
}
