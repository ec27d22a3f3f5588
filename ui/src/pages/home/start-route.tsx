// The way that the first answer took, from its record.
import { useEffect, useState } from "preact/hooks";
import type { LogPage, LogRow } from "../../../../src/core/stores.ts";
import { get } from "../../api/client.ts";
import { Duration, Money, Tokens } from "../../parts/figures.tsx";
import { Timeline } from "../../parts/timeline.tsx";

/** A record is written within a quarter of a second of the answer: ms between tries, and how many of them. */
const AGAIN = 150;
const TRIES = 20;

export function AnswerRoute({ id }: { readonly id: string }) {
  const [row, setRow] = useState<LogRow | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    void readRow(id, abort.signal).then((read) => abort.signal.aborted || setRow(read));
    return () => abort.abort();
  }, [id]);
  if (row === null || row.id !== id) return null;
  return (
    <div class="stack" data-testid="first-route">
      <div class="row soft small home-facts">
        <span>
          Took <Duration ms={row.latency} />
        </span>
        <span>
          First token after <Duration ms={row.time_to_first_token} />
        </span>
        <span>
          <Tokens count={row.token_usage?.total_tokens ?? null} /> tokens
        </span>
        <span>
          Cost <Money usd={row.cost} />
        </span>
        <a href={`/requests/${encodeURIComponent(id)}`}>Open the request</a>
      </div>
      <Timeline
        route={{
          latency: row.latency,
          overheadUs: row.overhead_us,
          attempts: row.attempts,
          isCancelled: row.status === "cancelled",
        }}
      />
    </div>
  );
}

/** Read from the newest rows: one that is not written yet is no error there. */
async function readRow(id: string, signal: AbortSignal): Promise<LogRow | null> {
  for (let tries = 0; tries < TRIES && !signal.aborted; tries++) {
    const page = await get<LogPage>("/api/logs?limit=10", { signal }).catch(() => null);
    const row = page?.logs.find((one) => one.id === id);
    if (row !== undefined) return row;
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
  return null;
}
