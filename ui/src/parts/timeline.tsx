// The route of a request on one time axis: a lane for each phase and attempt, and the same as a table.
import { useState } from "preact/hooks";
import { duration } from "../lib/format.ts";
import { type Lane, type LaneEnd, type RouteFacts, type Segment, timelineOf } from "../lib/timeline.ts";
import { Duration } from "./figures.tsx";
import { StatusDot, type Tone } from "./status.tsx";
import { Segments } from "./switch.tsx";

const END: Readonly<Record<LaneEnd, readonly [Tone, string]>> = {
  ok: ["good", "ok"],
  failed: ["bad", "failed"],
  abandoned: ["warn", "abandoned"],
  running: ["info", "running"],
};

const VIEWS = [
  { value: "chart", label: "Timeline" },
  { value: "table", label: "Table" },
] as const;

export interface TimelineFacts {
  readonly route: RouteFacts;
}

export function Timeline({ route }: TimelineFacts) {
  const [view, setView] = useState<"chart" | "table">("chart");
  const data = timelineOf(route);
  return (
    <div class="stack">
      <div class="row apart">
        <span class="soft">
          Gateway itself{" "}
          <span class="num">{route.overheadUs === null ? "not known" : duration(route.overheadUs / 1000)}</span>
        </span>
        <Segments label="Show the route as" value={view} options={VIEWS} onChange={setView} />
      </div>
      {view === "chart" ? <Chart data={data} /> : null}
      <div class={view === "chart" ? "unseen" : "table-wrap"}>
        <LaneTable lanes={data.lanes} />
      </div>
    </div>
  );
}

/** Readers aloud get the table; this is for eyes. */
function Chart({ data: { lanes, total, ticks } }: { readonly data: ReturnType<typeof timelineOf> }) {
  return (
    <div class="timeline" aria-hidden="true">
      <div class="tl-axis">
        <span />
        <div class="tl-ticks">
          {ticks.map((tick) => (
            <span key={tick} class={tickPlace(tick / total)} style={{ left: `${(tick / total) * 100}%` }}>
              {tick === 0 ? "0" : duration(tick)}
            </span>
          ))}
        </div>
      </div>
      {lanes.map((lane) => (
        <LaneRow key={lane.id} lane={lane} total={total} ticks={ticks} />
      ))}
    </div>
  );
}

/** Words at the ends stay within the axis. */
function tickPlace(share: number): string {
  if (share < 0.04) return "first";
  return share > 0.96 ? "last" : "";
}

interface LaneFacts {
  readonly lane: Lane;
  readonly total: number;
  readonly ticks: readonly number[];
}

function LaneRow({ lane, total, ticks }: LaneFacts) {
  const [tone, word] = END[lane.end];
  const from = lane.segments.find((segment) => segment.kind !== "gap")?.from ?? 0;
  const words = lane.end === "ok" ? lane.reason : lane.reason || word;
  // below its bar, and never beyond the track: letters are some 6.4 px wide
  const place = {
    left: `max(0px, min(${(from / total) * 100}%, calc(100% - ${Math.ceil(words.length * 6.4 + 18)}px)))`,
  };
  return (
    <div class={`tl-lane tl-${lane.end}${lane.isAttempt ? " attempt" : ""}`}>
      <div class="tl-name">
        <span class={`clip${lane.isAttempt ? " strong" : ""}`}>{lane.name}</span>
        {lane.note !== "" && (
          <span class="clip soft small" title={lane.note}>
            {lane.note}
          </span>
        )}
      </div>
      <div class="tl-track">
        {ticks.map((tick) => (
          <i key={tick} class="tl-tick" style={{ left: `${(tick / total) * 100}%` }} />
        ))}
        {lane.segments.map((segment) => (
          <Bar key={`${segment.kind}${segment.from}`} segment={segment} total={total} />
        ))}
        {lane.isAttempt && (
          <span class="tl-end" style={place}>
            <StatusDot tone={tone} live={lane.end === "running"}>
              {words}
            </StatusDot>
          </span>
        )}
      </div>
    </div>
  );
}

function Bar({ segment: { kind, from, to, words }, total }: { readonly segment: Segment; readonly total: number }) {
  return (
    <span
      class={`tl-segment ${kind}`}
      style={{ left: `${(from / total) * 100}%`, width: `${((to - from) / total) * 100}%` }}
      title={`${words}: ${duration(to - from)}, from ${duration(from)} to ${duration(to)}`}
    />
  );
}

function LaneTable({ lanes }: { readonly lanes: readonly Lane[] }) {
  const rows = lanes.flatMap((lane) =>
    lane.segments.map((segment, index) => ({ lane, segment, isFirst: index === 0 })),
  );
  return (
    <table class="table">
      <caption class="unseen">The route of the request, step by step</caption>
      <thead>
        <tr>
          <th scope="col">Lane</th>
          <th scope="col">Step</th>
          <th scope="col" class="right">
            From
          </th>
          <th scope="col" class="right">
            Took
          </th>
          <th scope="col">End</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ lane, segment, isFirst }) => (
          <tr key={`${lane.id}${segment.kind}${segment.from}`}>
            <td>{isFirst ? `${lane.name}${lane.note === "" ? "" : ` (${lane.note})`}` : ""}</td>
            <td>{segment.words}</td>
            <td class="right">
              <Duration ms={segment.from} />
            </td>
            <td class="right">
              <Duration ms={segment.to - segment.from} />
            </td>
            <td>{isFirst && lane.isAttempt ? `${END[lane.end][1]}: ${lane.reason}` : ""}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
