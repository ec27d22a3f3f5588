// The port of the store of the configuration: entries as people wrote them, sessions of the login, and notices of changes.
import type { AuditRow, AuditStore } from "./audit.ts";
import type { JsonObject } from "./json.ts";
import type { StoreHealth } from "./stores.ts";

export type { JsonObject, JsonValue } from "./json.ts";

/**
 * `provider`: one of `providers`, without its keys. `provider-key`: one of its keys. `virtual-key`: one of
 * `governance.virtual_keys`. `block`: a whole member of the file such as `client` or `auth_config`, and what the API keeps
 * beside it (`proxy_config`, `metadata`). Teams, customers, rules and the like join here.
 */
export type EntryKind =
  | "provider"
  | "provider-key"
  | "virtual-key"
  | "block"
  | "customer"
  | "team"
  | "model-config"
  | "provider-limit"
  | "pricing-override"
  | "routing-rule";

/** One thing of the configuration as it is stored. */
export interface StoredEntry {
  readonly kind: EntryKind;
  /** Provider: its name. Block: its name. Else the id that the API shows. Unique within its kind. */
  readonly id: string;
  /** Unique within kind and owner among entries that are not deleted. */
  readonly name: string;
  /** The provider of a key; otherwise empty. */
  readonly owner: string;
  /** As in config.json, in the spellings and with the meaning of version 2; secrets are taken out of it. */
  readonly body: JsonObject;
  /** JSON Pointer within `body` → secret in clear. Sealed at rest. A reference such as `env.NAME` is no secret: it stays in the body. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Virtual key: SHA-256 of its secret, base64; otherwise empty. Unique unless empty. */
  readonly lookup: string;
  readonly source: "file" | "api";
  /** What the file's entry was when it was last taken over; null = the file never had it. */
  readonly fileHash: string | null;
  /** A file's entry that was deleted through the API: it stays so until the file's own entry changes. */
  readonly deleted: boolean;
  /** Unix ms. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** An entry that is put replaces the one of the same kind and id. */
export type EntryChange =
  | { readonly type: "put"; readonly entry: StoredEntry }
  | { readonly type: "remove"; readonly kind: EntryKind; readonly id: string };

/** A page of entries that are not deleted. */
export interface EntryQuery {
  /** Part of the name or description, any case. */
  readonly search?: string | undefined;
  /** Only these ids. */
  readonly ids?: readonly string[] | undefined;
  readonly owner?: string | undefined;
  readonly sort?: "name" | "created_at" | "updated_at" | undefined;
  readonly descending?: boolean | undefined;
  readonly limit: number;
  readonly offset: number;
}

export interface EntryPage {
  readonly entries: readonly StoredEntry[];
  /** Of all pages. */
  readonly total: number;
}

/** What changed after a revision. */
export interface ChangedEntries {
  readonly revision: number;
  readonly changed: readonly { readonly kind: EntryKind; readonly id: string }[];
}

/** A session of the login; tokens are stored as their SHA-256 alone. */
export interface StoredSession {
  readonly tokenHash: string;
  readonly user: string;
  /** Unix ms. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** Every process with the same store is a node of one installation. */
export interface ConfigStore extends AuditStore {
  readonly health: StoreHealth;
  /** Visits the entries of a kind, deleted ones too, in the order of their creation, without holding all of them. */
  each(kind: EntryKind, visit: (entry: StoredEntry) => void): Promise<void>;
  get(kind: EntryKind, id: string): Promise<StoredEntry | null>;
  /** A virtual key by the hash of its secret; not a deleted one. */
  findByLookup(lookup: string): Promise<StoredEntry | null>;
  list(kind: EntryKind, query: EntryQuery): Promise<EntryPage>;
  count(kind: EntryKind): Promise<number>;
  /**
   * All or none, durable when it resolves to the new revision. Rejects with NameTakenError when a name or secret belongs to another entry, and
   * with StoreUnavailableError when the store cannot be written now. `audit` goes with them: it is there when they are, and only then.
   */
  write(changes: readonly EntryChange[], audit?: readonly AuditRow[]): Promise<number>;
  /** The revision that this process has read or written last. */
  readonly revision: number;
  changedSince(revision: number): Promise<ChangedEntries>;
  /** Tells within 500 ms that another process wrote. Returns what ends the listening. */
  onForeignChange(listener: () => void): () => void;
  saveSession(session: StoredSession): Promise<void>;
  findSession(tokenHash: string): Promise<StoredSession | null>;
  /** Gives one another end; one that was removed meanwhile stays removed. */
  extendSession(tokenHash: string, expiresAt: number): Promise<void>;
  removeSession(tokenHash: string): Promise<void>;
  /** All of them: a changed password ends every session. */
  removeSessions(): Promise<void>;
  close(): Promise<void>;
}

/** A name, id or secret that another entry has. */
export class NameTakenError extends Error {
  readonly kind: EntryKind;
  readonly member: "id" | "name" | "lookup";
  constructor(kind: EntryKind, member: "id" | "name" | "lookup", message: string) {
    super(message);
    this.name = "NameTakenError";
    this.kind = kind;
    this.member = member;
  }
}

/** The store cannot be written or read now: disk full, read-only, locked. `reason` is the system's own word. */
export class StoreUnavailableError extends Error {
  readonly reason: string;
  constructor(reason: string) {
    super(`the configuration store is not available: ${reason}`);
    this.name = "StoreUnavailableError";
    this.reason = reason;
  }
}

/** Seals secrets at rest. */
export interface Vault {
  /** Text that holds `secret` and cannot be read without the key; `context` must be the same when it is opened. */
  seal(secret: string, context: string): string;
  /** Throws when it was sealed with another key or for another context. */
  open(sealed: string, context: string): string;
  /** A keyed hash, base64, for comparing contents that hold secrets. */
  fingerprint(text: string): string;
}
