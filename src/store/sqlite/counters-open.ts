// Opens what a process has of a store of counters: the file that all share, and a journal of its own.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { StoreRefusedError } from "../../core/stores.ts";
import { type CountersFile, EmptyStoreError, openCountersFile } from "./counters-file.ts";
import { Journal, journalPath } from "./counters-journal.ts";
import { storeReason } from "./file.ts";

/** For another process that is making the file. ms */
const OPEN_WAIT = 1000;

/** Opens the file, makes it if there is none. */
export async function openWhenMade(path: string): Promise<CountersFile> {
  const end = performance.now() + OPEN_WAIT;
  for (;;) {
    try {
      return openCountersFile(path, true);
    } catch (error) {
      if (!(error instanceof EmptyStoreError) || performance.now() > end) throw error;
    }
    await sleep(20);
  }
}

/** What a process has of a store. */
export interface OwnCounters {
  readonly file: CountersFile;
  readonly journal: Journal;
  readonly node: string;
}

/** A journal of this process alone. Throws StoreRefusedError. */
export function createJournal(path: string, file: CountersFile): { journal: Journal; node: string } {
  for (let tries = 0; tries < 10; tries++) {
    const node = randomUUID();
    const at = journalPath(path, node);
    try {
      const journal = Journal.create(at, node, file.store);
      if (journal !== null) return { journal, node };
    } catch (error) {
      throw new StoreRefusedError(at, storeReason(error), error);
    }
  }
  throw new StoreRefusedError(
    path,
    "its journal is taken away as soon as it is made; another program must be at work there",
  );
}
