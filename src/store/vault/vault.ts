// Seals secrets at rest with AES-256-GCM: each sealed text names its format and its key, and opens only where it was sealed for.
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import type { Vault } from "../../core/config-store.ts";
import { subkey } from "./derive.ts";

/** A vault with a name for its key: two keys never share one. */
export interface KeyedVault extends Vault {
  readonly keyId: string;
}

const FORMAT = "1";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A text that this key cannot open: sealed with another key, for another place, or damaged. It tells nothing of the content. */
export class SealBrokenError extends Error {
  constructor(reason: string) {
    super(`a sealed secret cannot be opened: ${reason}`);
    this.name = "SealBrokenError";
  }
}

/** The name of a key: a hash of it that gives nothing away, for the key itself is random or slowly derived. */
export function keyIdOf(key: Buffer): string {
  return subkey(key, "key id", 8).toString("hex");
}

/** `key` seals; `root` is a secret of the store that outlives every key, so that fingerprints stay the same when the key changes. */
export function createVault(key: Buffer, root: Buffer): KeyedVault {
  const keyId = keyIdOf(key);
  const sealing = subkey(key, "seal", 32);
  const printing = subkey(root, "fingerprint", 32);
  return {
    keyId,
    seal: (secret, context) => seal(sealing, keyId, secret, context),
    open: (sealed, context) => open(sealing, keyId, sealed, context),
    fingerprint: (text) => createHmac("sha256", printing).update(text).digest("base64"),
  };
}

function seal(key: Buffer, keyId: string, secret: string, context: string): string {
  // Random nonces of 96 bits: good for four billion texts a key, and a store rewrites a few a day.
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(boundTo(keyId, context));
  const parts = [nonce, cipher.update(secret, "utf8"), cipher.final(), cipher.getAuthTag()];
  return `${FORMAT}:${keyId}:${Buffer.concat(parts).toString("base64")}`;
}

function open(key: Buffer, keyId: string, sealed: string, context: string): string {
  const [format, sealedWith, text] = sealed.split(":");
  if (format !== FORMAT || sealedWith === undefined || text === undefined) throw new SealBrokenError("unknown format");
  if (sealedWith !== keyId) throw new SealBrokenError("it was sealed with another key");
  const bytes = Buffer.from(text, "base64");
  if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new SealBrokenError("it is cut off");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(boundTo(keyId, context));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const body = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([body, decipher.final()]).toString("utf8");
  } catch {
    throw new SealBrokenError("it was changed, or sealed for another place");
  }
}

/** Everything that stands beside the sealed bytes is part of the seal. */
function boundTo(keyId: string, context: string): Buffer {
  return Buffer.from(`drawbridge:${FORMAT}:${keyId}:${context}`);
}
