// Sums over time tell what the rows tell, whatever of them was rolled up, removed or priced anew meanwhile.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import * as fc from "fast-check";
import type { ExchangeSpec } from "../../core/exchange-fixture.ts";
import type { LogDimension, LogQuery, LogReader, LogSums } from "../../core/stores.ts";
import { assembleFixture, costFixture, EVERYTHING, LogFeed } from "../contract/log-store.ts";
import { createLogReader } from "./log-reader.ts";
import { LogUpkeep } from "./log-upkeep.ts";
import { createLogWriter } from "./log-writer.ts";

/** Rows are young: sums by minute are kept for two weeks. */
const START = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 3 * 86_400_000;
const MINUTE = 60_000;

interface Fact {
  readonly minutes: number;
  readonly provider: string;
  readonly model: string;
  readonly latency: number;
  readonly nano: number;
  readonly user: string;
  readonly outcome: "success" | "error" | "cancelled";
}

const fact: fc.Arbitrary<Fact> = fc.record({
  minutes: fc.double({ min: 0, max: 2 * 1440, noNaN: true }),
  provider: fc.constantFrom("openai", "anthropic"),
  model: fc.constantFrom("a", "b", "c"),
  latency: fc.double({ min: 0.5, max: 100_000, noNaN: true }),
  nano: fc.nat(1_000_000),
  user: fc.constantFrom("", "u1", "u2", "other"),
  outcome: fc.constantFrom("success", "error", "cancelled"),
});

const spec = (id: string, f: Fact): ExchangeSpec => ({
  id,
  acceptedAt: START + Math.floor(f.minutes * MINUTE),
  endedAt: f.latency,
  outcome: f.outcome,
  userId: f.user,
  usage: { inputTokens: 3, outputTokens: 4, cachedTokens: 1, cacheWriteTokens: null, reasoningTokens: null },
  attempts: [{ provider: f.provider, model: f.model, cost: costFixture(f.nano) }],
});

/** Makes all blocks large, and rolls up to so many steps of them. */
function roll(path: string, steps: number): void {
  const database = new DatabaseSync(path);
  database.exec("UPDATE log_blocks SET tier = 9");
  const upkeep = new LogUpkeep(database);
  for (let step = 0; step < steps && upkeep.step(); step++);
  database.close();
}

const plain = (sums: LogSums): unknown => ({
  ...sums,
  latencyMs: Math.round(sums.latencyMs),
  p50: 0,
  p90: 0,
  p95: 0,
  p99: 0,
});

/** The same question, asked so that only rows can answer. */
const byRows = (query: LogQuery): LogQuery => ({ ...query, minLatency: 0 });

function check(reader: LogReader, query: LogQuery): void {
  const dimensions: LogDimension[] = ["provider", "model", "user"];
  assert.deepEqual(plain(reader.sums(query)), plain(reader.sums(byRows(query))));
  for (const by of dimensions) {
    const of = (filter: LogQuery): unknown =>
      reader
        .groups({ filter, by, sortBy: "requests", order: "desc", limit: 10, offset: 0 })
        .map(({ id, name, count, sums, provider }) => ({
          id,
          name,
          count,
          provider: by === "model" ? provider !== null : null,
          sums: plain(sums),
        }));
    assert.deepEqual(of(query), of(byRows(query)));
  }
  for (const bucket of [MINUTE, 5 * MINUTE, 60 * MINUTE, 1440 * MINUTE])
    for (const by of [null, "provider"] as const) {
      const [from, to] = [query.startTime ?? START, (query.endTime ?? START + 3 * 1440 * MINUTE) + 1];
      const of = (filter: LogQuery): unknown =>
        reader
          .series({ filter, from, to, bucket, by, top: query.limit % 2 === 0 ? 5 : 1 })
          .map(({ at, group, sums }) => ({ at, id: group?.id ?? null, sums: plain(sums) }))
          .sort((a, b) => a.at - b.at || String(a.id).localeCompare(String(b.id)));
      assert.deepEqual(of(query), of(byRows(query)));
    }
}

test("sums, groups and series from sums over time equal those counted from rows", () => {
  fc.assert(
    fc.property(
      fc.array(fact, { minLength: 1, maxLength: 60 }),
      fc.nat(12),
      fc.tuple(fc.nat(2 * 1440 * MINUTE), fc.nat(2 * 1440 * MINUTE)),
      (facts, steps, [a, b]) => {
        const folder = mkdtempSync(join(tmpdir(), "log-rollups-"));
        const path = join(folder, "log.db");
        const writer = createLogWriter({ path, assembleText: assembleFixture });
        const reader = createLogReader(path);
        try {
          const feed = new LogFeed(writer);
          const half = facts.length >> 1;
          feed.write(facts.slice(0, half).map((f, i) => spec(`a${i}`, f)));
          roll(path, steps);
          feed.write(facts.slice(half).map((f, i) => spec(`b${i}`, f)));
          check(reader, EVERYTHING);
          check(reader, { ...EVERYTHING, limit: 1 });
          const range = { startTime: START + Math.min(a, b), endTime: START + Math.max(a, b) };
          check(reader, { ...EVERYTHING, ...range });
          check(reader, { ...EVERYTHING, ...range, models: ["a", "c"] });
          const before = reader.sums(EVERYTHING).requests;
          assert.equal(writer.remove(["a0", "b0", "nothing"]), (half > 0 ? 1 : 0) + 1);
          // What was is still summed up; the rows are gone.
          assert.equal(reader.sums(EVERYTHING).requests, before);
          assert.equal(
            reader.list({ ...EVERYTHING, minLatency: 0 }).pagination.total_count,
            before - (half > 0 ? 2 : 1),
          );
        } finally {
          writer.close();
          reader.close();
          rmSync(folder, { recursive: true });
        }
      },
    ),
    { numRuns: 15, seed: 7 },
  );
});

test("percentiles from sums are within 5 % of the true ones", () => {
  const folder = mkdtempSync(join(tmpdir(), "log-rollups-"));
  const path = join(folder, "log.db");
  const writer = createLogWriter({ path, assembleText: assembleFixture });
  const reader = createLogReader(path);
  const base: Omit<Fact, "latency"> = {
    minutes: 5,
    provider: "openai",
    model: "a",
    nano: 1,
    user: "",
    outcome: "success",
  };
  new LogFeed(writer).write(Array.from({ length: 500 }, (_, i) => spec(`p${i}`, { ...base, latency: 1.02 ** i })));
  roll(path, 100);
  const sums = reader.sums(EVERYTHING);
  for (const [found, place] of [
    [sums.p50, 249],
    [sums.p90, 449],
    [sums.p95, 474],
    [sums.p99, 494],
  ] as const)
    assert.ok(Math.abs((found ?? 0) / 1.02 ** place - 1) <= 0.05);
  writer.close();
  reader.close();
  rmSync(folder, { recursive: true });
});
