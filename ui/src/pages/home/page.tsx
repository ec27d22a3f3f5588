// Home: is it working, and what does it cost?

import type { LogPage, LogStats } from "../../../../src/core/stores.ts";
import { useLive } from "../../api/live-stream.ts";
import { useResource } from "../../api/resource.ts";
import { ButtonLink } from "../../parts/button.tsx";
import { Card } from "../../parts/card.tsx";
import { Empty } from "../../parts/empty.tsx";
import { Count, Duration, Figure, Money, Percent, Tokens } from "../../parts/figures.tsx";
import { LiveBadge } from "../../parts/live-badge.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Page as Layout } from "../../parts/page.tsx";
import { LastRequests } from "./last-requests.tsx";

const EVERY = 15_000;

export function Page() {
  useLive();
  const last = useResource<LogPage>("/api/logs?limit=10", { every: EVERY });
  return (
    <Layout title="Home" actions={<LiveBadge />}>
      <Loaded
        of={last}
        failed="The requests could not be read."
        empty={(page) => (page.has_logs ? null : <NoTraffic />)}
      >
        {(page) => (
          <>
            <Figures stats={page.stats} />
            <Card
              title="Last requests"
              flush
              actions={
                <ButtonLink kind="bare" href="/requests">
                  All requests
                </ButtonLink>
              }
            >
              <LastRequests stored={page.logs} />
            </Card>
          </>
        )}
      </Loaded>
    </Layout>
  );
}

function NoTraffic() {
  return (
    <Empty
      icon="requests"
      title="No request yet"
      why="The gateway is running. Send a first request and see here how it went."
      action={
        <>
          <ButtonLink kind="primary" href="/playground">
            Open the playground
          </ButtonLink>
          <ButtonLink href="/providers">Add a provider</ButtonLink>
        </>
      }
    />
  );
}

function Figures({ stats }: { readonly stats: LogStats }) {
  const isBare = stats.total_requests === 0;
  const unpriced = stats.unpriced_requests > 0 ? `${stats.unpriced_requests} with an unknown price` : "all priced";
  return (
    <div class="figures">
      <Figure name="Requests" value={<Count value={stats.total_requests} />} note="in the log" />
      <Figure
        name="Success"
        value={<Percent of={isBare ? null : stats.user_facing_success_rate / 100} />}
        note="as the clients saw it"
      />
      <Figure name="Latency" value={<Duration ms={isBare ? null : stats.average_latency} />} note="mean" />
      <Figure
        name="Cost"
        value={<Money usd={stats.total_cost} />}
        note={
          <>
            {unpriced}, <Tokens count={stats.total_tokens} /> tokens
          </>
        }
      />
    </div>
  );
}
