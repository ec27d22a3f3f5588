// The log routes: what of the query string reaches the store, and what is said when there is none.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StoreRefusedError } from "../core/stores.ts";
import { callRoute } from "./fixtures/house.ts";
import { FakeLogReader, logAttempt, logRow } from "./fixtures/log-reader.ts";
import { attemptRows } from "./log-shape.ts";
import { logRoutes } from "./logs.ts";
import { createRouter } from "./router.ts";

const NOW = Date.parse("2026-05-01T12:00:00Z");

const FAILED = logAttempt({
  provider: "azure",
  key: "west",
  key_id: "id-west",
  status: 503,
  outcome: "server_error",
  error: "overloaded",
  end: 40,
  token_usage: null,
  cost: null,
});
const AGAIN = logAttempt({ ...FAILED, start: 41, end: 60, reason: "another try" });
const ANSWERED = logAttempt({ fallback_index: 1, start: 61, end: 161, reason: "azure failed" });

const ROWS = [
  logRow("plain", "2026-05-01T11:00:00Z", {
    requested_model: "fast",
    user_id: "ada",
    session_id: "s1",
    metadata: { team: "red" },
  }),
  logRow("failed-over", "2026-05-01T11:30:00Z", {
    attempts: [FAILED, AGAIN, ANSWERED],
    fallback_index: 1,
    number_of_retries: 1,
    latency: 162,
    session_id: "s1",
    metadata: { team: "blue" },
  }),
  logRow("broken", "2026-05-01T11:59:00Z", {
    provider: "azure",
    status: "error",
    status_code: 503,
    cost: null,
    token_usage: null,
    attempts: [FAILED],
  }),
];

const STATS =
  "total_requests success_rate user_facing_success_rate user_facing_total_requests average_latency total_tokens prompt_tokens completion_tokens total_cost cache_hit_rate_total_requests direct_cache_hits semantic_cache_hits".split(
    " ",
  );
const ROW =
  "id parent_request_id timestamp object provider model alias canonical_model_name number_of_retries fallback_index selected_key_id selected_key_name virtual_key_id virtual_key_name routing_engines_used routing_rule_id routing_rule_name team_id team_name customer_id customer_name user_id user_name user_agent app input_history output_message token_usage cost latency status stop_reason error_details stream content_summary routing_engine_logs metadata attempt_trail service_tier child_count children_cost children_tokens content_hidden created_at".split(
    " ",
  );

function reading(options: { refuse?: boolean } = {}) {
  const reader = new FakeLogReader(ROWS);
  if (options.refuse === true)
    reader.list = () => {
      throw new StoreRefusedError("/data/logs.db", "file is not a database");
    };
  return { handler: createRouter(logRoutes({ type: "store", reader }, () => NOW)), queries: reader.queries };
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
      "attempts=all",
      "fields=some",
      "roots_only=1",
      "after=x&sort_by=cost",
      "min_cost=2&max_cost=1",
    ]) {
      const { status, json } = await callRoute(handler, "GET", `/api/logs?${query}`);
      assert.equal(status, 400, query);
      assert.equal(json.error.param, query.split("=")[0]);
    }
    const { json } = await callRoute(handler, "GET", "/api/logs?provider=openai");
    assert.match(json.error.message, /unknown query parameter 'provider'; did you mean 'providers'\?/);
    assert.equal(queries.length, 0);
  });

  it("says what was given, what is taken, and the nearest word", async () => {
    const { handler } = reading();
    const { json } = await callRoute(handler, "GET", "/api/logs?status=succes");
    assert.equal(
      json.error.message,
      "query parameter 'status' must be one of success, error, cancelled, processing (did you mean 'success'?), not 'succes'",
    );
  });

  it("filters by what requests tell of themselves", async () => {
    const { handler, queries } = reading();
    const ids = async (query: string) =>
      (await callRoute(handler, "GET", `/api/logs?${query}`)).json.logs.map(({ id }: { id: string }) => id);
    assert.deepEqual(await ids("user_ids=ada"), ["plain"]);
    assert.deepEqual(await ids("aliases=fast"), ["plain"]);
    assert.deepEqual(await ids("session_ids=s1&order=asc"), ["plain", "failed-over"]);
    assert.deepEqual(await ids("metadata_team=blue"), ["failed-over"]);
    assert.deepEqual(await ids("tag:team=blue,red&order=asc"), ["plain", "failed-over"]);
    assert.deepEqual(await ids("metadata___proto__=x&metadata_constructor=y"), []);
    assert.deepEqual(await ids("providers=openai&providers=azure"), ["broken", "failed-over", "plain"]);
    await ids("routing_rule_ids=r&routing_engine_used=governance&apps=cli&user_agents=curl&retried_only=true");
    assert.deepEqual(queries.at(-1), {
      routingRuleIds: ["r"],
      routingEngines: ["governance"],
      apps: ["cli"],
      userAgents: ["curl"],
      retriedOnly: true,
      sortBy: "timestamp",
      order: "desc",
      limit: 50,
      offset: 0,
    });
  });

  it("matches nothing by what no request has, and says so", async () => {
    const { handler } = reading();
    for (const name of ["business_unit_ids", "cache_hit_types", "parent_request_id"]) {
      const { json } = await callRoute(handler, "GET", `/api/logs?${name}=x`);
      assert.deepEqual([json.logs, json.pagination.total_count], [[], 0]);
      assert.match(json.warnings[0], new RegExp(`^'${name}' matches nothing: `));
    }
    assert.equal((await callRoute(handler, "GET", "/api/logs?roots_only=true")).json.logs.length, 3);
  });

  it("has the members that clients know", async () => {
    const { handler } = reading();
    const { json } = await callRoute(handler, "GET", "/api/logs");
    assert.deepEqual(Object.keys(json), ["logs", "pagination", "stats", "has_logs"]);
    for (const name of ["limit", "offset", "sort_by", "order", "total_count"]) assert.ok(name in json.pagination, name);
    for (const name of STATS) assert.equal(typeof json.stats[name], "number", name);
    for (const name of ROW) assert.ok(name in json.logs[0], name);
    const [, , plain] = json.logs;
    assert.deepEqual([plain.alias, plain.canonical_model_name, plain.content_summary], ["fast", "gpt-4o", "hello"]);
    assert.equal(json.logs[1].alias, null);
  });

  it("tells a failover as one row, and with attempts=rows as a row for each provider", async () => {
    const { handler } = reading();
    const one = (await callRoute(handler, "GET", "/api/logs?session_ids=s1&limit=1")).json;
    assert.deepEqual([one.logs.length, one.logs[0].attempts.length, one.stats.success_rate], [1, 3, 100]);
    assert.equal(one.logs[0].attempt_trail[0].fail_reason, "overloaded");
    const { logs } = (await callRoute(handler, "GET", "/api/logs?session_ids=s1&limit=1&attempts=rows")).json;
    const told = logs.map((row: Record<string, unknown>) => [
      row["id"],
      row["parent_request_id"],
      row["provider"],
      row["status"],
      row["number_of_retries"],
      row["latency"],
    ]);
    assert.deepEqual(told, [
      ["failed-over", null, "azure", "error", 1, 59],
      ["failed-over-fallback-1", "failed-over", "openai", "success", 0, 100],
    ]);
    assert.deepEqual([logs[0].error_details.message, logs[0].cost, logs[0].output_message], ["overloaded", null, null]);
    assert.deepEqual(beneath(logs[0]), [1, logs[1].cost, logs[1].token_usage.total_tokens]);
    assert.deepEqual(
      [beneath(logs[1]), beneath(one.logs[0])],
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
    );
  });

  it("tells the time of an attempt without what subtraction adds", () => {
    const row = logRow("odd", "2026-05-01T11:30:00Z", {
      attempts: [FAILED, logAttempt({ fallback_index: 1, start: 428.917, first_token: 429.1, end: 430.123 })],
      fallback_index: 1,
    });
    const last = attemptRows(row)[1];
    assert.deepEqual([last?.latency, last?.time_to_first_token], [1.206, 0.183]);
  });

  it("shows the rows beneath a request, or those at the root alone", async () => {
    const { handler } = reading();
    const ids = async (query: string) =>
      (await callRoute(handler, "GET", `/api/logs?attempts=rows&${query}`)).json.logs.map(
        (row: { id: string }) => row.id,
      );
    assert.deepEqual(await ids("parent_request_id=failed-over"), ["failed-over-fallback-1"]);
    assert.deepEqual(await ids("parent_request_id=nobody"), []);
    assert.deepEqual(await ids("roots_only=true"), ["broken", "failed-over", "plain"]);
    const child = await callRoute(handler, "GET", "/api/logs/failed-over-fallback-1");
    assert.equal(child.json.parent_request_id, "failed-over");
    assert.equal((await callRoute(handler, "GET", "/api/logs/failed-over-fallback-7")).status, 404);
  });

  it("keeps the rows of a table small", async () => {
    const { handler, queries } = reading();
    const { json, text } = await callRoute(handler, "GET", "/api/logs?fields=summary");
    assert.equal(queries.at(-1)?.light, true);
    assert.ok(text.length / json.logs.length < 2000, text);
    const row = json.logs[1];
    for (const name of ["input_history", "output_message", "decision", "cost_details", "routing_engine_logs"])
      assert.ok(!(name in row), name);
    assert.deepEqual(row.attempts[0], {
      provider: "azure",
      model: "gpt-4o",
      key: "west",
      fallback_index: 0,
      reason: "first choice",
      start: 1,
      first_byte: 50,
      end: 40,
      status: 503,
      outcome: "server_error",
      error: "overloaded",
    });
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
  it("answer one row, or 404 that names what was asked", async () => {
    const { handler } = reading();
    assert.equal((await callRoute(handler, "GET", "/api/logs/plain")).json.id, "plain");
    const { status, json } = await callRoute(handler, "GET", "/api/logs/other");
    assert.equal(status, 404);
    assert.match(json.error.message, /'other'/);
  });

  it("answer the totals of a filter", async () => {
    const { handler, queries } = reading();
    const { json } = await callRoute(handler, "GET", "/api/logs/stats?providers=openai");
    assert.deepEqual(
      [json.total_requests, json.success_rate, json.retried_requests, json.average_overhead_us],
      [2, 100, 1, 20],
    );
    assert.deepEqual([json.total_cost, json.average_latency], [0.002, 131]);
    assert.deepEqual(queries[0]?.providers, ["openai"]);
  });
});

describe("GET /api/logs/sessions/{sid}", () => {
  it("answers the requests of a conversation from its beginning on", async () => {
    const { handler } = reading();
    const { json } = await callRoute(handler, "GET", "/api/logs/sessions/s1?limit=1");
    assert.deepEqual(
      [json.session_id, json.count, json.returned_count, json.has_more, json.logs[0].id],
      ["s1", 2, 1, true, "plain"],
    );
    const rest = (await callRoute(handler, "GET", `/api/logs/sessions/s1?after=${json.pagination.next}`)).json;
    assert.deepEqual([rest.returned_count, rest.has_more, rest.logs[0].id], [1, false, "failed-over"]);
  });

  it("sums a conversation up", async () => {
    const { handler } = reading();
    assert.deepEqual((await callRoute(handler, "GET", "/api/logs/sessions/s1/summary")).json, {
      session_id: "s1",
      count: 2,
      total_cost: 0.002,
      total_tokens: 30,
      started_at: "2026-05-01T11:00:00.000Z",
      latest_at: "2026-05-01T11:30:00.000Z",
      duration_ms: 1_800_000,
      unpriced_requests: 0,
    });
    const none = (await callRoute(handler, "GET", "/api/logs/sessions/nobody/summary")).json;
    assert.deepEqual([none.count, none.started_at, none.total_cost], [0, null, 0]);
  });
});

function beneath({ child_count, children_cost, children_tokens }: Record<string, unknown>) {
  return [child_count, children_cost, children_tokens];
}
