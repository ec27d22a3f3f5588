// Recalculation runs slice by slice beside everything else, goes on after a restart, and posts to budgets once.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConfigBook } from "../core/config-book.ts";
import type { CostDifference, CostLog, RepriceJob } from "../core/cost-log.ts";
import type { CounterPosting, CounterStore } from "../core/counters.ts";
import { CounterRefusedError } from "../core/counters.ts";
import type { BudgetEntity } from "../core/entities.ts";
import { StoreRefusedError } from "../core/stores.ts";
import { FakeBook } from "./fixtures/book.ts";
import { callRoute, virtualKeyEntity } from "./fixtures/house.ts";
import { recalculateRoutes } from "./recalculate.ts";
import { Recalculation } from "./recalculation.ts";
import { createRouter } from "./router.ts";

const NOW = Date.parse("2026-05-01T12:00:00Z");
const budget = (id: string): BudgetEntity => ({ id, maxLimitNano: "1000000000", resetDuration: "1d" });
const scope = (provider: string, models: string[]) => ({
  provider,
  weight: 1,
  allowedModels: null,
  blacklistedModels: [],
  keyIds: null,
  budgets: [budget(`${provider}-budget`)],
  rateLimit: null,
  modelLimits: models.map((model) => ({ model, budgets: [budget(`${provider}-${model}`)], rateLimit: null })),
});
const vk = {
  ...virtualKeyEntity("prod", [scope("openai", ["gpt-4o"]), scope("azure", ["*"])]),
  budgets: [budget("key-budget")],
};
const difference: CostDifference = {
  virtualKeyId: "vk-prod",
  teamId: "",
  customerId: "",
  provider: "openai",
  model: "gpt-4o",
  nano: 5n,
};

/** A log of so many slices, each with two changed rows. */
class FakeLog implements CostLog {
  kept: RepriceJob | null = null;
  left = 3;
  failures = 0;
  readonly changes: CostDifference[] = [];
  hours = () => [];
  unpriced = () => [];
  job = () => this.kept;
  keep(job: RepriceJob): void {
    this.kept = job;
  }
  reprice(job: RepriceJob) {
    if (this.failures-- > 0) throw new StoreRefusedError("/data/logs.db", "database is locked");
    this.left--;
    this.kept = { ...job, matched: job.matched + 2, changed: job.changed + 2, timestamp: job.timestamp + 1 };
    return { job: this.kept, isLast: this.left <= 0 };
  }
  differences = () => this.changes;
  close(): void {}
}

class FakeCounters {
  readonly posted: CounterPosting[] = [];
  readonly declared: string[] = [];
  missing = new Set<string>();
  async postByHand(posting: CounterPosting): Promise<boolean> {
    if (this.missing.has(posting.counter)) throw new CounterRefusedError("unknown-counter", "no such counter");
    this.posted.push(posting);
    return true;
  }
  async declare(counters: readonly { readonly id: string }[]): Promise<void> {
    for (const { id } of counters) {
      this.declared.push(id);
      this.missing.delete(id);
    }
  }
}

function setUp() {
  const log = new FakeLog();
  const counters = new FakeCounters();
  const book = new FakeBook([vk]);
  const parts = {
    costLog: () => log,
    priceAgain: async () => () => null,
    counters: () => counters as unknown as CounterStore,
    book: () => book as ConfigBook,
    newId: () => "job-1",
    now: () => NOW,
    retryAfter: 1,
  };
  const recalculation = new Recalculation(parts);
  const handler = createRouter(recalculateRoutes({ recalculation, now: () => NOW }));
  const call = (method: string, path: string, body?: unknown) =>
    callRoute(handler, method, `/api/logs/recalculate-cost${path}`, {
      ...(body === undefined ? {} : { body }),
      headers: { "content-type": "application/json" },
    });
  return { log, counters, parts, recalculation, call };
}

test("a recalculation is accepted, runs to its end and tells what it did", async () => {
  const { recalculation, call, counters, log } = setUp();
  log.changes.push(difference);
  assert.equal((await call("GET", "/status")).json.status, "none");
  const { status, json } = await call("POST", "", {
    providers: ["openai", "azure"],
    start_time: "2026-04-01T00:00:00Z",
  });
  assert.deepEqual([status, json.status, json.start_time], [202, "running", "2026-04-01T00:00:00.000Z"]);
  assert.equal((await call("POST", "")).status, 409);
  await recalculation.ended();
  const done = (await call("GET", "/status")).json;
  assert.deepEqual([done.status, done.matched, done.updated, done.budgets_adjusted], ["completed", 6, 6, 0]);
  assert.deepEqual(log.kept?.query.providers, ["openai", "azure"]);
  assert.equal(log.kept?.query.endTime, NOW);
  assert.deepEqual(counters.posted, []);
});

test("budgets are adjusted once each when it is asked for: those of the key, its provider and its model", async () => {
  const { recalculation, counters, log } = setUp();
  log.changes.push(difference, { ...difference, model: "o1", nano: -2n }, { ...difference, virtualKeyId: "gone" });
  counters.missing.add("openai-gpt-4o");
  recalculation.start({ sortBy: "timestamp", order: "desc", limit: 1, offset: 0 }, true);
  await recalculation.ended();
  assert.deepEqual(
    counters.posted.map(({ counter, amount, key, type }) => [counter, amount, key, type]),
    [
      ["key-budget", 3n, "job-1:key-budget", "adjustment"],
      ["openai-budget", 3n, "job-1:openai-budget", "adjustment"],
      ["openai-gpt-4o", 5n, "job-1:openai-gpt-4o", "adjustment"],
    ],
  );
  assert.deepEqual(counters.declared, ["openai-gpt-4o"]);
  assert.deepEqual([log.kept?.state, log.kept?.posted], ["completed", 3]);
});

test("a job that is cancelled keeps what it did and posts for it", async () => {
  const { recalculation, call, counters, log } = setUp();
  log.left = 1_000_000;
  log.changes.push(difference);
  assert.equal((await call("POST", "/cancel")).status, 409);
  await call("POST", "", { apply_to_budgets: true });
  const { status, json } = await call("POST", "/cancel");
  assert.deepEqual([status, json.status], [202, "cancelling"]);
  await recalculation.ended();
  assert.deepEqual([log.kept?.state, counters.posted.length], ["cancelled", 3]);
});

test("a job that the process did not end goes on at the next start", async () => {
  const { recalculation, log, parts } = setUp();
  log.left = 1_000_000;
  recalculation.start({ sortBy: "timestamp", order: "desc", limit: 1, offset: 0 }, false);
  await recalculation.stop();
  assert.equal(log.kept?.state, "running");
  log.left = 2;
  const next = new Recalculation(parts);
  next.resume();
  await next.ended();
  assert.equal(log.kept?.state, "completed");
});

test("a store that is locked is tried again, one that stays so fails the job by name", async () => {
  const { recalculation, call, log } = setUp();
  log.failures = 3;
  await call("POST", "");
  await recalculation.ended();
  assert.equal(log.kept?.state, "completed");
  log.failures = 1000;
  await call("POST", "");
  await recalculation.ended();
  const { json } = await call("GET", "/status");
  assert.deepEqual([json.status, json.error], ["failed", "database is locked"]);
});

test("what is no filter, or one that is not applied yet, is refused: it would change more rows than were meant", async () => {
  const { call, log } = setUp();
  for (const [body, param] of [
    [{ limit: 5 }, "limit"],
    [{ provider: "openai" }, "provider"],
    [{ apply_to_budgets: "yes" }, "apply_to_budgets"],
    [{ providers: ["a,b"] }, "providers"],
    [{ filters: { max_cost: {} } }, "max_cost"],
  ] as const) {
    const { status, json } = await call("POST", "", body);
    assert.deepEqual([status, json.error.param], [400, param]);
  }
  const never = await call("POST", "", { business_unit_ids: ["a"] });
  assert.match(never.json.error.message, /'business_unit_ids' matches nothing/);
  assert.equal(log.kept, null);
});
