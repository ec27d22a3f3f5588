// The SQLite store of counters keeps the contract of every such store.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CounterStore } from "../../core/counters.ts";
import { counterStoreHistories } from "../contract/counter-histories.ts";
import { type CountersUnderTest, counterStoreContract } from "../contract/counter-store.ts";
import { openCounterStore, type SqliteCounters } from "./counters-store.ts";

function underTest(): CountersUnderTest {
  const folder = mkdtempSync(join(tmpdir(), "counters-"));
  let moved = 0;
  const clock = { now: () => Date.now() + moved, monotonic: () => performance.now() };
  const opened = new Set<SqliteCounters>();
  return {
    async open() {
      const store = await openCounterStore({
        path: join(folder, "config-counters.db"),
        clock,
        leaseMs: 2000,
        log: () => {},
      });
      opened.add(store);
      return store;
    },
    crash(store: CounterStore) {
      (store as SqliteCounters).abandon();
      opened.delete(store as SqliteCounters);
    },
    advance: (ms) => void (moved += ms),
    async dispose() {
      for (const store of opened) await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

counterStoreContract("sqlite", underTest);
counterStoreHistories("sqlite", underTest, Number(process.env["COUNTER_HISTORIES"] ?? 15));
