// One request as it is known: told live while it runs, then its record from the log.
import { useEffect, useState } from "preact/hooks";
import type { LogRow } from "../../../../src/core/stores.ts";
import { get } from "../../api/client.ts";
import { type ApiError, toApiError } from "../../api/errors.ts";
import { liveRequests } from "../../api/live-store.ts";
import { type RequestRow, rowOf } from "./rows.ts";

export interface KnownRequest {
  /** As the list shows it; null: it is not in the list and was not told live. */
  readonly row: RequestRow | null;
  /** Null: it is under way, or not read yet. */
  readonly record: LogRow | null;
  readonly error: ApiError | null;
  reload(): void;
}

/** A row is written within a quarter of a second of the answer: ms between tries, and how many of them. */
const AGAIN = 200;
const TRIES = 12;

export function useRecord(id: string, listed: RequestRow | null): KnownRequest {
  const told = liveRequests.value.find((one) => one.id === id);
  const row = listed ?? (told === undefined ? null : rowOf(told));
  const [round, setRound] = useState(0);
  const [found, setFound] = useState<{
    readonly id: string;
    readonly record: LogRow | null;
    readonly error: ApiError | null;
  } | null>(null);
  const isRunning = row?.status === "processing";

  useEffect(() => {
    if (isRunning) return;
    const abort = new AbortController();
    void readRecord(id, abort.signal).then((read) => {
      if (!abort.signal.aborted) setFound({ id, ...read });
    });
    return () => abort.abort();
  }, [id, isRunning, round]);

  const mine = found?.id === id ? found : null;
  return {
    row,
    record: mine?.record ?? null,
    error: mine?.error ?? null,
    reload() {
      setFound(null);
      setRound(round + 1);
    },
  };
}

async function readRecord(
  id: string,
  signal: AbortSignal,
): Promise<{ readonly record: LogRow | null; readonly error: ApiError | null }> {
  for (let tries = 1; ; tries++) {
    try {
      return { record: await get<LogRow>(`/api/logs/${encodeURIComponent(id)}`, { signal }), error: null };
    } catch (failure) {
      const error = toApiError(failure);
      if (signal.aborted || error.status !== 404 || tries >= TRIES) return { record: null, error };
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
}
