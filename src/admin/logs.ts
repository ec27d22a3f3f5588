// GET /api/logs: the record of every request, its filters, single rows and totals. Answered by the query plane.
import { GatewayError } from "../core/errors.ts";
import { type LogPage, type LogQuery, type LogReader, type LogStats, StoreRefusedError } from "../core/stores.ts";
import type { PlaneAnswer } from "../lib/channel/bridge-responder.ts";
import { jsonAnswer } from "./answers.ts";
import { readLogQuery } from "./log-query.ts";
import type { Route } from "./router.ts";

/** Where rows come from; without a store, why there is none. */
export type LogSource =
  | { readonly type: "store"; readonly reader: LogReader }
  | { readonly type: "off"; readonly reason: string };

const NO_STATS: LogStats = {
  total_requests: 0,
  success_rate: 0,
  user_facing_success_rate: 0,
  user_facing_total_requests: 0,
  average_latency: 0,
  total_tokens: 0,
  prompt_tokens: 0,
  completion_tokens: 0,
  total_cost: 0,
  unpriced_requests: 0,
  cache_hit_rate_total_requests: 0,
  direct_cache_hits: 0,
  semantic_cache_hits: 0,
};

export function logRoutes(source: LogSource, now: () => number): Route[] {
  return [
    {
      method: "GET",
      path: "/api/logs",
      demands: "read",
      handle: (request) => {
        const { query, warnings } = readLogQuery(request.query, now());
        return pageAnswer(source, query, warnings);
      },
    },
    {
      method: "GET",
      path: "/api/logs/stats",
      demands: "read",
      handle: (request) => {
        const { query } = readLogQuery(request.query, now());
        return jsonAnswer(
          source.type === "off" ? NO_STATS : read(() => source.reader.list({ ...query, limit: 1, offset: 0 })).stats,
        );
      },
    },
    {
      method: "GET",
      path: "/api/logs/{id}",
      demands: "read",
      handle: (_request, { id = "" }) => rowAnswer(source, id),
    },
  ];
}

function pageAnswer(source: LogSource, query: LogQuery, warnings: readonly string[]): PlaneAnswer {
  const page = source.type === "off" ? emptyPage(query) : read(() => source.reader.list(query));
  const notes = source.type === "off" ? [source.reason, ...warnings] : warnings;
  return jsonAnswer(notes.length === 0 ? page : { ...page, warnings: notes });
}

function rowAnswer(source: LogSource, id: string): PlaneAnswer {
  const row = source.type === "off" ? null : read(() => source.reader.get(id));
  if (row !== null) return jsonAnswer(row);
  const why = source.type === "off" ? source.reason : "rows appear within a quarter of a second of the answer";
  throw new GatewayError("not_found", `no request with this id is in the log; ${why}`);
}

/** A store that cannot be read is no fault of the caller's, and no fault of ours to hide. */
function read<T>(query: () => T): T {
  try {
    return query();
  } catch (error) {
    if (!(error instanceof StoreRefusedError)) throw error;
    throw new GatewayError("control_plane_unavailable", `the request log cannot be read: ${error.message}`, {
      retryAfter: 5,
      cause: error,
    });
  }
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
      total_count_exact: true,
      next: null,
    },
    stats: NO_STATS,
    has_logs: false,
  };
}
