// A store of which the virtual keys are still being written: who asks for them, or writes, waits until they are there.
import type { AuditPage, AuditQuery, AuditRow } from "../../core/audit.ts";
import type {
  ChangedEntries,
  ConfigStore,
  EntryChange,
  EntryKind,
  EntryPage,
  EntryQuery,
  StoredEntry,
  StoredSession,
} from "../../core/config-store.ts";
import type { StoreHealth } from "../../core/stores.ts";

export class WaitingStore implements ConfigStore {
  readonly #store: ConfigStore;
  readonly #ready: Promise<void>;

  constructor(store: ConfigStore, ready: Promise<void>) {
    this.#store = store;
    this.#ready = ready;
  }

  get health(): StoreHealth {
    return this.#store.health;
  }

  get revision(): number {
    return this.#store.revision;
  }

  async each(kind: EntryKind, visit: (entry: StoredEntry) => void): Promise<void> {
    await this.#wait(kind);
    return this.#store.each(kind, visit);
  }

  async get(kind: EntryKind, id: string): Promise<StoredEntry | null> {
    await this.#wait(kind);
    return this.#store.get(kind, id);
  }

  async findByLookup(lookup: string): Promise<StoredEntry | null> {
    await this.#ready;
    return this.#store.findByLookup(lookup);
  }

  async list(kind: EntryKind, query: EntryQuery): Promise<EntryPage> {
    await this.#wait(kind);
    return this.#store.list(kind, query);
  }

  async count(kind: EntryKind): Promise<number> {
    await this.#wait(kind);
    return this.#store.count(kind);
  }

  async write(changes: readonly EntryChange[], audit?: readonly AuditRow[]): Promise<number> {
    await this.#ready;
    return this.#store.write(changes, audit);
  }

  saveAudit(rows: readonly AuditRow[]): Promise<void> {
    return this.#store.saveAudit(rows);
  }

  audit(query: AuditQuery): Promise<AuditPage> {
    return this.#store.audit(query);
  }

  changedSince(revision: number): Promise<ChangedEntries> {
    return this.#store.changedSince(revision);
  }

  onForeignChange(listener: () => void): () => void {
    return this.#store.onForeignChange(listener);
  }

  saveSession(session: StoredSession): Promise<void> {
    return this.#store.saveSession(session);
  }

  findSession(tokenHash: string): Promise<StoredSession | null> {
    return this.#store.findSession(tokenHash);
  }

  extendSession(tokenHash: string, expiresAt: number): Promise<void> {
    return this.#store.extendSession(tokenHash, expiresAt);
  }

  removeSession(tokenHash: string): Promise<void> {
    return this.#store.removeSession(tokenHash);
  }

  removeSessions(): Promise<void> {
    return this.#store.removeSessions();
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #wait(kind: EntryKind): Promise<void> {
    if (kind === "virtual-key") await this.#ready;
  }
}
