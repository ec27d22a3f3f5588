// The SQLite request log keeps the contract of every log store, and survives what happens to files.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type AssembleText, type StoreHealth, StoreRefusedError } from "../../core/stores.ts";
import {
  assembleFixture,
  EVERYTHING,
  LogFeed,
  type LogStoreUnderTest,
  logStoreContract,
} from "../contract/log-store.ts";
import { logSumsContract } from "../contract/log-sums.ts";
import { createLogReader } from "./log-reader.ts";
import { createLogWriter, type LogWriterOptions } from "./log-writer.ts";

const openStore = (assembleText: AssembleText): LogStoreUnderTest => {
  const folder = mkdtempSync(join(tmpdir(), "log-store-"));
  const path = join(folder, "log.db");
  const writer = createLogWriter({ path, assembleText });
  const reader = createLogReader(path, assembleText);
  const dispose = (): void => {
    writer.close();
    reader.close();
    rmSync(folder, { recursive: true });
  };
  return { writer, reader, dispose };
};

logStoreContract("sqlite", openStore);
logSumsContract("sqlite", openStore);

function inFolder(title: string, run: (path: string) => void | Promise<void>): void {
  test(title, async () => {
    const folder = mkdtempSync(join(tmpdir(), "log-store-"));
    try {
      await run(join(folder, "app", "log.db"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

function openWriter(path: string, options: Partial<LogWriterOptions> = {}) {
  const told: StoreHealth[] = [];
  const onHealth = (health: StoreHealth): void => void told.push(health);
  const writer = createLogWriter({ path, assembleText: assembleFixture, onHealth, retryAfter: 20, ...options });
  return { writer, feed: new LogFeed(writer), told };
}

inFolder("the files belong to their owner alone", (path) => {
  const { writer, feed } = openWriter(path);
  feed.write([{ id: "a" }]);
  for (const file of [path, `${path}-wal`, `${path}-shm`]) assert.equal(statSync(file).mode & 0o777, 0o600);
  writer.close();
});

inFolder("rows survive a close and are found by the next start", (path) => {
  const first = openWriter(path);
  first.feed.write([{ id: "a" }]);
  first.writer.close();
  const second = openWriter(path);
  second.feed.write([{ id: "b" }]);
  const reader = createLogReader(path);
  assert.equal(reader.list(EVERYTHING).pagination.total_count, 2);
  reader.close();
  second.writer.close();
});

inFolder("a reader that came first sees no rows until there is a store", (path) => {
  const reader = createLogReader(path);
  assert.equal(reader.list(EVERYTHING).has_logs, false);
  const { writer, feed } = openWriter(path);
  feed.write([{ id: "a" }]);
  assert.equal(reader.list(EVERYTHING).has_logs, true);
  reader.close();
  writer.close();
});

inFolder("acknowledged rows survive kill -9", async (path) => {
  const child = fork(new URL("./log-writer-child.ts", import.meta.url), [path]);
  let acknowledged = 0;
  child.on("message", (count: number) => {
    acknowledged = count;
    if (count >= 200) child.kill("SIGKILL");
  });
  await once(child, "exit");
  assert.ok(acknowledged >= 200);
  const reader = createLogReader(path);
  const { pagination, stats } = reader.list({ ...EVERYTHING, limit: 1000 });
  assert.ok(pagination.total_count >= acknowledged);
  assert.equal(stats.total_requests, pagination.total_count);
  reader.close();
  const { writer, told } = openWriter(path);
  assert.deepEqual([writer.health.ok, told], [true, []]);
  writer.close();
});

inFolder("while the store is locked rows wait in memory, and are written when it is free again", async (path) => {
  const { writer, feed, told } = openWriter(path);
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  feed.write([{ id: "a" }]);
  feed.write([{ id: "b" }]);
  assert.equal(writer.health.ok, false);
  assert.match(writer.health.reason, /locked/);
  other.exec("COMMIT");
  other.close();
  for (let i = 0; i < 200 && !writer.health.ok; i++) await sleep(10);
  const reader = createLogReader(path);
  assert.deepEqual(reader.list(EVERYTHING).pagination.total_count, 2);
  assert.deepEqual(
    told.map((health) => health.ok),
    [false, true],
  );
  assert.equal(writer.dropped, 0);
  reader.close();
  writer.close();
});

inFolder("the memory for waiting rows is bounded, what is beyond is dropped and counted", (path) => {
  const { writer, feed } = openWriter(path, { maxPendingBytes: 4000, retryAfter: 60_000 });
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  feed.write(Array.from({ length: 20 }, (_, i) => ({ id: `id-${i}` })));
  const dropped = writer.dropped;
  assert.ok(dropped > 0 && dropped < 20);
  other.exec("COMMIT");
  other.close();
  writer.flush();
  const reader = createLogReader(path);
  assert.equal(reader.list(EVERYTHING).pagination.total_count, 20 - dropped);
  reader.close();
  writer.close();
});

function refused(path: string, prepare: () => void, reason: RegExp): void {
  openWriter(path).writer.close();
  prepare();
  const before = readFileSync(path);
  const { writer, feed } = openWriter(path, { retryAfter: 60_000 });
  feed.write([{ id: "a" }]);
  assert.equal(writer.health.ok, false);
  assert.match(writer.health.reason, reason);
  // The reason is shown to strangers: the path is not.
  assert.ok(!writer.health.reason.includes(path));
  const reader = createLogReader(path);
  assert.throws(() => reader.list(EVERYTHING), StoreRefusedError);
  reader.close();
  writer.close();
  assert.equal(writer.dropped, 1);
  assert.deepEqual(readFileSync(path), before);
}

inFolder("a corrupted store is refused by name and left as it is", (path) => {
  refused(path, () => writeFileSync(path, Buffer.alloc(8192, 0x5a)), /not a database.*left as it is/);
});

inFolder("a store that was cut off is refused by name and left as it is", (path) => {
  refused(path, () => truncateSync(path, 5000), /(malformed|damaged).*left as it is/);
});

inFolder("a store of a newer version is refused by name and left as it is", (path) => {
  const prepare = (): void => {
    const database = new DatabaseSync(path);
    database.exec("PRAGMA user_version = 99");
    database.close();
  };
  refused(path, prepare, /newer version.*99/);
});

inFolder("another program's database is refused by name and left as it is", (path) => {
  const prepare = (): void => {
    rmSync(path);
    const database = new DatabaseSync(path);
    database.exec("CREATE TABLE logs (id TEXT)");
    database.close();
  };
  refused(path, prepare, /another program/);
});

inFolder("content that was cut off is still readable text", (path) => {
  const { writer, feed } = openWriter(path, {
    assembleText: (bytes) => (JSON.parse(bytes.toString("utf8")) as { text: string }).text,
  });
  const input = Buffer.from(
    JSON.stringify({ role: "user", content: [{ type: "text", text: `begin ${"é".repeat(9000)}` }] }),
  );
  const answer = Buffer.from(JSON.stringify({ text: "x".repeat(20_000) }));
  feed.write([{ id: "cut", body: input, inputFrom: 0, inputTo: input.length, answer }]);
  const reader = createLogReader(path);
  const row = reader.get("cut");
  assert.match(row?.input_history[0]?.content ?? "", /^begin é{4000,}$/);
  assert.match(row?.output_message?.content ?? "", /^x{8192}$/);
  reader.close();
  writer.close();
});
