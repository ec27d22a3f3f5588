// What the list shows of a request: its columns by width, and the card on a phone.
import { absoluteTime, NONE } from "../../lib/format.ts";
import { now, zone } from "../../lib/now.ts";
import { Duration, Money, Tokens } from "../../parts/figures.tsx";
import { RouteChips } from "../../parts/route-chips.tsx";
import { RequestStatus } from "../../parts/status.tsx";
import type { Column } from "../../parts/virtual-table.tsx";
import { Elapsed } from "./elapsed.tsx";
import { costState, type RequestRow } from "./rows.ts";

/** The chosen rows of the list, where rows can be chosen. */
export interface Picking {
  readonly ids: ReadonlySet<string>;
  toggle(id: string): void;
}

export function columnsOf(picking: Picking | null): readonly Column<RequestRow>[] {
  return picking === null ? COLUMNS : [pickColumn(picking), ...COLUMNS];
}

const COLUMNS: readonly Column<RequestRow>[] = [
  { id: "time", title: "Time", width: "104px", cell: (row) => <ClockTime at={row.at} /> },
  { id: "status", title: "Status", width: "112px", cell: (row) => <Status row={row} /> },
  { id: "model", title: "Model", width: "minmax(130px, 1.2fr)", cell: (row) => <ModelName row={row} /> },
  { id: "route", title: "Route", width: "minmax(190px, 2fr)", cell: (row) => <Route row={row} /> },
  {
    id: "key",
    title: "Virtual key",
    width: "minmax(90px, 0.8fr)",
    from: 900,
    cell: (row) => <Name text={row.virtualKeyName} />,
  },
  { id: "user", title: "User", width: "minmax(90px, 1fr)", from: 1040, cell: (row) => <Name text={row.userId} /> },
  {
    id: "tokens",
    title: "Tokens",
    width: "80px",
    align: "right",
    from: 780,
    cell: (row) => <Tokens count={row.totalTokens} />,
  },
  { id: "cost", title: "Cost", width: "112px", align: "right", cell: (row) => <Cost row={row} /> },
  { id: "latency", title: "Total", width: "88px", align: "right", cell: (row) => <Latency row={row} /> },
];

function pickColumn({ ids, toggle }: Picking): Column<RequestRow> {
  return {
    id: "pick",
    title: <span class="unseen">Selected</span>,
    width: "40px",
    cell: (row) => <Pick row={row} ids={ids} toggle={toggle} />,
  };
}

function Pick({ row, ids, toggle }: Picking & { readonly row: RequestRow }) {
  return (
    <input
      type="checkbox"
      class="requests-pick"
      aria-label={`Select the request of ${absoluteTime(row.at, zone.value)}`}
      checked={ids.has(row.id)}
      onChange={() => toggle(row.id)}
    />
  );
}

/** The time of the day; with the date where it is another day. */
export function ClockTime({ at }: { readonly at: number }) {
  const text = absoluteTime(at, zone.value);
  const isToday = absoluteTime(now.value, zone.value).slice(0, 10) === text.slice(0, 10);
  return (
    <time class="num" dateTime={new Date(at).toISOString()} title={text}>
      {isToday ? text.slice(11, 19) : text.slice(5, 16)}
    </time>
  );
}

function Status({ row }: { readonly row: RequestRow }) {
  return <RequestStatus status={row.status} code={row.statusCode} />;
}

/** The model as it was asked for; what served it stands in the route. */
function ModelName({ row }: { readonly row: RequestRow }) {
  const asked = row.requestedModel === "" ? row.model : row.requestedModel;
  const isOther = row.model !== "" && asked !== row.model && !asked.endsWith(`/${row.model}`);
  return (
    <span class="clip" title={isOther ? `${asked}, served as ${row.model}` : asked}>
      {asked === "" ? NONE : asked}
      {isOther && <span class="faint"> → {row.model}</span>}
    </span>
  );
}

function Route({ row }: { readonly row: RequestRow }) {
  if (row.attempts.length > 0) return <RouteChips attempts={row.attempts} isRunning={row.status === "processing"} />;
  if (row.status === "processing") return <span class="faint">planning</span>;
  return (
    <span class="clip soft" title={row.error ?? undefined}>
      {row.error ?? "sent to nobody"}
    </span>
  );
}

function Name({ text }: { readonly text: string | null }) {
  return text === null || text === "" ? (
    <span class="faint">{NONE}</span>
  ) : (
    <span class="clip" title={text}>
      {text}
    </span>
  );
}

/** Never $0 for what has no price. */
export function Cost({ row }: { readonly row: Pick<RequestRow, "cost" | "status" | "totalTokens"> }) {
  const state = costState(row);
  if (state === "known" || state === "unknown price") return <Money usd={row.cost} />;
  return <span class="faint">{NONE}</span>;
}

function Latency({ row }: { readonly row: RequestRow }) {
  return row.status === "processing" ? <Elapsed at={row.at} /> : <Duration ms={row.latency} />;
}

export function RequestCard({ row, picking }: { readonly row: RequestRow; readonly picking: Picking | null }) {
  return (
    <span class="requests-card">
      <span class="requests-card-line">
        {picking !== null && <Pick row={row} {...picking} />}
        <Status row={row} />
        <ModelName row={row} />
        <Latency row={row} />
      </span>
      <span class="requests-card-line">
        <Route row={row} />
        <span class="requests-card-end soft small">
          <Cost row={row} />
          <ClockTime at={row.at} />
        </span>
      </span>
    </span>
  );
}
