// The log routes: what of the query string reaches the store, and what is said when there is none.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type LogPage, type LogQuery, type LogReader, type LogRow, StoreRefusedError } from "../core/stores.ts";
import { callRoute } from "./fixtures/house.ts";
import { logRoutes } from "./logs.ts";
import { createRouter } from "./router.ts";

const NOW = Date.parse("2026-05-01T12:00:00Z");

function reading(options: { refuse?: boolean } = {}) {
  const queries: LogQuery[] = [];
  const reader: LogReader = {
    list(query) {
      if (options.refuse === true) throw new StoreRefusedError("/data/logs.db", "file is not a database");
      queries.push(query);
      return {
        logs: [],
        stats: { total_requests: 3 },
        has_logs: true,
        pagination: { limit: query.limit },
      } as unknown as LogPage;
    },
    get: (id) => (id === "known" ? ({ id } as LogRow) : null),
    close() {},
  };
  return { handler: createRouter(logRoutes({ type: "store", reader }, () => NOW)), queries };
}

describe("GET /api/logs", () => {
  it("asks for the newest fifty when nothing is said", async () => {
    const { handler, queries } = reading();
    const { status, json } = await callRoute(handler, "GET", "/api/logs");
    assert.equal(status, 200);
    assert.equal(json.has_logs, true);
    assert.deepEqual(queries, [{ sortBy: "timestamp", order: "desc", limit: 50, offset: 0 }]);
  });

  it("reads every filter", async () => {
    const { handler, queries } = reading();
    const query =
      "providers=openai,azure&models=gpt-4o&status=success,error,processing&virtual_key_ids=a&selected_key_ids=k&stop_reasons=stop" +
      "&objects=embedding&start_time=2026-04-01T00:00:00+02:00&end_time=2026-04-02T00:00:00Z&min_latency=1&max_latency=2&min_tokens=3" +
      "&min_cost=0.000000001&max_cost=1e-3&missing_cost_only=true&team_ids=t&customer_ids=c,d&max_tokens=4&stream=true&client_request_id=c&content_search=a%20b&limit=10&offset=20&sort_by=tokens&order=asc";
    await callRoute(handler, "GET", `/api/logs?${query}`);
    assert.deepEqual(queries[0], {
      providers: ["openai", "azure"],
      models: ["gpt-4o"],
      status: ["success", "error"],
      virtualKeyIds: ["a"],
      selectedKeyIds: ["k"],
      stopReasons: ["stop"],
      objects: ["embedding"],
      startTime: Date.parse("2026-03-31T22:00:00Z"),
      endTime: Date.parse("2026-04-02T00:00:00Z"),
      minLatency: 1,
      maxLatency: 2,
      minTokens: 3,
      minCost: 1,
      maxCost: 1_000_000,
      missingCostOnly: true,
      teamIds: ["t"],
      customerIds: ["c", "d"],
      maxTokens: 4,
      stream: true,
      clientRequestId: "c",
      contentSearch: "a b",
      limit: 10,
      offset: 20,
      sortBy: "tokens",
      order: "asc",
    });
  });

  it("counts a period back from now and treats empty values as absent", async () => {
    const { handler, queries } = reading();
    await callRoute(handler, "GET", "/api/logs?period=6h&providers=&limit=5000");
    assert.deepEqual(queries[0], {
      startTime: NOW - 6 * 3_600_000,
      sortBy: "timestamp",
      order: "desc",
      limit: 1000,
      offset: 0,
    });
  });

  it("refuses by name what makes no sense", async () => {
    const { handler, queries } = reading();
    for (const query of [
      "limit=0",
      "limit=x",
      "offset=-1",
      "order=up",
      "sort_by=name",
      "status=fine",
      "start_time=yesterday",
      "period=2y",
      "stream=1",
      "min_cost=-1",
      "max_cost=$5",
      "missing_cost_only=yes",
    ]) {
      const { status, json } = await callRoute(handler, "GET", `/api/logs?${query}`);
      assert.equal(status, 400, query);
      assert.equal(json.error.param, query.split("=")[0]);
    }
    const { json } = await callRoute(handler, "GET", "/api/logs?provider=openai");
    assert.match(json.error.message, /unknown query parameter 'provider'; did you mean 'providers'\?/);
    assert.equal(queries.length, 0);
  });

  it("names the filters that are known elsewhere and not applied here", async () => {
    const { handler } = reading();
    const { json } = await callRoute(handler, "GET", "/api/logs?user_ids=a");
    assert.deepEqual(json.warnings, ["query parameter 'user_ids' is not supported yet and was not applied"]);
  });

  it("says why the list is empty when requests are not logged", async () => {
    const handler = createRouter(logRoutes({ type: "off", reason: "client.enable_logging is false" }, () => NOW));
    const { status, json } = await callRoute(handler, "GET", "/api/logs?limit=7");
    assert.equal(status, 200);
    assert.deepEqual(json.logs, []);
    assert.equal(json.has_logs, false);
    assert.equal(json.pagination.limit, 7);
    assert.deepEqual(json.warnings, ["client.enable_logging is false"]);
    assert.equal((await callRoute(handler, "GET", "/api/logs/stats")).json.total_requests, 0);
  });

  it("tells a store that cannot be read with the system's own reason", async () => {
    const { handler } = reading({ refuse: true });
    const { status, headers, json } = await callRoute(handler, "GET", "/api/logs");
    assert.equal(status, 503);
    assert.equal(headers["retry-after"], "5");
    assert.match(json.error.message, /file is not a database/);
  });
});

describe("GET /api/logs/{id} and /stats", () => {
  it("answer one row, or 404", async () => {
    const { handler } = reading();
    assert.deepEqual((await callRoute(handler, "GET", "/api/logs/known")).json, { id: "known" });
    assert.equal((await callRoute(handler, "GET", "/api/logs/other")).status, 404);
  });

  it("answer the totals of a filter", async () => {
    const { handler, queries } = reading();
    assert.deepEqual((await callRoute(handler, "GET", "/api/logs/stats?providers=openai")).json, { total_requests: 3 });
    assert.deepEqual(queries[0]?.providers, ["openai"]);
  });
});
