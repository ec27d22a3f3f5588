// Usage: who spends? One chart, one ranking, and the details of a row.
import "./page.css";
import { useResource } from "../../api/resource.ts";
import { place, setQuery } from "../../lib/router.ts";
import { ButtonLink } from "../../parts/button.tsx";
import { Empty } from "../../parts/empty.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Page as Layout } from "../../parts/page.tsx";
import { Note } from "../../parts/status.tsx";
import { UsageChart } from "./chart.tsx";
import { GroupDetail } from "./detail.tsx";
import { DownloadButton } from "./download.tsx";
import { UsageFigures } from "./figures.tsx";
import type { Ranking, UsageStats } from "./ranked.ts";
import { UsageRanking } from "./ranking.tsx";
import { Toolbar } from "./toolbar.tsx";
import { filtersOf, logPath, PAGE_ROWS, readUsage, timeOf, type UsageQuery } from "./usage-query.ts";

/** New requests are seen after so many ms. */
const EVERY = 15_000;

export function Page() {
  const usage = readUsage(place.value.query);
  const stats = useResource<UsageStats>(logPath("/api/logs/stats", filtersOf(usage), timeOf(usage.range)), {
    every: EVERY,
  });
  return (
    <Layout title="Usage" actions={<DownloadButton usage={usage} />}>
      <Toolbar usage={usage} />
      <Loaded of={stats} failed="The sums could not be read." empty={(sums) => emptyOf(sums, usage)}>
        {(sums) => (
          <>
            {sums.warnings?.map((warning) => (
              <Note key={warning} tone="warn">
                {warning}
              </Note>
            ))}
            {!sums.exact && <Note>More requests match than are counted: these sums speak of the newest million.</Note>}
            <UsageFigures stats={sums} usage={usage} />
            <UsageBody usage={usage} stats={sums} />
          </>
        )}
      </Loaded>
    </Layout>
  );
}

function UsageBody({ usage, stats }: { readonly usage: UsageQuery; readonly stats: UsageStats }) {
  const path = logPath("/api/logs/rankings/by-dimension", filtersOf(usage), timeOf(usage.range), {
    dimension: usage.by.id,
    sort_by: usage.measure,
    limit: PAGE_ROWS + 1,
    offset: usage.page * PAGE_ROWS,
  });
  const ranking = useResource<Ranking>(path, { every: EVERY });
  const rows = ranking.data?.rankings.slice(0, PAGE_ROWS) ?? [];
  const ids = rows.map(({ id }) => id).filter((id) => id !== "");
  const at = usage.open === null ? -1 : ids.indexOf(usage.open);
  const openAt = (index: number) => {
    const id = ids[index];
    return id === undefined ? undefined : () => setQuery({ open: id });
  };
  return (
    <div class={`with-pane${usage.open === null ? "" : " is-open"}`}>
      <div class="stack">
        <UsageChart key={`${usage.measure}${usage.by.id}`} usage={usage} />
        <UsageRanking usage={usage} ranking={ranking} stats={stats} />
      </div>
      {usage.open !== null && (
        <GroupDetail
          key={usage.by.id + usage.open}
          usage={usage}
          id={usage.open}
          row={rows.find(({ id }) => id === usage.open)}
          stats={stats}
          onBefore={at > 0 ? openAt(at - 1) : undefined}
          onNext={at >= 0 ? openAt(at + 1) : undefined}
        />
      )}
    </div>
  );
}

function emptyOf(stats: UsageStats, usage: UsageQuery) {
  if (stats.total_requests > 0) return null;
  const isAll = usage.narrowed.length === 0 && usage.range.type === "period" && usage.range.period === "all";
  if (isAll)
    return (
      <Empty
        icon="usage"
        title="Nobody has used the gateway yet"
        why="Who spends how much stands here from the first request on."
        action={
          <ButtonLink kind="primary" href="/playground">
            Send a request
          </ButtonLink>
        }
      />
    );
  return (
    <Empty
      icon="usage"
      title="No requests in this time"
      why={usage.narrowed.length === 0 ? "Look at a longer time." : "Look at a longer time, or take a filter away."}
      action={<ButtonLink href={`/usage?by=${encodeURIComponent(usage.by.id)}&period=all`}>Show all times</ButtonLink>}
    />
  );
}
