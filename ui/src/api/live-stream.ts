// One stream of events for all tabs: the tab that holds the lock reads it and hands it to the others.
import { effect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { LiveEvent } from "../../../src/core/live.ts";
import { comebacks, lost, reached } from "./connection.ts";
import { type LiveState, liveState, takeLive } from "./live-store.ts";
import { SseReader } from "./sse.ts";

const NAME = "drawbridge-live";
const TOPICS = "requests,health,budgets,config";
const FIRST_WAIT = 400;
const LONGEST_WAIT = 10_000;
/** A page that is changed for another one does not end the stream between them, ms. */
const LINGER = 5_000;
/** ms without a byte after which the stream counts as dead; the gateway says something every 15 s. */
const SILENCE = 45_000;

type Told =
  | { readonly type: "events"; readonly events: readonly LiveEvent[]; readonly id: string }
  | { readonly type: "state"; readonly state: LiveState }
  | { readonly type: "hello" };

let users = 0;
let stop: (() => void) | null = null;
let lingering = 0;

/** Follows what happens while the component is shown; read the signals of live-store.ts. */
export function useLive(isOn = true): void {
  useEffect(() => {
    if (!isOn) return;
    window.clearTimeout(lingering);
    users++;
    stop ??= begin();
    return () => {
      users--;
      lingering = window.setTimeout(() => {
        if (users > 0 || stop === null) return;
        stop();
        stop = null;
      }, LINGER);
    };
  }, [isOn]);
}

/** Joins the other tabs; the answer leaves them. */
function begin(): () => void {
  const abort = new AbortController();
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(NAME) : null;
  const stream = { lastId: "", isLeader: false };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has none
  const tell = (told: Told): void => channel?.postMessage(told);
  const show = (state: LiveState): void => {
    liveState.value = state;
    if (stream.isLeader) tell({ type: "state", state });
  };
  channel?.addEventListener("message", ({ data }: MessageEvent<Told>) => {
    if (data.type === "events") {
      stream.lastId = data.id;
      takeLive(data.events);
    } else if (data.type === "state") liveState.value = data.state;
    else if (stream.isLeader) tell({ type: "state", state: liveState.peek() });
  });
  show("connecting");
  tell({ type: "hello" });
  const lead = async (): Promise<void> => {
    stream.isLeader = true;
    await readOn({
      signal: abort.signal,
      lastId: () => stream.lastId,
      onState: show,
      onEvents(events, id) {
        stream.lastId = id;
        takeLive(events);
        tell({ type: "events", events, id });
      },
    });
  };
  // pages that came by plain HTTP from another machine have no locks: each tab reads for itself
  const lock = navigator.locks as LockManager | undefined;
  if (lock === undefined || channel === null) void lead();
  else lock.request(NAME, { signal: abort.signal }, lead).catch(() => {});
  return () => {
    abort.abort();
    channel?.close();
    liveState.value = "off";
  };
}

interface Reading {
  readonly signal: AbortSignal;
  lastId(): string;
  onState(state: LiveState): void;
  onEvents(events: readonly LiveEvent[], id: string): void;
}

/** Reads until it is aborted or refused; what breaks off is begun again where it stood. */
async function readOn(reading: Reading): Promise<void> {
  for (let wait = FIRST_WAIT; !reading.signal.aborted; ) {
    const began = Date.now();
    const end = await readOnce(reading);
    if (reading.signal.aborted) return;
    if (end === "refused") return reading.onState("refused");
    reading.onState("waiting");
    if (Date.now() - began > SILENCE / 2) wait = FIRST_WAIT;
    // not all viewers at the same moment
    await pause(wait * (0.75 + Math.random() / 2), reading.signal);
    wait = Math.min(LONGEST_WAIT, wait * 1.8);
  }
}

async function readOnce({ signal, lastId, onState, onEvents }: Reading): Promise<"broken" | "refused"> {
  const abort = new AbortController();
  const give = () => abort.abort();
  signal.addEventListener("abort", give, { once: true });
  let silent = window.setTimeout(give, SILENCE);
  try {
    const since = lastId() === "" ? "" : `&since=${encodeURIComponent(lastId())}`;
    const answer = await fetch(`/api/events?topics=${TOPICS}${since}`, {
      headers: { accept: "text/event-stream" },
      credentials: "same-origin",
      cache: "no-store",
      signal: abort.signal,
    });
    if (!answer.ok || answer.body === null) return isFinal(answer.status) ? "refused" : "broken";
    reached();
    onState("open");
    const reader = new SseReader();
    const decoder = new TextDecoder();
    const bytes = answer.body.getReader();
    for (;;) {
      const { done, value } = await bytes.read();
      if (done) return "broken";
      window.clearTimeout(silent);
      silent = window.setTimeout(give, SILENCE);
      const frames = reader.push(decoder.decode(value, { stream: true }));
      const events = frames.flatMap((frame) => parse(frame.type, frame.data));
      if (events.length > 0) onEvents(events, frames.at(-1)?.id ?? lastId());
    }
  } catch {
    if (!signal.aborted) lost();
    return "broken";
  } finally {
    window.clearTimeout(silent);
    signal.removeEventListener("abort", give);
    abort.abort();
  }
}

/** Too many viewers and a starting gateway pass; a missing right or route does not. */
function isFinal(status: number): boolean {
  return status === 401 || status === 403 || status === 404 || status === 501;
}

function parse(type: string, data: string): LiveEvent[] {
  try {
    return [{ ...(JSON.parse(data) as object), type } as LiveEvent];
  } catch {
    return [];
  }
}

/** Ends early when the gateway is known to be back. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const seen = comebacks.peek();
    const timer = window.setTimeout(done, ms);
    const stopWatching = effect(() => {
      if (comebacks.value !== seen) window.setTimeout(done, 0);
    });
    signal.addEventListener("abort", done, { once: true });
    function done(): void {
      window.clearTimeout(timer);
      stopWatching();
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
