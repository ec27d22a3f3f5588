// What happens to files: refused by name when they are not ours to use, told and tried again while they cannot be written.
import assert from "node:assert/strict";
import { randomFillSync } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { StoreUnavailableError } from "../../core/config-store.ts";
import { type StoreHealth, StoreRefusedError } from "../../core/stores.ts";
import { allOf, assertRecovers, put } from "../contract/config-store.ts";
import { openConfigStore, type SealedConfigStore } from "./config-store.ts";
import { createLogWriter } from "./log-writer.ts";

interface Opened {
  readonly store: SealedConfigStore;
  readonly told: StoreHealth[];
  readonly lines: string[];
}

async function open(path: string): Promise<Opened> {
  const told: StoreHealth[] = [];
  const lines: string[] = [];
  const log = (level: string, text: string, fields: object) => lines.push(`${level} ${text} ${JSON.stringify(fields)}`);
  const store = await openConfigStore({ path, encryptionKey: null, log, onHealth: (health) => told.push(health) });
  return { store, told, lines };
}

function inFolder(title: string, run: (path: string) => Promise<void>): void {
  test(title, async () => {
    const folder = mkdtempSync(join(tmpdir(), "config-faults-"));
    try {
      await run(join(folder, "app", "config.db"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

const provider = (id: string, size = 10) => put({ kind: "provider", id, body: { filler: "x".repeat(size) } });

async function make(path: string, count = 1): Promise<void> {
  const { store } = await open(path);
  await store.write(Array.from({ length: count }, (_, n) => provider(`p${n}`, 500)));
  await store.close();
}

/** Harms a store; it must be refused with its path and these words, and stay as it is. */
async function assertRefused(path: string, harm: () => void, reason: RegExp): Promise<void> {
  await make(path, 100);
  harm();
  const before = readFileSync(path);
  await assert.rejects(open(path), (error: Error) => {
    assert.ok(error instanceof StoreRefusedError, String(error.stack));
    assert.equal(error.path, path);
    assert.match(error.message, reason);
    assert.ok(error.message.startsWith(path));
    return true;
  });
  assert.deepEqual(readFileSync(path), before);
}

function change(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

inFolder("the files belong to their owner alone, whatever the umask, and stay so", async (path) => {
  const umask = process.umask(0o022);
  const { store } = await open(path);
  process.umask(umask);
  await store.write([provider("a")]);
  const folder = join(path, "..");
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  const names = readdirSync(folder).toSorted();
  assert.deepEqual(names, ["config.db", "config.db-shm", "config.db-wal", "config.db.key"]);
  for (const name of names) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
  await store.close();
  chmodSync(path, 0o644);
  await (await open(path)).store.close();
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

inFolder("a store of a newer version is refused", async (path) => {
  await assertRefused(path, () => change(path, "PRAGMA user_version = 99"), /newer version.*99.*start that version/);
});

inFolder("another program's database is refused", async (path) => {
  const harm = (): void => {
    rmSync(path);
    change(path, "CREATE TABLE config (id TEXT)");
  };
  await assertRefused(path, harm, /another program.*name another file/);
});

inFolder("the request log is refused as a store of the configuration", async (path) => {
  const harm = (): void => {
    rmSync(path);
    createLogWriter({ path, assembleText: () => "" }).close();
  };
  await assertRefused(path, harm, /is the request log; name another file/);
});

inFolder("random bytes are refused", async (path) => {
  await assertRefused(
    path,
    () => writeFileSync(path, randomFillSync(Buffer.alloc(20_000))),
    /not a database.*left as it is/,
  );
});

inFolder("random bytes in the middle are refused", async (path) => {
  const harm = (): void => {
    const bytes = readFileSync(path);
    randomFillSync(bytes, 8192, bytes.length - 12_000);
    writeFileSync(path, bytes);
  };
  await assertRefused(path, harm, /(damaged|malformed).*restore it from a backup/);
});

inFolder("a file that was cut off is refused", async (path) => {
  await assertRefused(path, () => truncateSync(path, 20_000), /(damaged|malformed).*restore it from a backup/);
});

inFolder("a file that was emptied is refused rather than begun anew", async (path) => {
  await assertRefused(path, () => truncateSync(path, 0), /is empty.*restore it from a backup/);
});

inFolder("a place that cannot be used is refused with the system's word, and nothing is left there", async (path) => {
  mkdirSync(join(path, ".."));
  writeFileSync(join(path, "..", "file"), "");
  const inFile = join(path, "..", "file", "config.db");
  await assert.rejects(
    open(inFile),
    (error: Error) => error instanceof StoreRefusedError && /EEXIST|ENOTDIR/.test(error.message),
  );
  await assert.rejects(open(join(path, "..")), StoreRefusedError);
  assert.deepEqual(readdirSync(join(path, "..")), ["file"]);
});

inFolder("an entry that was damaged is told by its name, without its content", async (path) => {
  await make(path, 2);
  change(path, `UPDATE entries SET body = '{"value": "sk-canary' WHERE id = 'p1'`);
  const { store } = await open(path);
  await assert.rejects(allOf(store, "provider"), (error: Error) => {
    assert.match(error.message, /the stored provider "p1" cannot be read: its content is damaged/);
    assert.doesNotMatch(String(error.stack), /canary/);
    return error instanceof StoreUnavailableError;
  });
  assert.equal((await store.get("provider", "p0"))?.id, "p0");
  await store.close();
});

inFolder(
  "while another process holds the lock it is read on, writes are refused in the end, and it recovers",
  async (path) => {
    const { store, told, lines } = await open(path);
    await store.write([provider("before")]);
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    const begun = performance.now();
    await assert.rejects(store.write([provider("refused")]), (error: Error) => {
      assert.ok(error instanceof StoreUnavailableError);
      assert.match(error.reason, /locked/);
      return true;
    });
    assert.ok(performance.now() - begun > 500, "it waited");
    assert.deepEqual([store.health.ok, /locked/.test(store.health.reason)], [false, true]);
    assert.equal((await store.get("provider", "before"))?.id, "before");
    other.exec("COMMIT");
    other.close();
    await assertRecovers(store);
    await store.write([provider("after")]);
    assert.deepEqual(
      (await allOf(store, "provider")).map((entry) => entry.id),
      ["before", "after"],
    );
    assert.deepEqual(
      told.map((health) => health.ok),
      [false, true],
    );
    assert.deepEqual(
      lines.map((line) => line.split(" ")[0]),
      ["error", "info"],
    );
    assert.ok(lines[0]?.includes(path) && /locked/.test(lines[0]));
    await store.close();
  },
);

inFolder("a short lock of another process is waited for", async (path) => {
  const { store, told } = await open(path);
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  const written = store.write([provider("a")]);
  await sleep(150);
  other.exec("COMMIT");
  other.close();
  await written;
  assert.deepEqual(told, []);
  await store.close();
});

inFolder(
  "a store that another process holds for itself alone is not available at a start, and left alone",
  async (path) => {
    await make(path);
    const other = new DatabaseSync(path);
    other.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    await assert.rejects(
      open(path),
      (error: Error) => error instanceof StoreUnavailableError && /locked/.test(error.reason),
    );
    other.exec("COMMIT");
    other.close();
    const { store } = await open(path);
    assert.equal(await store.count("provider"), 1);
    await store.close();
  },
);

inFolder("nothing is written to a file that was moved away; put back it is used again", async (path) => {
  const { store } = await open(path);
  await store.write([provider("a")]);
  const files = readdirSync(join(path, "..")).filter((name) => !name.endsWith(".key"));
  const move = (from: string, to: string): void => {
    for (const name of files) renameSync(join(path, "..", from + name), join(path, "..", to + name));
  };
  move("", "away-");
  await assert.rejects(store.write([provider("b")]), /moved or deleted; put it back/);
  assert.ok(!existsSync(path));
  await sleep(700);
  assert.ok(!existsSync(path), "no empty store took its place");
  move("away-", "");
  await assertRecovers(store);
  await store.write([provider("c")]);
  await store.close();
  const again = await open(path);
  assert.deepEqual(
    (await allOf(again.store, "provider")).map((entry) => entry.id),
    ["a", "c"],
  );
  await again.store.close();
});

inFolder(
  "a store damaged while it is open is told, never replaced, and used again when it is restored",
  async (path) => {
    await make(path);
    const first = await open(path);
    // More than is held in memory: what was read before is not read again.
    for (let n = 0; n < 12; n++) await first.store.write([provider(`large ${n}`, 1_000_000)]);
    await first.store.close();
    const { store } = await open(path);
    const good = readFileSync(path);
    const bad = Buffer.from(good);
    randomFillSync(bad, 4096 * 16);
    writeFileSync(path, bad);
    await assert.rejects(allOf(store, "provider"), StoreUnavailableError);
    await sleep(700);
    assert.equal(store.health.ok, false);
    assert.ok(readFileSync(path).equals(bad));
    writeFileSync(path, good);
    await assertRecovers(store);
    assert.equal((await allOf(store, "provider")).length, 13);
    await store.close();
  },
);
