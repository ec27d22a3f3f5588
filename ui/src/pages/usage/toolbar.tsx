// What the page shows: grouped by what, measured how, of which time, and narrowed to what.
import { useState } from "preact/hooks";
import { useResource } from "../../api/resource.ts";
import { absoluteTime } from "../../lib/format.ts";
import { zone } from "../../lib/now.ts";
import { setQuery } from "../../lib/router.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { TextField } from "../../parts/field.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Picker } from "../../parts/select.tsx";
import { Segments, Switch } from "../../parts/switch.tsx";
import { DIMENSIONS, tagDimension } from "./dimensions.ts";
import { type Narrowing, PERIODS, type UsageQuery } from "./usage-query.ts";

const MEASURE_OPTIONS = [
  { value: "cost", label: "Cost" },
  { value: "tokens", label: "Tokens" },
  { value: "requests", label: "Requests" },
  { value: "latency", label: "Latency" },
] as const;

const PERIOD_OPTIONS = PERIODS.map((value) => ({
  value,
  label: value === "all" ? "All" : value.replace(/(\d+)/, "$1 "),
}));

interface Tags {
  readonly metadata_keys?: Readonly<Record<string, readonly string[]>>;
}

export function Toolbar({ usage }: { readonly usage: UsageQuery }) {
  const { by, measure, range, narrowed, compares } = usage;
  const { data } = useResource<Tags>("/api/logs/filterdata?dimensions=metadata_keys&limit=20");
  const tags = Object.keys(data?.metadata_keys ?? {}).map(tagDimension);
  const known = [...DIMENSIONS, ...tags];
  const dimensions = known.some(({ id }) => id === by.id) ? known : [...known, by];
  const isAll = range.type === "period" && range.period === "all";
  return (
    <div class="stack usage-toolbar">
      <div class="row">
        <Picker
          label="Group by"
          value={by.id}
          options={dimensions.map(({ id, title }) => ({ value: id, label: `By ${title.toLowerCase()}` }))}
          onChange={(id) => setQuery({ by: id, open: null, page: null }, { replace: false })}
        />
        <Segments
          label="Measure"
          value={measure}
          options={MEASURE_OPTIONS}
          onChange={(value) => setQuery({ measure: value, page: null }, { replace: false })}
        />
        <span class="usage-gap" />
        {!isAll && (
          <Switch
            label="Compare with before"
            on={compares}
            onChange={(on) => setQuery({ compare: on ? "1" : null }, { replace: false })}
          />
        )}
        <RangeSwitch usage={usage} />
      </div>
      {narrowed.length > 0 && (
        <div class="filters" role="group" aria-label="Narrowed to">
          {narrowed.map((one) => (
            <NarrowedChip key={one.dimension.id + one.value} narrowing={one} />
          ))}
        </div>
      )}
    </div>
  );
}

/** Another time is another ranking. */
function setRange(changes: Readonly<Record<"period" | "start_time" | "end_time", string | null>>): void {
  setQuery({ ...changes, page: null }, { replace: false });
}

/** Shows the time between two moments. */
export function showBetween(from: number, to: number): void {
  setRange({
    period: null,
    start_time: new Date(Math.round(from)).toISOString(),
    end_time: new Date(Math.round(to)).toISOString(),
  });
}

function RangeSwitch({ usage: { range } }: { readonly usage: UsageQuery }) {
  const [isChoosing, setChoosing] = useState(false);
  const isBetween = range.type === "between";
  return (
    <div class="row">
      {isBetween && (
        <span class="chip">
          <span class="clip">
            {absoluteTime(range.from, zone.value).slice(5, 16)} to {absoluteTime(range.to, zone.value).slice(5, 16)}
          </span>
          <button
            type="button"
            aria-label="Remove this time range"
            onClick={() => setRange({ period: null, start_time: null, end_time: null })}
          >
            <Icon name="close" size={12} />
          </button>
        </span>
      )}
      <Segments
        label="Time"
        value={isBetween ? ("" as "24h") : range.period}
        options={PERIOD_OPTIONS}
        onChange={(period) => setRange({ period, start_time: null, end_time: null })}
      />
      <Button icon="clock" label="Choose from when to when" onClick={() => setChoosing(true)} />
      {isChoosing && <RangeDialog usage={range} onClose={() => setChoosing(false)} />}
    </div>
  );
}

/** In the zone of the reader, as the browser's field wants it. */
function fieldTime(at: number): string {
  return absoluteTime(at, "local").slice(0, 16).replace(" ", "T");
}

function RangeDialog({ usage: range, onClose }: { readonly usage: UsageQuery["range"]; readonly onClose: () => void }) {
  const [from, setFrom] = useState(fieldTime(range.type === "between" ? range.from : Date.now() - 86_400_000));
  const [to, setTo] = useState(fieldTime(range.type === "between" ? range.to : Date.now()));
  const [start, end] = [Date.parse(from), Date.parse(to)];
  const error = start < end ? undefined : "The end must come after the beginning.";
  const take = () => {
    if (error !== undefined) return;
    showBetween(start, end);
    onClose();
  };
  return (
    <Dialog
      title="From when to when"
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" disabled={error !== undefined} onClick={take}>
            Show this time
          </Button>
        </>
      }
    >
      <TextField label="From" value={from} onInput={setFrom} type={"datetime-local" as "text"} />
      <TextField label="To" value={to} onInput={setTo} type={"datetime-local" as "text"} error={error} />
      <p class="soft small">In the time zone of this browser. A part of the chart can be dragged over as well.</p>
    </Dialog>
  );
}

type Named = Readonly<Record<string, readonly { readonly id: string; readonly name: string }[]>>;
const LISTS: Readonly<Record<string, string>> = {
  virtual_key: "virtual_keys",
  team: "teams",
  customer: "customers",
  user: "users",
};

function NarrowedChip({ narrowing: { dimension, value } }: { readonly narrowing: Narrowing }) {
  const list = LISTS[dimension.id];
  const { data } = useResource<Named>(
    list === undefined ? null : `/api/logs/filterdata?dimensions=${list}&q=${encodeURIComponent(value)}&limit=20`,
  );
  const name = data?.[list ?? ""]?.find(({ id }) => id === value)?.name || value;
  return (
    <span class="chip">
      <span class="clip">
        <span class="soft">{dimension.title}</span> {name}
      </span>
      <button
        type="button"
        aria-label={`Remove the filter ${dimension.title} ${name}`}
        onClick={() => setQuery({ [dimension.filter]: null, page: null }, { replace: false })}
      >
        <Icon name="close" size={12} />
      </button>
    </span>
  );
}
