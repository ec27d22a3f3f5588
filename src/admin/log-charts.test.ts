// The charts, rankings, dashboard and filter values of the log: sizes of buckets, shapes, and what they add up to.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { callRoute } from "./fixtures/house.ts";
import { FakeLogReader, logRow, tokens } from "./fixtures/log-reader.ts";
import { chooseBucket } from "./log-range.ts";
import { logRoutes } from "./logs.ts";
import { createRouter } from "./router.ts";

const NOW = Date.parse("2026-05-01T12:00:00Z");
const HOUR = 3_600_000;

const reader = new FakeLogReader([
  logRow("before", "2026-05-01T10:30:00Z", { user_id: "ada" }),
  logRow("a", "2026-05-01T11:00:10Z", {
    user_id: "ada",
    virtual_key_id: "vk-1",
    virtual_key_name: "prod",
    latency: 200,
  }),
  logRow("b", "2026-05-01T11:00:40Z", {
    user_id: "bob",
    model: "gpt-4o-mini",
    token_usage: tokens(100, 50),
    cost: 0.5,
  }),
  logRow("c", "2026-05-01T11:30:00Z", {
    user_id: "ada",
    provider: "azure",
    status: "error",
    cost: null,
    metadata: { team: "red" },
  }),
]);
const handler = createRouter(logRoutes({ type: "store", reader }, () => NOW));
const get = async (target: string) => (await callRoute(handler, "GET", `/api/logs/${target}`)).json;

interface Bucket {
  readonly timestamp: string;
  readonly [name: string]: unknown;
}

const sum = (buckets: readonly Bucket[], name: string): number =>
  buckets.reduce((total, bucket) => total + (bucket[name] as number), 0);

describe("GET /api/logs/histogram", () => {
  it("has 30 to 120 buckets from half a minute on, whatever the time", () => {
    for (let span = 30_000; span < 40 * 365 * 24 * HOUR; span *= 1.07) {
      const count = span / chooseBucket(span);
      assert.ok(count <= 120, `${span}: ${count}`);
      assert.ok(count >= 29, `${span}: ${count}`);
    }
  });

  it("fills what is empty with zeros, and leaves nothing out", async () => {
    const { buckets, bucket_size_seconds: size } = await get("histogram?period=1h");
    assert.equal(size, 60);
    assert.equal(buckets.length, 61);
    assert.deepEqual(buckets[0], {
      timestamp: "2026-05-01T11:00:00.000Z",
      count: 2,
      success: 2,
      error: 0,
      cancelled: 0,
    });
    assert.deepEqual(buckets[1], {
      timestamp: "2026-05-01T11:01:00.000Z",
      count: 0,
      success: 0,
      error: 0,
      cancelled: 0,
    });
    assert.deepEqual([sum(buckets, "count"), sum(buckets, "error")], [3, 1]);
  });

  it("begins with the oldest request when no time is given", async () => {
    const { buckets } = await get("histogram");
    assert.equal(buckets[0].timestamp, "2026-05-01T10:30:00.000Z");
    assert.equal(sum(buckets, "count"), 4);
  });

  it("has no buckets where there is no time, and none at all without a store", async () => {
    assert.deepEqual((await get("histogram?start_time=2027-01-01T00:00:00Z")).buckets, []);
    const off = createRouter(logRoutes({ type: "off", reason: "switched off" }, () => NOW));
    for (const name of ["histogram", "histogram/cost", "histogram/models", "dashboard", "rankings", "filterdata"]) {
      const { status, json } = await callRoute(off, "GET", `/api/logs/${name}`);
      assert.deepEqual([status, json.warnings], [200, ["switched off"]], name);
    }
  });

  it("takes another size of its buckets, and refuses one that makes too many", async () => {
    const { buckets } = await get("histogram?period=1h&bucket_size_seconds=600");
    assert.equal(buckets.length, 7);
    for (const [size, text] of [
      ["0", /whole number from 1 on, not '0'/],
      ["90", /whole number of minutes/],
      ["1", /more than 2000 buckets.* 2 or more/],
    ] as const)
      assert.match((await get(`histogram?period=1h&bucket_size_seconds=${size}`)).error.message, text);
  });

  it("tells tokens, latency and throughput", async () => {
    const [first, second] = (await get("histogram/tokens?period=1h")).buckets;
    const { timestamp, ...counts } = first;
    assert.equal(timestamp, "2026-05-01T11:00:00.000Z");
    assert.deepEqual(counts, { prompt_tokens: 110, completion_tokens: 55, total_tokens: 165, cached_read_tokens: 4 });
    assert.equal(second.total_tokens, 0);
    const latency = (await get("histogram/latency?period=1h")).buckets;
    for (const name of ["avg_latency", "p90_latency", "p95_latency", "p99_latency", "total_requests"])
      assert.equal(typeof latency[5][name], "number", name);
    assert.equal(latency[0].avg_latency, 150);
    const through = (await get("histogram/throughput?period=1h")).buckets[0];
    assert.deepEqual(
      [through.tokens_per_second, through.total_completion_tokens, through.total_requests],
      [55 / 0.3, 55, 2],
    );
  });

  it("tells costs and models by model, an unknown price as null", async () => {
    const cost = await get("histogram/cost?period=1h");
    assert.deepEqual(cost.models, ["gpt-4o", "gpt-4o-mini"]);
    assert.deepEqual(cost.buckets[0].by_model, { "gpt-4o": 0.001, "gpt-4o-mini": 0.5 });
    assert.equal(cost.buckets[0].total_cost, 0.501);
    assert.deepEqual([cost.buckets[30].total_cost, cost.buckets[30].by_model["gpt-4o"]], [null, null]);
    assert.deepEqual([cost.buckets[1].total_cost, cost.buckets[1].by_model], [0, {}]);
    const models = await get("histogram/models?period=1h");
    assert.deepEqual(models.buckets[30].by_model["gpt-4o"], { total: 1, success: 0, error: 1, cancelled: 0 });
  });

  it("tells each measure by provider and by any dimension", async () => {
    for (const name of ["cost", "tokens", "latency", "throughput", "requests"]) {
      const { buckets, providers } = await get(`histogram/${name}/by-provider?period=1h`);
      assert.deepEqual(providers.toSorted(), ["azure", "openai"]);
      assert.ok("openai" in buckets[0].by_provider);
    }
    const { buckets, dimension, dimension_values, labels } = await get(
      "histogram/cost/by-dimension?dimension=virtual_key_id",
    );
    assert.deepEqual(
      [dimension, dimension_values, labels],
      ["virtual_key_id", ["", "vk-1"], { "": "", "vk-1": "prod" }],
    );
    assert.equal(
      buckets.find(({ by_dimension: by }: { by_dimension: object }) => "vk-1" in by)?.by_dimension["vk-1"],
      0.001,
    );
    const tag = await get("histogram/tokens/by-dimension?dimension=tag:team&period=1h");
    assert.deepEqual(tag.dimension_values, ["", "red"]);
    assert.deepEqual(
      (await get("histogram/tokens/by-dimension?dimension=business_unit&period=1h")).dimension_values,
      [],
    );
  });

  it("names what dimensions there are", async () => {
    assert.match(
      (await get("histogram/cost/by-dimension")).error.message,
      /'dimension' is missing: it takes one of provider,/,
    );
    assert.match((await get("histogram/cost/by-dimension?dimension=modle")).error.message, /did you mean 'model'\?/);
    assert.match((await get("histogram?bucket_size=5")).error.message, /did you mean 'bucket_size_seconds'/);
  });
});

describe("GET /api/logs/rankings", () => {
  it("ranks models with what clients know of them", async () => {
    const { rankings } = await get("rankings?period=1h&sort_by=cost");
    assert.deepEqual(
      rankings.map(({ model }: { model: string }) => model),
      ["gpt-4o-mini", "gpt-4o"],
    );
    const [mini] = rankings;
    for (const name of "model canonical_model_name provider total_requests success_count success_rate total_tokens total_cost avg_latency throughput trend".split(
      " ",
    ))
      assert.ok(name in mini, name);
    assert.deepEqual([mini.total_cost, mini.success_rate, mini.trend.has_previous_period], [0.5, 100, false]);
  });

  it("compares with the equally long time before", async () => {
    const { rankings } = await get("rankings/by-dimension?dimension=user&period=1h");
    const [ada, bob] = rankings;
    assert.deepEqual([ada.id, ada.total_requests], ["ada", 2]);
    assert.deepEqual(ada.trend, {
      has_previous_period: true,
      requests_trend: 100,
      tokens_trend: 100,
      cost_trend: 0,
      latency_trend: 50,
    });
    assert.deepEqual([bob.id, bob.trend.has_previous_period, bob.trend.requests_trend], ["bob", false, null]);
  });

  it("has no trend without a beginning, and pages", async () => {
    const { rankings } = await get("rankings/by-dimension?dimension=user&limit=1&offset=1&order=desc");
    assert.deepEqual([rankings.length, rankings[0].id, rankings[0].trend.has_previous_period], [1, "bob", false]);
    assert.match((await get("rankings?sort_by=timestamp")).error.message, /one of requests, tokens, cost, latency/);
  });
});

describe("GET /api/logs/dashboard", () => {
  it("has every part, and its parts agree", async () => {
    const dashboard = await get("dashboard?period=1h");
    assert.deepEqual(Object.keys(dashboard), [
      "meta",
      "overview",
      "provider_usage",
      "model_rankings",
      "dimension_rankings",
      "mcp",
    ]);
    assert.deepEqual(Object.keys(dashboard.meta), ["generated_at", "bucket_size_seconds", "start_time", "end_time"]);
    assert.deepEqual(Object.keys(dashboard.overview), [
      "stats",
      "requests",
      "tokens",
      "cost",
      "models",
      "latency",
      "throughput",
    ]);
    assert.deepEqual(Object.keys(dashboard.mcp), ["volume", "cost", "top_tools"]);
    const { stats, requests, tokens: used } = dashboard.overview;
    assert.deepEqual(
      [sum(requests.buckets, "count"), sum(used.buckets, "total_tokens")],
      [stats.total_requests, stats.total_tokens],
    );
    assert.equal(dashboard.meta.start_time, "2026-05-01T11:00:00.000Z");
    assert.equal(dashboard.dimension_rankings.user.rankings.length, 2);
  });
});

describe("GET /api/logs/filterdata", () => {
  it("tells the values of every filter in the members that clients know", async () => {
    const data = await get("filterdata");
    for (const name of "models aliases selected_keys virtual_keys routing_rules routing_engines stop_reasons apps user_agents teams customers users business_units metadata_keys".split(
      " ",
    ))
      assert.ok(name in data, name);
    assert.deepEqual(data.models, ["gpt-4o", "gpt-4o-mini"]);
    assert.deepEqual(data.virtual_keys, [{ id: "vk-1", name: "prod", count: 1 }]);
    assert.deepEqual([data.business_units, data.metadata_keys], [[], { team: ["red"] }]);
  });

  it("tells only what is asked for, by a part of its name", async () => {
    assert.deepEqual(await get("filterdata?dimensions=models,users&q=MINI"), { models: ["gpt-4o-mini"], users: [] });
    assert.match((await get("filterdata?dimensions=modles")).error.message, /did you mean 'models'\?/);
    assert.match((await get("filterdata?dimension=models")).error.message, /did you mean 'dimensions'\?/);
  });
});
