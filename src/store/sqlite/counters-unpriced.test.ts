// Requests to models without a price stand beside what a budget has settled: durable, of its window, and in files that did not count them yet.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { counter } from "../contract/counter-store.ts";
import { openCounterStore, type SqliteCounters } from "./counters-store.ts";

const folder = mkdtempSync(join(tmpdir(), "counters-unpriced-"));
const path = join(folder, "config-counters.db");
test.after(() => rmSync(folder, { recursive: true }));

const open = (): Promise<SqliteCounters> => openCounterStore({ path, log: () => {} });
const unpriced = async (store: SqliteCounters): Promise<number | undefined> => (await store.read(["c"]))[0]?.unpriced;

test("they are added up, survive a restart, and a new window begins without them", async () => {
  let store = await open();
  await store.declare([counter()]);
  await store.countUnpriced?.([
    ["c", 3],
    ["nobody's", 1],
  ]);
  await store.countUnpriced?.([["c", 4]]);
  await store.close();
  store = await open();
  assert.equal(await unpriced(store), 7);
  await store.reset("c");
  assert.equal(await unpriced(store), 0);
  await store.close();
});

test("a file of the first version is taken on as it is", async () => {
  const file = new DatabaseSync(path);
  file.exec("ALTER TABLE counters DROP COLUMN unpriced; PRAGMA user_version = 1");
  file.close();
  const store = await open();
  assert.equal(await unpriced(store), 0);
  await store.countUnpriced?.([["c", 2]]);
  assert.equal(await unpriced(store), 2);
  await store.close();
});
