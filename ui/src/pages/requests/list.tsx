// The list itself, with what is said when there is nothing in it, and what did not get into the log.
import { useEffect, useState } from "preact/hooks";
import { get } from "../../api/client.ts";
import { liveSummary } from "../../api/live-store.ts";
import { absoluteTime, exact, plural } from "../../lib/format.ts";
import { zone } from "../../lib/now.ts";
import { place, setQuery } from "../../lib/router.ts";
import { Button, ButtonLink } from "../../parts/button.tsx";
import { Empty } from "../../parts/empty.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { Note } from "../../parts/status.tsx";
import { VirtualTable } from "../../parts/virtual-table.tsx";
import { columnsOf, type Picking, RequestCard } from "./columns.tsx";
import type { RequestList } from "./request-list.ts";
import type { RequestRow } from "./rows.ts";
import { periodOf, setPeriod } from "./time-range.tsx";
import type { ListView } from "./use-request-list.ts";

export interface TableFacts {
  readonly view: ListView;
  readonly picking: Picking | null;
  /** Id of the request that is open. */
  readonly open: string | null;
  readonly onOpen: (row: RequestRow) => void;
}

export function RequestTable({ view, picking, open, onOpen }: TableFacts) {
  const { list, isLive, reload } = view;
  if (list.error !== null && !list.isReady)
    return <ErrorPanel what="The requests could not be read." error={list.error} onRetry={reload} />;
  if (!list.isReady) return <Skeleton lines={10} />;
  if (list.rows.length === 0 && !list.hasMore) return <Nothing view={view} />;
  return (
    <>
      {list.warnings.map((text) => (
        <Note key={text} tone="warn">
          {text}
        </Note>
      ))}
      <div class="card flush">
        <VirtualTable
          label="Requests"
          rows={list.rows}
          columns={columnsOf(picking)}
          keyOf={({ id }) => id}
          {...(picking === null ? { hrefOf } : {})}
          onOpen={picking === null ? onOpen : ({ id }) => picking.toggle(id)}
          chosen={picking === null ? open : null}
          card={(row) => <RequestCard row={row} picking={picking} />}
          live={isLive}
          hold={{ count: list.held, onHold: (isHeld) => list.hold(isHeld), onRelease: () => list.release() }}
          onEnd={() => {
            // a search goes on by itself until it has found something, and then when it is told to
            if (list.searchedUntil === null && list.error === null) void list.more();
          }}
          height="max(320px, calc(100dvh - 330px))"
          foot={<Foot list={list} />}
        />
      </div>
    </>
  );
}

/** The filters stay while a request is open. */
function hrefOf({ id }: RequestRow): string {
  const { query } = place.value;
  return `/requests/${encodeURIComponent(id)}${query.size === 0 ? "" : `?${query}`}`;
}

/** What comes behind the last row. */
function Foot({ list }: { readonly list: RequestList }) {
  if (list.error !== null)
    return <ErrorPanel what="The next page could not be read." error={list.error} onRetry={() => list.more()} />;
  if (list.isFull) return <Full last={list.rows.at(-1)} />;
  if (list.searchedUntil !== null && list.hasMore)
    return (
      <div class="requests-foot">
        <span class="soft">
          {list.isBusy ? "Searching" : "Searched"} back to{" "}
          {absoluteTime(Date.parse(list.searchedUntil), zone.value).slice(0, 19)}
        </span>
        {!list.isBusy && (
          <Button small onClick={() => list.more()}>
            Go on
          </Button>
        )}
      </div>
    );
  if (list.hasMore) return <div class="requests-foot soft">{list.isBusy ? "Reading older requests" : ""}</div>;
  return (
    <div class="requests-foot soft">{plural(list.rows.length, "request")}; there are no older ones in this time</div>
  );
}

function Full({ last }: { readonly last: RequestRow | undefined }) {
  return (
    <div class="requests-foot">
      <span class="soft">The page keeps {exact(1_600)} rows at most.</span>
      {last !== undefined && (
        <Button
          small
          onClick={() =>
            setQuery({ end_time: new Date(last.at).toISOString(), start_time: null, period: "all" }, { replace: false })
          }
        >
          Go on from here
        </Button>
      )}
    </div>
  );
}

function Nothing({ view: { list, chosen } }: { readonly view: ListView }) {
  const period = periodOf(place.value.query);
  if (!list.hasLogs)
    return (
      <Empty
        icon="requests"
        title="No request yet"
        why={
          list.warnings[0] ??
          "As soon as one arrives it is shown here, while it runs, with each provider that was tried."
        }
        action={
          <>
            <ButtonLink kind="primary" href="/playground">
              Send one
            </ButtonLink>
            <ButtonLink href="/docs">Connect a client</ButtonLink>
          </>
        }
      />
    );
  const clear = () => setQuery(Object.fromEntries(chosen.map(({ name }) => [name, null])), { replace: false });
  return (
    <Empty
      icon="filter"
      title={chosen.length > 0 ? "No request fits these filters" : "No request in this time"}
      why={
        list.warnings[0] ??
        (period === "all"
          ? "Whatever fits is shown here as it arrives."
          : "Older ones may: the log keeps them as long as its settings say.")
      }
      action={
        <>
          {period !== "all" && <Button onClick={() => setPeriod("all")}>Search all times</Button>}
          {chosen.length > 0 && <Button onClick={clear}>Clear the filters</Button>}
        </>
      }
    />
  );
}

/** While requests are too many to be told one by one. */
export function SummaryNote() {
  const summary = liveSummary.value;
  if (summary === null) return null;
  const rate = Math.round((summary.requests * 1000) / Math.max(1, summary.to - summary.from));
  return (
    <Note>{`${exact(rate)} requests a second end now: too many to show each as it runs. The newest are read from the log once a second.`}</Note>
  );
}

interface Dropped {
  readonly dropped_requests: number;
  readonly dropped_content: number;
}

/** ms after which the losses are asked for: the rows come first. */
const LATER = 5_000;

export function LossNote() {
  const [dropped, setDropped] = useState<Dropped | null>(null);
  useEffect(() => {
    const timer = window.setTimeout(() => void get<Dropped>("/api/logs/dropped").then(setDropped, () => {}), LATER);
    return () => window.clearTimeout(timer);
  }, []);
  if (dropped === null || dropped.dropped_requests + dropped.dropped_content === 0) return null;
  const lost = [
    ...(dropped.dropped_requests > 0 ? [plural(dropped.dropped_requests, "request")] : []),
    ...(dropped.dropped_content > 0 ? [plural(dropped.dropped_content, "content")] : []),
  ];
  return (
    <Note tone="warn">{`Left out of the log since the gateway started, for want of room or because the store could not be written: ${lost.join(" and ")}. They were charged and counted as ever.`}</Note>
  );
}
