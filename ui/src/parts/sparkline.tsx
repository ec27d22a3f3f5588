// A line as small as a word: the course of a figure, without axes.

export interface SparklineFacts {
  /** In order of time; null = nothing was measured. */
  readonly values: readonly (number | null)[];
  /** What it shows, for readers aloud. */
  readonly label: string;
  readonly height?: number;
  readonly tone?: "accent" | "good" | "warn" | "bad";
}

const WIDTH = 100;

export function Sparkline({ values, label, height = 28, tone = "accent" }: SparklineFacts) {
  const top = Math.max(...values.map((value) => value ?? 0), Number.MIN_VALUE);
  const points = values.flatMap((value, index) =>
    value === null
      ? []
      : [[(index / Math.max(1, values.length - 1)) * WIDTH, height - 1 - (value / top) * (height - 3)] as const],
  );
  if (points.length < 2) return <div style={{ height: `${height}px` }} />;
  const line = points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  const [first, last] = [points[0], points.at(-1)];
  return (
    <svg
      class="spark"
      role="img"
      aria-label={label}
      width="100%"
      height={height}
      viewBox={`0 0 ${WIDTH} ${height}`}
      preserveAspectRatio="none"
      style={{ "--tone": `var(--${tone})` }}
    >
      <path class="area" d={`${line}L${last?.[0]} ${height}L${first?.[0]} ${height}Z`} />
      <path d={line} />
    </svg>
  );
}
