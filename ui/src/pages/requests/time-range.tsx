// The time that the list shows: presets, and a histogram over which a window is drawn.
import { useMemo } from "preact/hooks";
import { useResource } from "../../api/resource.ts";
import { absoluteTime, percent, plural } from "../../lib/format.ts";
import { zone } from "../../lib/now.ts";
import { place, setQuery } from "../../lib/router.ts";
import { Button } from "../../parts/button.tsx";
import { HistogramBrush } from "../../parts/histogram-brush.tsx";
import { Segments } from "../../parts/switch.tsx";
import { DEFAULT_PERIOD } from "./use-request-list.ts";

const PERIODS = [
  { value: "1h", label: "1 h" },
  { value: "24h", label: "24 h" },
  { value: "7d", label: "7 d" },
  { value: "30d", label: "30 d" },
  { value: "all", label: "All" },
] as const;

/** The period in the address; empty: a range from time to time is. */
export function periodOf(query: URLSearchParams): string {
  if (hasRange(query)) return "";
  return query.get("period") || DEFAULT_PERIOD;
}

function hasRange(query: URLSearchParams): boolean {
  return (query.get("start_time") ?? "") !== "" || (query.get("end_time") ?? "") !== "";
}

export function setPeriod(period: string): void {
  setQuery({ period: period === DEFAULT_PERIOD ? null : period, start_time: null, end_time: null }, { replace: false });
}

export function PeriodSwitch() {
  const { query } = place.value;
  const isRange = hasRange(query);
  return (
    <div class="row">
      {isRange && (
        <span class="chip">
          <span class="clip">{rangeText(query)}</span>
          <Button
            small
            kind="bare"
            icon="close"
            label="Show all times again"
            onClick={() => setPeriod(query.get("period") || DEFAULT_PERIOD)}
          />
        </span>
      )}
      <Segments label="Time" value={periodOf(query) as "24h"} options={PERIODS} onChange={setPeriod} />
    </div>
  );
}

function rangeText(query: URLSearchParams): string {
  return `${timeText(query.get("start_time"))} to ${timeText(query.get("end_time"))}`;
}

function timeText(time: string | null): string {
  return time === null || time === "" ? "…" : absoluteTime(Date.parse(time), zone.value).slice(5, 19);
}

interface Chart {
  readonly buckets: readonly {
    readonly timestamp: string;
    readonly count: number;
    readonly success: number;
    readonly error: number;
    readonly cancelled: number;
  }[];
  readonly bucket_size_seconds: number;
}

const EVERY = 10_000;

/** Requests over time, of the filters without a search in contents, which no chart can afford. */
export function RequestsOverTime({ query, isLive }: { readonly query: string; readonly isLive: boolean }) {
  const asked = useMemo(() => {
    const parameters = new URLSearchParams(query);
    parameters.delete("content_search");
    return parameters.toString();
  }, [query]);
  const { data } = useResource<Chart>(`/api/logs/histogram?${asked}`, { every: isLive ? EVERY : 0 });
  if (data === undefined) return <div class="requests-chart" aria-busy="true" />;
  const bars = data.buckets.map(({ timestamp, count, error }) => ({ at: Date.parse(timestamp), count, failed: error }));
  const step = data.bucket_size_seconds * 1000;
  const [from, to] = [bars[0]?.at ?? 0, (bars.at(-1)?.at ?? 0) + step];
  return (
    <div class="requests-chart">
      <Sums buckets={data.buckets} />
      {bars.length > 0 && (
        <HistogramBrush
          label="Requests over time"
          bars={bars}
          from={from}
          to={to}
          window={null}
          onWindow={chooseRange}
        />
      )}
    </div>
  );
}

function chooseRange(window: readonly [number, number] | null): void {
  if (window === null) return;
  const [start, end] = window.map((time) => new Date(Math.round(time)).toISOString()) as [string, string];
  setQuery({ start_time: start, end_time: end }, { replace: false });
}

function Sums({ buckets }: { readonly buckets: Chart["buckets"] }) {
  const sum = (member: "count" | "success" | "error" | "cancelled"): number =>
    buckets.reduce((total, bucket) => total + bucket[member], 0);
  const [count, failed, cancelled] = [sum("count"), sum("error"), sum("cancelled")];
  return (
    <p class="requests-sums soft">
      <span class="num">{plural(count, "request")}</span>
      {count > 0 && <span class="num">{percent(sum("success") / count)} success as the client saw it</span>}
      {failed > 0 && <span class="num">{plural(failed, "failed", "failed")}</span>}
      {cancelled > 0 && <span class="num">{plural(cancelled, "cancelled", "cancelled")}</span>}
    </p>
  );
}
