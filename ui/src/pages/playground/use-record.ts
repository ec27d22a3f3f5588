// The record of a request that has just ended: it is written within a quarter of a second, so it is asked for a few times.
import { useEffect, useState } from "preact/hooks";
import type { LogRow } from "../../../../src/core/stores.ts";
import { get } from "../../api/client.ts";
import { type Answer, isRunning } from "./conversation.ts";

/** Waits before each try, ms. */
const WAITS = [200, 200, 300, 500, 1000, 2000];

/** `waiting`; the record; or `none`: requests are not logged, or it was dropped. */
export type FoundRecord = LogRow | "waiting" | "none";

export function useRecord(answer: Answer): FoundRecord {
  const [found, setFound] = useState<FoundRecord>("waiting");
  const { ownId } = answer;
  const isDue = !isRunning(answer) && answer.error?.status !== 0;
  useEffect(() => {
    if (!isDue) return;
    const abort = new AbortController();
    void look(ownId, abort.signal).then((record) => {
      if (!abort.signal.aborted) setFound(record ?? "none");
    });
    return () => abort.abort();
  }, [isDue, ownId]);
  return found;
}

async function look(ownId: string, signal: AbortSignal): Promise<LogRow | null> {
  // by the id that went along: it is known even of what was stopped before it was answered, and asking early is no error
  const path = `/api/logs?limit=1&period=1h&client_request_id=${encodeURIComponent(ownId)}`;
  for (const wait of WAITS) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (signal.aborted) return null;
    const page = await get<{ readonly logs: readonly LogRow[] }>(path, { signal }).catch(() => null);
    const [record] = page?.logs ?? [];
    if (record !== undefined) return record;
  }
  return null;
}
