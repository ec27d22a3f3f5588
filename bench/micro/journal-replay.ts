// Measures how fast a journal of counters is replayed, and what grants and posts cost: `node bench/micro/journal-replay.ts [entries]`.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ENTRY, EntryWriter } from "../../src/core/counter-entries.ts";
import { Intake } from "../../src/store/counters/intake.ts";
import { replay } from "../../src/store/sqlite/counters-adopt.ts";
import { Journal, journalPath, lockDeadJournal } from "../../src/store/sqlite/counters-journal.ts";
import { openCounterStore } from "../../src/store/sqlite/counters-store.ts";

const entries = Number(process.argv[2] ?? 1_000_000);
/** Customer, team, key, provider config, and a rate limit of the key. */
const LEVELS = 5;
const KEYS = 1000;
/** Of one post: what a loop does in 50 ms at 1,000 requests a second. */
const POST = 100;

const folder = mkdtempSync(join(tmpdir(), "drawbridge-journal-"));
const path = join(folder, "config-counters.db");
try {
  writeJournal();
  await measureReplay();
  await measureGrants();
} finally {
  rmSync(folder, { recursive: true });
}

/** Each request is reserved and settled; a few are still open at the end. */
function writeJournal(): void {
  const journal = Journal.create(journalPath(path, "0"), "0", "bench") as Journal;
  const writer = new EntryWriter();
  let seq = 0;
  const since = performance.now();
  for (let request = 1; request <= entries / 2; request++) {
    const levels = Array.from({ length: LEVELS }, (_, n) => ({
      handle: n < 2 ? n : 10 + n * KEYS + (request % KEYS),
      term: n + 1,
      amount: 900,
    }));
    writer.add(ENTRY.reserve, request, levels);
    if (request > 50) writer.add(ENTRY.settle, request - 50, levels);
    if (request % POST !== 0) continue;
    journal.append("loop", ++seq, writer.take());
    if (seq % 10 === 0) journal.commit();
  }
  journal.commit();
  const { bytes } = journal.size;
  journal.close();
  const seconds = (performance.now() - since) / 1000;
  console.log(
    `written: ${entries} entries of ${LEVELS} levels, ${(bytes / 1e6).toFixed(0)} MB, ${seconds.toFixed(2)} s`,
  );
}

async function measureReplay(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    const journal = lockDeadJournal(journalPath(path, "0"));
    if (journal === null) throw new Error("the journal is held by another process");
    const intake = new Intake(Number.POSITIVE_INFINITY);
    const since = performance.now();
    await replay(journal, 0, intake);
    const seconds = (performance.now() - since) / 1000;
    journal.close();
    console.log(
      `replayed: ${(entries / seconds / 1e6).toFixed(2)} M entries/s, ${intake.batches[0]?.size} sums, ${intake.ledger("loop").size} open`,
    );
  }
}

async function measureGrants(): Promise<void> {
  const store = await openCounterStore({ path: join(folder, "grants.db"), log: () => {} });
  const window = { type: "rolling", ms: 86_400_000 } as const;
  const plain = { kind: "budget", limit: 10n ** 15n, window, hard: false, override: null, start: null } as const;
  const ids = Array.from({ length: LEVELS }, (_, n) => `c${n}`);
  await store.declare(ids.map((id) => ({ ...plain, id })));
  await store.attach("loop");
  const latencies: number[] = [];
  for (let seq = 1; seq <= 1000; seq++) {
    const since = performance.now();
    const asks = ids.map((counter) => ({
      counter,
      estimate: 100,
      want: seq % 2 === 0 ? 10_000 : 0,
      ended: 0,
      alone: false,
    }));
    await store.grant({ loop: "loop", seq, request: seq, asks });
    latencies.push(performance.now() - since);
  }
  latencies.sort((left, right) => left - right);
  const at = (part: number): string => (latencies[Math.floor(latencies.length * part)] as number).toFixed(2);
  console.log(`grants of ${LEVELS} levels, half of them exact: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
  await store.close();
}
