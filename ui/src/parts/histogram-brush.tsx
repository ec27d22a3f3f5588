// Bars over time with failures in red, and a window that is drawn over them with the pointer or moved by keys.
import { useRef, useState } from "preact/hooks";
import { absoluteTime, plural } from "../lib/format.ts";
import { zone } from "../lib/now.ts";

export interface BrushBar {
  /** Unix ms of its beginning. */
  readonly at: number;
  readonly count: number;
  readonly failed: number;
}

export interface HistogramBrushFacts {
  readonly label: string;
  /** All of the same length of time, in order. */
  readonly bars: readonly BrushBar[];
  readonly from: number;
  readonly to: number;
  /** What is chosen; null = all. */
  readonly window: readonly [from: number, to: number] | null;
  readonly onWindow: (window: readonly [from: number, to: number] | null) => void;
  readonly height?: number;
}

export function HistogramBrush({ label, bars, from, to, window, onWindow, height = 48 }: HistogramBrushFacts) {
  const box = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<readonly [number, number] | null>(null);
  const span = Math.max(1, to - from);
  const most = Math.max(...bars.map((bar) => bar.count), 1);
  const step = bars.length > 1 ? (bars[1]?.at ?? 0) - (bars[0]?.at ?? 0) : span;
  const shown = drawn ?? window;

  const begin = (event: PointerEvent) => {
    const target = box.current;
    if (target === null || event.button !== 0) return;
    const { left, width } = target.getBoundingClientRect();
    const timeAt = (x: number): number => from + Math.max(0, Math.min(1, (x - left) / width)) * span;
    const start = timeAt(event.clientX);
    let next: readonly [number, number] | null = null;
    target.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent) => {
      const end = timeAt(moved.clientX);
      next = Math.abs(end - start) < span / 200 ? null : [Math.min(start, end), Math.max(start, end)];
      setDrawn(next);
    };
    target.addEventListener("pointermove", move);
    target.addEventListener(
      "lostpointercapture",
      () => {
        target.removeEventListener("pointermove", move);
        setDrawn(null);
        onWindow(next);
      },
      { once: true },
    );
  };
  const press = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape" && window !== null) onWindow(null);
    else if (by !== undefined) onWindow(moved(window ?? [to - span / 4, to], by * step, [from, to], event.shiftKey));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const total = bars.reduce((sum, bar) => sum + bar.count, 0);
  const failed = bars.reduce((sum, bar) => sum + bar.failed, 0);
  const words =
    window === null ? "all of it" : window.map((time) => absoluteTime(time, zone.value).slice(0, 19)).join(" to ");
  return (
    <div>
      <div
        class="brush"
        ref={box}
        role="slider"
        tabIndex={0}
        aria-label={`${label}: ${plural(total, "request")}, ${failed} failed. Arrows move the window, with Shift its end, Esc takes it away`}
        aria-valuemin={from}
        aria-valuemax={to}
        aria-valuenow={window?.[0] ?? from}
        aria-valuetext={words}
        onPointerDown={begin}
        onKeyDown={press}
      >
        <svg height={height} viewBox={`0 0 1000 ${height}`} preserveAspectRatio="none" aria-hidden="true">
          {bars.map((bar) => {
            const x = ((bar.at - from) / span) * 1000;
            const width = Math.max(1, (step / span) * 1000 - 1);
            const tall = bar.count === 0 ? 0 : Math.max(2, (bar.count / most) * (height - 2));
            const red = bar.count === 0 || bar.failed === 0 ? 0 : Math.max(2, (bar.failed / bar.count) * tall);
            return (
              <g key={bar.at}>
                <rect class="brush-good" x={x} y={height - tall} width={width} height={Math.max(0, tall - red)} />
                <rect class="brush-bad" x={x} y={height - red} width={width} height={red} />
              </g>
            );
          })}
        </svg>
        {shown !== null && (
          <span
            class="brush-window"
            style={{ left: `${((shown[0] - from) / span) * 100}%`, width: `${((shown[1] - shown[0]) / span) * 100}%` }}
          />
        )}
      </div>
      <div class="brush-scale" aria-hidden="true">
        <span>{absoluteTime(from, zone.value).slice(0, 16)}</span>
        <span>{absoluteTime(to, zone.value).slice(0, 16)}</span>
      </div>
    </div>
  );
}

/** The window moved by `by` ms within the bounds; `isEnd`: only its end moves. */
function moved(
  [from, to]: readonly [number, number],
  by: number,
  [first, last]: readonly [number, number],
  isEnd: boolean,
): readonly [number, number] {
  if (isEnd) return [from, Math.max(from + Math.abs(by), Math.min(last, to + by))];
  const bounded = Math.max(first - from, Math.min(last - to, by));
  return [from + bounded, to + bounded];
}
