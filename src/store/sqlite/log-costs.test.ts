// Hourly sums go with the rows, also when the process is killed; rows priced anew change with every sum they stand in.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { CostLog, HoursQuery, PriceAgain, RepriceJob } from "../../core/cost-log.ts";
import type { ExchangeSpec } from "../../core/exchange-fixture.ts";
import type { LogQuery, LogReader } from "../../core/stores.ts";
import { emptyUsage, type RawUsage } from "../../core/usage.ts";
import { assembleFixture, costFixture, EVERYTHING, LogFeed } from "../contract/log-store.ts";
import { APPLICATION_IDS } from "./file.ts";
import { createCostLog } from "./log-costs.ts";
import { HOUR_MS } from "./log-hours.ts";
import { createLogReader } from "./log-reader.ts";
import { createLogWriter } from "./log-writer.ts";
import { requestLog } from "./migrations/001-request-log.ts";

const START = Math.floor(1_700_000_000_000 / HOUR_MS) * HOUR_MS;
const raw = (input: number): RawUsage => ({
  counts: { input },
  tier: null,
  region: null,
  reportedNano: null,
  refused: [],
});

interface Stores {
  readonly path: string;
  readonly feed: LogFeed;
  readonly reader: LogReader;
  readonly costs: CostLog;
}

function inFolder(title: string, run: (stores: Stores) => void | Promise<void>): void {
  test(title, async () => {
    const folder = mkdtempSync(join(tmpdir(), "log-costs-"));
    const path = join(folder, "log.db");
    const writer = createLogWriter({ path, assembleText: assembleFixture });
    const [reader, costs] = [createLogReader(path), createCostLog(path)];
    try {
      await run({ path, feed: new LogFeed(writer), reader, costs });
    } finally {
      for (const store of [writer, reader, costs]) store.close();
      rmSync(folder, { recursive: true });
    }
  });
}

/** One attempt of 100 tokens for so much; -1 = it has no price. */
function request(id: string, nano: number, more: ExchangeSpec = {}): ExchangeSpec {
  const cost = nano < 0 ? costFixture(0, ["input"]) : costFixture(nano);
  const usage = { ...emptyUsage(), inputTokens: 100, outputTokens: 5 };
  return { id, acceptedAt: START, usage, attempts: [{ rawUsage: raw(100), usageOrigin: "reported", cost }], ...more };
}

const always: HoursQuery = { from: 0, to: START + 1000 * HOUR_MS };
const key = (id: string, more: object = {}) => ({ id, name: id, ...more });

inFolder("each hour adds up requests, errors, tokens and costs of its owners", ({ feed, costs }) => {
  feed.write([
    request("a", 5, { virtualKey: key("k1", { teamId: "t" }), teams: [{ id: "t", name: "T", customerId: "c" }] }),
    request("b", 7, { virtualKey: key("k1", { teamId: "t" }), outcome: "error", acceptedAt: START + HOUR_MS - 1 }),
    request("c", -1, { virtualKey: key("k2"), acceptedAt: START + HOUR_MS }),
  ]);
  feed.write([request("d", 11, { virtualKey: key("k1") }), request("a", 5)]);
  const first = { at: START, requests: 3, errors: 1, inputTokens: 300, outputTokens: 15, cost: 23, unpriced: 0 };
  const second = { ...first, at: START + HOUR_MS, requests: 1, errors: 0, inputTokens: 100, outputTokens: 5, cost: 0 };
  assert.deepEqual(costs.hours(always).map(plain), [first, { ...second, unpriced: 1 }]);
  const cost = (query: Partial<HoursQuery>) => costs.hours({ ...always, ...query }).map((hour) => hour.cost);
  assert.deepEqual(cost({ virtualKeyId: "k1" }), [23]);
  assert.deepEqual(cost({ teamId: "t" }), [12]);
  assert.deepEqual(cost({ customerId: "c" }), [5]);
  assert.deepEqual(cost({ virtualKeyId: "k1", from: START + 1 }), []);
  assert.deepEqual(cost({ virtualKeyId: "nobody" }), []);
});

const plain = (value: object): object => ({ ...value });

inFolder("a cost stands with the provider that charged it", ({ feed, costs }) => {
  const failed = { provider: "openai", model: "gpt", cost: costFixture(3) };
  const answered = { provider: "azure", model: "gpt", cost: costFixture(4) };
  feed.write([request("a", 0, { attempts: [failed, answered] })]);
  const cost = (provider: string) => costs.hours({ ...always, provider }).map((hour) => [hour.cost, hour.requests]);
  assert.deepEqual([cost("openai"), cost("azure")], [[[3, 0]], [[4, 1]]]);
});

inFolder("hours are found by index, whoever is asked for", ({ path }) => {
  const database = new DatabaseSync(path);
  for (const column of ["virtual_key_id", "team_id", "customer_id"]) {
    const sql = `EXPLAIN QUERY PLAN SELECT hour FROM cost_hours WHERE ${column} = ? AND ${column} <> '' AND hour >= 1 AND hour < 9`;
    assert.match(JSON.stringify(database.prepare(sql).all("x")), /SEARCH cost_hours USING (COVERING )?INDEX/, column);
  }
  database.close();
});

inFolder("killed in the midst of writing, rows and hours tell the same", async ({ path, reader, costs }) => {
  const child = fork(new URL("./log-writer-child.ts", import.meta.url), [path]);
  child.on("message", (count: number) => {
    if (count >= 200) child.kill("SIGKILL");
  });
  await once(child, "exit");
  const rows = reader.list(EVERYTHING).stats.total_requests;
  assert.ok(rows >= 200);
  assert.equal(
    costs.hours(always).reduce((sum, hour) => sum + hour.requests, 0),
    rows,
  );
});

function newJob(query: Partial<LogQuery> = {}, id = "job-1"): RepriceJob {
  const bounds = { startTime: 0, endTime: START + 100 * HOUR_MS };
  return {
    id,
    query: { ...EVERYTHING, ...bounds, ...query } as RepriceJob["query"],
    applyToBudgets: false,
    state: "running",
    error: "",
    startedAt: START,
    endedAt: null,
    timestamp: query.startTime ?? -1,
    seq: 0,
    matched: 0,
    changed: 0,
    unpriced: 0,
    difference: 0,
    posted: 0,
  };
}

/** One nano-dollar a token, from now on. */
const perToken: PriceAgain = ({ rawUsage, usage }) =>
  costFixture(rawUsage?.counts.input ?? (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0));

function runJob(costs: CostLog, job: RepriceJob, price: PriceAgain, rows = 3): RepriceJob {
  costs.keep(job);
  for (let now = job, steps = 0; ; steps++) {
    assert.ok(steps < 100, "the job comes to an end");
    const { job: next, isLast } = costs.reprice(now, rows, price);
    if (isLast) return next;
    now = next;
  }
}

inFolder("rows are priced anew slice by slice, with every sum they stand in", ({ feed, reader, costs }) => {
  feed.write(
    Array.from({ length: 10 }, (_, i) => request(`id-${i}`, i === 0 ? -1 : 5, { virtualKey: key(`k${i % 2}`) })),
  );
  const done = runJob(costs, newJob(), perToken);
  assert.deepEqual([done.matched, done.changed, done.unpriced, done.difference], [10, 10, 0, 10 * 100 - 9 * 5]);
  const { stats, logs } = reader.list(EVERYTHING);
  assert.deepEqual([stats.total_cost, stats.unpriced_requests], [0.000001, 0]);
  assert.deepEqual(
    logs.map((row) => row.cost),
    Array(10).fill(1e-7),
  );
  assert.equal(logs[0]?.attempts[0]?.cost_details?.price_version, "sheet 1");
  assert.deepEqual(
    costs.hours(always).map((hour) => [hour.requests, hour.cost, hour.unpriced]),
    [[10, 1000, 0]],
  );
  const differences = costs.differences().map(({ virtualKeyId, nano, provider }) => [virtualKeyId, nano, provider]);
  assert.deepEqual(differences, [
    ["k0", 480n, "openai"],
    ["k1", 475n, "openai"],
  ]);
  assert.deepEqual(costs.job(), done);
});

inFolder("what costs the same again is not changed, and what lost its price says so", ({ feed, reader, costs }) => {
  feed.write([request("same", 100), request("other", 7)]);
  assert.equal(runJob(costs, newJob(), perToken).changed, 1);
  assert.equal(runJob(costs, newJob({}, "job-2"), perToken).changed, 0);
  assert.deepEqual(costs.differences(), []);
  const lost = runJob(costs, newJob({}, "job-3"), () => costFixture(0, ["input"]));
  assert.deepEqual([lost.changed, lost.unpriced, lost.difference], [2, 2, -200]);
  const { stats, logs } = reader.list(EVERYTHING);
  assert.deepEqual([stats.total_cost, stats.unpriced_requests, logs[0]?.cost], [0, 2, null]);
  assert.deepEqual(
    costs.hours(always).map((hour) => [hour.cost, hour.unpriced]),
    [[0, 2]],
  );
});

inFolder("only the rows that are asked for are priced anew", ({ feed, reader, costs }) => {
  feed.write([
    request("a", 1, { virtualKey: key("k1") }),
    request("b", 1, { acceptedAt: START + 5 }),
    request("c", -1, { acceptedAt: START + 9, virtualKey: key("k1") }),
    request("none", 0, { attempts: [], outcome: "error" }),
  ]);
  const costOf = (): (number | null | undefined)[] => ["a", "b", "c", "none"].map((id) => reader.get(id)?.cost);
  runJob(costs, newJob({ startTime: START + 5, endTime: START + 5 }), perToken, 1);
  assert.deepEqual(costOf(), [1e-9, 1e-7, null, 0]);
  assert.equal(runJob(costs, newJob({ missingCostOnly: true }, "job-3"), perToken).matched, 1);
  assert.deepEqual(costOf(), [1e-9, 1e-7, 1e-7, 0]);
});

inFolder("a job goes on where it stood, also in another process", ({ path, feed, costs }) => {
  feed.write(Array.from({ length: 9 }, (_, i) => request(`id-${i}`, 1, { acceptedAt: START + i })));
  costs.keep(newJob());
  costs.reprice(newJob(), 4, perToken);
  const later = createCostLog(path);
  const job = later.job() as RepriceJob;
  assert.deepEqual([job.matched, job.timestamp], [4, START + 3]);
  assert.equal(runJob(later, job, perToken, 100).changed, 9);
  assert.deepEqual(
    later.differences().map(({ nano }) => nano),
    [9n * 99n],
  );
  later.close();
});

inFolder("models without a price are counted, those asked for most often first", ({ feed, costs }) => {
  feed.write(["a", "b", "c"].map((id) => request(id, -1)));
  feed.write([request("d", 5), request("e", -1, { acceptedAt: START + 3 * HOUR_MS })]);
  assert.equal(costs.unpriced(0).length, 1);
  assert.equal(costs.unpriced(0)[0]?.requests, 4);
  assert.equal(costs.unpriced(START + HOUR_MS)[0]?.requests, 1);
  assert.deepEqual(costs.unpriced(START + 9 * HOUR_MS), []);
});

test("rows of an older version count as unpriced, and are priced by the tokens they kept", () => {
  const folder = mkdtempSync(join(tmpdir(), "log-costs-"));
  const path = join(folder, "log.db");
  mkdirSync(dirname(path), { recursive: true });
  const old = new DatabaseSync(path);
  old.exec(requestLog.sql);
  const attempt = JSON.stringify([
    ["openai", "gpt", "main", "k", 0, 200, "", "", "planned", 0, 0, 0, -1, 1, 0, [40, 2, null, null, null]],
  ]);
  old
    .prepare(`INSERT INTO request_log (id, timestamp, object, provider, model, requested_model, status, stream, latency,
    selected_key_id, selected_key_name, virtual_key_id, number_of_retries, fallback_index, prompt_tokens, completion_tokens,
    content_hidden, attempts) VALUES ('old', ?, 'chat_completion', 'openai', 'gpt', 'openai/gpt', 'success', 0, 1, 'k', 'main',
    'vk', 0, 0, 40, 2, 0, ?)`)
    .run(START, attempt);
  old.exec(`UPDATE log_totals SET requests = 1, succeeded = 1, unpriced = 1;
    PRAGMA application_id = ${APPLICATION_IDS.log}; PRAGMA user_version = 1`);
  old.close();
  const writer = createLogWriter({ path, assembleText: assembleFixture });
  const [reader, costs] = [createLogReader(path), createCostLog(path)];
  assert.deepEqual([reader.get("old")?.cost, reader.list(EVERYTHING).stats.unpriced_requests], [null, 1]);
  const asked: string[] = [];
  runJob(costs, newJob(), (use) => {
    asked.push(use.askedModel, use.providerKeyName, use.virtualKeyId ?? "");
    return perToken(use);
  });
  assert.deepEqual(asked, ["gpt", "main", "vk"]);
  assert.deepEqual([reader.get("old")?.cost, reader.list(EVERYTHING).stats.unpriced_requests], [4.2e-8, 0]);
  assert.deepEqual(
    costs.hours({ ...always, virtualKeyId: "vk" }).map((hour) => [hour.cost, hour.requests]),
    [[42, 1]],
  );
  for (const store of [writer, reader, costs]) store.close();
  rmSync(folder, { recursive: true });
});
