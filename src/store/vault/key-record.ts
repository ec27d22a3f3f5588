// What a store keeps about its encryption key: enough to tell the right key from a wrong one, and nothing that opens it.
import { randomBytes } from "node:crypto";
import { type Derivation, deriveKey, QUICK, SLOW } from "./derive.ts";
import { createVault, type KeyedVault, keyIdOf } from "./vault.ts";

/** `configured`: the text comes from the environment or config.json. `file`: it was generated and lies beside the store. */
export type KeySource = "configured" | "file";

/** One row of the store. */
export interface KeyRecord {
  readonly keyId: string;
  readonly source: KeySource;
  readonly derivation: Derivation;
  /** base64 */
  readonly salt: string;
  /** The root of the store's fingerprints, sealed with the key: what a key must open to be the right one. */
  readonly sealedRoot: string;
}

export interface KeyMaking {
  readonly record: KeyRecord;
  readonly vault: KeyedVault;
  readonly root: Buffer;
}

const ROOT_CONTEXT = "root";

/** A new key of a text. `root` is that of the store; absent for a new store. */
export async function makeKey(text: string, source: KeySource, root: Buffer = randomBytes(32)): Promise<KeyMaking> {
  const salt = randomBytes(16);
  const derivation = source === "file" ? QUICK : SLOW;
  const key = (await deriveKey(text, derivation, salt)) as Buffer;
  const vault = createVault(key, root);
  const sealedRoot = vault.seal(root.toString("base64"), ROOT_CONTEXT);
  return { record: { keyId: vault.keyId, source, derivation, salt: salt.toString("base64"), sealedRoot }, vault, root };
}

/** The vault when `text` is the one that the record was made with; null when it is another. Throws on a derivation that is not known. */
export async function openKey(record: KeyRecord, text: string): Promise<KeyMaking | null> {
  const key = await deriveKey(text, record.derivation, Buffer.from(record.salt, "base64"));
  if (key === null) throw new Error(`its key is derived in a way this program does not know (${record.derivation})`);
  if (keyIdOf(key) !== record.keyId) return null;
  const sealedRoot = createVault(key, key).open(record.sealedRoot, ROOT_CONTEXT);
  const root = Buffer.from(sealedRoot, "base64");
  return { record, vault: createVault(key, root), root };
}
