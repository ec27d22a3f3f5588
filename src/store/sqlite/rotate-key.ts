// Changes the encryption key of a configuration store that is not open in this process: the work of `drawbridge rotate-encryption-key`.
import { StoreRefusedError } from "../../core/stores.ts";
import { keyPath, newKeyText } from "../vault/key-file.ts";
import { type KeyMaking, type KeyRecord, openKey } from "../vault/key-record.ts";
import { unlock } from "../vault/unlock.ts";
import { type ConfigFile, openConfigFile, waitingForLock } from "./config-file.ts";
import { changeKey, readKeyRecord } from "./config-key.ts";

export interface RotationOptions {
  readonly path: string;
  /** The key from now on; null = a new one is generated beside the store. */
  readonly encryptionKey: string | null;
  /** The key until now; null = the generated one beside the store. */
  readonly previousKey: string | null;
}

export interface Rotation {
  /** False when the store was sealed with `encryptionKey` already. */
  readonly isChanged: boolean;
  /** Where the generated key lies that is in force now; null = the configured key is. */
  readonly keyFile: string | null;
  /** Entries whose secrets were sealed anew. */
  readonly sealed: number;
}

/** Resolves when everything is sealed with the new key and on the disk. Throws StoreRefusedError, with nothing changed. */
export async function rotateEncryptionKey(options: RotationOptions): Promise<Rotation> {
  const file = await openConfigFile(options.path, false);
  try {
    return await waitingForLock(options.path, () => rotate(file, options));
  } finally {
    file.database.close();
  }
}

async function rotate(file: ConfigFile, { path, encryptionKey, previousKey }: RotationOptions): Promise<Rotation> {
  if (file.readOnlyReason !== "") throw new StoreRefusedError(path, `it cannot be written: ${file.readOnlyReason}`);
  const record = readKeyRecord(file.database);
  if (record === null) throw new StoreRefusedError(path, "has no encryption key yet; start the gateway once");
  if (encryptionKey !== null && (await openKey(record, encryptionKey)) !== null) {
    return { isChanged: false, keyFile: null, sealed: 0 };
  }
  const from = await keyInForce(path, record, previousKey);
  const source = encryptionKey === null ? "file" : "configured";
  await changeKey(file.database, path, from, { text: encryptionKey ?? newKeyText(), source });
  const sql = "SELECT count(*) AS sealed FROM entries WHERE secrets IS NOT NULL";
  const { sealed } = file.database.prepare(sql).get() as { sealed: number };
  return { isChanged: true, keyFile: source === "file" ? keyPath(path) : null, sealed };
}

async function keyInForce(path: string, record: KeyRecord, previousKey: string | null): Promise<KeyMaking> {
  const previous = previousKey === null ? null : await openKey(record, previousKey);
  if (previous !== null) return previous;
  if (record.source === "file") return (await unlock(path, record, { configured: null, previous: null })).key;
  const cause = previousKey === null ? "and it is not given" : "and the one that is given is another";
  throw new StoreRefusedError(
    path,
    `its secrets are sealed with a configured key, ${cause}. Give the key it was sealed with in ` +
      "DRAWBRIDGE_ENCRYPTION_KEY_PREVIOUS. Nothing was changed",
  );
}
