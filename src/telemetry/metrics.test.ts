// What is counted on the loop comes out of the text as a scraper reads it, and stays bounded whatever callers send.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { StateView } from "../core/decision.ts";
import { GatewayError } from "../core/errors.ts";
import type { Attempt } from "../core/exchange.ts";
import { type ExchangeSpec, fixtureExchange } from "../core/exchange-fixture.ts";
import type { MetricsDelta } from "../core/metrics-delta.ts";
import type { Cost } from "../core/price.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { METRICS, type MetricSample } from "./metrics-definitions.ts";
import { ActiveRequests, keyUpSamples } from "./metrics-gauges.ts";
import { LoopMetrics, type LoopMetricsOptions } from "./metrics-loop.ts";
import { processSamples, watchThread } from "./metrics-process.ts";
import { createMetricsStore } from "./metrics-store.ts";

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads the text format strictly: head lines first, no series twice, no metric in two places, whole histograms. */
function parse(text: string): Sample[] {
  assert.match(text, /\n$/);
  const samples: Sample[] = [];
  const seen = new Set<string>();
  const types = new Map<string, string>();
  let current = "";
  for (const line of text.slice(0, -1).split("\n")) {
    const head = /^# (HELP|TYPE) ([a-z0-9_]+) (.+)$/.exec(line);
    if (head !== null) {
      const [, kind, name, rest] = head as unknown as [string, string, string, string];
      if (kind === "HELP") {
        assert.ok(!types.has(name), `${name} stands in two places`);
        current = name;
        types.set(name, "");
      } else {
        assert.equal(name, current);
        types.set(name, rest);
      }
      continue;
    }
    const match = /^([a-z0-9_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
    assert.ok(match, line);
    const [, name, body = "", value] = match as unknown as [string, string, string | undefined, string];
    const base = types.get(current) === "histogram" ? name.replace(/_(bucket|sum|count)$/, "") : name;
    assert.equal(base, current, line);
    const labels = parseLabels(body);
    assert.ok(!seen.has(`${name}{${body}}`), line);
    seen.add(`${name}{${body}}`);
    const number = value === "+Inf" ? Number.POSITIVE_INFINITY : Number(value);
    assert.ok(!Number.isNaN(number), line);
    samples.push({ name, labels, value: number });
  }
  return samples;
}

function parseLabels(body: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = body;
  while (rest !== "") {
    const match = /^([a-z_]+)="((?:[^"\\\n]|\\[\\n"])*)"(?:,(?=[a-z])|$)/.exec(rest);
    assert.ok(match, body);
    const [whole, name, value] = match as unknown as [string, string, string];
    assert.ok(!Object.hasOwn(labels, name));
    labels[name] = value.replace(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char));
    rest = rest.slice(whole.length);
  }
  return labels;
}

/** Both sides with a channel that copies, as a message port does. */
function planes(options: Partial<LoopMetricsOptions> = {}, samples?: () => MetricSample[]) {
  let store = createMetricsStore(samples);
  const deltas: MetricsDelta[] = [];
  const loop = new LoopMetrics({
    send: (delta) => {
      deltas.push(delta);
      store.apply(structuredClone(delta));
      return true;
    },
    ...options,
  });
  const observe = (...specs: ExchangeSpec[]): void => {
    for (const spec of specs) loop.observe(fixtureExchange({ endedAt: 200, ...spec }));
  };
  const scrape = (): Sample[] => {
    loop.flush();
    return parse(store.render());
  };
  const restartControl = (): void => {
    store = createMetricsStore(samples);
    loop.restart();
  };
  return { loop, observe, scrape, deltas, restartControl, text: () => store.render() };
}

/** `sum by (…)` of a metric, as an object from joined label values to sums. */
function sumBy(samples: readonly Sample[], name: string, by: readonly string[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const sample of samples) {
    if (sample.name !== name) continue;
    const key = by.map((label) => sample.labels[label] ?? "").join(" → ");
    sums[key] = (sums[key] ?? 0) + sample.value;
  }
  return sums;
}

const failure = (spec: Partial<Attempt>): Partial<Attempt> => ({ outcome: "server-error", status: 503, ...spec });
const openai: ExchangeSpec = { attempts: [{ provider: "openai", startedAt: 0, endedAt: 125 }], endedAt: 125 };
const failedOver: ExchangeSpec = {
  endedAt: 500,
  attempts: [
    failure({ provider: "openai", startedAt: 0, endedAt: 100 }),
    failure({ provider: "openai", keyId: "key-2", keyName: "second", startedAt: 100, endedAt: 300 }),
    {
      provider: "anthropic",
      model: "claude",
      keyId: "key-3",
      keyName: "third",
      fallbackIndex: 1,
      startedAt: 300,
      endedAt: 500,
    },
  ],
};

test("the queries of a dashboard give requests, failovers and average duration by provider", () => {
  const { observe, scrape } = planes();
  observe(openai);
  const before = scrape();
  observe(openai, openai, failedOver, failedOver);
  const after = scrape();
  const rate = (name: string, by: string[]): Record<string, number> => {
    const [from, to] = [sumBy(before, name, by), sumBy(after, name, by)];
    return Object.fromEntries(Object.entries(to).map(([key, value]) => [key, value - (from[key] ?? 0)]));
  };
  assert.deepEqual(rate("bifrost_requests_total", ["provider"]), { anthropic: 2, openai: 2 });
  assert.deepEqual(rate("bifrost_failover_total", ["source_provider", "target_provider"]), { "openai → anthropic": 2 });
  const sums = rate("bifrost_request_duration_seconds_sum", ["provider"]);
  const counts = rate("bifrost_request_duration_seconds_count", ["provider"]);
  assert.equal((sums["openai"] as number) / (counts["openai"] as number), 0.125);
  assert.equal((sums["anthropic"] as number) / (counts["anthropic"] as number), 0.5);
  assert.deepEqual(sumBy(after, "bifrost_errors_total", ["provider", "kind", "status_code"]), {
    "openai → server-error → 503": 4,
  });
});

test("a target counts once with its retries, its last key and its tokens", () => {
  const { observe, scrape } = planes();
  const usage = { inputTokens: 10, outputTokens: 5, cachedTokens: 4, cacheWriteTokens: 2, reasoningTokens: null };
  observe({
    ...failedOver,
    usage,
    virtualKey: { id: "vk-1", name: 'Team "A"\\\n' },
    decision: { engine: "governance" },
  });
  const samples = scrape();
  const of = (name: string): Sample[] => samples.filter((sample) => sample.name === name);
  assert.deepEqual(sumBy(samples, "bifrost_upstream_requests_total", ["provider", "selected_key_id"]), {
    "openai → key-2": 1,
    "anthropic → key-3": 1,
  });
  assert.deepEqual(of("bifrost_success_requests_total")[0]?.labels, {
    provider: "anthropic",
    model: "claude",
    alias: "",
    method: "chat_completion",
    virtual_key_id: "vk-1",
    virtual_key_name: 'Team "A"\\\n',
    routing_engine_used: "governance",
    selected_key_id: "key-3",
    selected_key_name: "third",
    fallback_index: "1",
  });
  assert.deepEqual(sumBy(samples, "bifrost_error_requests_total", ["provider", "status_code"]), { "openai → 503": 1 });
  assert.deepEqual(sumBy(samples, "bifrost_request_retries_sum", ["provider"]), { openai: 1, anthropic: 0 });
  assert.deepEqual(sumBy(samples, "bifrost_upstream_latency_seconds_sum", ["provider", "is_success"]), {
    "openai → false": 0.3,
    "anthropic → true": 0.2,
  });
  for (const [name, tokens] of [
    ["input_tokens", 10],
    ["output_tokens", 5],
    ["cache_read_input_tokens", 4],
    ["cache_write_input_tokens", 2],
  ] as const) {
    assert.deepEqual(sumBy(samples, `bifrost_${name}_total`, ["provider"]), { anthropic: tokens });
  }
  assert.deepEqual(of("bifrost_key_rotation_events_total")[0]?.labels["fail_reason"], "server-error");
});

function costOf(nano: number, unpriced: Cost["unpriced"] = []): Cost {
  const computed = { nano, parts: [], unpriced, priceVersion: null, source: null };
  return { nano, origin: "computed", unpriced, reportedNano: null, computed };
}

test("what attempts cost is counted in dollars, also of those that failed, and what has no price by its model", () => {
  const { observe, scrape } = planes();
  const counts = { input: 3, cache_write_5m: 100, cache_write_1h: 20 };
  const rawUsage = { counts, tier: null, region: null, reportedNano: null, refused: [] };
  observe({
    attempts: [
      { provider: "openai", outcome: "server-error", status: 500, cost: costOf(2_000_000) },
      { provider: "anthropic", model: "claude", fallbackIndex: 1, cost: costOf(1_500_000, ["web_search"]), rawUsage },
    ],
  });
  const samples = scrape();
  assert.deepEqual(sumBy(samples, "bifrost_cost_total", ["provider"]), { openai: 0.002, anthropic: 0.0015 });
  assert.deepEqual(sumBy(samples, "bifrost_cache_write_input_tokens_5m_total", ["model"]), { claude: 100 });
  assert.deepEqual(sumBy(samples, "bifrost_cache_write_input_tokens_1h_total", ["model"]), { claude: 20 });
  assert.deepEqual(sumBy(samples, "bifrost_unpriced_requests_total", ["provider", "model"]), {
    "anthropic → claude": 1,
  });
});

test("routes are counted by path, method and status, and a gone client by 499", () => {
  const { observe, scrape } = planes();
  observe(openai, { ...openai, status: 429, outcome: "error" }, { ...openai, status: 0, outcome: "cancelled" });
  assert.deepEqual(sumBy(scrape(), "http_requests_total", ["path", "method", "status"]), {
    "/v1/chat/completions → POST → 200": 1,
    "/v1/chat/completions → POST → 429": 1,
    "/v1/chat/completions → POST → 499": 1,
  });
});

test("a refused request counts for no provider", () => {
  const { observe, scrape } = planes();
  observe({ attempts: [], outcome: "error", status: 403, error: new GatewayError("model_blocked", "no") });
  const samples = scrape();
  assert.deepEqual(sumBy(samples, "bifrost_requests_total", ["provider"]), { none: 1 });
  assert.deepEqual(sumBy(samples, "bifrost_errors_total", ["provider", "kind"]), { "none → model_blocked": 1 });
});

test("histograms are cumulative, and their last bucket is their count", () => {
  const { observe, scrape } = planes();
  observe(...[1, 6, 60, 6000, 6_000_000].map((endedAt) => ({ ...openai, endedAt })));
  const buckets = scrape().filter(({ name }) => name === "bifrost_request_duration_seconds_bucket");
  const counts = buckets.map(({ value }) => value);
  assert.deepEqual(
    counts,
    counts.toSorted((a, b) => a - b),
  );
  assert.deepEqual(counts.slice(0, 2), [1, 2]);
  assert.deepEqual([buckets.at(-2)?.value, buckets.at(-1)?.labels["le"], buckets.at(-1)?.value], [4, "+Inf", 5]);
});

test("the first token of a stream is counted from its target's first call", () => {
  const { observe, scrape } = planes();
  observe({ stream: true, attempts: [{ startedAt: 100, firstTokenAt: 350, endedAt: 900 }], endedAt: 900 });
  const samples = scrape();
  assert.deepEqual(sumBy(samples, "bifrost_stream_first_token_latency_seconds_sum", ["method"]), {
    chat_completion_stream: 0.25,
  });
});

test("a cancelled attempt is neither a success nor a failure", () => {
  const { observe, scrape } = planes();
  observe({ outcome: "cancelled", attempts: [{ outcome: "cancelled", status: 0, endedAt: -1 }] });
  const samples = scrape();
  assert.deepEqual(sumBy(samples, "bifrost_upstream_requests_total", []), { "": 1 });
  for (const name of ["bifrost_success_requests_total", "bifrost_error_requests_total", "bifrost_errors_total"]) {
    assert.deepEqual(sumBy(samples, name, []), {});
  }
});

test("models that nobody configured and that never answered share one series", () => {
  const { observe, scrape } = planes();
  for (let i = 0; i < 100; i++) {
    observe({
      outcome: "error",
      attempts: [failure({ model: `made-up-${i}`, status: 404, outcome: "model-not-found" })],
    });
  }
  observe({ attempts: [{ model: "real" }] });
  observe({ outcome: "error", attempts: [failure({ model: "real" })] });
  assert.deepEqual(sumBy(scrape(), "bifrost_upstream_requests_total", ["model"]), { other: 100, real: 2 });
});

test("label sets are bounded: what is beyond is counted under other, and nothing is lost", () => {
  const { observe, scrape } = planes();
  const count = 4500;
  for (let i = 0; i < count; i++) observe({ path: `/p/${i}`, virtualKey: { id: `vk-${i}`, name: `n-${i}` } });
  const samples = scrape();
  const byKey = sumBy(samples, "bifrost_upstream_requests_total", ["virtual_key_id"]);
  assert.equal(Object.keys(byKey).length, 4001);
  assert.equal(byKey["other"], 500);
  const paths = sumBy(samples, "http_requests_total", ["path"]);
  assert.equal(Object.keys(paths).length, 65);
  assert.equal(paths["other"], count - 64);
});

test("a restarted control plane is told everything again", () => {
  const { observe, scrape, restartControl } = planes();
  observe(openai, failedOver);
  scrape();
  observe(openai);
  restartControl();
  assert.deepEqual(sumBy(scrape(), "bifrost_requests_total", ["provider"]), { openai: 2, anthropic: 1 });
  observe(openai);
  assert.deepEqual(sumBy(scrape(), "bifrost_requests_total", ["provider"]), { openai: 3, anthropic: 1 });
});

test("what could not be sent is told later", () => {
  let isOpen = false;
  const store = createMetricsStore();
  const loop = new LoopMetrics({
    send: (delta) => {
      if (isOpen) store.apply(delta);
      return isOpen;
    },
  });
  loop.observe(fixtureExchange({ endedAt: 1 }));
  loop.flush();
  loop.observe(fixtureExchange({ endedAt: 1 }));
  loop.flush();
  isOpen = true;
  loop.flush();
  assert.deepEqual(sumBy(parse(store.render()), "bifrost_requests_total", ["provider"]), { openai: 2 });
});

test("nothing is sent while nothing changes, and the text keeps its order", () => {
  const { loop, observe, deltas, text } = planes();
  const lines = (): string[] => text().replace(/ \S+$/gm, "").split("\n");
  observe(openai, failedOver);
  loop.flush();
  const first = lines();
  loop.flush();
  assert.equal(deltas.length, 1);
  observe({ ...openai, virtualKey: { id: "a", name: "a" } });
  loop.flush();
  const known = new Set(first);
  assert.deepEqual(
    lines().filter((line) => known.has(line)),
    first,
  );
});

test("gauges show the present, and what is gone leaves the text", () => {
  let rests = 0;
  let samples = (): MetricSample[] => keyUpSamples(snapshot, state());
  const keys = [
    { id: "a", name: "name-a", enabled: true },
    { id: "b", name: "name-b", enabled: false },
  ];
  const providers = new Map([["openai", { name: "openai", keys }]]);
  const snapshot = { providers } as unknown as Snapshot;
  const state = (): StateView => ({
    now: 1000,
    keys: new Map([["a", { restUntil: rests, reason: rests > 0 ? "rate limited" : "", probing: false }]]),
  });
  const { scrape } = planes({ samples: () => samples() });
  assert.deepEqual(sumBy(scrape(), "bifrost_provider_key_up", ["key_id"]), { a: 1, b: 0 });
  rests = 5000;
  assert.deepEqual(sumBy(scrape(), "bifrost_provider_key_up", ["key_id"]), { a: 0, b: 0 });
  const active = new ActiveRequests();
  active.add("chat", true, 1);
  active.add("chat", true, 1);
  active.add("chat", true, -1);
  samples = () => active.samples();
  const later = scrape();
  assert.deepEqual(sumBy(later, "bifrost_provider_key_up", ["key_id"]), {});
  assert.deepEqual(sumBy(later, "bifrost_active_requests", ["method"]), { chat_completion_stream: 1 });
});

test("counters that are counted elsewhere never fall, gauges and process figures parse", async () => {
  let dropped = 3;
  const watch = watchThread("loop");
  const { scrape } = planes(
    { samples: () => [...watch(), { metric: "bifrost_dropped_records_total", labels: ["loop"], value: dropped }] },
    processSamples,
  );
  assert.deepEqual(sumBy(scrape(), "bifrost_dropped_records_total", ["thread"]), { loop: 3 });
  dropped = 8;
  const samples = scrape();
  assert.deepEqual(sumBy(samples, "bifrost_dropped_records_total", ["thread"]), { loop: 8 });
  for (const name of ["process_cpu_seconds_total", "process_resident_memory_bytes", "process_start_time_seconds"]) {
    assert.ok((sumBy(samples, name, [])[""] as number) > 0, name);
  }
  assert.ok((sumBy(samples, "nodejs_heap_size_used_bytes", ["thread"])["loop"] as number) > 0);
});

test("every definition is a legal name with legal labels and rising buckets", () => {
  for (const [name, { labels, type, ...rest }] of Object.entries(METRICS)) {
    assert.match(name, /^[a-z][a-z0-9_]*$/);
    for (const label of labels) assert.match(label, /^[a-z][a-z_]*$/);
    assert.equal(type === "counter", name.endsWith("_total"), name);
    const buckets: readonly number[] = "buckets" in rest ? rest.buckets : [];
    assert.equal(buckets.length > 0, type === "histogram");
    assert.deepEqual(
      buckets,
      buckets.toSorted((a, b) => a - b),
    );
  }
});
