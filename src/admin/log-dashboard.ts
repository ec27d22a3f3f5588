// GET /api/logs/dashboard: what a page of figures needs, in one answer.
import { setImmediate as turn } from "node:timers/promises";
import type { LogDimension } from "../core/stores.ts";
import { jsonAnswer } from "./answers.ts";
import {
  type ChartQuery,
  costChart,
  countMeasure,
  drawPlain,
  groupChart,
  latencyMeasure,
  outcomeMeasure,
  readGroups,
  readPlain,
  throughputMeasure,
  tokenMeasure,
} from "./log-charts.ts";
import { readLogQuery } from "./log-query.ts";
import { BUCKET_PARAMETER, readRange } from "./log-range.ts";
import { type RankingQuery, rankModels, rankValues } from "./log-rankings.ts";
import { ask, type LogDesk, NO_SUMS, wholeStats, withNotes } from "./log-source.ts";
import type { Route } from "./router.ts";

/** Lines of a chart, and places of a ranking. */
const TOP = 10;
const RANKED: readonly LogDimension[] = ["virtual_key", "user", "team", "customer", "app"];
/** Calls of tools are not logged here. */
const NO_TOOLS = { volume: { buckets: [] }, cost: { buckets: [] }, top_tools: [] };

export function dashboardRoute(desk: LogDesk): Route {
  return {
    method: "GET",
    path: "/api/logs/dashboard",
    demands: "read",
    async handle(request) {
      const { query, warnings } = readLogQuery(request.query, desk.now(), { own: [BUCKET_PARAMETER] });
      const asked: ChartQuery = { desk, query, range: readRange(desk, query, request.query), top: TOP };
      const answer = await draw(asked, request.signal);
      return jsonAnswer(withNotes(answer, desk.source, warnings));
    },
  };
}

/** Other questions to this thread are answered between the parts. */
async function draw(asked: ChartQuery, signal: AbortSignal): Promise<object> {
  const { desk, query, range } = asked;
  const part = async <T>(make: () => T): Promise<T> => {
    await turn(undefined, { signal });
    return make();
  };
  const stats = await part(() => wholeStats(ask(desk.source, (reader) => reader.sums(query), NO_SUMS)));
  const plain = await part(() => readPlain(asked));
  const models = await part(() => readGroups(asked, "model"));
  const providers = await part(() => readGroups(asked, "provider"));
  const ranking = (by: LogDimension): RankingQuery => ({
    by,
    filter: query,
    sortBy: "cost",
    order: "desc",
    limit: TOP,
    offset: 0,
  });
  const modelRankings = await part(() => rankModels(desk, ranking("model")));
  const dimensionRankings: Record<string, object> = {};
  for (const by of RANKED) dimensionRankings[by] = await part(() => ({ rankings: rankValues(desk, ranking(by)) }));
  return {
    meta: {
      generated_at: new Date(desk.now()).toISOString(),
      bucket_size_seconds: range.bucket / 1000,
      start_time: new Date(range.from).toISOString(),
      // what it speaks of ends before the range does
      end_time: new Date(range.to - 1).toISOString(),
    },
    overview: {
      stats,
      requests: drawPlain(plain, range, countMeasure),
      tokens: drawPlain(plain, range, tokenMeasure),
      cost: costChart(asked, models, "models"),
      models: groupChart(asked, models, "models", outcomeMeasure),
      latency: drawPlain(plain, range, latencyMeasure),
      throughput: drawPlain(plain, range, throughputMeasure),
    },
    provider_usage: {
      requests: groupChart(asked, providers, "providers", outcomeMeasure),
      cost: costChart(asked, providers, "providers"),
      tokens: groupChart(asked, providers, "providers", tokenMeasure),
      latency: groupChart(asked, providers, "providers", latencyMeasure),
      throughput: groupChart(asked, providers, "providers", throughputMeasure),
    },
    model_rankings: { rankings: modelRankings },
    dimension_rankings: dimensionRankings,
    mcp: NO_TOOLS,
  };
}
