// The chart of the page: the largest groups on top of each other, the time before as a dashed line.
import { useMemo } from "preact/hooks";
import { useResource } from "../../api/resource.ts";
import { chartColors } from "../../lib/colors.ts";
import { duration, money, short } from "../../lib/format.ts";
import { now } from "../../lib/now.ts";
import { Card } from "../../parts/card.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { TimeChart } from "../../parts/time-chart.tsx";
import { OTHER } from "./dimensions.ts";
import { type GroupChart, laidUnder, linesOf, type PlainChart, plainValues, timesOf } from "./series.ts";
import { showBetween } from "./toolbar.tsx";
import { filtersOf, logPath, type Measure, timeBefore, timeOf, type UsageQuery } from "./usage-query.ts";

const EVERY = 15_000;
const HEIGHT = 260;
/** So many groups have a colour of their own; the largest are found among `ASKED`. */
const SHOWN = 7;
const ASKED = 40;
const STEP = 300_000;

export const FORMATS: Readonly<Record<Measure, (value: number | null) => string>> = {
  cost: money,
  tokens: short,
  requests: short,
  latency: duration,
};

const TITLES: Readonly<Record<Measure, string>> = {
  cost: "Cost",
  tokens: "Tokens",
  requests: "Requests",
  latency: "Mean latency",
};

export function UsageChart({ usage }: { readonly usage: UsageQuery }) {
  const { by, measure, range } = usage;
  const filters = filtersOf(usage);
  const chart = useResource<GroupChart>(
    logPath(`/api/logs/histogram/${measure}/by-dimension`, filters, timeOf(range), { dimension: by.id, top: ASKED }),
    { every: EVERY },
  );
  const title = `${TITLES[measure]} by ${by.title.toLowerCase()}`;
  return (
    <Card title={title}>
      <Loaded of={chart} failed="The chart could not be read." waiting={<Skeleton height={HEIGHT + 40} />}>
        {(data) => <Drawn usage={usage} data={data} title={title} />}
      </Loaded>
    </Card>
  );
}

interface DrawnFacts {
  readonly usage: UsageQuery;
  readonly data: GroupChart;
  readonly title: string;
}

function Drawn({ usage, data, title }: DrawnFacts) {
  const { by, measure } = usage;
  const isStacked = measure !== "latency";
  const before = useBefore(usage, data.bucket_size_seconds);
  const { times, series } = useMemo(() => {
    const lines = linesOf(data, measure, by, SHOWN);
    const colors = chartColors(lines.map(({ id }) => id));
    return {
      times: timesOf(data),
      series: lines.map(({ id, name, values }, index) => ({
        name,
        // nothing asked is nothing spent; of a mean it is a gap
        values: isStacked ? values.map((value) => value ?? 0) : values,
        color: id === OTHER ? "var(--faint)" : (colors[index] ?? "var(--accent)"),
      })),
    };
  }, [data, measure, by.id]);
  const over = useMemo(
    () =>
      before === undefined
        ? []
        : [
            {
              name: "before, all",
              values: laidUnder(plainValues(before, measure), times.length),
              color: "var(--soft)",
            },
          ],
    [before, times, measure],
  );
  return (
    <TimeChart
      label={title}
      times={times}
      series={series}
      over={over}
      format={FORMATS[measure]}
      stacked={isStacked}
      height={HEIGHT}
      onRange={showBetween}
    />
  );
}

/** All requests of the time before, in buckets of the same size. */
function useBefore(usage: UsageQuery, bucket: number): PlainChart | undefined {
  const time = usage.compares ? timeBefore(usage.range, Math.floor(now.value / STEP) * STEP) : null;
  const measure = usage.measure === "requests" ? "" : `/${usage.measure}`;
  const path =
    time === null
      ? null
      : logPath(`/api/logs/histogram${measure}`, filtersOf(usage), time, { bucket_size_seconds: bucket });
  return useResource<PlainChart>(path).data;
}
