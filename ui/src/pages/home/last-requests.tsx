// The last ten requests, those that run now among them.
import type { LiveRequest } from "../../../../src/core/live.ts";
import type { LogRow } from "../../../../src/core/stores.ts";
import { liveRequests } from "../../api/live-store.ts";
import { Duration, Money } from "../../parts/figures.tsx";
import { RequestStatus } from "../../parts/status.tsx";
import { Time } from "../../parts/time.tsx";
import { type Column, VirtualTable } from "../../parts/virtual-table.tsx";

/** What both a stored and a live row tell. */
type Row = Pick<
  LiveRequest,
  | "id"
  | "timestamp"
  | "requested_model"
  | "provider"
  | "model"
  | "status"
  | "status_code"
  | "latency"
  | "cost"
  | "virtual_key_name"
>;

const MOST = 10;

const COLUMNS: readonly Column<Row>[] = [
  {
    id: "status",
    title: "Status",
    width: "120px",
    cell: (row) => <RequestStatus status={row.status} code={row.status_code} />,
  },
  { id: "model", title: "Model", width: "minmax(160px, 2fr)", cell: (row) => <span>{row.requested_model}</span> },
  {
    id: "served",
    title: "Served by",
    width: "minmax(120px, 1.4fr)",
    from: 760,
    cell: (row) => <span class="soft">{served(row)}</span>,
  },
  {
    id: "key",
    title: "Virtual key",
    width: "minmax(90px, 1fr)",
    from: 900,
    cell: (row) => <span class="soft">{row.virtual_key_name ?? "none"}</span>,
  },
  { id: "latency", title: "Took", width: "90px", align: "right", cell: (row) => <Duration ms={row.latency} /> },
  {
    id: "cost",
    title: "Cost",
    width: "110px",
    align: "right",
    cell: (row) => (row.status === "processing" ? null : <Money usd={row.cost} />),
  },
  { id: "when", title: "When", width: "96px", align: "right", cell: (row) => <Time at={row.timestamp} /> },
];

export function LastRequests({ stored }: { readonly stored: readonly LogRow[] }) {
  const live: readonly Row[] = liveRequests.value.slice(0, MOST);
  const known = new Set(live.map((row) => row.id));
  const rows = [...live, ...(stored as readonly Row[]).filter((row) => !known.has(row.id))].slice(0, MOST);
  return (
    <VirtualTable
      label="Last requests"
      rows={rows}
      columns={COLUMNS}
      keyOf={(row) => row.id}
      hrefOf={(row) => `/requests/${encodeURIComponent(row.id)}`}
      card={(row) => <RowCard row={row} />}
    />
  );
}

function RowCard({ row }: { readonly row: Row }) {
  return (
    <span class="stack-tight grow">
      <span class="row apart">
        <span class="clip strong">{row.requested_model}</span>
        <RequestStatus status={row.status} code={row.status_code} />
      </span>
      <span class="row apart soft small">
        <span class="clip">{served(row)}</span>
        <span>
          <Duration ms={row.latency} /> · <Time at={row.timestamp} />
        </span>
      </span>
    </span>
  );
}

function served({ provider, model }: Row): string {
  return provider === "" ? "nobody yet" : `${provider}/${model}`;
}
