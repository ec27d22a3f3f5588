// Draws a time chart with uPlot; loaded when the first chart is shown.
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { absoluteTime } from "../lib/format.ts";
import { zone } from "../lib/now.ts";
import { stack } from "../lib/stack.ts";
import type { ChartSeries, TimeChartFacts } from "./time-chart.tsx";

type Facts = TimeChartFacts & { readonly height: number };

const NO_SERIES: readonly ChartSeries[] = [];

interface Tip {
  readonly index: number;
  readonly left: number;
}

export function TimeChartCanvas(facts: Facts) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [tip, setTip] = useState<Tip | null>(null);
  const { times, series, over = NO_SERIES, stacked = false, height, onRange } = facts;
  const shape = `${[...series, ...over].map(({ name, color }) => name + color).join()}|${stacked}|${zone.value}`;

  useEffect(() => {
    if (box.current === null) return;
    const made = new uPlot(options(facts, box.current, setTip), dataOf(facts), box.current);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: box.current?.clientWidth ?? 0, height }));
    observer.observe(box.current);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [shape, height, onRange === undefined]);
  useEffect(() => plot.current?.setData(dataOf(facts)), [times, series, over]);

  return (
    <div class="chart-canvas" ref={box} style={{ minHeight: `${height}px` }}>
      {tip !== null && <TipBox facts={facts} tip={tip} width={box.current?.clientWidth ?? 0} />}
    </div>
  );
}

function TipBox({
  facts: { times, series, over = NO_SERIES, format },
  tip,
  width,
}: {
  readonly facts: Facts;
  readonly tip: Tip;
  readonly width: number;
}) {
  const isRight = tip.left > width / 2;
  const time = times[tip.index];
  if (time === undefined) return null;
  return (
    <div
      class="chart-tip"
      aria-hidden="true"
      style={isRight ? { right: `${width - tip.left + 14}px` } : { left: `${tip.left + 14}px` }}
    >
      <span class="soft small">{absoluteTime(time, zone.value).slice(0, 16)}</span>
      {[...series, ...over].map(({ name, color, values }) => (
        <div key={name}>
          <i class="swatch" style={{ "--tone": color }} />
          <span class="clip">{name}</span>
          <span class="num">{format(values[tip.index] ?? null)}</span>
        </div>
      ))}
    </div>
  );
}

function dataOf({ times, series, over = NO_SERIES, stacked = false }: Facts): uPlot.AlignedData {
  const values = series.map((one) => one.values);
  const drawn = stacked ? stack(values) : values;
  // the highest is drawn first, so that each lower one lies over it
  const ordered = stacked ? drawn.toReversed() : drawn;
  const lines = [...ordered, ...over.map((one) => one.values)];
  return [times.map((time) => time / 1000), ...lines.map((one) => [...one])] as uPlot.AlignedData;
}

function options(
  { series, over = NO_SERIES, format, stacked = false, height, onRange, times }: Facts,
  box: HTMLElement,
  setTip: (tip: Tip | null) => void,
): uPlot.Options {
  const look = lookOf(box);
  const ordered = stacked ? series.toReversed() : series;
  const axis = { stroke: look.soft, font: look.font, grid: { stroke: look.line, width: 1 }, ticks: { show: false } };
  return {
    width: box.clientWidth,
    height,
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: onRange !== undefined, y: false, setScale: false } },
    ...(zone.value === "utc" ? { tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC") } : {}),
    scales: { y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.08 : 1] } },
    axes: [
      { ...axis, grid: { show: false }, space: 70, size: 40, values: TIME_WORDS },
      { ...axis, size: 56, gap: 6, values: (_plot, values) => values.map((value) => format(value)) },
    ],
    series: [
      {},
      ...ordered.map(({ name, color }): uPlot.Series => {
        const stroke = look.color(color);
        return {
          label: name,
          stroke,
          width: stacked ? 1 : 1.6,
          points: { show: times.length < 3, size: 5, fill: stroke },
          spanGaps: false,
          // opaque, since what lies below would shine through
          ...(stacked ? { fill: look.tint(color) } : {}),
        };
      }),
      ...over.map(
        ({ name, color }): uPlot.Series => ({
          label: name,
          stroke: look.color(color),
          width: 1.5,
          dash: [5, 4],
          points: { show: false },
        }),
      ),
    ],
    hooks: {
      setCursor: [
        (plot) => {
          const { idx, left } = plot.cursor;
          setTip(
            idx === null || idx === undefined || left === undefined || left < 0
              ? null
              : { index: idx, left: left + plot.over.offsetLeft },
          );
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 4) return;
          onRange?.(plot.posToVal(left, "x") * 1000, plot.posToVal(left + width, "x") * 1000);
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** Steps in seconds and how their times are told: hours and minutes within a day, else the day. */
const TIME_WORDS: uPlot.Axis.Values = [
  [86_400 * 28, "{MMM} {YYYY}", null, null, null, null, null, null, 1],
  [86_400, "{D} {MMM}", null, null, null, null, null, null, 1],
  [60, "{HH}:{mm}", "\n{D} {MMM}", null, null, null, null, null, 0],
  [1, "{HH}:{mm}:{ss}", null, null, null, null, null, null, 0],
];

/** A canvas knows no CSS variables: they are looked up where the chart stands. */
function lookOf(box: HTMLElement) {
  const probe = document.createElement("i");
  probe.hidden = true;
  box.append(probe);
  const color = (css: string): string => {
    probe.style.color = css;
    return getComputedStyle(probe).color;
  };
  const tint = (css: string): string => color(`color-mix(in srgb, ${css} 34%, var(--card))`);
  return {
    color,
    tint,
    soft: color("var(--soft)"),
    line: color("var(--line)"),
    font: `12px ${getComputedStyle(box).fontFamily}`,
  };
}
