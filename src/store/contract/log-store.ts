// What every store of the request log must do: a suite that an implementation runs with its own way to open one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError } from "../../core/errors.ts";
import { type ExchangeSpec, fixtureExchange } from "../../core/exchange-fixture.ts";
import type { Cost } from "../../core/price.ts";
import { RECORD_BUFFER_BYTES } from "../../core/record.ts";
import { RecordPacker } from "../../core/record-pack.ts";
import type { AssembleText, LogQuery, LogReader, LogWriter } from "../../core/stores.ts";
import { emptyUsage, type RawUsage, type Usage } from "../../core/usage.ts";

/** A fresh, empty store: a writer and a reader of it, to be disposed of afterwards. */
export interface LogStoreUnderTest {
  readonly writer: LogWriter;
  readonly reader: LogReader;
  dispose(): void;
}

/** Stands in for the dialects: tells what it was given. */
export const assembleFixture: AssembleText = (bytes, dialect, isStream) =>
  `${dialect}${isStream ? " stream" : ""}: ${bytes.toString("utf8")}`;

export const EVERYTHING: LogQuery = { sortBy: "timestamp", order: "desc", limit: 50, offset: 0 };

/** Packs exchanges and gives them to a writer, as the planes do. */
export class LogFeed {
  readonly #packer = new RecordPacker();
  readonly #writer: LogWriter;

  constructor(writer: LogWriter) {
    this.#writer = writer;
  }

  write(specs: readonly ExchangeSpec[]): void {
    const buffer = new ArrayBuffer(RECORD_BUFFER_BYTES);
    this.#packer.begin(buffer);
    for (const spec of specs) assert.ok(this.#packer.pack(fixtureExchange({ endedAt: 10, ...spec })));
    const { firstWord, words } = this.#packer.finish();
    this.#writer.write(buffer, firstWord, words);
    // The buffer goes back to the loop at once: the store must keep nothing of it.
    new Uint8Array(buffer).fill(0xff);
  }
}

const body = Buffer.from('{"role":"user","content":"Grüße, 100% \\"fun\\""}');
/** When the first request of the suite was accepted. */
export const START = Date.parse("2026-01-02T03:04:05.678Z");

/** A request that failed over from one provider to another. */
export const failedOver: ExchangeSpec = {
  id: "failed-over",
  acceptedAt: START,
  endedAt: 812.3456,
  model: "gpt-4o",
  stream: true,
  body,
  inputFrom: 0,
  inputTo: body.length,
  answer: Buffer.from("data: x"),
  answerIsStream: true,
  answerDialect: "anthropic",
  virtualKey: { id: "vk-1", name: "Team A", teamId: "team-1" },
  teams: [{ id: "team-1", name: "Research", customerId: "customer-1" }],
  customers: [{ id: "customer-1", name: "Acme" }],
  clientRequestId: "client-7",
  userAgent: "test/1.0",
  firstTokenAt: 640.5,
  stopReason: "stop",
  usage: { inputTokens: 11, outputTokens: 7, cachedTokens: 3, cacheWriteTokens: null, reasoningTokens: 2 },
  attempts: [
    { provider: "openai", outcome: "rate-limited", status: 429, error: "slow down", startedAt: 1, endedAt: 100 },
    { provider: "openai", outcome: "server-error", status: 503, keyName: "second", reason: "other key", endedAt: 400 },
    { provider: "anthropic", model: "claude", keyId: "key-3", keyName: "third", fallbackIndex: 1, status: 200 },
  ],
  decision: {
    seed: 99,
    draw: 0.25,
    engine: "governance",
    candidates: [
      { provider: "openai", model: "gpt-4o", weight: 0.8, share: 0.8, health: 1 },
      { provider: "anthropic", model: "claude", weight: 0.2, share: 0.2, health: 1 },
      { provider: "groq", model: "gpt-4o", weight: null, share: 0, health: 1, removed: "provider not configured" },
    ],
    order: [
      { provider: "openai", model: "gpt-4o", key: "main", reason: "drawn" },
      { provider: "anthropic", model: "claude", key: "third", reason: "automatic fallback" },
    ],
  },
  losses: [{ field: "logit_bias", kind: "loss" }],
};

/** Makes tests of one store. */
export function checks(name: string, open: (assemble: AssembleText) => LogStoreUnderTest): Check {
  return (title, run) => {
    test(`${name}: ${title}`, async () => {
      const store = open(assembleFixture);
      try {
        await run(store, new LogFeed(store.writer));
      } finally {
        store.dispose();
      }
    });
  };
}

/** Runs the suite. `open` gives a fresh store. */
export function logStoreContract(name: string, open: (assemble: AssembleText) => LogStoreUnderTest): void {
  const check = checks(name, open);
  rowTests(check);
  listTests(check);
  filterTests(check);
  costTests(check);
}

/** Runs one test with a fresh store. */
export type Check = (title: string, run: (store: LogStoreUnderTest, feed: LogFeed) => void | Promise<void>) => void;

function rowTests(check: Check): void {
  check("a row tells the whole request, its attempts and its decision", ({ reader }, feed) => {
    feed.write([failedOver]);
    const row = reader.get("failed-over");
    assert.ok(row);
    const { attempts, decision, routing_engine_logs: story, ...plain } = row;
    assert.deepEqual(plain, {
      id: "failed-over",
      parent_request_id: null,
      timestamp: "2026-01-02T03:04:05.678Z",
      created_at: "2026-01-02T03:04:05.678Z",
      object: "chat_completion_stream",
      provider: "anthropic",
      model: "claude",
      requested_model: "gpt-4o",
      number_of_retries: 1,
      fallback_index: 1,
      selected_key_id: "key-3",
      selected_key_name: "third",
      virtual_key_id: "vk-1",
      virtual_key_name: "Team A",
      team_id: "team-1",
      team_name: "Research",
      customer_id: "customer-1",
      customer_name: "Acme",
      routing_engines_used: ["governance"],
      input_history: [{ role: "user", content: 'Grüße, 100% "fun"' }],
      output_message: { role: "assistant", content: "anthropic stream: data: x" },
      content_hidden: false,
      token_usage: {
        prompt_tokens: 11,
        completion_tokens: 7,
        total_tokens: 18,
        prompt_tokens_details: { cached_read_tokens: 3, cached_write_tokens: null },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
      cost: 0,
      cost_details: null,
      latency: 812.346,
      time_to_first_token: 640.5,
      status: "success",
      status_code: 200,
      stop_reason: "stop",
      error_details: null,
      stream: true,
      metadata: {},
      content_level: "ends",
      content_dropped: false,
      raw_request: null,
      raw_response: null,
      user_id: null,
      app: null,
      session_id: null,
      overhead_us: 810346,
      routing_rule_id: null,
      routing_rule_name: null,
      client_request_id: "client-7",
      user_agent: "test/1.0",
      dropped_params: ["logit_bias"],
    });
    assert.deepEqual(
      attempts.map((attempt) => [attempt.provider, attempt.key, attempt.status, attempt.outcome, attempt.reason]),
      [
        ["openai", "main", 429, "rate-limited", "planned"],
        ["openai", "second", 503, "server-error", "other key"],
        ["anthropic", "third", 200, "", "planned"],
      ],
    );
    assert.deepEqual(attempts[0], {
      provider: "openai",
      model: "gpt-4o-mini",
      key: "main",
      key_id: "key-1",
      fallback_index: 0,
      status: 429,
      outcome: "rate-limited",
      error: "slow down",
      reason: "planned",
      start: 1,
      connected: 0.2,
      first_byte: 2,
      first_token: null,
      end: 100,
      possibly_billed: false,
      token_usage: null,
      usage_origin: "none",
      usage_details: null,
      cost: null,
      cost_details: null,
    });
    assert.deepEqual([decision?.seed, decision?.draw, decision?.engine], [99, 0.25, "governance"]);
    assert.equal(decision?.candidates[2]?.removed, "provider not configured");
    assert.deepEqual(decision?.order[1], {
      provider: "anthropic",
      model: "claude",
      key: "third",
      reason: "automatic fallback",
    });
    assert.match(story, /try 1, planned: openai\/gpt-4o-mini, key main: rate-limited 429 after 99 ms: slow down\n/);
    assert.match(story, /candidate groq\/gpt-4o: removed, provider not configured\n/);
  });

  check("a refused request is a row without attempts", ({ reader }, feed) => {
    const error = new GatewayError("model_blocked", "Model 'x' is not allowed for this virtual key");
    feed.write([{ id: "refused", outcome: "error", status: 403, error, attempts: [], model: "openai/x" }]);
    const row = reader.get("refused");
    assert.deepEqual([row?.provider, row?.model, row?.status, row?.status_code], ["", "openai/x", "error", 403]);
    assert.deepEqual(row?.error_details, {
      status_code: 403,
      type: "model_blocked",
      code: "model_blocked",
      message: "Model 'x' is not allowed for this virtual key",
    });
    assert.deepEqual([row?.token_usage, row?.cost, row?.attempts, row?.decision], [null, 0, [], null]);
  });

  check("without content logging a row says so and holds none", ({ reader }, feed) => {
    feed.write([{ ...failedOver, contentLogging: false }]);
    const row = reader.get("failed-over");
    assert.deepEqual([row?.content_hidden, row?.input_history, row?.output_message], [true, [], null]);
  });

  check("an id that is not there is null", ({ reader }) => {
    assert.equal(reader.get("nothing"), null);
  });

  check("a record that comes twice is one row and counts once", ({ reader }, feed) => {
    feed.write([{ id: "same" }, { id: "same" }]);
    feed.write([{ id: "same" }]);
    assert.equal(reader.list(EVERYTHING).pagination.total_count, 1);
  });

  check("rows of an unknown dictionary are dropped and counted, later ones are written", ({ writer, reader }, feed) => {
    const packer = new RecordPacker();
    const buffer = new ArrayBuffer(RECORD_BUFFER_BYTES);
    packer.begin(buffer);
    packer.pack(fixtureExchange({ endedAt: 1 }));
    packer.finish();
    writer.write(buffer, 50, ["word"]);
    assert.equal(writer.dropped, 1);
    feed.write([{ id: "later" }]);
    assert.equal(reader.get("later")?.provider, "openai");
  });
}

const many = (count: number, spec: (i: number) => ExchangeSpec): ExchangeSpec[] =>
  Array.from({ length: count }, (_, i) => ({ id: `id-${i}`, acceptedAt: START + i, endedAt: i, ...spec(i) }));

const inputOf = (inputTokens: number | null): Usage => ({ ...emptyUsage(), inputTokens });

/** Ids of the rows that a query lists. */
export const ids = (reader: LogReader, query: Partial<LogQuery>): string[] =>
  reader.list({ ...EVERYTHING, ...query }).logs.map((row) => row.id);

function listTests(check: Check): void {
  check("an empty store lists nothing", ({ reader }) => {
    const page = reader.list(EVERYTHING);
    assert.deepEqual([page.logs, page.has_logs, page.pagination.total_count], [[], false, 0]);
    assert.equal(page.stats.success_rate, 0);
  });

  check("the newest come first, and a row is readable at once", ({ reader }, feed) => {
    feed.write(many(3, () => ({})));
    assert.deepEqual(ids(reader, {}), ["id-2", "id-1", "id-0"]);
    assert.deepEqual(ids(reader, { order: "asc" }), ["id-0", "id-1", "id-2"]);
  });

  check("totals are exact beyond the page", ({ reader }, feed) => {
    const usage = {
      inputTokens: 3,
      outputTokens: 4,
      cachedTokens: null,
      cacheWriteTokens: null,
      reasoningTokens: null,
    };
    feed.write(many(40, (i) => ({ endedAt: 10, usage, outcome: i % 4 === 0 ? "error" : "success" })));
    const page = reader.list({ ...EVERYTHING, limit: 5 });
    assert.deepEqual([page.logs.length, page.has_logs], [5, true]);
    assert.deepEqual([page.pagination.total_count, page.pagination.total_count_at_least], [40, null]);
    assert.deepEqual(page.stats, {
      total_requests: 40,
      success_rate: 75,
      user_facing_success_rate: 75,
      user_facing_total_requests: 40,
      average_latency: 10,
      total_tokens: 280,
      prompt_tokens: 120,
      completion_tokens: 160,
      total_cost: 0,
      unpriced_requests: 0,
      cache_hit_rate_total_requests: 0,
      direct_cache_hits: 0,
      semantic_cache_hits: 0,
    });
  });

  check("offset and cursor lead through the same pages, also among equal times", ({ reader }, feed) => {
    feed.write(many(23, (i) => ({ acceptedAt: START + Math.floor(i / 5) })));
    for (const order of ["asc", "desc"] as const) {
      const byOffset = [0, 10, 20].flatMap((offset) => ids(reader, { order, limit: 10, offset }));
      const byCursor: string[] = [];
      let after: string | undefined;
      do {
        const page = reader.list({ ...EVERYTHING, order, limit: 10, after });
        byCursor.push(...page.logs.map((row) => row.id));
        after = page.pagination.next ?? undefined;
      } while (after !== undefined);
      assert.equal(new Set(byOffset).size, 23);
      assert.deepEqual(byCursor, byOffset);
    }
  });

  check("sorts by latency, tokens and cost, rows without a value last", ({ reader }, feed) => {
    feed.write([
      { id: "slow", endedAt: 30, usage: inputOf(5) },
      { id: "fast", endedAt: 1, usage: inputOf(null) },
      { id: "middle", endedAt: 20, usage: inputOf(9) },
    ]);
    assert.deepEqual(ids(reader, { sortBy: "latency" }), ["slow", "middle", "fast"]);
    assert.deepEqual(ids(reader, { sortBy: "tokens", order: "asc" }), ["slow", "middle", "fast"]);
    assert.deepEqual(ids(reader, { sortBy: "tokens" }), ["middle", "slow", "fast"]);
    assert.equal(ids(reader, { sortBy: "cost" }).length, 3);
    assert.equal(reader.list({ ...EVERYTHING, sortBy: "latency", limit: 1 }).pagination.next, null);
  });
}

function filterTests(check: Check): void {
  check("each filter keeps what it names, and several must all hold", ({ reader }, feed) => {
    feed.write([failedOver, ...many(2, () => ({ outcome: "error", virtualKey: { id: "vk-2", name: "B" } }))]);
    const found = (query: Partial<LogQuery>): string[] => ids(reader, query).sort();
    assert.deepEqual(found({ providers: ["anthropic", "groq"] }), ["failed-over"]);
    assert.deepEqual(found({ providers: [] }), []);
    assert.deepEqual(found({ models: ["gpt-4o-mini"] }), ["id-0", "id-1"]);
    assert.deepEqual(found({ status: ["error", "cancelled"] }), ["id-0", "id-1"]);
    assert.deepEqual(found({ virtualKeyIds: ["vk-1"] }), ["failed-over"]);
    assert.deepEqual(found({ selectedKeyIds: ["key-3"] }), ["failed-over"]);
    assert.deepEqual(found({ stopReasons: ["stop"] }), ["failed-over"]);
    assert.deepEqual(found({ objects: ["chat_completion"] }), ["id-0", "id-1"]);
    assert.deepEqual(found({ stream: true }), ["failed-over"]);
    assert.deepEqual(found({ stream: false }), ["id-0", "id-1"]);
    assert.deepEqual(found({ minLatency: 1, maxLatency: 1 }), ["id-1"]);
    assert.deepEqual(found({ minTokens: 18 }), ["failed-over"]);
    assert.deepEqual(found({ startTime: START + 1 }), ["id-1"]);
    assert.deepEqual(found({ endTime: START }), ["failed-over", "id-0"]);
    assert.deepEqual(found({ clientRequestId: "client-7" }), ["failed-over"]);
    assert.deepEqual(found({ providers: ["openai"], minLatency: 1 }), ["id-1"]);
    const page = reader.list({ ...EVERYTHING, status: ["error"] });
    assert.deepEqual([page.pagination.total_count, page.stats.success_rate, page.has_logs], [2, 0, true]);
  });

  check("a filtered list tells the same sums whether it shows all of its rows or some", ({ reader }, feed) => {
    const usage = { ...inputOf(3), outputTokens: 4 };
    feed.write(many(30, (i) => ({ usage, stream: i % 2 === 0, outcome: i % 3 === 0 ? "cancelled" : "success" })));
    const whole = reader.list({ ...EVERYTHING, stream: true });
    const part = reader.list({ ...EVERYTHING, stream: true, limit: 4 });
    assert.deepEqual(whole.stats, part.stats);
    assert.deepEqual([whole.logs.length, part.logs.length, part.stats.total_requests], [15, 4, 15]);
    assert.deepEqual([part.stats.success_rate, part.stats.total_tokens], [(10 / 15) * 100, 105]);
  });

  check("content search is literal, in input and output, without regard to case", ({ reader }, feed) => {
    feed.write([failedOver, { id: "other", answer: Buffer.from("nothing") }, { id: "bare" }]);
    const found = (contentSearch: string): string[] => ids(reader, { contentSearch });
    assert.deepEqual(found('100% "FUN'), ["failed-over"]);
    assert.deepEqual(found("GRÜSSE"), []);
    assert.deepEqual(found("GRÜ"), ["failed-over"]);
    assert.deepEqual(found("DATA: X"), ["failed-over"]);
    assert.deepEqual(found("_o%"), []);
    assert.deepEqual(found("Nothing"), ["other"]);
    assert.deepEqual(found("' OR 1=1 --"), []);
  });

  check("a filter's text is never taken for a statement", ({ reader }, feed) => {
    feed.write([{ id: "one" }]);
    assert.deepEqual(ids(reader, { providers: ["x') OR 1=1 --"] }), []);
    assert.deepEqual(ids(reader, { after: "1; DROP TABLE request_log" }), ["one"]);
  });
}

const rawUsage: RawUsage = {
  counts: { input: 100, "web_search/low": 2 },
  tier: "flex",
  region: null,
  reportedNano: 40_000,
  refused: ["odd_tokens"],
};

/** Input at 250 pico-dollars a token; searches have no price where `unpriced` says so. */
export function costFixture(nano: number, unpriced: Cost["unpriced"] = []): Cost {
  const parts = nano === 0 ? [] : [{ kind: "input", count: 100, rate: "input@flex", unitPico: nano * 10 } as const];
  const computed = { nano, parts, unpriced, priceVersion: "sheet 1", source: "price sheet" };
  return { nano, origin: "computed", unpriced, reportedNano: null, computed };
}

const costing = (id: string, nano: number, more: ExchangeSpec = {}): ExchangeSpec => ({
  id,
  attempts: [{ rawUsage, usageOrigin: "reported", cost: costFixture(nano) }],
  ...more,
});

function costTests(check: Check): void {
  check("a row tells what was used, what it cost by which prices, and what has none", ({ reader }, feed) => {
    const cost = { ...costFixture(25, ["web_search/low"]), reportedNano: 40_000 };
    feed.write([{ id: "part", attempts: [{ rawUsage, usageOrigin: "counted", cost }] }]);
    const row = reader.get("part");
    const details = {
      parts: [{ kind: "input", count: 100, rate: "input@flex", unit_price: 2.5e-10, cost: 2.5e-8 }],
      unpriced: ["web_search/low"],
      price_version: "sheet 1",
      source: "price sheet",
      reported: 0.00004,
    };
    assert.deepEqual([row?.cost, row?.cost_details], [0.000000025, details]);
    const { usage_origin, usage_details, cost: charged, cost_details } = row?.attempts[0] ?? {};
    assert.deepEqual([usage_origin, charged, cost_details], ["counted", 0.000000025, details]);
    const { counts, tier, region, refused } = rawUsage;
    assert.deepEqual(usage_details, { counts, tier, region, refused });
  });

  check("every attempt's cost counts, and a figure of the provider's own is shown beside ours", ({ reader }, feed) => {
    const reported: Cost = { ...costFixture(7), nano: 9, origin: "reported", reportedNano: 9 };
    feed.write([{ id: "two", attempts: [{ cost: costFixture(5) }, { cost: null }, { cost: reported }] }]);
    const row = reader.get("two");
    assert.equal(row?.cost, 0.000000014);
    assert.deepEqual([row?.cost_details?.parts.length, row?.cost_details?.reported], [2, 0.000000009]);
    assert.deepEqual(
      row?.attempts.map((attempt) => attempt.cost),
      [0.000000005, null, 0.000000009],
    );
  });

  check("costs are filtered, sorted and added up exactly; what has no price is never 0", ({ reader }, feed) => {
    const unknown = { attempts: [{ rawUsage, cost: costFixture(0, ["input"]) }] };
    feed.write([
      costing("cheap", 1),
      costing("dear", 300_000_000, { virtualKey: { id: "a", name: "a", teamId: "t" } }),
      costing("middle", 100_000_000, { virtualKey: { id: "b", name: "b", customerId: "c" } }),
      { id: "unknown", ...unknown },
      { id: "refused", outcome: "error", attempts: [] },
    ]);
    assert.deepEqual(ids(reader, { sortBy: "cost" }), ["dear", "middle", "cheap", "refused", "unknown"]);
    assert.deepEqual(ids(reader, { minCost: 2, maxCost: 100_000_000 }), ["middle"]);
    assert.deepEqual(ids(reader, { missingCostOnly: true }), ["unknown"]);
    assert.deepEqual(ids(reader, { teamIds: ["t"] }), ["dear"]);
    assert.deepEqual(ids(reader, { customerIds: ["c"] }), ["middle"]);
    assert.deepEqual([reader.get("unknown")?.cost, reader.get("refused")?.cost], [null, 0]);
    for (const query of [{}, { minLatency: 0 }, { minLatency: 0, limit: 1 }]) {
      const { total_cost, unpriced_requests } = reader.list({ ...EVERYTHING, ...query }).stats;
      assert.deepEqual([total_cost, unpriced_requests], [0.400000001, 1]);
    }
  });

  check("sums of absurd costs stay numbers", ({ writer, reader }, feed) => {
    for (let batch = 0; batch < 3; batch++)
      feed.write(Array.from({ length: 700 }, (_, i) => costing(`${batch}-${i}`, Number.MAX_SAFE_INTEGER)));
    assert.deepEqual([writer.health.ok, writer.dropped], [true, 0]);
    assert.ok(reader.list(EVERYTHING).stats.total_cost > 9_000_000);
    assert.ok(reader.list({ ...EVERYTHING, minLatency: 0 }).stats.total_cost > 9_000_000_000);
  });
}
