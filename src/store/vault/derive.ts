// Makes keys of texts: slowly of a text that a person chose, at once of one that is random, and subkeys of either.
import { argon2, hkdfSync } from "node:crypto";
import { promisify } from "node:util";

/** How a key is made of its text; stands in the store beside the salt. */
export type Derivation = string;

/** OWASP's least for argon2id: 19 MiB, two passes; 25 to 50 ms. */
export const SLOW: Derivation = "argon2id:19456:2";
/** For a text of 32 random bytes, which nobody guesses however quick the derivation is. */
export const QUICK: Derivation = "hkdf-sha256";

/** A store is not trusted with more than this: KiB and passes. */
const MOST_MEMORY = 1 << 20;
const MOST_PASSES = 16;

/** The 32 bytes of the key, or null when the derivation is none that this program knows. */
export async function deriveKey(text: string, derivation: Derivation, salt: Buffer): Promise<Buffer | null> {
  if (derivation === QUICK) return bytes(hkdfSync("sha256", text, salt, "drawbridge store key", 32));
  const match = /^argon2id:(\d{1,7}):(\d{1,2})$/.exec(derivation);
  if (match === null) return null;
  const [memory, passes] = [Number(match[1]), Number(match[2])];
  if (memory < 8 || memory > MOST_MEMORY || passes < 1 || passes > MOST_PASSES) return null;
  if (typeof argon2 !== "function") throw new Error("a configured encryption key needs Node.js 24.7 or newer");
  const parameters = { message: text, nonce: salt, parallelism: 1, tagLength: 32, memory, passes };
  return promisify(argon2)("argon2id", parameters);
}

/** A key for one purpose: knowing it tells nothing of the others. */
export function subkey(key: Buffer, purpose: string, length: number): Buffer {
  return bytes(hkdfSync("sha256", key, "", `drawbridge ${purpose}`, length));
}

function bytes(buffer: ArrayBuffer): Buffer {
  return Buffer.from(buffer);
}
