// GET /api/logs and what belongs to single rows: pages, one row, stats, sessions. With it every route of the query plane.
import { GatewayError } from "../core/errors.ts";
import type { LogPage, LogQuery } from "../core/stores.ts";
import type { PlaneAnswer } from "../lib/channel/bridge-responder.ts";
import { jsonAnswer } from "./answers.ts";
import { chartRoutes } from "./log-charts.ts";
import { dashboardRoute } from "./log-dashboard.ts";
import { exportRoute } from "./log-export.ts";
import { filterDataRoute } from "./log-filterdata.ts";
import { shown } from "./log-parameters.ts";
import { type LogView, readLogQuery } from "./log-query.ts";
import { rankingRoutes } from "./log-rankings.ts";
import { sessionLogRoutes } from "./log-sessions.ts";
import { attemptRows, requestOfAttempt, summaryRow, wholeRow } from "./log-shape.ts";
import { ask, type LogDesk, type LogSource, NO_SUMS, pageStats, wholeStats, withNotes } from "./log-source.ts";
import type { Route } from "./router.ts";

/** Named routes stand before the one that takes any id. */
export function logRoutes(source: LogSource, now: () => number): Route[] {
  const desk: LogDesk = { source, now };
  return [
    {
      method: "GET",
      path: "/api/logs",
      demands: "read",
      handle: (request) => {
        const { query, view, warnings } = readLogQuery(request.query, now());
        const page = readPage(source, query, view);
        return jsonAnswer(withNotes({ ...page, logs: showRows(page, view) }, source, warnings));
      },
    },
    {
      method: "GET",
      path: "/api/logs/stats",
      demands: "read",
      handle: (request) => {
        const { query, warnings } = readLogQuery(request.query, now());
        const sums = ask(source, (reader) => reader.sums(query), NO_SUMS);
        return jsonAnswer(withNotes(wholeStats(sums), source, warnings));
      },
    },
    ...chartRoutes(desk),
    ...rankingRoutes(desk),
    ...sessionLogRoutes(desk),
    filterDataRoute(desk),
    dashboardRoute(desk),
    exportRoute(desk),
    {
      method: "GET",
      path: "/api/logs/{id}",
      demands: "read",
      handle: (_request, { id = "" }) => rowAnswer(source, id),
    },
  ];
}

/** A page of rows; without a store an empty one. */
export function readPage(source: LogSource, query: LogQuery, view: LogView): LogPage {
  if (view.attempts === "rows" && view.parent !== null) return parentPage(source, query, view.parent);
  const isLight = view.fields === "summary" && view.attempts === "inside";
  return ask(source, (reader) => reader.list(isLight ? { ...query, light: true } : query), emptyPage(query));
}

/** What belongs to one request is found by its id. */
function parentPage(source: LogSource, query: LogQuery, parent: string): LogPage {
  const row = ask(source, (reader) => reader.get(parent), null);
  const page = emptyPage(query);
  if (row === null) return page;
  return { ...page, logs: [row], pagination: { ...page.pagination, total_count: 1 }, has_logs: true };
}

/** The rows of a page as they were asked for. */
export function showRows(page: LogPage, view: LogView): object[] {
  const show = view.fields === "summary" ? summaryRow : wholeRow;
  if (view.attempts === "inside") return page.logs.map((row) => show(row));
  const rows = page.logs.flatMap(attemptRows);
  return rows.filter((row) => belongs(row.parent_request_id, view)).map((row) => show(row));
}

function belongs(parent: string | null, view: LogView): boolean {
  return (view.parent === null || view.parent === parent) && !(view.rootsOnly && parent !== null);
}

function rowAnswer(source: LogSource, id: string): PlaneAnswer {
  const row = ask(source, (reader) => reader.get(id), null);
  if (row !== null) return jsonAnswer(wholeRow(row));
  const attempt = attemptAnswer(source, id);
  if (attempt !== null) return attempt;
  const why = source.type === "off" ? source.reason : "rows appear within a quarter of a second of the answer";
  throw new GatewayError("not_found", `no request with the id '${shown(id)}' is in the log; ${why}`);
}

/** A row that only `attempts=rows` shows. */
function attemptAnswer(source: LogSource, id: string): PlaneAnswer | null {
  const requestId = requestOfAttempt(id);
  if (requestId === null) return null;
  const row = ask(source, (reader) => reader.get(requestId), null);
  const found = row === null ? undefined : attemptRows(row).find((attempt) => attempt.id === id);
  return found === undefined ? null : jsonAnswer(wholeRow(found));
}

function emptyPage(query: LogQuery): LogPage {
  return {
    logs: [],
    pagination: {
      limit: query.limit,
      offset: query.offset,
      sort_by: query.sortBy,
      order: query.order,
      total_count: 0,
      total_count_at_least: null,
      searched_until: null,
      next: null,
    },
    stats: pageStats(NO_SUMS),
    has_logs: false,
  };
}
