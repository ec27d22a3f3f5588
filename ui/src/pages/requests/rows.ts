// The rows of the list: one form for what the log tells and for what is told live, and the bounded list of them.
import type { LiveAttempt, LiveRequest } from "../../../../src/core/live.ts";
import type { LogRow } from "../../../../src/core/stores.ts";

/** A request as the list shows it. */
export interface RequestRow {
  readonly id: string;
  /** Unix ms. */
  readonly at: number;
  readonly object: string;
  readonly stream: boolean;
  readonly requestedModel: string;
  readonly provider: string;
  readonly model: string;
  readonly status: "processing" | "success" | "error" | "cancelled";
  readonly statusCode: number | null;
  readonly latency: number | null;
  readonly timeToFirstToken: number | null;
  readonly totalTokens: number | null;
  readonly cost: number | null;
  readonly virtualKeyId: string | null;
  readonly virtualKeyName: string | null;
  readonly userId: string | null;
  readonly app: string | null;
  readonly error: string | null;
  readonly attempts: readonly LiveAttempt[];
}

/** A row of GET /api/logs?fields=summary. */
export type SummaryRow = Pick<
  LogRow,
  | "id"
  | "timestamp"
  | "object"
  | "stream"
  | "provider"
  | "model"
  | "requested_model"
  | "status_code"
  | "time_to_first_token"
  | "cost"
  | "virtual_key_id"
  | "virtual_key_name"
  | "user_id"
  | "app"
> & {
  readonly status: RequestRow["status"];
  readonly latency: number | null;
  readonly total_tokens: number | null;
  readonly error_message: string | null;
  readonly attempts: readonly LiveAttempt[];
};

/** So many rows are kept together, at most; what is older is gone to by a range of time. */
export const MOST_ROWS = 1_600;
/** So many new ones wait at most. */
export const MOST_HELD = 400;

export function rowOf(row: SummaryRow | LiveRequest): RequestRow {
  return {
    id: row.id,
    at: Date.parse(row.timestamp),
    object: row.object,
    stream: row.stream,
    requestedModel: row.requested_model,
    provider: row.provider,
    model: row.model,
    status: row.status,
    statusCode: row.status_code,
    latency: row.latency,
    timeToFirstToken: row.time_to_first_token,
    totalTokens: row.total_tokens,
    cost: row.cost,
    virtualKeyId: row.virtual_key_id,
    virtualKeyName: row.virtual_key_name,
    userId: row.user_id,
    app: row.app,
    error: row.error_message,
    attempts: row.attempts,
  };
}

/** What a request cost, or why that is not told. */
export type CostState = "known" | "unknown price" | "running" | "nothing used";

/** A request that used nothing has no cost; one that used something nobody has a price for has an unknown one. */
export function costState({
  cost,
  status,
  totalTokens,
}: Pick<RequestRow, "cost" | "status" | "totalTokens">): CostState {
  const isUsed = status === "success" || (totalTokens ?? 0) > 0;
  if (cost !== null) return cost === 0 && !isUsed ? "nothing used" : "known";
  if (status === "processing") return "running";
  return isUsed ? "unknown price" : "nothing used";
}

/** The newest first; of the same moment the later id first. */
function compare(a: RequestRow, b: RequestRow): number {
  return b.at - a.at || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

/** What is shown, and what waits until nobody is looking closely. */
export interface ListState {
  readonly rows: readonly RequestRow[];
  /** New rows that are not shown yet. */
  readonly held: readonly RequestRow[];
  /** More came than can wait: what is shown does not reach up to what waits. */
  readonly hasGap: boolean;
}

export const EMPTY_LIST: ListState = { rows: [], held: [], hasGap: false };

/**
 * Takes rows in. A row that is there is changed in its place; a new one stands where its time says, or, where it is newer than the
 * first one and the list is `paused`, waits. Of too many the oldest are let go.
 */
export function takeRows(state: ListState, news: readonly RequestRow[], paused: boolean): ListState {
  if (news.length === 0) return state;
  const byId = new Map(news.map((row) => [row.id, row]));
  const change = (row: RequestRow): RequestRow => {
    const newer = byId.get(row.id);
    if (newer === undefined) return row;
    byId.delete(row.id);
    return newerOf(row, newer);
  };
  const rows = state.rows.map(change);
  const held = state.held.map(change);
  const added = [...byId.values()].sort(compare);
  if (added.length === 0) return { ...state, rows, held };
  const first = rows[0];
  const waits = (row: RequestRow): boolean => paused && first !== undefined && compare(row, first) < 0;
  const waiting = merge(held, added.filter(waits));
  return {
    rows: merge(
      rows,
      added.filter((row) => !waits(row)),
    ).slice(0, MOST_ROWS),
    held: waiting.slice(0, MOST_HELD),
    hasGap: state.hasGap || waiting.length > MOST_HELD,
  };
}

/** Shows what waited; where more came than could wait, that alone: the rows before would stand beside it with a gap between. */
export function showHeld({ rows, held, hasGap }: ListState): ListState {
  if (held.length === 0) return { rows, held, hasGap: false };
  return { rows: hasGap ? held : merge(rows, held).slice(0, MOST_ROWS), held: [], hasGap: false };
}

export function withoutRows({ rows, held, hasGap }: ListState, ids: ReadonlySet<string>): ListState {
  const isKept = ({ id }: RequestRow): boolean => !ids.has(id);
  return { rows: rows.filter(isKept), held: held.filter(isKept), hasGap };
}

/** What has ended does not begin again. */
function newerOf(before: RequestRow, after: RequestRow): RequestRow {
  return before.status !== "processing" && after.status === "processing" ? before : after;
}

/** Two sorted lists as one. */
function merge(rows: readonly RequestRow[], added: readonly RequestRow[]): readonly RequestRow[] {
  if (added.length === 0) return rows;
  const last = added.at(-1) as RequestRow;
  if (rows[0] === undefined || compare(last, rows[0]) < 0) return [...added, ...rows];
  return [...rows, ...added].sort(compare);
}
