// The encryption key of a configuration store: kept, found again at a start, and changed with everything that it seals.
import { rmSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { StoreRefusedError } from "../../core/stores.ts";
import { adoptWaitingKey, ensureKeyFile, keyPath, writeWaitingKey } from "../vault/key-file.ts";
import { type KeyMaking, type KeyRecord, type KeySource, makeKey } from "../vault/key-record.ts";
import { type KeyTexts, unlock } from "../vault/unlock.ts";
import type { KeyedVault } from "../vault/vault.ts";
import type { ConfigFile } from "./config-file.ts";
import { sealContext } from "./config-rows.ts";
import { KeyChangedError } from "./config-write.ts";
import { inTransaction } from "./file.ts";

/** null = the store has none yet. */
export function readKeyRecord(database: DatabaseSync): KeyRecord | null {
  const sql = `SELECT key_id AS keyId, source, derivation, salt, sealed_root AS sealedRoot FROM store_key WHERE one = 1`;
  return (database.prepare(sql).get() as unknown as KeyRecord | undefined) ?? null;
}

/** The key of the store: that of its record, or a new one for a new store. Throws StoreRefusedError when it is not to be had. */
export async function keyOfStore(file: ConfigFile, path: string, texts: KeyTexts): Promise<KeyMaking> {
  const record = readKeyRecord(file.database);
  if (record === null) return newKey(file, path, texts);
  const { key, isPrevious } = await unlock(path, record, texts);
  if (!isPrevious) return key;
  refuseReadOnly(file, path);
  return changeKey(file.database, path, key, { text: texts.configured as string, source: "configured" });
}

async function newKey(file: ConfigFile, path: string, texts: KeyTexts): Promise<KeyMaking> {
  refuseReadOnly(file, path);
  const { configured } = texts;
  const made = await makeKey(configured ?? ensureKeyFile(keyPath(path)), configured === null ? "file" : "configured");
  const kept = inTransaction(file.database, () => keepFirst(file.database, made.record));
  if (kept.keyId === made.record.keyId) return made;
  // Another process was quicker: its key counts.
  return (await unlock(path, kept, texts)).key;
}

function keepFirst(database: DatabaseSync, record: KeyRecord): KeyRecord {
  const found = readKeyRecord(database);
  if (found === null) writeRecord(database, record);
  return found ?? record;
}

function writeRecord(database: DatabaseSync, { keyId, source, derivation, salt, sealedRoot }: KeyRecord): void {
  const sql = `INSERT OR REPLACE INTO store_key (one, key_id, source, derivation, salt, sealed_root) VALUES (1, ?, ?, ?, ?, ?)`;
  database.prepare(sql).run(keyId, source, derivation, salt, sealedRoot);
}

function refuseReadOnly(file: ConfigFile, path: string): void {
  if (file.readOnlyReason === "") return;
  throw new StoreRefusedError(path, `its encryption key has to be written, and it cannot be: ${file.readOnlyReason}`);
}

/** What a store is to be sealed with from now on. */
export interface NextKey {
  readonly text: string;
  readonly source: KeySource;
}

/**
 * Seals everything anew in one transaction, and resolves when that is on the disk. A crash before its end leaves the old
 * key in force, one after it the new one: a generated key lies beside the store under a name of its own before the transaction
 * ends, and whoever opens the store next puts it in its place (vault/unlock.ts). Throws KeyChangedError when `from` is no longer in force.
 */
export async function changeKey(
  database: DatabaseSync,
  path: string,
  from: KeyMaking,
  next: NextKey,
): Promise<KeyMaking> {
  const made = await makeKey(next.text, next.source, from.root);
  inTransaction(database, () => {
    if (readKeyRecord(database)?.keyId !== from.record.keyId) throw new KeyChangedError();
    if (next.source === "file") writeWaitingKey(path, made.record.keyId, next.text);
    resealEntries(database, from.vault, made.vault);
    writeRecord(database, made.record);
  });
  if (next.source === "file") adoptWaitingKey(path, made.record.keyId);
  else removeGeneratedKey(database, path);
  // What was sealed with the old key leaves the journal as well.
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  return made;
}

function resealEntries(database: DatabaseSync, from: KeyedVault, to: KeyedVault): void {
  const places = database.prepare("SELECT seq FROM entries WHERE secrets IS NOT NULL").all() as { seq: number }[];
  const read = database.prepare("SELECT kind, id, secrets FROM entries WHERE seq = ?");
  const write = database.prepare("UPDATE entries SET secrets = ? WHERE seq = ?");
  for (const { seq } of places) {
    const { kind, id, secrets } = read.get(seq) as { kind: string; id: string; secrets: string };
    const context = sealContext(kind, id);
    write.run(to.seal(from.open(secrets, context), context), seq);
  }
}

/** Under the lock, for another process may have gone back to a generated key meanwhile. */
function removeGeneratedKey(database: DatabaseSync, path: string): void {
  inTransaction(database, () => {
    if (readKeyRecord(database)?.source === "configured") rmSync(keyPath(path), { force: true });
  });
}
