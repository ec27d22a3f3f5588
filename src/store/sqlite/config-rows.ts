// The rows of the configuration store: how an entry is stored, and how it is read again.
import type { EntryKind, JsonObject, StoredEntry, Vault } from "../../core/config-store.ts";

/** In the order of `entryValues` and `readEntry`. */
export const ENTRY_COLUMNS =
  "seq, kind, id, name, owner, body, secrets, lookup, source, file_hash, deleted, created_at, updated_at";

/** A row as an array: half the cost of an object with names. */
export type EntryRow = readonly [
  seq: number,
  kind: EntryKind,
  id: string,
  name: string,
  owner: string,
  body: string,
  secrets: string | null,
  lookup: string,
  source: "file" | "api",
  fileHash: string | null,
  deleted: number,
  createdAt: number,
  updatedAt: number,
];

/** What the secrets of an entry are sealed for: moved to another entry they do not open. */
export function sealContext(kind: string, id: string): string {
  return `entry:${kind}:${id}`;
}

/** The row of an entry at its place. */
export function entryValues(entry: StoredEntry, seq: number, vault: Vault): EntryRow {
  const { kind, id, secrets } = entry;
  const hasSecrets = Object.keys(secrets).length > 0;
  return [
    seq,
    kind,
    id,
    entry.name,
    entry.owner,
    JSON.stringify(entry.body),
    hasSecrets ? vault.seal(JSON.stringify(secrets), sealContext(kind, id)) : null,
    entry.lookup,
    entry.source,
    entry.fileHash,
    entry.deleted ? 1 : 0,
    entry.createdAt,
    entry.updatedAt,
  ];
}

const NO_SECRETS: Readonly<Record<string, string>> = Object.freeze({});

/** Throws EntryBrokenError when the row cannot be read. An entry without secrets costs no deciphering. */
export function readEntry(row: EntryRow, vault: Vault): StoredEntry {
  const [, kind, id, name, owner, body, secrets, lookup, source, fileHash, deleted, createdAt, updatedAt] = row;
  try {
    return {
      kind,
      id,
      name,
      owner,
      body: JSON.parse(body) as JsonObject,
      secrets: secrets === null ? NO_SECRETS : openSecrets(secrets, kind, id, vault),
      lookup,
      source,
      fileHash,
      deleted: deleted === 1,
      createdAt,
      updatedAt,
    };
  } catch (error) {
    throw new EntryBrokenError(kind, id, error);
  }
}

function openSecrets(sealed: string, kind: EntryKind, id: string, vault: Vault): Record<string, string> {
  return JSON.parse(vault.open(sealed, sealContext(kind, id))) as Record<string, string>;
}

/** An entry whose row was damaged. The message tells which, and nothing of its content. */
export class EntryBrokenError extends Error {
  constructor(kind: EntryKind, id: string, cause: unknown) {
    // A parser quotes what it cannot read: only our own word for a broken seal is passed on.
    const isSeal = cause instanceof Error && cause.name === "SealBrokenError";
    super(`the stored ${kind} "${id}" cannot be read: ${isSeal ? cause.message : "its content is damaged"}`);
    this.name = "EntryBrokenError";
  }
}
