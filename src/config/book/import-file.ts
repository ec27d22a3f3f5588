// Merges what the file declares into the store: what changed in the file since it was last taken over wins, else what is stored.
import type { GovernanceKind } from "../../core/config-book.ts";
import type { ConfigStore, EntryChange, EntryKind, StoredEntry } from "../../core/config-store.ts";
import type { LoadedFile } from "../load.ts";
import { withHashedPassword } from "./block-changes.ts";
import { isOwnBlock } from "./blocks.ts";
import {
  blockEntries,
  type EntryContext,
  type FileEntry,
  ownerEntries,
  providerEntries,
  virtualKeyEntries,
} from "./file-entries.ts";
import { placeKey } from "./ledger.ts";
import { GOVERNANCE_KINDS } from "./owner-entries.ts";

export interface ImportOptions extends EntryContext {
  readonly store: ConfigStore;
  readonly file: LoadedFile;
  /** `source_of_truth: "config.json"`: the file always wins, and what it lacks is deleted. */
  readonly fileRules: boolean;
  /** The virtual keys of the file are those of the last start. */
  readonly knowsKeys?: boolean;
  now(): number;
}

export interface Imported {
  /** Where the file declares what, for as many entries as people may look through. */
  readonly places: Map<string, string>;
  /** What could not be taken over, and why. */
  readonly warnings: readonly string[];
  /** How many entries were written or removed. */
  readonly changed: number;
}

/** What is known of a stored entry while the file is compared with it. */
interface Known extends Pick<StoredEntry, "id" | "name" | "owner" | "source" | "fileHash" | "deleted" | "createdAt"> {
  readonly lookup: string;
}

/** Changes of one transaction: each touches nearly every page of the indexes, so a large one is cheaper than many small ones. */
const BATCH = 5000;
/** Beyond so many virtual keys nobody looks for the line of one, and the lines would take memory. */
export const MOST_PLACES = 5000;

export async function importFile(options: ImportOptions): Promise<Imported> {
  const work = new Import(options);
  await work.blocks();
  await work.providers();
  for (const kind of GOVERNANCE_KINDS) await work.owners(kind);
  if (options.knowsKeys !== true) await work.virtualKeys();
  await work.flush();
  return { places: work.places, warnings: work.warnings, changed: work.changed };
}

class Import {
  readonly places = new Map<string, string>();
  readonly warnings: string[] = [];
  changed = 0;
  readonly #options: ImportOptions;
  #batch: EntryChange[] = [];

  constructor(options: ImportOptions) {
    this.#options = options;
  }

  async blocks(): Promise<void> {
    const stored = await this.#stored("block");
    const seen = new Set<string>();
    for (const entry of blockEntries(this.#options.file, this.#options)) {
      seen.add(entry.id);
      await this.#merge(entry, stored.byId.get(entry.id));
    }
    await this.#removeOthers("block", stored, (id) => seen.has(id) || isOwnBlock(id) || id.startsWith("$"));
  }

  async providers(): Promise<void> {
    const [providers, keys] = [await this.#stored("provider"), await this.#stored("provider-key")];
    const seen = new Set<string>();
    const seenKeys = new Set<string>();
    for (const { entry, keys: own } of providerEntries(this.#options.file, this.#options)) {
      seen.add(entry.id);
      const known = providers.byId.get(entry.id);
      const matches = own.map((key) => ({ key, stored: keys.byId.get(key.id) ?? keys.byName.get(nameKey(key)) }));
      // a provider that was deleted comes back with whatever changes in its entry, and then with all its keys
      const isBack = known?.deleted === true && matches.some(({ key, stored }) => stored?.fileHash !== key.hash());
      await this.#merge(entry, known, isBack);
      const comesBack = isBack || (known?.deleted === true && known.fileHash !== entry.hash());
      for (const { key, stored } of matches) {
        seenKeys.add(stored?.id ?? key.id);
        await this.#merge(key, stored, comesBack);
      }
    }
    await this.#removeOthers("provider-key", keys, (id) => seenKeys.has(id));
    await this.#removeOthers("provider", providers, (id) => seen.has(id));
  }

  async owners(kind: GovernanceKind): Promise<void> {
    const stored = await this.#stored(kind);
    const seen = new Set<string>();
    for (const entry of ownerEntries(kind, this.#options.file, this.#options)) {
      const known = stored.byName.get(nameKey(entry)) ?? stored.byId.get(entry.id);
      seen.add(known?.id ?? entry.id);
      await this.#merge(entry, known);
    }
    await this.#removeOthers(kind, stored, (id) => seen.has(id));
  }

  async virtualKeys(): Promise<void> {
    const stored = await this.#stored("virtual-key");
    const seen = new Set<string>();
    let count = 0;
    for (const entry of virtualKeyEntries(this.#options.file, this.#options)) {
      const known = stored.byName.get(nameKey(entry)) ?? stored.byId.get(entry.id);
      const id = known?.id ?? entry.id;
      seen.add(id);
      if (count++ < MOST_PLACES) this.places.set(placeKey("virtual-key", id), entry.place());
      await this.#merge(entry, known, false, stored.byLookup);
    }
    await this.#removeOthers("virtual-key", stored, (id) => seen.has(id));
  }

  async #stored(kind: EntryKind): Promise<Stored> {
    const stored = new Stored();
    await this.#options.store.each(kind, (entry) => stored.add(entry));
    return stored;
  }

  /** The file's entry, unless it is the one that was taken over before. */
  async #merge(
    entry: FileEntry,
    known: Known | undefined,
    isForced = false,
    holders?: Map<string, string>,
  ): Promise<void> {
    const id = known?.id ?? entry.id;
    if (entry.kind !== "virtual-key") this.places.set(placeKey(entry.kind, id), entry.place());
    const isSame = known !== undefined && known.fileHash === entry.hash();
    const isOwn = known !== undefined && known.source === "file" && !known.deleted;
    if (isSame && !isForced && (isOwn || !this.#options.fileRules)) return;
    const parts = entry.parts();
    const holder = parts.lookup === "" ? undefined : holders?.get(parts.lookup);
    if (holder !== undefined && holder !== id) {
      this.warnings.push(
        `${entry.place()}: another virtual key that was made by the API has the same value; this one is left out`,
      );
      return;
    }
    const now = this.#options.now();
    const secrets = entry.id === "auth_config" ? await withHashedPassword(parts.secrets) : parts.secrets;
    await this.#push({ type: "put", entry: storedEntry(entry, { ...parts, secrets }, now, known) });
  }

  async #removeOthers(kind: EntryKind, stored: Stored, isKept: (id: string) => boolean): Promise<void> {
    if (!this.#options.fileRules) return;
    for (const id of stored.byId.keys()) if (!isKept(id)) await this.#push({ type: "remove", kind, id });
  }

  async #push(change: EntryChange): Promise<void> {
    this.#batch.push(change);
    this.changed++;
    if (this.#batch.length >= BATCH) await this.flush();
  }

  async flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length > 0) await this.#options.store.write(batch);
  }
}

/** The file's entry as it is stored, in the place of the known one. */
export function storedEntry(
  entry: FileEntry,
  parts: ReturnType<FileEntry["parts"]>,
  now: number,
  known?: Known,
): StoredEntry {
  const { kind, name, owner } = entry;
  const { body, secrets, lookup } = parts;
  const id = known?.id ?? entry.id;
  const createdAt = known?.createdAt ?? now;
  const own = kind === "block" || kind === "provider" || body["id"] === id ? body : { ...body, id };
  return {
    kind,
    id,
    name,
    owner,
    body: own,
    secrets,
    lookup,
    source: "file",
    fileHash: entry.hash(),
    deleted: false,
    createdAt,
    updatedAt: now,
  };
}

/** The stored entries of one kind, as far as the file is compared with them. */
class Stored {
  readonly byId = new Map<string, Known>();
  /** Not of deleted ones: their names are free. */
  readonly byName = new Map<string, Known>();
  readonly byLookup = new Map<string, string>();

  add(entry: StoredEntry): void {
    const { id, name, owner, source, fileHash, deleted, createdAt, lookup } = entry;
    const known: Known = { id, name, owner, source, fileHash, deleted, createdAt, lookup };
    this.byId.set(id, known);
    if (!deleted) this.byName.set(nameKey(known), known);
    if (lookup !== "") this.byLookup.set(lookup, id);
  }
}

function nameKey({ owner, name }: { readonly owner: string; readonly name: string }): string {
  return `${owner}/${name}`;
}
