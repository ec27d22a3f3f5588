// On a full or read-only disk both stores say so, lose nothing that they acknowledged, and go on by themselves when there is room.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { mountSmallDisk, noSmallDisk, type SmallDisk } from "../../../test/support/small-disk.ts";
import { StoreUnavailableError } from "../../core/config-store.ts";
import { type StoreHealth, StoreRefusedError } from "../../core/stores.ts";
import { allOf, assertRecovers, put } from "../contract/config-store.ts";
import { assembleFixture, EVERYTHING, LogFeed } from "../contract/log-store.ts";
import { openConfigStore, type SealedConfigStore } from "./config-store.ts";
import { createLogReader } from "./log-reader.ts";
import { createLogWriter } from "./log-writer.ts";

async function open(path: string): Promise<{ readonly store: SealedConfigStore; readonly told: StoreHealth[] }> {
  const told: StoreHealth[] = [];
  const onHealth = (health: StoreHealth): void => void told.push(health);
  return { store: await openConfigStore({ path, encryptionKey: null, log: () => {}, onHealth }), told };
}

const provider = (id: string, size = 10) => put({ kind: "provider", id, body: { filler: "x".repeat(size) } });

async function make(path: string, count: number): Promise<void> {
  const { store } = await open(path);
  await store.write(Array.from({ length: count }, (_, n) => provider(`p${n}`, 500)));
  await store.close();
}

function onSmallDisk(title: string, run: (path: string, disk: SmallDisk) => Promise<void>): void {
  test(title, { skip: noSmallDisk() }, async () => {
    const disk = mountSmallDisk(1024);
    try {
      await run(join(disk.folder, "store.db"), disk);
    } finally {
      disk.dispose();
    }
  });
}

onSmallDisk("on a full disk it is read on, says so, keeps what it had, and recovers by itself", async (path, disk) => {
  const { store, told } = await open(path);
  await store.write([provider("a")]);
  disk.fill();
  await assert.rejects(store.write([provider("b", 600_000)]), (error: Error) => {
    assert.ok(error instanceof StoreUnavailableError);
    assert.match(error.reason, /full/);
    return true;
  });
  assert.match(store.health.reason, /full/);
  assert.equal((await store.get("provider", "a"))?.id, "a");
  await sleep(700);
  assert.equal(store.health.ok, false, "still full");
  disk.empty();
  await assertRecovers(store);
  await store.write([provider("c", 100_000)]);
  await store.close();
  const again = await open(path);
  assert.deepEqual(
    (await allOf(again.store, "provider")).map((entry) => entry.id),
    ["a", "c"],
  );
  await again.store.close();
  assert.deepEqual(
    told.map((health) => health.ok),
    [false, true],
  );
});

onSmallDisk("it is opened on a full disk, for reading, and written again when there is room", async (path, disk) => {
  await make(path, 3);
  disk.fill();
  const { store } = await open(path);
  assert.equal(store.health.ok, false);
  assert.equal((await allOf(store, "provider")).length, 3);
  await assert.rejects(store.write([provider("b", 600_000)]), StoreUnavailableError);
  disk.empty();
  await assertRecovers(store);
  await store.write([provider("c")]);
  assert.equal(await store.count("provider"), 4);
  await store.close();
});

onSmallDisk("it is opened on a read-only disk, for reading, and written again when it can be", async (path, disk) => {
  await make(path, 3);
  disk.setReadOnly(true);
  const { store } = await open(path);
  assert.equal(store.health.ok, false);
  assert.ok(store.health.reason.length > 0);
  assert.equal((await allOf(store, "provider")).length, 3);
  await assert.rejects(store.write([provider("b")]), StoreUnavailableError);
  disk.setReadOnly(false);
  await assertRecovers(store);
  await store.write([provider("c")]);
  assert.equal(await store.count("provider"), 4);
  await store.close();
});

onSmallDisk("a new store on a full or read-only disk is refused, and begins when there is room", async (path, disk) => {
  disk.fill();
  await assert.rejects(open(path), StoreRefusedError);
  disk.empty();
  disk.setReadOnly(true);
  await assert.rejects(
    open(path),
    (error: Error) => error instanceof StoreRefusedError && /EROFS|read-only/.test(error.message),
  );
  disk.setReadOnly(false);
  const { store } = await open(path);
  await store.write([provider("a")]);
  await store.close();
});

function openLog(path: string) {
  const told: StoreHealth[] = [];
  const onHealth = (health: StoreHealth): void => void told.push(health);
  const writer = createLogWriter({ path, assembleText: assembleFixture, onHealth, retryAfter: 100 });
  return { writer, feed: new LogFeed(writer), told };
}

const rows = (name: string, count: number) => Array.from({ length: count }, (_, n) => ({ id: `${name}-${n}` }));

function countRows(path: string): number {
  const reader = createLogReader(path);
  try {
    return reader.list(EVERYTHING).pagination.total_count;
  } finally {
    reader.close();
  }
}

onSmallDisk("on a full disk rows of the log wait in memory, and are written when there is room", async (path, disk) => {
  const { writer, feed, told } = openLog(path);
  feed.write(rows("before", 10));
  disk.fill();
  for (let n = 0; n < 20 && writer.health.ok; n++) feed.write(rows(`full ${n}`, 100));
  assert.match(writer.health.reason, /full/);
  feed.write(rows("waiting", 10));
  assert.ok(countRows(path) >= 10, "it is read on");
  await sleep(300);
  assert.equal(writer.health.ok, false);
  disk.empty();
  await assertRecovers(writer);
  const total = countRows(path);
  assert.ok(total >= 120);
  assert.deepEqual([total % 10, writer.dropped], [0, 0]);
  assert.deepEqual(
    told.map((health) => health.ok),
    [false, true],
  );
  writer.close();
});

onSmallDisk("a log that is opened on a full or read-only disk is written when it can be", async (path, disk) => {
  const first = openLog(path);
  first.feed.write(rows("first", 10));
  first.writer.close();
  disk.fill();
  const second = openLog(path);
  second.feed.write(rows("second", 200));
  assert.equal(second.writer.health.ok, false);
  disk.empty();
  await assertRecovers(second.writer);
  second.writer.close();
  assert.equal(countRows(path), 210);

  disk.setReadOnly(true);
  const third = openLog(path);
  third.feed.write(rows("third", 10));
  assert.equal(third.writer.health.ok, false);
  assert.equal(countRows(path), 210, "it is read on");
  disk.setReadOnly(false);
  await assertRecovers(third.writer);
  third.writer.close();
  assert.equal(countRows(path), 220);
});
