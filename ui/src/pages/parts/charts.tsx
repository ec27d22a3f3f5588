// The timeline, charts and the brush.
import { useState } from "preact/hooks";
import { chartColors } from "../../lib/colors.ts";
import { short } from "../../lib/format.ts";
import { Card } from "../../parts/card.tsx";
import { HistogramBrush } from "../../parts/histogram-brush.tsx";
import { TimeChart } from "../../parts/time-chart.tsx";
import { Timeline } from "../../parts/timeline.tsx";
import { BARS, FAILOVER, RUNNING, SERIES, TIMES } from "./samples.ts";

const COLORED = chartColors(SERIES.map(({ name }) => name)).map((color, index) => ({
  name: SERIES[index]?.name ?? "",
  values: SERIES[index]?.values ?? [],
  color,
}));

export function Timelines() {
  return (
    <>
      <Timeline route={FAILOVER} />
      <Timeline route={RUNNING} />
    </>
  );
}

export function Charts() {
  const [window, setWindow] = useState<readonly [number, number] | null>(null);
  const [from, to] = [TIMES[0] ?? 0, (TIMES.at(-1) ?? 0) + 3_600_000];
  return (
    <>
      <Card title="Brush">
        <HistogramBrush label="Requests by hour" bars={BARS} from={from} to={to} window={window} onWindow={setWindow} />
      </Card>
      <div class="grid" style={{ "--least": "420px" }}>
        <Card title="Stacked">
          <TimeChart
            label="requests by provider"
            times={TIMES}
            series={COLORED}
            format={short}
            stacked
            onRange={(begin, end) => setWindow([begin, end])}
          />
        </Card>
        <Card title="Lines">
          <TimeChart label="latency" times={TIMES} series={COLORED.slice(0, 2)} format={short} />
        </Card>
      </div>
    </>
  );
}
