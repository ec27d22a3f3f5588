// GET /api/logs/rankings: models, or the values of any dimension, by requests, tokens, cost or latency, against the period before.
import type { LogDimension, LogGroup, LogGroupQuery, LogQuery, LogSums } from "../core/stores.ts";
import type { PlaneRequest } from "../lib/channel/bridge-responder.ts";
import { jsonAnswer } from "./answers.ts";
import { readDimension } from "./log-dimensions.ts";
import { choice, wholeNumber } from "./log-parameters.ts";
import { readLogQuery } from "./log-query.ts";
import { ask, costOf, type LogDesk, ratio, share, throughput, withNotes } from "./log-source.ts";
import type { Route } from "./router.ts";

export interface RankingQuery {
  readonly by: LogDimension;
  readonly filter: LogQuery;
  readonly sortBy: LogGroupQuery["sortBy"];
  readonly order: "asc" | "desc";
  readonly limit: number;
  readonly offset: number;
}

const SORTS: readonly LogGroupQuery["sortBy"][] = ["requests", "tokens", "cost", "latency"];
const DEFAULT_LIMIT = 50;
const MOST = 1000;
/** What a ranking reads itself: elsewhere they speak of rows. */
const OWN = ["sort_by", "order", "limit", "offset"];

export function rankingRoutes(desk: LogDesk): Route[] {
  return [
    {
      method: "GET",
      path: "/api/logs/rankings",
      demands: "read",
      handle: (request) => {
        const { asked, warnings } = readRanking(request, desk, "model");
        return jsonAnswer(withNotes({ rankings: rankModels(desk, asked) }, desk.source, warnings));
      },
    },
    {
      method: "GET",
      path: "/api/logs/rankings/by-dimension",
      demands: "read",
      handle: (request) => {
        const by = readDimension(request.query);
        const { asked, warnings } = readRanking(request, desk, by ?? "model");
        const rankings = by === null ? [] : rankValues(desk, asked);
        const dimension = request.query.get("dimension");
        return jsonAnswer(withNotes({ dimension, rankings }, desk.source, warnings));
      },
    },
  ];
}

function readRanking({ query: parameters }: PlaneRequest, desk: LogDesk, by: LogDimension) {
  const { query, warnings } = readLogQuery(parameters, desk.now(), { own: [...OWN, "dimension"] });
  const text = (name: string): string => parameters.get(name) ?? "";
  const asked: RankingQuery = {
    by,
    filter: query,
    sortBy: text("sort_by") === "" ? "requests" : choice(text("sort_by"), "sort_by", SORTS),
    order: text("order") === "" ? "desc" : choice(text("order"), "order", ["asc", "desc"] as const),
    limit: text("limit") === "" ? DEFAULT_LIMIT : Math.min(wholeNumber(text("limit"), "limit", 1), MOST),
    offset: text("offset") === "" ? 0 : wholeNumber(text("offset"), "offset", 0),
  };
  return { asked, warnings };
}

/** Models, each with the provider that served most of it. */
export function rankModels(desk: LogDesk, asked: RankingQuery): object[] {
  return ranked(desk, asked).map(({ group, trend }) => ({
    model: group.id,
    canonical_model_name: group.id,
    provider: group.provider,
    ...figures(group.sums),
    trend,
  }));
}

/** Values of any dimension. */
export function rankValues(desk: LogDesk, asked: RankingQuery): object[] {
  return ranked(desk, asked).map(({ group, trend }) => ({
    id: group.id,
    name: group.name || group.id,
    ...figures(group.sums),
    trend,
  }));
}

function figures(sums: LogSums) {
  return {
    total_requests: sums.requests,
    success_count: sums.success,
    error_count: sums.error,
    cancelled_count: sums.cancelled,
    success_rate: share(sums.success, sums.requests),
    total_tokens: sums.totalTokens,
    prompt_tokens: sums.promptTokens,
    completion_tokens: sums.completionTokens,
    total_cost: costOf(sums),
    unpriced_requests: sums.unpriced,
    avg_latency: ratio(sums.latencyMs, sums.requests),
    p95_latency: sums.p95,
    throughput: throughput(sums),
  };
}

function ranked(desk: LogDesk, asked: RankingQuery) {
  const groups = readGroups(desk, asked);
  const before = previousGroups(desk, asked);
  return groups.map((group) => ({ group, trend: trendOf(group.sums, before.get(group.id)?.sums) }));
}

function readGroups({ source }: LogDesk, asked: LogGroupQuery): readonly LogGroup[] {
  return ask(source, (reader) => reader.groups(asked), []);
}

/** The equally long time before; nothing where no beginning was given. */
function previousGroups(desk: LogDesk, asked: RankingQuery): ReadonlyMap<string, LogGroup> {
  const { startTime, endTime = desk.now() } = asked.filter;
  if (startTime === undefined) return new Map();
  const filter = { ...asked.filter, startTime: startTime - (endTime - startTime), endTime: startTime - 1 };
  const groups = readGroups(desk, { ...asked, filter, sortBy: "requests", order: "desc", limit: MOST, offset: 0 });
  return new Map(groups.map((group) => [group.id, group]));
}

/** Changes in percent; null = there was nothing before to compare with. */
function trendOf(now: LogSums, before: LogSums | undefined) {
  return {
    has_previous_period: before !== undefined,
    requests_trend: change(now.requests, before?.requests),
    tokens_trend: change(now.totalTokens, before?.totalTokens),
    cost_trend: change(now.costNano, before?.costNano),
    latency_trend: change(
      ratio(now.latencyMs, now.requests),
      before === undefined ? undefined : ratio(before.latencyMs, before.requests),
    ),
  };
}

function change(now: number, before: number | undefined): number | null {
  return before === undefined || before === 0 ? null : ((now - before) / before) * 100;
}
