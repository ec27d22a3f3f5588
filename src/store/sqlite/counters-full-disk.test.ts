// On a full disk the counters say so, acknowledge nothing that is not durable, and go on by themselves.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { mountSmallDisk, noSmallDisk, type SmallDisk } from "../../../test/support/small-disk.ts";
import { isTicket, ModelLoop, type Ticket } from "../contract/counter-loop.ts";
import { counter, reading } from "../contract/counter-store.ts";
import { openCounterStore, type SqliteCounters } from "./counters-store.ts";

async function began(loop: ModelLoop): Promise<Ticket> {
  const start = await loop.start(["c"], 100);
  assert.ok(isTicket(start));
  return start;
}

async function recovered(store: SqliteCounters): Promise<void> {
  for (let tries = 0; tries < 300 && !store.health.ok; tries++) await sleep(10);
  assert.deepEqual(store.health, { ok: true, reason: "" });
}

function onSmallDisk(
  title: string,
  run: (store: SqliteCounters, loop: ModelLoop, disk: SmallDisk) => Promise<void>,
): void {
  test(title, { skip: noSmallDisk() }, async () => {
    const disk = mountSmallDisk(2048);
    const store = await openCounterStore({ path: join(disk.folder, "c-counters.db"), log: () => {} });
    try {
      await store.declare([counter()]);
      const loop = new ModelLoop(store, "loop");
      await loop.attach();
      await run(store, loop, disk);
    } finally {
      disk.empty();
      disk.setReadOnly(false);
      await store.close();
      disk.dispose();
    }
  });
}

onSmallDisk(
  "a full disk refuses grants with its reason, loses no settlement, and is used again",
  async (store, loop, disk) => {
    const tickets = [await began(loop), await began(loop)];
    await loop.flush();
    disk.fill();
    for (const ticket of tickets) loop.settle(ticket, 40);
    let isDurable = false;
    // A journal may still find room in what it has; then the next posts do not.
    for (let tries = 0; tries < 40 && store.health.ok; tries++) {
      const more = await loop.start(["c"], 100);
      if (isTicket(more)) loop.settle(more, 10);
      void loop.flush().then(() => (isDurable = true));
      await sleep(10);
    }
    assert.equal(store.health.ok, false);
    assert.notEqual(store.health.reason, "");
    loop.endAll();
    const start = await loop.start(["c"], 100);
    assert.ok(!isTicket(start) && start.type === "down" && start.reason !== "");
    disk.empty();
    await recovered(store);
    await loop.flush();
    assert.ok(isDurable);
    const { settled, reserved } = await reading(store);
    assert.deepEqual([settled, reserved], [BigInt(loop.spent.get("c") ?? 0), 0n]);
    await began(loop);
  },
);
