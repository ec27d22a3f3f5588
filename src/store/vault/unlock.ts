// Finds the key of a store among what is configured and what lies beside it, or says which one is missing and what to do.
import { StoreRefusedError } from "../../core/stores.ts";
import { adoptWaitingKey, keyPath, readKeyFile, waitingKeyPath } from "./key-file.ts";
import { type KeyMaking, type KeyRecord, openKey } from "./key-record.ts";

/** What the operator gave. null = not configured. */
export interface KeyTexts {
  readonly configured: string | null;
  /** The key before a change of keys. */
  readonly previous: string | null;
}

export interface Unlocked {
  readonly key: KeyMaking;
  /** The key in force is the previous one: the store is to be sealed anew with the configured one. */
  readonly isPrevious: boolean;
}

const NOTHING_CHANGED = "Nothing was changed";
const VARIABLE = "DRAWBRIDGE_ENCRYPTION_KEY";
const PREVIOUS = "DRAWBRIDGE_ENCRYPTION_KEY_PREVIOUS";
const COMMAND = "drawbridge rotate-encryption-key";

/** Throws StoreRefusedError when none of the texts is the key of this record. */
export async function unlock(storePath: string, record: KeyRecord, texts: KeyTexts): Promise<Unlocked> {
  const configured = await tryKey(storePath, record, texts.configured);
  if (configured !== null) return { key: configured, isPrevious: false };
  const previous = texts.configured === null ? null : await tryKey(storePath, record, texts.previous);
  if (previous !== null) return { key: previous, isPrevious: true };
  if (record.source === "configured") throw refuseConfigured(storePath, texts);
  if (texts.configured !== null) throw refuseGenerated(storePath, texts);
  return { key: await keyBeside(storePath, record), isPrevious: false };
}

async function keyBeside(storePath: string, record: KeyRecord): Promise<KeyMaking> {
  const path = keyPath(storePath);
  const found = readKeyFile(path);
  const key = await tryKey(storePath, record, found);
  if (key !== null) return key;
  const waiting = await tryKey(storePath, record, readKeyFile(waitingKeyPath(storePath, record.keyId)));
  if (waiting !== null) {
    // A change of keys was cut off after the store had been sealed with this one.
    adoptWaitingKey(storePath, record.keyId);
    return waiting;
  }
  const cause = found === null ? "is missing" : "is not the one its secrets were sealed with";
  throw new StoreRefusedError(
    storePath,
    `the generated encryption key ${path} ${cause}. Restore that file from a backup; without it the stored provider keys ` +
      `cannot be read. To begin anew, move the store away. ${NOTHING_CHANGED}`,
  );
}

async function tryKey(storePath: string, record: KeyRecord, text: string | null): Promise<KeyMaking | null> {
  if (text === null) return null;
  try {
    return await openKey(record, text);
  } catch (error) {
    throw new StoreRefusedError(storePath, error instanceof Error ? error.message : String(error), error);
  }
}

function refuseConfigured(storePath: string, texts: KeyTexts): StoreRefusedError {
  const reason =
    texts.configured === null
      ? `its secrets are sealed with a configured encryption key, and none is configured now. Set ${VARIABLE} (or ` +
        "encryption_key in config.json) to the key it was sealed with"
      : `the configured encryption key is not the one its secrets were sealed with. Set ${VARIABLE} back to that key; to ` +
        `change the key, give the former one in ${PREVIOUS} beside the new one`;
  return new StoreRefusedError(storePath, `${reason}${previousNote(texts)}. ${NOTHING_CHANGED}`);
}

function refuseGenerated(storePath: string, texts: KeyTexts): StoreRefusedError {
  const reason =
    `its secrets are sealed with the generated key ${keyPath(storePath)}, and another encryption key is configured now. ` +
    `To seal them with the configured key, run \`${COMMAND}\`; to go on with the generated one, unset ${VARIABLE} (and ` +
    "encryption_key in config.json)";
  return new StoreRefusedError(storePath, `${reason}${previousNote(texts)}. ${NOTHING_CHANGED}`);
}

function previousNote(texts: KeyTexts): string {
  return texts.previous === null ? "" : ` (the one in ${PREVIOUS} does not open it either)`;
}
