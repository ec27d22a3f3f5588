// The configuration store on SQLite: entries and sessions of one file, their secrets sealed, and notice of what other processes write.
import type { AuditPage, AuditQuery, AuditRow } from "../../core/audit.ts";
import {
  type ChangedEntries,
  type ConfigStore,
  type EntryChange,
  type EntryKind,
  type EntryPage,
  type EntryQuery,
  type StoredEntry,
  type StoredSession,
  StoreUnavailableError,
  type Vault,
} from "../../core/config-store.ts";
import type { StoreHealth } from "../../core/stores.ts";
import type { KeyedVault } from "../vault/vault.ts";
import { insertAudit, readAudit } from "./config-audit.ts";
import { type ConfigFile, openConfigFile, waitingForLock } from "./config-file.ts";
import { ConfigGuard } from "./config-guard.ts";
import { keyOfStore } from "./config-key.ts";
import { listEntries } from "./config-list.ts";
import { EntryBrokenError, type EntryRow, readEntry } from "./config-rows.ts";
import { KeyChangedError, writeChanges } from "./config-write.ts";
import { inTransaction } from "./file.ts";

export interface ConfigStoreOptions {
  readonly path: string;
  /** null = generated beside the store. */
  readonly encryptionKey: string | null;
  /** The key before a change of keys: a store that is still sealed with it is sealed anew with `encryptionKey` when it is opened. */
  readonly previousKey?: string | null;
  readonly log: (level: "info" | "error", text: string, fields: Readonly<Record<string, string>>) => void;
  /** The store began to fail, or recovered. */
  readonly onHealth?: (health: StoreHealth) => void;
}

/** The store together with the vault of its secrets, whose fingerprints stay the same when the key changes. */
export interface SealedConfigStore extends ConfigStore {
  readonly vault: Vault;
}

/** Entries of one page of a walk: about a millisecond of the thread. */
const PAGE = 250;
/** Between two looks for foreign changes. ms */
const LOOK = 150;

/**
 * Opens the store, makes it if there is none. Throws StoreRefusedError when the file is not ours to use (corrupted, newer, foreign,
 * out of reach, sealed with another key), StoreUnavailableError while another process holds it locked. A store that can be read
 * but not written is opened, and `health` tells why.
 */
export async function openConfigStore(options: ConfigStoreOptions): Promise<SealedConfigStore> {
  const texts = { configured: options.encryptionKey, previous: options.previousKey ?? null };
  const file = await openConfigFile(options.path, true);
  try {
    const { vault } = await waitingForLock(options.path, () => keyOfStore(file, options.path, texts));
    return new SqliteConfigStore(file, vault, options);
  } catch (error) {
    file.database.close();
    throw error;
  }
}

class SqliteConfigStore implements SealedConfigStore {
  readonly #options: ConfigStoreOptions;
  readonly #guard: ConfigGuard;
  readonly #listeners = new Set<() => void>();
  readonly #watch: NodeJS.Timeout;
  #vault: KeyedVault;
  /** The key that the store has now, and that the configured one is not. */
  #missingKey = "";
  /** Up to here this process knows every change. */
  #revision: number;
  #toldRevision: number;
  /** What was seen last, and in which opening of the file. */
  #seen: { readonly file: ConfigFile | null; readonly dataVersion: number } = { file: null, dataVersion: 0 };

  constructor(file: ConfigFile, vault: KeyedVault, options: ConfigStoreOptions) {
    this.#options = options;
    this.#vault = vault;
    this.#revision = this.#toldRevision = stateOf(file).revision;
    this.#guard = new ConfigGuard(file, {
      path: options.path,
      onHealth: (health) => this.#tellHealth(health),
      accept: async () => void (await this.#renewKey()),
    });
    this.#watch = setInterval(() => this.#look(), LOOK).unref();
  }

  get health(): StoreHealth {
    return this.#guard.health;
  }

  get vault(): Vault {
    return this.#vault;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Not one state of the store: what is written meanwhile is told as a change. */
  async each(kind: EntryKind, visit: (entry: StoredEntry) => void): Promise<void> {
    for (let behind = -1; ; ) {
      const page = await this.#read(({ statements }) => this.#entries(statements.page.all(kind, behind, PAGE)));
      for (const { entry } of page) visit(entry);
      if (page.length < PAGE) return;
      behind = page.at(-1)!.seq;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  get(kind: EntryKind, id: string): Promise<StoredEntry | null> {
    return this.#read(({ statements }) => this.#entry(statements.get.get(kind, id)));
  }

  findByLookup(lookup: string): Promise<StoredEntry | null> {
    return this.#read(({ statements }) => this.#entry(statements.byLookup.get(lookup)));
  }

  list(kind: EntryKind, query: EntryQuery): Promise<EntryPage> {
    return this.#read(({ database }) => listEntries(database, kind, query, this.#vault));
  }

  count(kind: EntryKind): Promise<number> {
    return this.#read(({ statements }) => (statements.count.get(kind) as unknown as [number])[0]);
  }

  async write(changes: readonly EntryChange[], audit: readonly AuditRow[] = []): Promise<number> {
    if (changes.length === 0) return this.#read((file) => stateOf(file).revision);
    const revision = await this.#withKey(() =>
      this.#guard.write(({ database, statements }) =>
        writeChanges({ database, statements, vault: this.#vault }, changes, audit),
      ),
    );
    // With a foreign change in between, that one is still unknown here.
    if (revision === this.#revision + 1) this.#revision = revision;
    return revision;
  }

  async changedSince(revision: number): Promise<ChangedEntries> {
    const found = await this.#read((file) => {
      // The revision first: what comes in between is told twice rather than never.
      const { revision: now } = stateOf(file);
      const rows = file.statements.changed.all(revision) as unknown as [EntryKind, string][];
      return { revision: now, changed: rows.map(([kind, id]) => ({ kind, id })) };
    });
    if (revision <= this.#revision && found.revision > this.#revision) this.#revision = found.revision;
    return found;
  }

  onForeignChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#seen = { file: null, dataVersion: 0 };
    return () => void this.#listeners.delete(listener);
  }

  saveSession({ tokenHash, user, createdAt, expiresAt }: StoredSession): Promise<void> {
    return this.#guard.write(({ statements }) => {
      statements.dropExpired.run(createdAt);
      statements.saveSession.run(tokenHash, user, createdAt, expiresAt);
    });
  }

  findSession(tokenHash: string): Promise<StoredSession | null> {
    return this.#read(({ statements }) => {
      const row = statements.findSession.get(tokenHash) as unknown as [string, number, number] | undefined;
      return row === undefined ? null : { tokenHash, user: row[0], createdAt: row[1], expiresAt: row[2] };
    });
  }

  extendSession(tokenHash: string, expiresAt: number): Promise<void> {
    return this.#guard.write(({ statements }) => void statements.extendSession.run(expiresAt, tokenHash));
  }

  removeSession(tokenHash: string): Promise<void> {
    return this.#guard.write(({ statements }) => void statements.removeSession.run(tokenHash));
  }

  removeSessions(): Promise<void> {
    return this.#guard.write(({ statements }) => void statements.removeSessions.run());
  }

  saveAudit(rows: readonly AuditRow[]): Promise<void> {
    return this.#guard.write(({ database, statements }) =>
      inTransaction(database, () => insertAudit(statements, rows)),
    );
  }

  audit(query: AuditQuery): Promise<AuditPage> {
    return this.#read(({ database }) => readAudit(database, query));
  }

  close(): Promise<void> {
    clearInterval(this.#watch);
    this.#listeners.clear();
    return this.#guard.close();
  }

  #entry(row: unknown): StoredEntry | null {
    return row === undefined ? null : readEntry(row as EntryRow, this.#vault);
  }

  #entries(rows: Iterable<unknown>): { readonly seq: number; readonly entry: StoredEntry }[] {
    return Array.from(rows as Iterable<EntryRow>, (row) => ({ seq: row[0], entry: readEntry(row, this.#vault) }));
  }

  #read<T>(work: (file: ConfigFile) => T): Promise<T> {
    return this.#withKey(() => this.#guard.read(work));
  }

  /** Another process may have sealed everything with a new key: where it is to be had, it is taken and all goes on. */
  async #withKey<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof KeyChangedError) && !(error instanceof EntryBrokenError)) throw error;
      const isNew = await this.#renewKey();
      if (!isNew) throw new StoreUnavailableError(error.message);
      return run();
    }
  }

  /** Whether the store has another key than before. Throws StoreUnavailableError when it is not to be had. */
  async #renewKey(): Promise<boolean> {
    const { keyId } = stateOf(this.#guard.file);
    if (keyId === this.#vault.keyId) return false;
    try {
      // Deriving is slow, and a key that did not fit will not fit the next time.
      if (keyId === this.#missingKey) throw new KeyChangedError();
      const texts = { configured: this.#options.encryptionKey, previous: null };
      this.#vault = (await keyOfStore(this.#guard.file, this.#options.path, texts)).vault;
      return true;
    } catch {
      if (this.#options.encryptionKey !== null) this.#missingKey = keyId;
      throw this.#guard.fail(new StoreUnavailableError(new KeyChangedError().message));
    }
  }

  #look(): void {
    try {
      if (!this.#hasNews()) return;
    } catch (error) {
      if (this.#guard.health.ok) this.#guard.fail(error);
      return;
    }
    for (const listener of this.#listeners) listener();
  }

  /** Whether another process wrote what the listeners have not been told of. */
  #hasNews(): boolean {
    const { file } = this.#guard;
    this.#guard.checkPlace();
    const [dataVersion] = file.statements.dataVersion.get() as unknown as [number];
    if (file === this.#seen.file && dataVersion === this.#seen.dataVersion) return false;
    this.#seen = { file, dataVersion };
    const { revision, keyId } = stateOf(file);
    if (keyId !== this.#vault.keyId) void this.#renewKey().catch(() => {});
    if (this.#listeners.size === 0 || revision <= this.#revision || revision <= this.#toldRevision) return false;
    this.#toldRevision = revision;
    return true;
  }

  #tellHealth(health: StoreHealth): void {
    const { path, log, onHealth } = this.#options;
    if (health.ok) log("info", "the configuration store is written again", { path });
    else
      log("error", "the configuration store cannot be written; requests are served on", {
        path,
        reason: health.reason,
      });
    onHealth?.(health);
  }
}

function stateOf({ statements }: ConfigFile): { readonly revision: number; readonly keyId: string } {
  const [revision, keyId] = statements.state.get() as unknown as [number, string];
  return { revision, keyId };
}
