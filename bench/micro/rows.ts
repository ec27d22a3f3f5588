// Measures what writing a row costs the control thread, in batches as a busy gateway sends them: `node bench/micro/rows.ts`.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ExchangeSpec, fixtureExchange } from "../../src/core/exchange-fixture.ts";
import { RECORD_BUFFER_BYTES } from "../../src/core/record.ts";
import { RecordPacker } from "../../src/core/record-pack.ts";
import { assembleText } from "../../src/formats/assemble-text.ts";
import { createLogWriter } from "../../src/store/sqlite/log-writer.ts";

const ROWS = 300;
const BATCHES = 30;
const ROUNDS = Number(process.env["ROUNDS"] ?? 6);

const usage = { inputTokens: 24, outputTokens: 41, cachedTokens: 0, cacheWriteTokens: null, reasoningTokens: null };
const rawUsage = { counts: { input: 24, output: 41 }, tier: null, region: null, reportedNano: null, refused: [] };
const parts = [
  { kind: "input", count: 24, rate: "input", unitPico: 150_000 },
  { kind: "output", count: 41, rate: "output", unitPico: 600_000 },
] as const;
const version = { priceVersion: "2026-10-01", source: "@pydantic/genai-prices" };
const computed = { nano: 28_200, parts, unpriced: [], ...version };
const cost = { nano: 28_200, origin: "computed", unpriced: [], reportedNano: null, computed } as const;
const times = { startedAt: 0.412, connectedAt: 0.413, headAt: 2.90123, firstTokenAt: 2.90254, endedAt: 2.98765 };
const message = JSON.stringify({ role: "user", content: "some words of a question ".repeat(18) });
const choice = {
  index: 0,
  message: { role: "assistant", content: "and of an answer, ".repeat(28) },
  finish_reason: "stop",
};
const body = Buffer.from(message);

function spec(id: string): ExchangeSpec {
  return {
    id,
    endedAt: 3.01234,
    attempts: [{ usage, rawUsage, usageOrigin: "reported", cost, ...times }],
    virtualKey: { id: "vk-0199f2c1", name: "Team A" },
    userAgent: "OpenAI/Python 1.99.1",
    usage,
    stopReason: "stop",
    decision: {
      engine: "governance",
      draw: 0.40382756,
      candidates: [{ provider: "openai", model: "gpt-4o-mini", weight: 1, share: 1, health: 1 }],
      order: [{ provider: "openai", model: "gpt-4o-mini", key: "main", reason: "only candidate" }],
    },
    body,
    inputFrom: 0,
    inputTo: body.length,
    answer: Buffer.from(JSON.stringify({ id: `chatcmpl-${id}`, object: "chat.completion", choices: [choice] })),
  };
}

function microseconds(run: () => void): number {
  const before = process.threadCpuUsage();
  run();
  const { user, system } = process.threadCpuUsage(before);
  return user + system;
}

const folder = mkdtempSync(join(tmpdir(), "rows-bench-"));
const path = join(folder, "logs.db");
const writer = createLogWriter({ path, assembleText });
const packer = new RecordPacker();
const figures: number[] = [];
let number = 0;
for (let round = 0; round < ROUNDS; round++) {
  const batches: (() => void)[] = [];
  for (let i = 0; i < BATCHES; i++) {
    const buffer = new ArrayBuffer(RECORD_BUFFER_BYTES);
    packer.begin(buffer);
    for (let row = 0; row < ROWS; row++) packer.pack(fixtureExchange(spec(`01k${String(number++).padStart(21, "0")}`)));
    const { firstWord, words } = packer.finish();
    batches.push(() => writer.write(buffer, firstWord, words));
  }
  figures.push(microseconds(() => batches.forEach((write) => write())) / (ROWS * BATCHES));
}
writer.close();
const rows = ROUNDS * BATCHES * ROWS;
const [best] = figures.slice(2).toSorted((a, b) => a - b);
console.log(
  `a row ${best?.toFixed(2)} µs at best of ${figures.map((figure) => figure.toFixed(1)).join(" ")}, ${(statSync(path).size / rows).toFixed(0)} bytes`,
);
rmSync(folder, { recursive: true });
