// GET /api/logs/sessions/{sid}: the requests of one conversation, and what they sum up to.
import type { LogQuery } from "../core/stores.ts";
import type { PlaneRequest } from "../lib/channel/bridge-responder.ts";
import { jsonAnswer } from "./answers.ts";
import { readLogQuery } from "./log-query.ts";
import { summaryRow, wholeRow } from "./log-shape.ts";
import { ask, costOf, type LogDesk, NO_SUMS, withNotes } from "./log-source.ts";
import type { Route } from "./router.ts";

export function sessionLogRoutes(desk: LogDesk): Route[] {
  return [
    {
      method: "GET",
      path: "/api/logs/sessions/{sid}",
      demands: "read",
      handle: (request, { sid = "" }) => rowsAnswer(desk, request, sid),
    },
    {
      method: "GET",
      path: "/api/logs/sessions/{sid}/summary",
      demands: "read",
      handle: (request, { sid = "" }) => summaryAnswer(desk, request, sid),
    },
  ];
}

/** A conversation is read from its beginning on, unless `order` says otherwise. */
function readSession(desk: LogDesk, request: PlaneRequest, sid: string) {
  const { query, view, warnings } = readLogQuery(request.query, desk.now());
  const order = request.query.has("order") ? query.order : "asc";
  return { query: { ...query, sessionIds: [sid], order } satisfies LogQuery, view, warnings };
}

function rowsAnswer(desk: LogDesk, request: PlaneRequest, sid: string) {
  const { query, view, warnings } = readSession(desk, request, sid);
  const page = ask(desk.source, (reader) => reader.list(query), null);
  const count = page?.pagination.total_count ?? 0;
  const logs = page?.logs.map((row) => (view.fields === "summary" ? summaryRow(row) : wholeRow(row))) ?? [];
  const { limit, offset, sortBy: sort_by, order } = query;
  const pagination = page?.pagination ?? { limit, offset, sort_by, order, total_count: 0, next: null };
  // with a cursor the offset says nothing
  const hasMore = query.after === undefined ? offset + logs.length < count : pagination.next !== null;
  const answer = { session_id: sid, logs, pagination, count, returned_count: logs.length, has_more: hasMore };
  return jsonAnswer(withNotes(answer, desk.source, warnings));
}

function summaryAnswer(desk: LogDesk, request: PlaneRequest, sid: string) {
  const { query, warnings } = readSession(desk, request, sid);
  const sums = ask(desk.source, (reader) => reader.sums(query), NO_SUMS);
  const [started, latest] = (["asc", "desc"] as const).map((order) => timeOfFirst(desk, { ...query, order }));
  const answer = {
    session_id: sid,
    count: sums.requests,
    total_cost: costOf(sums),
    total_tokens: sums.totalTokens,
    started_at: started ?? null,
    latest_at: latest ?? null,
    duration_ms: started && latest ? Date.parse(latest) - Date.parse(started) : 0,
    unpriced_requests: sums.unpriced,
  };
  return jsonAnswer(withNotes(answer, desk.source, warnings));
}

function timeOfFirst({ source }: LogDesk, query: LogQuery): string | undefined {
  const one: LogQuery = {
    ...query,
    sortBy: "timestamp",
    limit: 1,
    offset: 0,
    after: undefined,
    rowsOnly: true,
    light: true,
  };
  return ask(source, (reader) => reader.list(one), null)?.logs[0]?.timestamp;
}
