// How the providers do: shares, errors and latency of the last day from the log, calls under way and rests from the live stream.

import type { LiveProviderHealth } from "../../../../src/core/live.ts";
import { liveHealth, liveRequests } from "../../api/live-store.ts";
import { useResource } from "../../api/resource.ts";
import { type Doing, doing } from "./doing.ts";
import type { Ranking, Rankings } from "./types.ts";

const EVERY = 15_000;

export interface Stats {
  /** By provider; absent = no request in the last day. */
  readonly providers: ReadonlyMap<string, Ranking>;
  /** By the id of a provider key. */
  readonly keys: ReadonlyMap<string, Ranking>;
  /** All requests that reached a provider. */
  readonly total: number;
  readonly doing: Doing;
  readonly health: ReadonlyMap<string, LiveProviderHealth>;
  /** The figures of the log could not be read: the page shows the rest. */
  readonly isPartial: boolean;
}

function path(dimension: string): string {
  return `/api/logs/rankings/by-dimension?dimension=${dimension}&period=24h&limit=1000`;
}

export function useStats(): Stats {
  const providers = useResource<Rankings>(path("provider"), { every: EVERY });
  const keys = useResource<Rankings>(path("selected_key"), { every: EVERY });
  const rows = (providers.data?.rankings ?? []).filter(({ id }) => id !== "");
  return {
    providers: new Map(rows.map((row) => [row.id, row])),
    keys: new Map((keys.data?.rankings ?? []).map((row) => [row.id, row])),
    total: rows.reduce((sum, row) => sum + row.total_requests, 0),
    doing: doing(liveRequests.value),
    health: liveHealth.value,
    isPartial: providers.error !== null || keys.error !== null,
  };
}
