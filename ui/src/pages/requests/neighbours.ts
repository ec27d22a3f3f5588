// The requests before and after one that is not in the list: asked for at the log by its time.
import { useEffect, useState } from "preact/hooks";
import { get } from "../../api/client.ts";
import type { SummaryPage } from "./request-list.ts";

export interface Neighbours {
  readonly newer: string | null;
  readonly older: string | null;
}

const NONE: Neighbours = { newer: null, older: null };
/** Requests of the same moment stand in no order that is known here. */
const SAME_MOMENT = 20;

/** `at`: when it was accepted, Unix ms; null: they are not wanted. */
export function useNeighbours(id: string, at: number | null): Neighbours {
  const [found, setFound] = useState<Neighbours>(NONE);
  useEffect(() => {
    setFound(NONE);
    if (at === null) return;
    const abort = new AbortController();
    const time = new Date(at).toISOString();
    const beside = async (query: string): Promise<string | null> => {
      const path = `/api/logs?fields=summary&limit=${SAME_MOMENT}&${query}`;
      const page = await get<SummaryPage>(path, { signal: abort.signal });
      const ids = page.logs.map((row) => row.id);
      return ids[ids.indexOf(id) + 1] ?? null;
    };
    Promise.all([beside(`order=asc&start_time=${time}`), beside(`order=desc&end_time=${time}`)]).then(
      ([newer, older]) => setFound({ newer: newer ?? null, older: older ?? null }),
      () => {},
    );
    return () => abort.abort();
  }, [id, at]);
  return found;
}
