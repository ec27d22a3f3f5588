// Measures the request log with a million rows: `node bench/log-million.ts` writes them once and asks everything several times.
import { existsSync, mkdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import { type ExchangeSpec, fixtureExchange } from "../src/core/exchange-fixture.ts";
import { RECORD_BUFFER_BYTES } from "../src/core/record.ts";
import { RecordPacker } from "../src/core/record-pack.ts";
import type { LogDimension, LogQuery } from "../src/core/stores.ts";
import { assembleText } from "../src/formats/assemble-text.ts";
import { createLogReader } from "../src/store/sqlite/log-reader.ts";
import { LogUpkeep } from "../src/store/sqlite/log-upkeep.ts";
import { createLogWriter } from "../src/store/sqlite/log-writer.ts";

const ROWS = Number(process.env["ROWS"] ?? 1_000_000);
const RUNS = Number(process.env["RUNS"] ?? 7);
const BATCH = 300;
const DAY = 86_400_000;
const FOLDER = process.env["FOLDER"] ?? join(tmpdir(), "drawbridge-log-million");
const path = join(FOLDER, `log-${ROWS}.db`);

/** Numbers that are the same in each run of the program. */
let state = 0x2545_f491;
function draw(below: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}

const PROVIDERS = ["openai", "anthropic", "gemini", "groq", "mistral", "bedrock"];
const AGENTS = ["OpenAI/Python 1.99.1", "claude-cli/2.0", "curl/8.9", "node"];
const message = Buffer.from(JSON.stringify({ role: "user", content: "some words of a question ".repeat(6) }));
const needle = Buffer.from(JSON.stringify({ role: "user", content: "a needle in the haystack" }));

function spec(number: number, time: number): ExchangeSpec {
  const provider = PROVIDERS[draw(draw(4) + 2)] as string;
  const key = draw(draw(2) === 0 ? 5 : 200);
  const input = 20 + draw(2000);
  const output = 5 + draw(800);
  const nano = input * 150 + output * 600;
  const latency = 80 * Math.exp(draw(1000) / 200);
  const usage = {
    inputTokens: input,
    outputTokens: output,
    cachedTokens: 0,
    cacheWriteTokens: null,
    reasoningTokens: null,
  };
  const computed = { nano, parts: [], unpriced: [], priceVersion: "1", source: "bench" };
  const failed = draw(40) === 0;
  const body = number % 100_000 === 777 ? needle : message;
  return {
    id: `01k${String(number).padStart(21, "0")}`,
    acceptedAt: time,
    endedAt: latency,
    attempts: [
      ...(draw(30) === 0 ? [{ provider: "openai", outcome: "server-error", status: 500, endedAt: 40 }] : []),
      {
        provider,
        model: `${provider}-model-${draw(6)}`,
        usage,
        cost: { nano, origin: "computed" as const, unpriced: [], reportedNano: null, computed },
      },
    ],
    outcome: failed ? "error" : "success",
    virtualKey: { id: `vk-${key}`, name: `Key ${key}`, teamId: `team-${key % 20}` },
    teams: Array.from({ length: 20 }, (_, i) => ({
      id: `team-${i}`,
      name: `Team ${i}`,
      customerId: `customer-${i % 4}`,
    })),
    customers: Array.from({ length: 4 }, (_, i) => ({ id: `customer-${i}`, name: `Customer ${i}` })),
    userAgent: AGENTS[draw(4)] as string,
    userId: `user-${draw(3000)}`,
    app: AGENTS[draw(4)] as string,
    sessionId: `session-${number >> 3}`,
    tags: draw(3) === 0 ? [["team", `t${draw(30)}`]] : [],
    usage,
    stopReason: draw(5) === 0 ? "length" : "stop",
    stream: draw(2) === 0,
    body,
    inputFrom: 0,
    inputTo: body.length,
  };
}

function fill(): void {
  mkdirSync(FOLDER, { recursive: true });
  const writer = createLogWriter({ path, assembleText });
  const packer = new RecordPacker();
  const end = Date.now();
  const held: number[] = [];
  let cpu = 0;
  for (let row = 0; row < ROWS; ) {
    const buffer = new ArrayBuffer(RECORD_BUFFER_BYTES);
    packer.begin(buffer);
    for (let i = 0; i < BATCH && row < ROWS; i++, row++)
      packer.pack(fixtureExchange(spec(row, Math.floor(end - 30 * DAY + (row / ROWS) * 30 * DAY))));
    const { firstWord, words } = packer.finish();
    const [before, began] = [process.threadCpuUsage(), performance.now()];
    writer.write(buffer, firstWord, words);
    const used = process.threadCpuUsage(before);
    held.push(performance.now() - began);
    cpu += used.user + used.system;
  }
  console.log(
    `write: ${(cpu / ROWS).toFixed(1)} µs a row in batches of ${BATCH}, ${(statSync(path).size / ROWS).toFixed(0)} bytes`,
  );
  held.sort((a, b) => a - b);
  console.log(
    `a batch held the thread ${held[held.length >> 1]?.toFixed(1)} ms, p99 ${held[Math.floor(held.length * 0.99)]?.toFixed(1)} ms, longest ${held.at(-1)?.toFixed(1)} ms`,
  );
  writer.close();
  const database = new DatabaseSync(path);
  const upkeep = new LogUpkeep(database);
  const steps: number[] = [];
  const before = process.threadCpuUsage();
  for (let isMore = true; isMore; ) {
    const began = performance.now();
    isMore = upkeep.step();
    steps.push(performance.now() - began);
  }
  const { user, system } = process.threadCpuUsage(before);
  database.close();
  steps.sort((x, y) => x - y);
  console.log(
    `sums over time: ${((user + system) / ROWS).toFixed(1)} µs a row, a step held the thread ${steps[steps.length >> 1]?.toFixed(1)} ms, p99 ${steps[Math.floor(steps.length * 0.99)]?.toFixed(1)} ms`,
  );
}

function measure(name: string, limit: number, run: () => unknown): void {
  run();
  const times: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const before = performance.now();
    run();
    times.push(performance.now() - before);
  }
  times.sort((a, b) => a - b);
  const median = times[times.length >> 1] as number;
  console.log(
    `${median <= limit ? "ok  " : "OVER"} ${name}: ${median.toFixed(1)} ms (${times[0]?.toFixed(1)} to ${times.at(-1)?.toFixed(1)}), at most ${limit}`,
  );
}

if (!existsSync(path)) fill();
const reader = createLogReader(path, assembleText);
const all: LogQuery = { sortBy: "timestamp", order: "desc", limit: 50, offset: 0 };
const now = Date.now();
const month: LogQuery = { ...all, startTime: now - 30 * DAY - 3_600_000, endTime: now };
measure("first page", 50, () => reader.list(all));
measure("first page, oldest first", 50, () => reader.list({ ...all, order: "asc" }));
const filters: Record<string, Partial<LogQuery>> = {
  provider: { providers: ["anthropic"] },
  "key and model": { virtualKeyIds: ["vk-3"], models: ["openai-model-1"] },
  errors: { status: ["error"] },
  "slow ones": { minLatency: 5000 },
  "nearly all, by latency": { minLatency: 1, sortBy: "latency" },
  "by cost": { sortBy: "cost" },
  session: { sessionIds: ["session-70000"] },
  user: { userIds: ["user-17"] },
  tag: { tags: { team: ["t3"] } },
  "client's id": { clientRequestId: "nothing" },
  retried: { retriedOnly: true },
  "content, rare": { contentSearch: "needle" },
  "content, absent": { contentSearch: "not there at all" },
};
for (const [name, filter] of Object.entries(filters))
  measure(`filter: ${name}`, 500, () => reader.list({ ...all, ...filter }));
measure("stats, 30 days", 300, () => reader.sums(month));
measure("stats, 30 days, filtered by what has no sums", 300, () => reader.sums({ ...month, minLatency: 200 }));
for (const by of [null, "provider", "model", "virtual_key", "status"] as (LogDimension | null)[])
  measure(`histogram, 30 days by hour, by ${by ?? "nothing"}`, 300, () =>
    reader.series({ filter: all, from: now - 30 * DAY, to: now, bucket: 3_600_000, by, top: 10 }),
  );
measure("histogram, 30 days by day, one provider by model", 300, () =>
  reader.series({
    filter: { ...all, providers: ["openai"] },
    from: now - 30 * DAY,
    to: now,
    bucket: DAY,
    by: "model",
    top: 10,
  }),
);
for (const by of ["model", "user", "session"] as LogDimension[])
  measure(`ranking by ${by}, 30 days`, 300, () =>
    reader.groups({ filter: month, by, sortBy: "cost", order: "desc", limit: 20, offset: 0 }),
  );
measure("values of a dimension", 300, () => reader.values("virtual_key", "", 50));
const row = reader.list(all).logs[0];
measure("one row", 50, () => reader.get(row?.id ?? ""));
reader.close();
