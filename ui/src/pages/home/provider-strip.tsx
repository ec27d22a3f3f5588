// The providers at a glance: state, share of the traffic, errors, latency, and why and since when something is wrong.
import { useMemo } from "preact/hooks";
import { liveHealth, liveRequests } from "../../api/live-store.ts";
import { type Resource, useResource } from "../../api/resource.ts";
import { now } from "../../lib/now.ts";
import { Duration, Percent } from "../../parts/figures.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { StatusDot } from "../../parts/status.tsx";
import { Time } from "../../parts/time.tsx";
import { type ProviderState, stateOf, troublesOf } from "./provider-state.ts";
import type { ConfiguredProvider, RankingRow } from "./types.ts";

/** So many are shown; the others are on their own page. */
const MOST = 12;

export type Providers = Resource<{ readonly providers: readonly ConfiguredProvider[] }>;

export function ProviderStrip({ providers }: { readonly providers: Providers }) {
  const ranked = useResource<{ readonly rankings: readonly RankingRow[] }>(
    "/api/logs/rankings/by-dimension?dimension=provider&period=24h&limit=100",
    { every: 15_000 },
  );
  const health = liveHealth.value;
  const requests = liveRequests.value;
  const troubles = useMemo(() => troublesOf(requests, Date.now()), [requests, now.value]);
  const rows = ranked.data?.rankings ?? [];
  const total = rows.reduce((sum, row) => sum + row.total_requests, 0);
  return (
    <Loaded of={providers} failed="The providers could not be read." waiting={<Skeleton height={92} />}>
      {({ providers: all }) => {
        const tiles = all.map((provider) => ({
          provider,
          row: rows.find(({ id }) => id === provider.name),
          state: stateOf(health.get(provider.name), troubles.get(provider.name), errorOf(provider)),
        }));
        const sorted = tiles.toSorted((one, other) => rank(other) - rank(one));
        return (
          <section class="stack" aria-label="Providers">
            <div class="home-strip">
              {sorted.slice(0, MOST).map(({ provider, row, state }) => (
                <ProviderTile key={provider.name} name={provider.name} state={state} row={row} total={total} />
              ))}
            </div>
            {all.length > MOST && <a href="/providers">All {all.length} providers</a>}
          </section>
        );
      }}
    </Loaded>
  );
}

interface Tile {
  readonly state: ProviderState;
  readonly row: RankingRow | undefined;
}

/** Those in trouble come first, then those with most traffic. */
function rank({ state, row }: Tile): number {
  const trouble = { bad: 2, warn: 2, off: 0, good: 0 }[state.tone];
  return trouble * 1e12 + (row?.total_requests ?? 0);
}

/** Why it cannot be used at all: not even one of its keys. */
function errorOf({ provider_status, description, keys }: ConfiguredProvider): string {
  const isKeyless = keys.length === 0;
  if (provider_status !== "error" && (isKeyless || keys.some(({ status }) => status !== "error"))) return "";
  const told = description || (keys.find(({ status }) => status === "error")?.description ?? "");
  return told === "" ? "it cannot be used" : told;
}

interface TileFacts {
  readonly name: string;
  readonly state: ProviderState;
  readonly row: RankingRow | undefined;
  readonly total: number;
}

function ProviderTile({ name, state, row, total }: TileFacts) {
  const share = total === 0 ? null : (row?.total_requests ?? 0) / total;
  return (
    <a
      class={`home-tile ${state.tone}`}
      href={`/providers/${encodeURIComponent(name)}`}
      data-testid={`provider-${name}`}
      data-tone={state.tone}
    >
      <span class="row apart">
        <span class="strong clip">{name}</span>
        <StatusDot tone={state.tone}>{state.word}</StatusDot>
      </span>
      <span class="row soft small home-tile-facts">
        <span>
          <Percent of={share} /> of traffic
        </span>
        <span>
          <Percent of={row === undefined || row.total_requests === 0 ? null : row.error_count / row.total_requests} />{" "}
          errors
        </span>
        <span>
          p95 <Duration ms={row === undefined || row.total_requests === 0 ? null : row.p95_latency} />
        </span>
      </span>
      {state.reason !== "" && (
        <span class="small home-tile-reason">
          {state.reason}
          {state.since !== null && (
            <>
              , since <Time at={state.since} />
            </>
          )}
        </span>
      )}
    </a>
  );
}
