// The details of a row: its figures, budgets, models, hours of the day, and its costliest requests.
import type { LogRow } from "../../../../src/core/stores.ts";
import { useResource } from "../../api/resource.ts";
import { setQuery } from "../../lib/router.ts";
import { ButtonLink } from "../../parts/button.tsx";
import { DetailPane } from "../../parts/detail-pane.tsx";
import { Count, Duration, Figure, Money, Percent, Tokens } from "../../parts/figures.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { RankTable } from "../../parts/rank-table.tsx";
import { Note, RequestStatus } from "../../parts/status.tsx";
import { Time } from "../../parts/time.tsx";
import { Budgets } from "./budgets.tsx";
import { FORMATS } from "./chart.tsx";
import { DIMENSIONS, groupName } from "./dimensions.ts";
import { HoursOfDay } from "./hours.tsx";
import type { Ranked, Ranking, UsageStats } from "./ranked.ts";
import { measured } from "./ranking.tsx";
import { groupFilters, logPath, type Measure, spanOf, timeOf, type UsageQuery } from "./usage-query.ts";

const EVERY = 15_000;
const COSTLIEST = 20;
const MODELS = 8;
const MEASURE_WORDS: Readonly<Record<Measure, string>> = {
  cost: "Cost",
  tokens: "Tokens",
  requests: "Requests",
  latency: "Mean latency",
};

export interface DetailFacts {
  readonly usage: UsageQuery;
  readonly id: string;
  /** Its row of the ranking; undefined: it is on another page. */
  readonly row: Ranked | undefined;
  /** Of all groups together. */
  readonly stats: UsageStats;
  readonly onBefore?: (() => void) | undefined;
  readonly onNext?: (() => void) | undefined;
}

export function GroupDetail({ usage, id, row, stats: all, onBefore, onNext }: DetailFacts) {
  const { by, range } = usage;
  const filters = groupFilters(usage, id);
  const stats = useResource<UsageStats>(logPath("/api/logs/stats", filters, timeOf(range)), { every: EVERY });
  const name = useName(usage, id, row);
  return (
    <DetailPane
      id={by.id + id}
      title={`${by.title} ${name}`}
      onClose={() => setQuery({ open: null }, { replace: false })}
      onBefore={onBefore}
      onNext={onNext}
    >
      <Loaded of={stats} failed="The sums could not be read.">
        {(sums) => (
          <>
            <Figures sums={sums} all={all} />
            <div class="row">
              <ButtonLink href={logPath("/requests", filters, timeOf(range))} icon="requests">
                Show requests
              </ButtonLink>
              {DIMENSIONS.filter(({ id: other }) => other !== by.id && (other === "model" || other === "user")).map(
                (other) => (
                  <ButtonLink
                    key={other.id}
                    kind="bare"
                    href={logPath("/usage", filters, timeOf(range), { by: other.id, measure: usage.measure })}
                  >
                    Split by {other.title.toLowerCase()}
                  </ButtonLink>
                ),
              )}
            </div>
            {sums.unpriced_requests > 0 && (
              <UnpricedNote filters={filters} usage={usage} count={sums.unpriced_requests} />
            )}
            <Budgets dimension={by.id} id={id} spent={sums.total_cost} span={spanOf(range)} />
          </>
        )}
      </Loaded>
      {by.id !== "model" && <Models usage={usage} id={id} />}
      <HoursOfDay usage={usage} id={id} />
      <Costliest usage={usage} id={id} />
    </DetailPane>
  );
}

/** What it is called, also when its row is on another page of the ranking. */
function useName({ by, range }: UsageQuery, id: string, row: Ranked | undefined): string {
  const lone = new URLSearchParams([[by.filter, id]]);
  const path = logPath("/api/logs/rankings/by-dimension", lone, timeOf(range), { dimension: by.id, limit: 1 });
  const { data } = useResource<Ranking>(row === undefined ? path : null);
  return groupName(by, id, row?.name ?? data?.rankings[0]?.name);
}

function Figures({ sums, all }: { readonly sums: UsageStats; readonly all: UsageStats }) {
  const isUnpriced = sums.total_cost === 0 && sums.unpriced_requests > 0;
  const isAny = sums.total_requests > 0;
  return (
    <div class="figures usage-detail-figures">
      <Figure
        name="Cost"
        value={<Money usd={isUnpriced ? null : sums.total_cost} />}
        note={
          all.total_cost === 0 ? undefined : (
            <>
              <Percent of={Math.min(1, sums.total_cost / all.total_cost)} /> of all
            </>
          )
        }
      />
      <Figure
        name="Requests"
        value={<Count value={sums.total_requests} />}
        note={
          <>
            <Percent of={isAny ? sums.success_rate / 100 : null} /> answered
          </>
        }
      />
      <Figure
        name="Tokens"
        value={<Tokens count={sums.total_tokens} />}
        note={
          <>
            <Tokens count={sums.prompt_tokens} /> in, <Tokens count={sums.completion_tokens} /> out
          </>
        }
      />
      <Figure
        name="Latency"
        value={<Duration ms={isAny ? sums.average_latency : null} />}
        note={
          <>
            p95 <Duration ms={sums.p95_latency} />
          </>
        }
      />
    </div>
  );
}

interface UnpricedFacts {
  readonly filters: URLSearchParams;
  readonly usage: UsageQuery;
  readonly count: number;
}

function UnpricedNote({ filters, usage, count }: UnpricedFacts) {
  const target = logPath("/requests", filters, timeOf(usage.range), { missing_cost_only: "true" });
  return (
    <Note tone="warn" action={<a href="/providers?tab=models">Set a price</a>}>
      <a href={target}>{count === 1 ? "1 request" : `${count} requests`}</a> went to models without a price and{" "}
      {count === 1 ? "is" : "are"} not in the cost.
    </Note>
  );
}

interface PartFacts {
  readonly usage: UsageQuery;
  readonly id: string;
}

function Models({ usage, id }: PartFacts) {
  const { measure, range } = usage;
  const models = useResource<Ranking>(
    logPath("/api/logs/rankings/by-dimension", groupFilters(usage, id), timeOf(range), {
      dimension: "model",
      sort_by: measure,
      limit: MODELS,
    }),
    { every: EVERY },
  );
  return (
    <section class="stack-tight usage-part usage-models">
      <h3>Models</h3>
      <Loaded of={models} failed="The models could not be read.">
        {({ rankings }) => (
          <RankTable
            label="Models"
            columns={["Model", MEASURE_WORDS[measure], ...(measure === "requests" ? [] : ["Requests"])]}
            rows={rankings.map((row) => ({
              id: row.id,
              name: row.id === "" ? "no model reached" : row.id,
              value: measured(row, measure),
              shown:
                measure === "cost" ? (
                  <Money usd={row.total_cost} />
                ) : (
                  <span class="num">{FORMATS[measure](measured(row, measure))}</span>
                ),
              more: measure === "requests" ? [] : [<Count key="requests" value={row.total_requests} />],
            }))}
          />
        )}
      </Loaded>
    </section>
  );
}

type Summary = Pick<LogRow, "id" | "timestamp" | "requested_model" | "status" | "status_code" | "cost"> & {
  readonly total_tokens: number | null;
};

function Costliest({ usage, id }: PartFacts) {
  const page = useResource<{ readonly logs: readonly Summary[] }>(
    logPath("/api/logs", groupFilters(usage, id), timeOf(usage.range), {
      sort_by: "cost",
      limit: COSTLIEST,
      fields: "summary",
    }),
  );
  return (
    <section class="stack-tight usage-part">
      <h3>Costliest requests</h3>
      <Loaded of={page} failed="The requests could not be read.">
        {({ logs }) => (
          <ol class="usage-costliest">
            {logs.map((row) => (
              <li key={row.id}>
                <a class="clip" href={`/requests/${encodeURIComponent(row.id)}`}>
                  {row.requested_model}
                </a>
                <RequestStatus status={row.status} code={row.status_code} />
                <span class="soft usage-tokens">
                  <Tokens count={row.total_tokens} /> tokens
                </span>
                <span class="soft">
                  <Time at={row.timestamp} />
                </span>
                <Money usd={row.cost} />
              </li>
            ))}
          </ol>
        )}
      </Loaded>
    </section>
  );
}
