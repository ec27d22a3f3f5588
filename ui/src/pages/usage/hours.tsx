// The hours of the day in which something is used, as 24 bars.
import { useResource } from "../../api/resource.ts";
import { zone } from "../../lib/now.ts";
import { Loaded } from "../../parts/loaded.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { FORMATS } from "./chart.tsx";
import { hoursOfDay, type PlainChart } from "./series.ts";
import { groupFilters, logPath, spanOf, timeOf, type UsageQuery } from "./usage-query.ts";

const HOUR_SECONDS = 3600;
/** Longer times are told by their last 30 days: hours of more make too many buckets. */
const LONGEST = 31 * 86_400_000;

export function HoursOfDay({ usage, id }: { readonly usage: UsageQuery; readonly id: string }) {
  const { measure, range } = usage;
  const span = spanOf(range);
  const isCut = span === null || span > LONGEST;
  const time = isCut ? { period: "30d" } : timeOf(range);
  const chart = useResource<PlainChart>(
    logPath(`/api/logs/histogram${measure === "requests" ? "" : `/${measure}`}`, groupFilters(usage, id), time, {
      bucket_size_seconds: HOUR_SECONDS,
    }),
  );
  return (
    <section class="stack-tight usage-part">
      <h3>
        Hours of the day{" "}
        <span class="soft small">
          {zone.value === "utc" ? "UTC" : "local time"}
          {isCut ? ", last 30 days" : ""}
        </span>
      </h3>
      <Loaded of={chart} failed="The hours could not be read." waiting={<Skeleton height={92} />}>
        {(data) => <Bars data={data} usage={usage} />}
      </Loaded>
    </section>
  );
}

function Bars({ data, usage: { measure } }: { readonly data: PlainChart; readonly usage: UsageQuery }) {
  const hours = hoursOfDay(data, measure, zone.value);
  const most = Math.max(...hours.map(({ value }) => value), Number.MIN_VALUE);
  const format = FORMATS[measure];
  const told = hours.filter(({ value }) => value > 0);
  return (
    <div>
      <div class="usage-hours" aria-hidden="true">
        {hours.map(({ hour, value }) => (
          <span key={hour} title={`${two(hour)}:00 to ${two((hour + 1) % 24)}:00, ${format(value)}`}>
            <i style={{ height: `${value === 0 ? 0 : Math.max(2, (value / most) * 100)}%` }} />
          </span>
        ))}
      </div>
      <div class="usage-hours-axis" aria-hidden="true">
        {["00", "06", "12", "18", "24"].map((word) => (
          <span key={word}>{word}</span>
        ))}
      </div>
      <ul class="unseen">
        {told.map(({ hour, value }) => (
          <li key={hour}>
            {two(hour)} o'clock: {format(value)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function two(hour: number): string {
  return String(hour).padStart(2, "0");
}
