// The ranking: who has most of what is measured, with everything else about each beside it.
import type { ComponentChildren } from "preact";
import type { Resource } from "../../api/resource.ts";
import { percent, plural } from "../../lib/format.ts";
import { setQuery } from "../../lib/router.ts";
import { Button } from "../../parts/button.tsx";
import { Card } from "../../parts/card.tsx";
import { Empty } from "../../parts/empty.tsx";
import { Count, Duration, Money, Tokens } from "../../parts/figures.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Badge } from "../../parts/status.tsx";
import { groupName, OTHER } from "./dimensions.ts";
import type { Ranked, Ranking, UsageStats } from "./ranked.ts";
import { changeWords } from "./series.ts";
import { type Measure, PAGE_ROWS, type UsageQuery } from "./usage-query.ts";

export interface RankingFacts {
  readonly usage: UsageQuery;
  readonly ranking: Resource<Ranking>;
  readonly stats: UsageStats;
}

interface Column {
  readonly id: Measure;
  readonly title: string;
  readonly cell: (row: Ranked) => ComponentChildren;
}

const COLUMNS: readonly Column[] = [
  { id: "cost", title: "Cost", cell: (row) => <Cost row={row} /> },
  { id: "requests", title: "Requests", cell: (row) => <Count value={row.total_requests} /> },
  { id: "tokens", title: "Tokens", cell: (row) => <Tokens count={row.total_tokens} /> },
  {
    id: "latency",
    title: "Latency, p95",
    cell: (row) => (
      <>
        <Duration ms={row.avg_latency} />, <Duration ms={row.p95_latency} />
      </>
    ),
  },
];

function Cost({ row }: { readonly row: Ranked }) {
  return (
    <span class="usage-cost">
      {row.unpriced_requests > 0 && row.total_cost !== null && (
        <Badge tone="warn" title={`${plural(row.unpriced_requests, "request")} of models without a price`}>
          + {row.unpriced_requests} unpriced
        </Badge>
      )}
      <Money usd={row.total_cost} />
    </span>
  );
}

/** Beside open details there is room for the first two. */
function columnClass(index: number): string {
  return index < 2 ? "right" : "right usage-minor";
}

/** What a row has of the measure. */
export function measured(row: Ranked, measure: Measure): number {
  if (measure === "cost") return row.total_cost ?? 0;
  if (measure === "tokens") return row.total_tokens;
  return measure === "requests" ? row.total_requests : row.avg_latency;
}

export function trendOf({ trend }: Ranked, measure: Measure): number | null {
  return trend[`${measure}_trend`];
}

export function UsageRanking({ usage, ranking, stats }: RankingFacts) {
  return (
    <Card title={`By ${usage.by.title.toLowerCase()}`} flush>
      <Loaded
        of={ranking}
        failed="The ranking could not be read."
        empty={({ rankings }) =>
          rankings.length > 0 ? null : (
            <Empty title="Nothing here" why="No request of this time has a value for this." />
          )
        }
      >
        {({ rankings }) => (
          <>
            <Table usage={usage} rows={rankings.slice(0, PAGE_ROWS)} stats={stats} />
            <Pages usage={usage} hasMore={rankings.length > PAGE_ROWS} />
          </>
        )}
      </Loaded>
    </Card>
  );
}

interface TableFacts {
  readonly usage: UsageQuery;
  readonly rows: readonly Ranked[];
  readonly stats: UsageStats;
}

function Table({ usage, rows, stats }: TableFacts) {
  const { by, measure, compares } = usage;
  const most = Math.max(...rows.map((row) => measured(row, measure)), Number.MIN_VALUE);
  const columns = [...COLUMNS.filter(({ id }) => id === measure), ...COLUMNS.filter(({ id }) => id !== measure)];
  return (
    <div class="table-wrap">
      <table class="table usage-table" aria-label={`Usage by ${by.title.toLowerCase()}`}>
        <thead>
          <tr>
            <th scope="col">{by.title}</th>
            <th scope="col" class="usage-bar-cell">
              Share
            </th>
            {columns.map(({ id, title }, index) => (
              <th key={id} scope="col" class={columnClass(index)} aria-sort={id === measure ? "descending" : undefined}>
                {title}
              </th>
            ))}
            {compares && (
              <th scope="col" class="right">
                Against before
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row
              key={row.id}
              row={row}
              usage={usage}
              columns={columns}
              share={measured(row, measure) / most}
              stats={stats}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowFacts {
  readonly row: Ranked;
  readonly usage: UsageQuery;
  readonly columns: readonly Column[];
  readonly share: number;
  readonly stats: UsageStats;
}

function Row({ row, usage, columns, share, stats }: RowFacts) {
  const { by, measure, open, compares } = usage;
  const name = groupName(by, row.id, row.name);
  const canOpen = row.id !== "" && row.id !== OTHER;
  const part = partOf(row, measure, stats);
  return (
    <tr aria-current={row.id === open ? "true" : undefined}>
      <td class="usage-name">
        {canOpen ? (
          <button
            type="button"
            class="link clip"
            title={name}
            aria-expanded={row.id === open}
            onClick={() => setQuery({ open: row.id === open ? null : row.id }, { replace: false })}
          >
            {name}
          </button>
        ) : (
          <span class="soft">{name}</span>
        )}
      </td>
      <td class="usage-bar-cell">
        <span class="usage-share">
          <span class="rank-bar" aria-hidden="true">
            <span style={{ width: `${Math.max(0, share * 100)}%` }} />
          </span>
          {part !== null && <span class="num small soft">{percent(part)}</span>}
        </span>
      </td>
      {columns.map(({ id, title, cell }, index) => (
        <td key={id} class={columnClass(index)} data-title={title}>
          {cell(row)}
        </td>
      ))}
      {compares && (
        <td class="right" data-title="Against before">
          <Trend row={row} measure={measure} />
        </td>
      )}
    </tr>
  );
}

/** Of all; means have no shares. */
function partOf(row: Ranked, measure: Measure, stats: UsageStats): number | null {
  if (measure === "latency") return null;
  const all = { cost: stats.total_cost, tokens: stats.total_tokens, requests: stats.total_requests }[measure];
  return all === 0 ? null : Math.min(1, measured(row, measure) / all);
}

function Trend({ row, measure }: { readonly row: Ranked; readonly measure: Measure }) {
  const trend = trendOf(row, measure);
  if (!row.trend.has_previous_period) return <span class="soft">new</span>;
  return <span class="num">{trend === null ? "nothing before" : changeWords(trend / 100)}</span>;
}

function showPage(page: number): void {
  setQuery({ page: page === 0 ? null : String(page + 1), open: null }, { replace: false });
}

function Pages({ usage: { page }, hasMore }: { readonly usage: UsageQuery; readonly hasMore: boolean }) {
  if (page === 0 && !hasMore) return null;
  return (
    <div class="row apart usage-pages">
      <span class="soft">
        Places {page * PAGE_ROWS + 1} to {(page + 1) * PAGE_ROWS}
      </span>
      <span class="row">
        <Button small icon="left" disabled={page === 0} onClick={() => showPage(page - 1)}>
          Higher places
        </Button>
        <Button small disabled={!hasMore} onClick={() => showPage(page + 1)}>
          Next {PAGE_ROWS}
        </Button>
      </span>
    </div>
  );
}
