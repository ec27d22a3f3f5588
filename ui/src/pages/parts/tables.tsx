// Tables, ranks, filters, code.
import { useState } from "preact/hooks";
import type { FilterKind } from "../../lib/filters.ts";
import { Card } from "../../parts/card.tsx";
import { DetailPane } from "../../parts/detail-pane.tsx";
import { Duration, Money } from "../../parts/figures.tsx";
import { FilterBar } from "../../parts/filter-bar.tsx";
import { JsonView } from "../../parts/json-view.tsx";
import { RankTable } from "../../parts/rank-table.tsx";
import { Snippets } from "../../parts/snippets.tsx";
import { RequestStatus } from "../../parts/status.tsx";
import { type Column, VirtualTable } from "../../parts/virtual-table.tsx";
import { JSON_SAMPLE, ROWS, type SampleRow } from "./samples.ts";

const COLUMNS: readonly Column<SampleRow>[] = [
  { id: "status", title: "Status", width: "120px", cell: () => <RequestStatus status="success" code={200} /> },
  { id: "model", title: "Model", width: "minmax(160px, 2fr)", cell: (row) => <span>{row.model}</span> },
  { id: "id", title: "Id", width: "120px", from: 760, cell: (row) => <code>{row.id}</code> },
  { id: "ms", title: "Took", width: "90px", align: "right", sort: "latency", cell: (row) => <Duration ms={row.ms} /> },
  { id: "cost", title: "Cost", width: "120px", align: "right", sort: "cost", cell: (row) => <Money usd={row.cost} /> },
];

const KINDS: readonly FilterKind[] = [
  {
    name: "status",
    title: "Status",
    type: "many",
    options: [
      { value: "success", label: "Success" },
      { value: "error", label: "Error" },
    ],
  },
  {
    name: "provider",
    title: "Provider",
    type: "many",
    options: ["openai", "azure", "anthropic"].map((value) => ({ value, label: value })),
  },
  { name: "retried", title: "Needed a fallback", type: "yes" },
  { name: "user", title: "User", type: "text" },
];

const RANKS = ["research", "support-bot", "nightly-eval", "playground"].map((name, index) => ({
  id: name,
  name,
  value: 12 / (index + 1),
  shown: <Money usd={12 / (index + 1)} />,
  more: [`${41 - index * 7}k`],
  href: `/usage?virtual_key=${name}`,
}));

export function Tables() {
  const [open, setOpen] = useState<SampleRow | null>(null);
  const [sorted, setSorted] = useState<{ by: string; order: "asc" | "desc" }>({ by: "latency", order: "desc" });
  const at = open === null ? -1 : ROWS.indexOf(open);
  return (
    <>
      <FilterBar kinds={KINDS} search={{ name: "q", placeholder: "Search content" }} />
      <div class={`with-pane${open === null ? "" : " is-open"}`}>
        <Card title="Requests" flush>
          <VirtualTable
            label="Requests"
            rows={ROWS}
            columns={COLUMNS}
            keyOf={(row) => row.id}
            onOpen={setOpen}
            chosen={open?.id ?? null}
            height="420px"
            sortedBy={sorted}
            onSort={(by, order) => setSorted({ by, order })}
            live
          />
        </Card>
        {open !== null && (
          <DetailPane
            title={open.id}
            id={open.id}
            onClose={() => setOpen(null)}
            onBefore={at > 0 ? () => setOpen(ROWS[at - 1] ?? null) : undefined}
            onNext={() => setOpen(ROWS[at + 1] ?? null)}
          >
            <JsonView value={open} label="the request" />
          </DetailPane>
        )}
      </div>
      <div class="grid" style={{ "--least": "420px" }}>
        <Card title="Spenders" flush>
          <RankTable label="Spenders" columns={["Virtual key", "Cost", "Requests"]} rows={RANKS} />
        </Card>
        <Card title="Code">
          <Snippets body={{ model: "openai/gpt-4o-mini", messages: [{ role: "user", content: "hi" }] }} needsKey />
          <JsonView value={JSON_SAMPLE} label="the body" />
        </Card>
      </div>
    </>
  );
}
