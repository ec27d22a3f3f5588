// Many virtual keys of a file for a store that has none: shown to the loop while they are checked, stored while they are served.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ConfigStore, EntryChange, JsonObject, StoredEntry } from "../../core/config-store.ts";
import type { LoadedFile } from "../load.ts";
import type { KeyVisit } from "../virtual-keys.ts";
import { type EntryContext, type FileEntry, virtualKeyEntries, virtualKeyReader } from "./file-entries.ts";
import { MOST_PLACES, storedEntry } from "./import-file.ts";
import { placeKey } from "./ledger.ts";
import { referenceOf } from "./virtual-key-entry.ts";

/** Who takes virtual keys before they are stored. They count when the start has ended well. */
export interface NewKeys {
  /** What was given before is void; all come again. */
  restart(): void;
  add(entry: StoredEntry): void;
}

/** Rows of one transaction, and keys read at once: other work of the thread waits for so long, 30 ms and 2 ms. */
const BATCH = 1000;
const READ_AT_ONCE = 100;

/** Not even deleted ones: what the file says of virtual keys is all that there will be. */
export async function hasNoKeys(store: ConfigStore): Promise<boolean> {
  if ((await store.count("virtual-key")) > 0) return false;
  let found = 0;
  await store.each("virtual-key", () => void found++);
  return found === 0;
}

/** Gives each key as it will be stored, but for the hash of what the file says: only the store needs that. */
export function giveNewKeys(file: LoadedFile, context: EntryContext, taker: NewKeys): KeyVisit {
  const read = virtualKeyReader(file, context);
  return (given, index) => taker.add(unwritten(read(given as JsonObject, index)));
}

function unwritten(given: FileEntry): StoredEntry {
  const { kind, id, name, owner } = given;
  const common = { source: "file", fileHash: null, deleted: false, createdAt: 0, updatedAt: 0 } as const;
  return { kind, id, name, owner, ...given.parts(), ...common };
}

export interface KeyStoring extends EntryContext {
  readonly store: ConfigStore;
  readonly file: LoadedFile;
  /** Gets the places of the first ones. */
  readonly places: Map<string, string>;
  /** Asked between transactions: true ends the work. */
  isEnded(): boolean;
  now(): number;
}

/**
 * Stores the virtual keys of the file. What was stored before a crash or an end is found by the next start, which adds the rest.
 * Resolves to those whose secrets stand elsewhere; null when it was ended before.
 */
export async function storeNewKeys(work: KeyStoring): Promise<StoredEntry[] | null> {
  const references: StoredEntry[] = [];
  let batch: EntryChange[] = [];
  let count = 0;
  for (const given of virtualKeyEntries(work.file, work)) {
    if (count < MOST_PLACES) work.places.set(placeKey("virtual-key", given.id), given.place());
    const entry = storedEntry(given, given.parts(), work.now());
    if (referenceOf(entry) !== null) references.push(entry);
    batch.push({ type: "put", entry });
    if (++count % READ_AT_ONCE === 0) await nextTurn();
    if (batch.length < BATCH) continue;
    if (work.isEnded()) return null;
    await work.store.write(batch);
    batch = [];
  }
  if (work.isEnded()) return null;
  if (batch.length > 0) await work.store.write(batch);
  return references;
}
