// The maths of the route timeline: from one record to lanes with segments on a common axis.
import type { LogAttempt } from "../../../src/core/stores.ts";

/** How a lane ended. */
export type LaneEnd = "ok" | "failed" | "abandoned" | "running";

export interface Segment {
  /** `gap`: waiting before the next try; `own`: the gateway's own work. */
  readonly kind: "connect" | "wait" | "stream" | "gap" | "own";
  /** ms since accept. */
  readonly from: number;
  readonly to: number;
  /** `connect`, `waiting for the first byte`… */
  readonly words: string;
}

export interface Lane {
  readonly id: string;
  /** `identify`, or `openai`. */
  readonly name: string;
  /** Below the name: key and number of the try. */
  readonly note: string;
  readonly isAttempt: boolean;
  readonly end: LaneEnd;
  readonly segments: readonly Segment[];
  /** At its end: `503 overloaded · retry in 100 ms`. */
  readonly reason: string;
}

export interface TimelineData {
  readonly lanes: readonly Lane[];
  /** End of the axis, ms. */
  readonly total: number;
  readonly ticks: readonly number[];
}

/** What is known of the route of a request; a live one has attempts that have not ended. */
export interface RouteFacts {
  /** ms from accept to the last byte; null = it runs. */
  readonly latency: number | null;
  /** Now, ms since accept: where it runs, bars reach to here. */
  readonly elapsed?: number;
  /** µs that the gateway itself took; null = not known. */
  readonly overheadUs: number | null;
  /** Phases before the first attempt, by name in the order of the corridor; an entry a lane. */
  readonly phases?: readonly {
    readonly name: string;
    readonly from: number;
    readonly to: number;
    readonly note?: string;
  }[];
  readonly attempts: readonly (Pick<
    LogAttempt,
    | "provider"
    | "model"
    | "key"
    | "fallback_index"
    | "status"
    | "outcome"
    | "error"
    | "reason"
    | "start"
    | "first_byte"
    | "end"
  > &
    Partial<Pick<LogAttempt, "connected" | "first_token">>)[];
  /** The client was gone, or the request was given up. */
  readonly isCancelled?: boolean;
}

const WORDS = {
  connect: "connect",
  wait: "wait for the first byte",
  stream: "stream",
  gap: "wait before the next try",
} as const;
/** The lanes of the corridor when the record does not tell them apart. */
const CORRIDOR = "identify, admit, plan";

/** Lanes in the order of the corridor: what came before, an attempt each, the relay. */
export function timelineOf(route: RouteFacts): TimelineData {
  const last = Math.max(route.latency ?? 0, route.elapsed ?? 0, ...route.attempts.map((one) => one.end ?? one.start));
  const total = Math.max(last, 0.001);
  const lanes = [...phaseLanes(route), ...route.attempts.map((_, index) => attemptLane(route, index, total))];
  const relay = relayLane(route, total);
  return { lanes: relay === null ? lanes : [...lanes, relay], total, ticks: ticksOf(total) };
}

function phaseLanes({ phases, attempts, overheadUs, latency }: RouteFacts): Lane[] {
  const first = attempts[0]?.start ?? latency ?? 0;
  const told = phases ?? [{ name: CORRIDOR, from: 0, to: first }];
  return told.map(({ name, from, to, note }) => ({
    id: `phase:${name}`,
    name,
    note: note ?? (phases === undefined && overheadUs !== null ? `gateway ${overheadUs} µs in all` : ""),
    isAttempt: false,
    end: "ok",
    segments: [{ kind: "own", from, to, words: name }],
    reason: "",
  }));
}

function attemptLane(route: RouteFacts, index: number, total: number): Lane {
  const attempt = route.attempts[index] as RouteFacts["attempts"][number];
  const before = route.attempts[index - 1];
  const gap =
    before?.end !== undefined && before.end !== null && attempt.start - before.end > total / 1000 ? before.end : null;
  const head: Segment[] = gap === null ? [] : [{ kind: "gap", from: gap, to: attempt.start, words: WORDS.gap }];
  const end = laneEnd(route, attempt);
  return {
    id: `attempt:${index}`,
    name: attempt.provider,
    note: [attempt.model, attempt.key, `try ${index + 1}`].filter((word) => word !== "").join(" · "),
    isAttempt: true,
    end,
    segments: [...head, ...attemptSegments(attempt, total)],
    reason: reasonOf(route, index, end),
  };
}

function attemptSegments(attempt: RouteFacts["attempts"][number], total: number): Segment[] {
  const end = attempt.end ?? total;
  const segments: Segment[] = [];
  let at = attempt.start;
  const add = (kind: "connect" | "wait" | "stream", to: number | null | undefined): void => {
    if (to === null || to === undefined || to < at) return;
    const bounded = Math.min(to, end);
    if (bounded > at) segments.push({ kind, from: at, to: bounded, words: WORDS[kind] });
    at = bounded;
  };
  add("connect", attempt.connected);
  add("wait", attempt.first_byte ?? end);
  add("stream", end);
  return segments.length > 0 ? segments : [{ kind: "wait", from: attempt.start, to: end, words: WORDS.wait }];
}

function laneEnd({ isCancelled }: RouteFacts, attempt: RouteFacts["attempts"][number]): LaneEnd {
  if (attempt.outcome === "cancelled") return "abandoned";
  if (attempt.outcome !== "") return "failed";
  if (attempt.end === null) return isCancelled === true ? "abandoned" : "running";
  return "ok";
}

/** How it ended, and when the next one began. */
function reasonOf({ attempts }: RouteFacts, index: number, end: LaneEnd): string {
  const attempt = attempts[index] as RouteFacts["attempts"][number];
  if (end === "running") return "under way";
  const how = end === "ok" ? String(attempt.status ?? "answered") : failure(attempt);
  const next = attempts[index + 1];
  if (next === undefined || end === "ok") return how;
  const pause = attempt.end === null ? 0 : Math.round(next.start - attempt.end);
  const kind = next.provider === attempt.provider ? "retry" : `on to ${next.provider}`;
  return pause >= 1 ? `${how} · ${kind} in ${pause} ms` : `${how} · ${kind} at once`;
}

function failure({ status, outcome }: RouteFacts["attempts"][number]): string {
  const words = outcome.replaceAll(/[_-]/g, " ");
  return status === null ? words : `${status} ${words}`;
}

/** From the first byte of the answer that the client got to its last. */
function relayLane({ attempts, latency }: RouteFacts, total: number): Lane | null {
  const answered = attempts.findLast((attempt) => attempt.outcome === "" && attempt.first_byte !== null);
  if (answered === undefined) return null;
  const from = answered.first_token ?? answered.first_byte ?? answered.start;
  return {
    id: "relay",
    name: "relay",
    note: "to the client",
    isAttempt: false,
    end: latency === null ? "running" : "ok",
    segments: [{ kind: "own", from, to: latency ?? total, words: "bytes to the client" }],
    reason: "",
  };
}

/** Round numbers from 0 up to the end, four to six of them. */
export function ticksOf(total: number): number[] {
  const rough = total / 4;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * size >= rough) ?? 10) * size;
  const count = Math.floor(total / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}
