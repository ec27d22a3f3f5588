// Measures what settling costs the loop per request, and what the row costs the control plane: `node bench/micro/settle.ts`.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RecordBuffer } from "../../src/accounting/record-buffer.ts";
import { createAccounting } from "../../src/accounting/settle.ts";
import { type ExchangeSpec, fixtureExchange } from "../../src/core/exchange-fixture.ts";
import type { RecordsMessage } from "../../src/core/plane-messages.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createLogWriter } from "../../src/store/sqlite/log-writer.ts";
import { LoopMetrics } from "../../src/telemetry/metrics-loop.ts";

const ROUNDS = 12;
const PER_ROUND = 20_000;

const usage = { inputTokens: 24, outputTokens: 41, cachedTokens: 0, cacheWriteTokens: null, reasoningTokens: null };
const rawUsage = { counts: { input: 24, output: 41 }, tier: null, region: null, reportedNano: null, refused: [] };
const computed = {
  nano: 28_200,
  parts: [
    { kind: "input", count: 24, rate: "input", unitPico: 150_000 },
    { kind: "output", count: 41, rate: "output", unitPico: 600_000 },
  ] as const,
  unpriced: [],
  priceVersion: "2026-10-01",
  source: "@pydantic/genai-prices",
};
const cost = { nano: 28_200, origin: "computed", unpriced: [], reportedNano: null, computed } as const;
const usual: ExchangeSpec = {
  attempts: [{ usage, rawUsage, usageOrigin: "reported", cost }],
  virtualKey: { id: "vk-0199f2c1", name: "Team A" },
  clientRequestId: "4f7b3e2a-0000-4000-8000-000000000000",
  userAgent: "OpenAI/Python 1.99.1",
  usage,
  stopReason: "stop",
  decision: {
    engine: "governance",
    draw: 0.4,
    candidates: [{ provider: "openai", model: "gpt-4o-mini", weight: 1, share: 1, health: 1 }],
    order: [{ provider: "openai", model: "gpt-4o-mini", key: "main", reason: "only candidate" }],
  },
};
const message = JSON.stringify({ role: "user", content: "x".repeat(450) });
const body = Buffer.from(message);
const answer = Buffer.from(JSON.stringify({ choices: [{ message: { content: "y".repeat(650) } }] }));
const withContent: ExchangeSpec = { ...usual, body, inputFrom: 0, inputTo: body.length, answer };

function microseconds(run: () => void): number {
  const before = process.threadCpuUsage();
  run();
  const { user, system } = process.threadCpuUsage(before);
  return user + system;
}

function median(values: number[]): string {
  return (values.toSorted((a, b) => a - b)[values.length >> 1] as number).toFixed(2);
}

function measure(name: string, spec: ExchangeSpec, sink: (message: RecordsMessage) => void): void {
  const settles: number[] = [];
  const rows: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const messages: RecordsMessage[] = [];
    let isTimed = false;
    const records: RecordBuffer = new RecordBuffer({
      send: (message) => {
        if (message.type !== "records") return true;
        // Timed, the buffers come back at once, as they do from a control plane that keeps up.
        if (!isTimed) messages.push({ ...message, buffer: message.buffer.slice(0) });
        records.release(message.buffer);
        return true;
      },
    });
    const metrics = new LoopMetrics({ send: () => true });
    const accounting = createAccounting({ records, metrics, clock: systemClock, onFault: console.error });
    const exchanges = Array.from({ length: PER_ROUND }, (_, i) =>
      fixtureExchange({ ...spec, id: `${String(round).padStart(6, "0")}${String(i).padStart(14, "0")}` }),
    );
    for (const exchange of exchanges) records.add(exchange);
    records.flush();
    isTimed = true;
    settles.push(
      microseconds(() => {
        for (const exchange of exchanges) accounting.settle(exchange);
        records.flush();
      }) / PER_ROUND,
    );
    metrics.close();
    rows.push(microseconds(() => messages.forEach(sink)) / PER_ROUND);
    if (records.dropped > 0) throw new Error(`${records.dropped} records dropped`);
  }
  console.log(`${name.padEnd(24)} settle ${median(settles.slice(3))} µs, row ${median(rows.slice(3))} µs`);
}

const folder = mkdtempSync(join(tmpdir(), "settle-bench-"));
let part = 0;
for (const [name, spec] of [
  ["without content", { ...usual, contentLogging: false }],
  ["with 1.2 KB of content", withContent],
] as const) {
  const path = join(folder, `${part++}.db`);
  let writer = createLogWriter({ path, assembleText: (bytes) => bytes.toString("utf8") });
  measure(name, spec, ({ buffer, firstWord, words }) => {
    if (firstWord === 0) {
      writer.close();
      writer = createLogWriter({ path, assembleText: (bytes) => bytes.toString("utf8") });
    }
    writer.write(buffer, firstWord, words);
  });
  writer.close();
}
rmSync(folder, { recursive: true });
