// What the counters do when their file, its disk or its place is not as it should be, and when the clock jumps.
import assert from "node:assert/strict";
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
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
import { StoreRefusedError } from "../../core/stores.ts";
import { isTicket, ModelLoop, type Ticket } from "../contract/counter-loop.ts";
import { counter, DAY, reading } from "../contract/counter-store.ts";
import { countersPath } from "./counters-file.ts";
import { networkFileSystem } from "./counters-network.ts";
import { openCounterStore, type SqliteCounters } from "./counters-store.ts";

interface Place {
  readonly folder: string;
  readonly path: string;
  open(clock?: () => number): Promise<SqliteCounters>;
}

async function inPlace(work: (place: Place) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "counters-faults-"));
  const path = countersPath(join(folder, "config.db"));
  const opened: SqliteCounters[] = [];
  const open = async (now: () => number = Date.now): Promise<SqliteCounters> => {
    const clock = { now, monotonic: () => performance.now() };
    const store = await openCounterStore({ path, clock, leaseMs: 1000, log: () => {} });
    opened.push(store);
    return store;
  };
  try {
    await work({ folder, path, open });
  } finally {
    for (const store of opened) await store.close();
    rmSync(folder, { recursive: true });
  }
}

async function begun(store: SqliteCounters, name = "loop"): Promise<{ loop: ModelLoop; ticket: Ticket }> {
  await store.declare([counter()]);
  const loop = new ModelLoop(store, name);
  await loop.attach();
  const ticket = await loop.start(["c"], 100);
  assert.ok(isTicket(ticket));
  return { loop, ticket };
}

const line = (place: string, type: string): string =>
  `36 35 98:0 / ${place} rw,noatime master:1 - ${type} somewhere rw`;

test("a network file system is refused by name", () => {
  const mounts = [line("/", "ext4"), line("/tmp", "nfs4"), line("/tmp/with\\040blank", "ext4")].join("\n");
  assert.equal(networkFileSystem("/tmp/here/not/yet.db", mounts), "nfs4 at /tmp");
  assert.equal(networkFileSystem("/usr/x.db", mounts), null);
  assert.equal(networkFileSystem("/usr/x.db", `${mounts}\n${line("/usr", "fuse.sshfs")}`), "fuse.sshfs at /usr");
  assert.equal(networkFileSystem("/usr/x.db", `${mounts}\n${line("/usr", "fuse.mergerfs")}`), null);
  assert.equal(networkFileSystem("/tmpx/x.db", mounts), null);
});

test("files are private, and of a store that was closed well no journal stays", async () => {
  await inPlace(async ({ folder, open }) => {
    const store = await open();
    const { loop, ticket } = await begun(store);
    const names = readdirSync(folder);
    assert.equal(names.filter((name) => /journal.*\.db$/.test(name)).length, 1);
    for (const name of names) assert.equal(statSync(join(folder, name)).mode & 0o077, 0, name);
    loop.settle(ticket, 10);
    await loop.flush();
    await store.close();
    assert.deepEqual(readdirSync(folder), ["config-counters.db"]);
  });
});

test("what is no store of counters, is corrupted, of a newer version or emptied is refused and left as it is", async () => {
  await inPlace(async ({ path, open }) => {
    writeFileSync(path, "this is no database at all, however long it may be");
    await assert.rejects(open(), StoreRefusedError);
    assert.equal(statSync(path).size, 50);
    rmSync(path);
    const foreign = new DatabaseSync(path);
    foreign.exec("CREATE TABLE x (y); PRAGMA user_version = 1");
    foreign.close();
    await assert.rejects(open(), /another program/);
    rmSync(path);
    await (await open()).close();
    const newer = new DatabaseSync(path);
    newer.exec("PRAGMA user_version = 99");
    newer.close();
    await assert.rejects(open(), /newer version/);
    truncateSync(path, 0);
    await assert.rejects(open(), /empty/);
  });
});

test("a file that another process locks for longer than 250 ms is a store that is down, and it is back by itself", async () => {
  await inPlace(async ({ path, open }) => {
    const store = await open();
    const { loop, ticket } = await begun(store);
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    const since = performance.now();
    const start = await loop.start(["c"], 50_000);
    assert.ok(!isTicket(start) && start.type === "down" && start.reason !== "");
    assert.ok(performance.now() - since >= 245);
    assert.equal(store.health.ok, false);
    // The journal is its own: what is settled meanwhile is durable all the same.
    loop.settle(ticket, 70);
    await loop.flush();
    other.exec("COMMIT");
    other.close();
    for (let tries = 0; tries < 300 && !store.health.ok; tries++) await sleep(10);
    assert.deepEqual(store.health, { ok: true, reason: "" });
    assert.equal((await reading(store)).settled, 70n);
  });
});

test("a file that goes away or is replaced is not written to, and not made anew", async () => {
  await inPlace(async ({ path, open }) => {
    const store = await open();
    await begun(store);
    renameSync(path, `${path}.away`);
    await assert.rejects(store.read(["c"]), /moved or deleted/);
    assert.equal(store.health.ok, false);
    copyFileSync(`${path}.away`, path);
    await assert.rejects(store.read(["c"]), /replaced/);
    renameSync(`${path}.away`, path);
    for (let tries = 0; tries < 300 && !store.health.ok; tries++) await sleep(10);
    assert.equal((await reading(store)).id, "c");
  });
});

test("a journal of another store is left as it is", async () => {
  await inPlace(async ({ folder, path, open }) => {
    const store = await open();
    const { loop } = await begun(store);
    await loop.flush();
    store.abandon();
    rmSync(path);
    const journal = readdirSync(folder).find((name) => /journal.*\.db$/.test(name)) as string;
    const next = await open();
    await begun(next, "next");
    assert.ok(readdirSync(folder).includes(journal));
    assert.equal((await reading(next)).uncertain, 0n);
  });
});

test("a journal is made small again, and still knows what is open", async () => {
  await inPlace(async ({ open }) => {
    const store = await open();
    const { loop } = await begun(store);
    loop.want = 10_000;
    const flushes: Promise<void>[] = [];
    for (let n = 0; n < 4200; n++) {
      const ticket = await loop.start(["c"], 10);
      assert.ok(isTicket(ticket));
      loop.settle(ticket, 1);
      if (n % 50 === 49) await loop.flush();
      else flushes.push(loop.flush());
    }
    await Promise.all(flushes);
    await reading(store);
    await sleep(250);
    store.abandon();
    const next = await open();
    const after = await reading(next);
    assert.equal(after.settled, 4200n);
    assert.ok(after.uncertain >= 100n, "the first request is still open");
    await next.close();
  });
});

test("whatever the wall clock does, windows only rise, and nothing is given back by a clock that goes back", async () => {
  await inPlace(async ({ open }) => {
    let now = Date.parse("2027-05-12T12:00:00Z");
    const store = await open(() => now);
    const { loop, ticket } = await begun(store);
    loop.settle(ticket, 100);
    await loop.flush();
    const numbers = [(await reading(store)).window];
    for (const jump of [-3 * DAY, 5 * DAY, -5 * DAY, 400 * DAY, -399 * DAY, 2 * DAY]) {
      now += jump;
      const before = await reading(store);
      numbers.push(before.window);
      const start = await loop.start(["c"], 100);
      assert.ok(isTicket(start));
      loop.settle(start, 10);
      await loop.flush();
      const after = await reading(store);
      assert.equal(after.settled, before.settled + 10n);
      if (jump < 0) assert.ok(before.settled > 0n);
      assert.ok((after.resetsAt as number) - now <= DAY);
    }
    assert.deepEqual(
      numbers,
      numbers.toSorted((left, right) => left - right),
    );
  });
});
