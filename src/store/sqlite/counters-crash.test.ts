// Processes that are killed or stopped in the midst of spending: nothing that was acknowledged is lost, nothing is charged twice.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { CounterReading, CounterStore } from "../../core/counters.ts";
import { counter, reading } from "../contract/counter-store.ts";
import { COUNTERS, ESTIMATE, IN_FLIGHT } from "./counters-crash-child.ts";
import { openCounterStore } from "./counters-store.ts";

const CHILD = fileURLToPath(new URL("./counters-crash-child.ts", import.meta.url));
/** COUNTER_ROUNDS=20 runs as many of each kind. */
const ROUNDS = Number(process.env["COUNTER_ROUNDS"] ?? 2);
const LEASE_MS = 500;
const LIMIT = 1_000_000_000n;
/** What is not known of one process after a crash: requests in flight, those just ended, and what ran ahead of the journal. */
const BOUND = BigInt(2 * IN_FLIGHT * ESTIMATE) + LIMIT / 500n;

interface Spender {
  readonly child: ChildProcess;
  /** The last amount that it told of this. */
  told(what: string): bigint;
}

/** None outlives a test that failed. */
const running = new Set<ChildProcess>();

function spender(path: string, name: string): Spender {
  const child = spawn(process.execPath, [CHILD, path, name, String(LEASE_MS)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.add(child);
  child.once("close", () => running.delete(child));
  const amounts = new Map<string, bigint>();
  let rest = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() as string;
    for (const line of lines) {
      const [what = "", amount = "0"] = line.split(" ");
      amounts.set(what, BigInt(amount));
    }
  });
  return { child, told: (what) => amounts.get(what) ?? 0n };
}

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; tries < 3000; tries++) {
    if (what()) return;
    await sleep(10);
  }
  assert.fail("it did not come to that");
}

async function withStore(limit: bigint, work: (store: CounterStore, path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "counters-crash-"));
  const path = join(folder, "config-counters.db");
  const store = await openCounterStore({ path, leaseMs: LEASE_MS, log: () => {} });
  try {
    await store.declare(COUNTERS.map((id) => counter({ id, limit, window: { type: "never" } })));
    await work(store, path);
  } finally {
    for (const child of running) child.kill("SIGKILL");
    await store.close();
    rmSync(folder, { recursive: true });
  }
}

async function kill({ child }: Spender): Promise<void> {
  const gone = once(child, "close");
  child.kill("SIGKILL");
  await gone;
}

/** Not in the midst of a commit: a process that is stopped there keeps the file locked, and the store is down until it wakes. */
async function stop({ child }: Spender, store: CounterStore): Promise<CounterReading> {
  for (;;) {
    child.kill("SIGSTOP");
    try {
      return await reading(store, "a");
    } catch {
      child.kill("SIGCONT");
      await sleep(3);
    }
  }
}

/** A living process settles what the dead one left within a second or so. */
async function adopted(store: CounterStore, path: string): Promise<void> {
  await until(() => readdirSync(join(path, "..")).filter((name) => /journal-[0-9a-f-]+\.db$/.test(name)).length === 1);
  assert.deepEqual(store.health, { ok: true, reason: "" });
}

test(`${ROUNDS} times one process is killed in the midst of spending`, async () => {
  await withStore(LIMIT, async (store, path) => {
    let [acknowledged, spent] = [0n, 0n];
    for (let round = 1; round <= ROUNDS; round++) {
      const victim = spender(path, `victim-${round}`);
      await until(() => victim.told("acknowledged") > 0n);
      await sleep((round * 137) % 300);
      await kill(victim);
      await adopted(store, path);
      acknowledged += victim.told("acknowledged");
      spent += victim.told("spent");
      for (const id of COUNTERS) {
        const { settled, uncertain, reserved, leased } = await reading(store, id);
        assert.ok(acknowledged <= settled, "acknowledged and lost");
        assert.ok(settled <= spent, "charged twice, or never spent");
        assert.ok(settled + uncertain >= spent, "spent and not charged");
        assert.ok(uncertain <= BOUND * BigInt(round), `${uncertain} uncertain after ${round} crashes`);
        assert.deepEqual([reserved, leased], [0n, 0n]);
      }
    }
    assert.ok(spent > 0n);
  });
});

test(`${ROUNDS} times one of two processes on one store is killed, and the other goes on`, async () => {
  for (let round = 1; round <= ROUNDS; round++) {
    await withStore(150_000n, async (store, path) => {
      const [victim, survivor] = [spender(path, "victim"), spender(path, "survivor-with-another-series")];
      const gone = once(survivor.child, "close");
      await until(() => victim.told("acknowledged") > 0n && survivor.told("acknowledged") > 0n);
      await sleep((round * 71) % 200);
      await kill(victim);
      await gone;
      assert.equal(survivor.told("done"), 1n);
      await adopted(store, path);
      const spent = victim.told("spent") + survivor.told("spent");
      for (const id of COUNTERS) {
        const { settled, uncertain, reserved, leased, limit } = await reading(store, id);
        assert.ok(victim.told("acknowledged") + survivor.told("spent") <= settled && settled <= spent);
        assert.ok(settled + uncertain >= spent);
        assert.ok(uncertain <= BigInt(2 * IN_FLIGHT * ESTIMATE) + limit / 500n);
        assert.ok(settled <= limit && settled + uncertain >= limit, "not passed, and used up");
        assert.deepEqual([reserved, leased], [0n, 0n]);
      }
    });
  }
});

test(`${ROUNDS} times a process is stopped and wakes up: its leases went to the other, and no limit is passed`, async () => {
  for (let round = 1; round <= ROUNDS; round++) {
    await withStore(150_000n, async (store, path) => {
      const sleeper = spender(path, "sleeper");
      await until(() => sleeper.told("acknowledged") > 20_000n);
      const stopped = await stop(sleeper, store);
      await sleep(LEASE_MS * 2.2);
      const later = await reading(store, "a");
      assert.ok(
        later.leased <= BigInt(ESTIMATE * IN_FLIGHT) + later.limit / 500n,
        `${later.leased} of ${stopped.leased}`,
      );
      const worker = spender(path, "worker");
      await until(() => worker.told("acknowledged") > 50_000n);
      const gone = [once(sleeper.child, "close"), once(worker.child, "close")];
      sleeper.child.kill("SIGCONT");
      await Promise.all(gone);
      assert.deepEqual([sleeper.told("done"), worker.told("done")], [1n, 1n]);
      for (const id of COUNTERS) {
        const { settled, uncertain, reserved, leased, limit } = await reading(store, id);
        assert.equal(settled, sleeper.told("spent") + worker.told("spent"));
        assert.deepEqual([uncertain, reserved, leased], [0n, 0n, 0n]);
        assert.ok(
          settled >= limit && settled <= limit + BigInt(2 * ESTIMATE),
          "used up, and passed by the last two at most",
        );
      }
    });
  }
});
