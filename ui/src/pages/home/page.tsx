// Home: is it working, and what does it cost? Before the first request: how to send it.
import { useEffect, useState } from "preact/hooks";
import type { LogPage } from "../../../../src/core/stores.ts";
import { configVersion, liveGaps } from "../../api/live-store.ts";
import { useLive } from "../../api/live-stream.ts";
import { refresh, useResource } from "../../api/resource.ts";
import { Curtain } from "../../parts/curtain.tsx";
import { LiveBadge } from "../../parts/live-badge.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Page as Layout } from "../../parts/page.tsx";
import { Note } from "../../parts/status.tsx";
import { Overview } from "./overview.tsx";
import "./page.css";
import { StartCard } from "./start-card.tsx";
import type { UiState } from "./types.ts";

const EVERY = 15_000;

export function Page() {
  useLive();
  useChanges();
  const last = useResource<LogPage>("/api/logs?limit=10&fields=summary", { every: EVERY });
  const state = useResource<UiState>("/api/ui/state", { every: EVERY });
  // once shown, the first steps stay until the reader has seen enough of them
  const [isStarting, setStarting] = useState<boolean | null>(null);
  const isFirst = isBeforeTraffic(last.data, state.data);
  useEffect(() => {
    if (isStarting === null && isFirst !== null) setStarting(isFirst);
  }, [isFirst]);
  const isStart = isStarting ?? isFirst ?? false;
  return (
    <Layout
      title="Home"
      lead={isStart ? "The gateway is running. Send a first request through it." : undefined}
      actions={<LiveBadge />}
    >
      <Loaded of={state} failed="The state of the gateway could not be read.">
        {(known) => (
          <Loaded of={last} failed="The requests could not be read.">
            {() =>
              isStart ? (
                <StartCard state={known} onDone={() => setStarting(false)} onAnswered={() => void last.reload()} />
              ) : (
                <>
                  {!known.logging && (
                    <Note action={<a href="/settings">Open the settings</a>}>
                      Requests are not logged here: figures and spenders stay empty, what runs now is shown.
                    </Note>
                  )}
                  <Curtain>
                    <Overview state={known} last={last} />
                  </Curtain>
                </>
              )
            }
          </Loaded>
        )}
      </Loaded>
    </Layout>
  );
}

/** Null: not known yet. A gateway that logs nothing has no first request; there a provider decides. */
function isBeforeTraffic(last: LogPage | undefined, state: UiState | undefined): boolean | null {
  if (last === undefined || state === undefined) return null;
  return state.logging ? !last.has_logs : state.configured_providers === 0;
}

/** What the stream tells to be different is asked for anew. */
function useChanges(): void {
  const version = configVersion.value;
  const gaps = liveGaps.value;
  useEffect(() => {
    if (version === 0) return;
    void refresh("/api/providers");
    void refresh("/api/ui/state");
  }, [version]);
  useEffect(() => {
    if (gaps > 0) void refresh("/api/logs");
  }, [gaps]);
}
