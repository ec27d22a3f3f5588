// A store in front of another one that keeps what is written to it, so that a change can be looked at before it is made.
import type { ConfigStore, EntryChange, EntryKind, StoredEntry } from "../../core/config-store.ts";

/** What an import needs of a store. */
export class CollectingStore implements Pick<ConfigStore, "each" | "get" | "write"> {
  readonly changes: EntryChange[] = [];
  readonly #behind: ConfigStore;

  constructor(behind: ConfigStore) {
    this.#behind = behind;
  }

  each(kind: EntryKind, visit: (entry: StoredEntry) => void): Promise<void> {
    return this.#behind.each(kind, visit);
  }

  get(kind: EntryKind, id: string): Promise<StoredEntry | null> {
    return this.#behind.get(kind, id);
  }

  async write(changes: readonly EntryChange[]): Promise<number> {
    this.changes.push(...changes);
    return 0;
  }
}
