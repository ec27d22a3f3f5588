// A configuration store in memory: what a process works on where the file rules alone, and in tests.
import { AUDIT_LIMITS, type AuditPage, type AuditQuery, type AuditRow, type StoredAuditRow } from "../../core/audit.ts";
import {
  type ChangedEntries,
  type ConfigStore,
  type EntryChange,
  type EntryKind,
  type EntryPage,
  type EntryQuery,
  NameTakenError,
  type StoredEntry,
  type StoredSession,
  StoreUnavailableError,
} from "../../core/config-store.ts";

interface Kept {
  readonly entry: StoredEntry;
  readonly revision: number;
}

/** What stores that share one memory share. */
export interface SharedMemory {
  readonly entries: Map<string, Kept>;
  readonly removed: Map<string, number>;
  readonly sessions: Map<string, StoredSession>;
  readonly listeners: Map<MemoryConfigStore, Set<() => void>>;
  /** In the order of their ids, the oldest first. */
  readonly audit: StoredAuditRow[];
  revision: number;
}

export function sharedMemory(): SharedMemory {
  return { audit: [], entries: new Map(), removed: new Map(), sessions: new Map(), listeners: new Map(), revision: 0 };
}

function nameOf(kind: EntryKind, id: string): string {
  return `${kind}:${id}`;
}

/** Keeps to the contract of the port; nothing outlives the process. */
export class MemoryConfigStore implements ConfigStore {
  health = { ok: true, reason: "" };
  revision = 0;
  readonly #memory: SharedMemory;

  constructor(memory: SharedMemory = sharedMemory()) {
    this.#memory = memory;
    this.revision = memory.revision;
    memory.listeners.set(this, new Set());
  }

  async each(kind: EntryKind, visit: (entry: StoredEntry) => void): Promise<void> {
    for (const { entry } of this.#memory.entries.values()) if (entry.kind === kind) visit(entry);
  }

  async get(kind: EntryKind, id: string): Promise<StoredEntry | null> {
    return this.#memory.entries.get(nameOf(kind, id))?.entry ?? null;
  }

  async findByLookup(lookup: string): Promise<StoredEntry | null> {
    if (lookup === "") return null;
    for (const { entry } of this.#memory.entries.values()) if (entry.lookup === lookup && !entry.deleted) return entry;
    return null;
  }

  async list(kind: EntryKind, query: EntryQuery): Promise<EntryPage> {
    const found = this.#present(kind).filter((entry) => matches(entry, query));
    const field = query.sort;
    if (field === "name") found.sort((a, b) => (a.name < b.name ? -1 : 1));
    else if (field !== undefined) {
      const member = field === "created_at" ? "createdAt" : "updatedAt";
      found.sort((a, b) => a[member] - b[member]);
    }
    if (query.descending === true) found.reverse();
    return { entries: found.slice(query.offset, query.offset + query.limit), total: found.length };
  }

  async count(kind: EntryKind): Promise<number> {
    return this.#present(kind).length;
  }

  async write(changes: readonly EntryChange[], audit: readonly AuditRow[] = []): Promise<number> {
    if (changes.length === 0) return this.#memory.revision;
    const next = new Map(this.#memory.entries);
    const revision = this.#memory.revision + 1;
    for (const change of changes) {
      if (change.type === "remove") next.delete(nameOf(change.kind, change.id));
      else next.set(nameOf(change.entry.kind, change.entry.id), { entry: change.entry, revision });
    }
    refuseTaken(changes, next.values());
    this.#memory.entries.clear();
    for (const [name, kept] of next) this.#memory.entries.set(name, kept);
    for (const change of changes) {
      if (change.type === "remove") this.#memory.removed.set(nameOf(change.kind, change.id), revision);
      else this.#memory.removed.delete(nameOf(change.entry.kind, change.entry.id));
    }
    this.#memory.revision = revision;
    keepAudit(this.#memory.audit, audit);
    // with a foreign change in between, that one is still unknown here
    if (revision === this.revision + 1) this.revision = revision;
    for (const [store, listeners] of this.#memory.listeners)
      if (store !== this) for (const listener of listeners) queueMicrotask(listener);
    return revision;
  }

  async changedSince(revision: number): Promise<ChangedEntries> {
    const changed: { kind: EntryKind; id: string }[] = [];
    for (const { entry, revision: at } of this.#memory.entries.values())
      if (at > revision) changed.push({ kind: entry.kind, id: entry.id });
    for (const [name, at] of this.#memory.removed) {
      const split = name.indexOf(":");
      if (at > revision) changed.push({ kind: name.slice(0, split) as EntryKind, id: name.slice(split + 1) });
    }
    this.revision = this.#memory.revision;
    return { revision: this.revision, changed };
  }

  onForeignChange(listener: () => void): () => void {
    const listeners = this.#memory.listeners.get(this);
    listeners?.add(listener);
    return () => void listeners?.delete(listener);
  }

  async saveSession(session: StoredSession): Promise<void> {
    for (const [hash, { expiresAt }] of this.#memory.sessions)
      if (expiresAt < session.createdAt) this.#memory.sessions.delete(hash);
    this.#memory.sessions.set(session.tokenHash, session);
  }

  async findSession(tokenHash: string): Promise<StoredSession | null> {
    return this.#memory.sessions.get(tokenHash) ?? null;
  }

  async extendSession(tokenHash: string, expiresAt: number): Promise<void> {
    const session = this.#memory.sessions.get(tokenHash);
    if (session !== undefined) this.#memory.sessions.set(tokenHash, { ...session, expiresAt });
  }

  async removeSession(tokenHash: string): Promise<void> {
    this.#memory.sessions.delete(tokenHash);
  }

  async removeSessions(): Promise<void> {
    this.#memory.sessions.clear();
  }

  async saveAudit(rows: readonly AuditRow[]): Promise<void> {
    keepAudit(this.#memory.audit, rows);
  }

  async audit(query: AuditQuery): Promise<AuditPage> {
    const found = this.#memory.audit.filter((row) => isAsked(row, query)).reverse();
    return { rows: found.slice(query.offset, query.offset + query.limit), total: found.length };
  }

  async close(): Promise<void> {
    this.#memory.listeners.delete(this);
  }

  #present(kind: EntryKind): StoredEntry[] {
    return [...this.#memory.entries.values()].flatMap(({ entry }) =>
      entry.kind === kind && !entry.deleted ? [entry] : [],
    );
  }
}

function keepAudit(kept: StoredAuditRow[], rows: readonly AuditRow[]): void {
  for (const row of rows) kept.push({ ...structuredClone(row), id: (kept.at(-1)?.id ?? 0) + 1 });
  const last = kept.at(-1);
  if (last === undefined) return;
  const isOld = ({ at, id }: StoredAuditRow): boolean =>
    at < last.at - AUDIT_LIMITS.age || id <= last.id - AUDIT_LIMITS.rows;
  while (kept[0] !== undefined && isOld(kept[0])) kept.shift();
}

function isAsked(row: StoredAuditRow, { entity, entityId, actor, since, until }: AuditQuery): boolean {
  return (
    (entity === undefined || row.entity === entity) &&
    (entityId === undefined || row.entityId === entityId) &&
    (actor === undefined || row.actor === actor || row.address === actor) &&
    row.at >= (since ?? row.at) &&
    row.at <= (until ?? row.at)
  );
}

function matches(entry: StoredEntry, query: EntryQuery): boolean {
  const search = query.search?.toLowerCase();
  const description = entry.body["description"];
  return (
    (search === undefined ||
      entry.name.toLowerCase().includes(search) ||
      (typeof description === "string" && description.toLowerCase().includes(search))) &&
    (query.ids === undefined || query.ids.includes(entry.id)) &&
    (query.owner === undefined || query.owner === entry.owner)
  );
}

/** Names and secrets of all that is not deleted, each once. */
function refuseTaken(changes: readonly EntryChange[], all: Iterable<Kept>): void {
  if (!changes.some((change) => change.type === "put")) return;
  const holders = new Map<string, StoredEntry>();
  for (const { entry } of all) {
    if (entry.deleted) continue;
    hold(holders, `${entry.kind}/${entry.owner}/${entry.name}`, entry, "name");
    if (entry.lookup !== "") hold(holders, entry.lookup, entry, "lookup");
  }
}

function hold(holders: Map<string, StoredEntry>, key: string, entry: StoredEntry, member: "name" | "lookup"): void {
  const holder = holders.get(key);
  if (holder !== undefined && holder.id !== entry.id)
    throw new NameTakenError(
      entry.kind,
      member,
      `the ${holder.kind.replace("-", " ")} "${holder.name}" has this ${member === "name" ? "name" : "secret"} already`,
    );
  holders.set(key, entry);
}

const KINDS: readonly EntryKind[] = [
  "block",
  "provider",
  "provider-key",
  "virtual-key",
  "customer",
  "team",
  "model-config",
  "provider-limit",
  "pricing-override",
];

/** A copy of a store that cannot be written now: it takes what the file says, and nothing after that. */
export class FrozenStore extends MemoryConfigStore {
  readonly #original: ConfigStore;
  #reason: string | null = null;

  constructor(original: ConfigStore) {
    super();
    this.#original = original;
  }

  async fill(): Promise<void> {
    for (const kind of KINDS) {
      const changes: EntryChange[] = [];
      await this.#original.each(kind, (entry) => changes.push({ type: "put", entry }));
      if (changes.length > 0) await super.write(changes);
    }
  }

  /** From now on changes are refused with this reason. */
  freeze(reason: string): void {
    this.#reason = reason;
    this.health = { ok: false, reason };
  }

  override async close(): Promise<void> {
    await super.close();
    await this.#original.close();
  }

  override async write(changes: readonly EntryChange[], audit?: readonly AuditRow[]): Promise<number> {
    if (this.#reason !== null) throw new StoreUnavailableError(this.#reason);
    return super.write(changes, audit);
  }

  override async saveAudit(rows: readonly AuditRow[]): Promise<void> {
    if (this.#reason !== null) throw new StoreUnavailableError(this.#reason);
    await super.saveAudit(rows);
  }

  /** What was done before stands in the original. */
  override audit(query: AuditQuery): Promise<AuditPage> {
    return this.#original.audit(query);
  }
}
