// A chart over time, stacked or as lines, whose code comes only when it is shown; with the same figures as a table.
import { useState } from "preact/hooks";
import { absoluteTime } from "../lib/format.ts";
import { zone } from "../lib/now.ts";
import { isDark } from "../shell/theme.ts";
import { Lazy } from "./lazy.tsx";
import { Skeleton } from "./skeleton.tsx";
import { Segments } from "./switch.tsx";

export interface ChartSeries {
  readonly name: string;
  /** One for each time; null = nothing was measured. */
  readonly values: readonly (number | null)[];
  /** A CSS colour: `chartColors` of lib/colors.ts. */
  readonly color: string;
}

export interface TimeChartFacts {
  readonly label: string;
  /** Unix ms, rising. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
  /** How a value is read: `money`, `short`, `duration`. */
  readonly format: (value: number | null) => string;
  readonly stacked?: boolean;
  /** Dashed lines over the others, never stacked: what it is compared with. */
  readonly over?: readonly ChartSeries[];
  readonly height?: number;
  /** Called with the part of the time that was dragged over. */
  readonly onRange?: (from: number, to: number) => void;
}

const VIEWS = [
  { value: "chart", label: "Chart" },
  { value: "table", label: "Table" },
] as const;

const loadCanvas = () => import("./time-chart-canvas.tsx").then((module) => module.TimeChartCanvas);

export function TimeChart(facts: TimeChartFacts) {
  const [view, setView] = useState<"chart" | "table">("chart");
  const { label, height = 240 } = facts;
  const series = [...facts.series, ...(facts.over ?? [])];
  return (
    <figure class="chart" aria-label={label}>
      <div class="row apart chart-head">
        <figcaption class="chart-legend">
          {series.map(({ name, color }) => (
            <span key={name}>
              <i class="swatch" style={{ "--tone": color }} />
              {name}
            </span>
          ))}
        </figcaption>
        <Segments label={`Show ${label} as`} value={view} options={VIEWS} onChange={setView} />
      </div>
      {view === "chart" ? (
        // another theme is another drawing
        <Lazy
          key={String(isDark.value)}
          load={loadCanvas}
          props={{ ...facts, height }}
          waiting={<Skeleton height={height} />}
        />
      ) : (
        <SeriesTable {...facts} series={series} />
      )}
    </figure>
  );
}

function SeriesTable({ times, series, format, label, height = 240 }: TimeChartFacts) {
  return (
    <div
      class="table-wrap"
      tabIndex={0}
      role="region"
      aria-label={label}
      style={{ maxHeight: `${Math.max(height, 320)}px`, overflowY: "auto" }}
    >
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Time</th>
            {series.map(({ name }) => (
              <th key={name} scope="col" class="right">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times.map((time, index) => (
            <tr key={time}>
              <td class="num">{absoluteTime(time, zone.value).slice(0, 16)}</td>
              {series.map(({ name, values }) => (
                <td key={name} class="right num">
                  {format(values[index] ?? null)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
