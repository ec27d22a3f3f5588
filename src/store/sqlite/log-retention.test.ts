// The log keeps to its age and its size, and what was removed is still summed up.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { LogReader } from "../../core/stores.ts";
import { assembleFixture, EVERYTHING, LogFeed } from "../contract/log-store.ts";
import { createLogReader } from "./log-reader.ts";
import { keepStep, type Retention } from "./log-retention.ts";
import { createLogWriter } from "./log-writer.ts";

const DAY = 86_400_000;
const NOW = Math.floor(Date.now() / DAY) * DAY;

function inLog(
  title: string,
  run: (log: { path: string; reader: LogReader; keep: (r: Retention) => number; now: number }) => void,
): void {
  test(title, () => {
    const folder = mkdtempSync(join(tmpdir(), "log-retention-"));
    const path = join(folder, "log.db");
    const writer = createLogWriter({ path, assembleText: assembleFixture });
    const feed = new LogFeed(writer);
    for (let day = 0; day < 10; day++)
      feed.write(
        Array.from({ length: 60 }, (_, i) => ({
          id: `${day}-${i}`,
          acceptedAt: NOW - day * DAY - 1000 - i,
          answer: Buffer.from(`${day}-${i} ${"an answer ".repeat(800)}`),
        })),
      );
    const reader = createLogReader(path);
    const database = new DatabaseSync(path);
    const keep = (retention: Retention): number => {
      let steps = 0;
      while (keepStep(database, retention, NOW)) assert.ok(++steps < 1000);
      return steps;
    };
    try {
      run({ path, reader, keep, now: NOW });
    } finally {
      database.close();
      reader.close();
      writer.close();
      rmSync(folder, { recursive: true });
    }
  });
}

const count = (reader: LogReader): number[] => [
  reader.list(EVERYTHING).pagination.total_count,
  reader.list({ ...EVERYTHING, minLatency: 0 }).pagination.total_count,
  reader.sums(EVERYTHING).requests,
];

inLog("rows older than their days go, newer ones stay, and sums tell of all", ({ reader, keep }) => {
  keep({ days: 4, maxBytes: 0 });
  assert.deepEqual(count(reader), [240, 240, 600]);
  assert.equal(reader.get("9-0"), null);
  assert.ok(reader.get("3-0"));
  assert.equal(keep({ days: 4, maxBytes: 0 }), 0);
});

inLog("beyond its size the oldest rows go, and the file shrinks", ({ path, reader, keep }) => {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  const before = statSync(path).size;
  keep({ days: 0, maxBytes: before / 2 });
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
  const [rows = 0, , sums] = count(reader);
  assert.ok(rows > 0 && rows < 600, `${rows} rows`);
  assert.equal(sums, 600);
  assert.ok(statSync(path).size < before);
  assert.ok(reader.get("0-0"));
});

inLog("without bounds nothing goes", ({ reader, keep }) => {
  keep({ days: 0, maxBytes: 0 });
  assert.deepEqual(count(reader), [600, 600, 600]);
});
