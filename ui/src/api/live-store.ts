// What the live stream told so far: requests, health, budgets; bounded, and drawn once a frame however much comes.
import { signal } from "@preact/signals";
import type { LiveBudget, LiveEvent, LiveProviderHealth, LiveRequest, LiveSummary } from "../../../src/core/live.ts";

/** So many requests are remembered; older ones are asked for at the log. */
export const MOST_LIVE = 2_000;

/** The newest first. */
export const liveRequests = signal<readonly LiveRequest[]>([]);
export const liveHealth = signal<ReadonlyMap<string, LiveProviderHealth>>(new Map());
export const liveBudgets = signal<ReadonlyMap<string, LiveBudget>>(new Map());
/** Set while requests are too many to be told one by one; null: they are told. */
export const liveSummary = signal<LiveSummary | null>(null);
/** Rises when events were lost: ask for what is shown anew. */
export const liveGaps = signal(0);
/** Rises with each change of the configuration. */
export const configVersion = signal(0);

/** `off`: nobody looks. `waiting`: it broke off and is tried again. `refused`: the gateway does not offer it to this reader. */
export type LiveState = "off" | "connecting" | "open" | "waiting" | "refused";
export const liveState = signal<LiveState>("off");

type Listener = (events: readonly LiveEvent[]) => void;
const listeners = new Set<Listener>();
const byId = new Map<string, LiveRequest>();
/** Rows in the order of their coming, the oldest first. */
let order: string[] = [];
let waiting: LiveEvent[] = [];
let isDue = false;

/** Calls back with each batch; the answer ends it. */
export function onLive(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Takes events of the stream; they are seen with the next frame. */
export function takeLive(events: readonly LiveEvent[]): void {
  if (events.length === 0) return;
  waiting.push(...events);
  if (isDue) return;
  isDue = true;
  // hidden tabs draw no frames, and still have to keep up
  if (document.visibilityState === "visible") requestAnimationFrame(flush);
  else window.setTimeout(flush, 250);
}

function flush(): void {
  isDue = false;
  const events = waiting;
  waiting = [];
  let hasRows = false;
  const health = new Map<string, LiveProviderHealth>();
  const budgets = new Map<string, LiveBudget>();
  for (const event of events) {
    switch (event.type) {
      case "requests.summary":
        liveSummary.value = event.summary;
        break;
      case "provider.health":
        health.set(event.health.provider, event.health);
        break;
      case "budget.changed":
        budgets.set(event.budget.budget_id, event.budget);
        break;
      case "config.changed":
        configVersion.value = event.version;
        break;
      case "gap":
        liveGaps.value++;
        break;
      default:
        hasRows = takeRequest(event.request) || hasRows;
    }
  }
  if (health.size > 0) liveHealth.value = new Map([...liveHealth.peek(), ...health]);
  if (budgets.size > 0) liveBudgets.value = new Map([...liveBudgets.peek(), ...budgets]);
  if (hasRows) showRows();
  for (const listener of listeners) listener(events);
}

function takeRequest(request: LiveRequest): boolean {
  const before = byId.get(request.id);
  // what has ended does not begin again: after a reconnect old events may come once more
  if (before !== undefined && before.status !== "processing" && request.status === "processing") return false;
  if (before === undefined) order.push(request.id);
  byId.set(request.id, request);
  liveSummary.value = null;
  return true;
}

function showRows(): void {
  if (order.length > MOST_LIVE) {
    const gone = order.slice(0, order.length - MOST_LIVE);
    order = order.slice(-MOST_LIVE);
    for (const id of gone) byId.delete(id);
  }
  const rows: LiveRequest[] = [];
  for (let index = order.length - 1; index >= 0; index--) {
    const row = byId.get(order[index] as string);
    if (row !== undefined) rows.push(row);
  }
  liveRequests.value = rows;
}
