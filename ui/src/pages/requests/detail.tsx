// One request told whole: what became of it, its route on a time axis, why it went so, what was said and what it cost.
import { useState } from "preact/hooks";
import type { LogRow } from "../../../../src/core/stores.ts";
import { useKeys } from "../../lib/keys.ts";
import { queryValue, setQuery } from "../../lib/router.ts";
import type { RouteFacts } from "../../lib/timeline.ts";
import { Copyable } from "../../parts/code-block.tsx";
import { DetailPane } from "../../parts/detail-pane.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { RequestStatus } from "../../parts/status.tsx";
import { isExplained, StopPanel } from "../../parts/stop-panel.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { Timeline } from "../../parts/timeline.tsx";
import { Actions } from "./actions.tsx";
import { CostTab } from "./cost.tsx";
import { DetailFacts } from "./detail-facts.tsx";
import { useElapsed } from "./elapsed.tsx";
import { MessagesTab } from "./messages.tsx";
import { useNeighbours } from "./neighbours.ts";
import { RawTab } from "./raw.tsx";
import type { RequestRow } from "./rows.ts";
import { useRecord } from "./use-record.ts";
import { WhyTab } from "./why.tsx";

export interface DetailFacts {
  readonly id: string;
  /** As the list has it; null: it is not in the list. */
  readonly row: RequestRow | null;
  /** Ids of the neighbours in the list. */
  readonly newer: string | null;
  readonly older: string | null;
  readonly onGo: (id: string) => void;
  readonly onClose: () => void;
}

export function RequestDetail({ id, row: listed, newer, older, onGo, onClose }: DetailFacts) {
  const { row, record, error, reload } = useRecord(id, listed);
  const beside = useNeighbours(id, listed === null && record !== null ? Date.parse(record.timestamp) : null);
  const before = newer ?? beside.newer;
  const next = older ?? beside.older;
  const toBefore = before === null ? undefined : () => onGo(before);
  const toNext = next === null ? undefined : () => onGo(next);
  useKeys({
    ...(toBefore === undefined ? {} : { ArrowLeft: whereNothingElseTakesIt(toBefore) }),
    ...(toNext === undefined ? {} : { ArrowRight: whereNothingElseTakesIt(toNext) }),
  });
  const known = record === null ? null : rowOfRecord(record);
  const shown = known ?? row;
  return (
    <DetailPane title={<Title row={shown} />} id={id} onClose={onClose} onBefore={toBefore} onNext={toNext}>
      <div class="requests-id">
        <Copyable text={id} />
        {record !== null && <Actions record={record} />}
      </div>
      {shown === null ? (
        error === null ? (
          <Skeleton lines={8} />
        ) : (
          <NotThere error={error} onRetry={reload} />
        )
      ) : (
        <>
          <DetailFacts row={shown} record={record} />
          {record !== null && <StopPanel record={record} />}
          {shown.error !== null && (record === null || !isExplained(record)) && (
            <p class="requests-error">{shown.error}</p>
          )}
          <Route row={shown} record={record} />
          {record !== null ? (
            <DetailTabs record={record} />
          ) : shown.status === "processing" ? (
            <p class="soft">It is under way. Decision, messages and cost are shown when it ends.</p>
          ) : error === null ? (
            <Skeleton lines={6} />
          ) : (
            <NotThere error={error} onRetry={reload} />
          )}
        </>
      )}
    </DetailPane>
  );
}

function NotThere({
  error,
  onRetry,
}: {
  readonly error: Parameters<typeof ErrorPanel>[0]["error"];
  readonly onRetry: () => void;
}) {
  return (
    <ErrorPanel
      what="The record of this request could not be read."
      error={error}
      remedy={
        error.status === 404
          ? "It may be older than the log keeps, deleted, or never recorded: requests of a gateway whose log is off are not."
          : undefined
      }
      onRetry={onRetry}
    />
  );
}

/** Arrows belong to what has the focus where it knows them: tabs, sliders, code that scrolls. */
function whereNothingElseTakesIt(act: () => void): (event: KeyboardEvent) => void {
  return (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("[role=tab], [role=slider], pre, .json, .vscroll, .table-wrap") === null) act();
  };
}

function Title({ row }: { readonly row: RequestRow | null }) {
  if (row === null) return <>Request</>;
  return (
    <span class="requests-title">
      <RequestStatus status={row.status} code={row.statusCode} />
      <span class="clip">{row.requestedModel || row.model || row.object}</span>
    </span>
  );
}

/** A record as the list would show it. */
function rowOfRecord(record: LogRow): RequestRow {
  return {
    id: record.id,
    at: Date.parse(record.timestamp),
    object: record.object,
    stream: record.stream,
    requestedModel: record.requested_model,
    provider: record.provider,
    model: record.model,
    status: record.status,
    statusCode: record.status_code,
    latency: record.latency,
    timeToFirstToken: record.time_to_first_token,
    totalTokens: record.token_usage?.total_tokens ?? null,
    cost: record.cost,
    virtualKeyId: record.virtual_key_id,
    virtualKeyName: record.virtual_key_name,
    userId: record.user_id,
    app: record.app,
    error: record.error_details?.message ?? null,
    attempts: record.attempts,
  };
}

function Route({ row, record }: { readonly row: RequestRow; readonly record: LogRow | null }) {
  const isRunning = row.status === "processing";
  const elapsed = useElapsed(row.at, isRunning);
  const route: RouteFacts = {
    latency: row.latency,
    ...(isRunning ? { elapsed } : {}),
    overheadUs: record?.overhead_us ?? null,
    attempts: record?.attempts ?? row.attempts,
    isCancelled: row.status === "cancelled",
  };
  return (
    <section class="requests-section" aria-label="Route">
      <h3>Route</h3>
      <Timeline route={route} />
    </section>
  );
}

/** Which tab is open stands in the address, so that it can be passed on. */
function DetailTabs({ record }: { readonly record: LogRow }) {
  const [shown, setShown] = useState(queryValue("tab") ?? "why");
  return (
    <div class="stack">
      <Tabs
        label="About this request"
        current={shown}
        onChange={(id) => {
          setShown(id);
          setQuery({ tab: id === "why" ? null : id });
        }}
        tabs={[
          { id: "why", title: "Why", content: () => <WhyTab record={record} /> },
          { id: "messages", title: "Messages", content: () => <MessagesTab record={record} /> },
          { id: "raw", title: "Raw", content: () => <RawTab record={record} /> },
          { id: "cost", title: "Cost", content: () => <CostTab record={record} /> },
        ]}
      />
    </div>
  );
}
