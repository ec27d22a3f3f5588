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
  const { requestId, ownId } = answer;
  const isDue = !isRunning(answer) && answer.error?.status !== 0;
  useEffect(() => {
    if (!isDue) return;
    const abort = new AbortController();
    void look(requestId, ownId, abort.signal).then((record) => {
      if (!abort.signal.aborted) setFound(record ?? "none");
    });
    return () => abort.abort();
  }, [isDue, requestId, ownId]);
  return found;
}

async function look(id: string | null, ownId: string, signal: AbortSignal): Promise<LogRow | null> {
  for (const wait of WAITS) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (signal.aborted) return null;
    const record = await readOnce(id, ownId, signal).catch(() => null);
    if (record !== null) return record;
  }
  return null;
}

/** A request that was stopped before it was answered is known by the caller's own id alone. */
async function readOnce(id: string | null, ownId: string, signal: AbortSignal): Promise<LogRow | null> {
  if (id !== null) return await get<LogRow>(`/api/logs/${encodeURIComponent(id)}`, { signal });
  const path = `/api/logs?limit=1&client_request_id=${encodeURIComponent(ownId)}`;
  const { logs } = await get<{ readonly logs: readonly LogRow[] }>(path, { signal });
  return logs[0] ?? null;
}
