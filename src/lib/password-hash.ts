// Slow hashes of passwords as text that names its own method (argon2id; scrypt on a Node without argon2), made off the thread.
import * as crypto from "node:crypto";
import { promisify } from "node:util";

/** 19 MiB and two passes: about 26 ms on one core. */
const ARGON2 = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const SCRYPT = { N: 16_384, r: 8, p: 1 } as const;
const TAG_BYTES = 32;
const SALT_BYTES = 16;
const SHAPE =
  /^\$(?:argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d)|scrypt\$n=(\d{1,7}),r=(\d{1,2}),p=(\d))\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

interface Parsed {
  readonly method: "argon2id" | "scrypt";
  /** memory in KiB, passes, parallelism; for scrypt N, r, p. */
  readonly cost: readonly [number, number, number];
  readonly salt: Buffer;
  readonly tag: Buffer;
}

/** True for a text that `hashPassword` made, or another program in the same form within sane costs. */
export function isPasswordHash(text: string): boolean {
  return parse(text) !== null;
}

/** The hash of a password. `salt`: a fixed one makes the same text again, for hashes that never leave memory. */
export async function hashPassword(password: string, salt: Buffer = crypto.randomBytes(SALT_BYTES)): Promise<string> {
  const hasArgon2 = typeof crypto.argon2 === "function";
  const method = hasArgon2 ? "argon2id" : "scrypt";
  const cost = hasArgon2
    ? ([ARGON2.memory, ARGON2.passes, ARGON2.parallelism] as const)
    : ([SCRYPT.N, SCRYPT.r, SCRYPT.p] as const);
  const tag = await derive(password, { method, cost, salt, tag: Buffer.alloc(TAG_BYTES) });
  const names = hasArgon2 ? "argon2id$v=19$m=" : "scrypt$n=";
  const costs = hasArgon2 ? `${cost[0]},t=${cost[1]},p=${cost[2]}` : `${cost[0]},r=${cost[1]},p=${cost[2]}`;
  return `$${names}${costs}$${bare(salt)}$${bare(tag)}`;
}

/** Whether `password` has this hash, compared in constant time. False for a text that is no hash. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const parsed = parse(hash);
  if (parsed === null) return false;
  return crypto.timingSafeEqual(await derive(password, parsed), parsed.tag);
}

function parse(text: string): Parsed | null {
  const match = SHAPE.exec(text);
  if (match === null) return null;
  const method = match[1] === undefined ? "scrypt" : "argon2id";
  const cost = (method === "argon2id" ? [match[1], match[2], match[3]] : [match[4], match[5], match[6]]).map(Number);
  const [memory = 0, passes = 0, lanes = 0] = cost;
  // a hash from outside may not ask for more than 256 MiB or many seconds
  const isSane =
    method === "argon2id"
      ? memory >= 8 && memory <= 262_144 && passes >= 1
      : isPower(memory) && memory * passes <= 2 ** 21;
  if (!isSane || passes < 1 || passes > 32 || lanes < 1) return null;
  const salt = Buffer.from(match[7] as string, "base64");
  return { method, cost: [memory, passes, lanes], salt, tag: Buffer.from(match[8] as string, "base64") };
}

function isPower(number: number): boolean {
  return number > 1 && (number & (number - 1)) === 0;
}

/** Runs on the threads of the runtime's pool. */
async function derive(password: string, { method, cost, salt, tag }: Parsed): Promise<Buffer> {
  const message = Buffer.from(password.normalize("NFC"), "utf8");
  const [first, second, parallelism] = cost;
  if (method === "scrypt") {
    const options = { N: first, r: second, p: parallelism, maxmem: 512 * 1024 * 1024 };
    return await promisify<crypto.BinaryLike, crypto.BinaryLike, number, crypto.ScryptOptions, Buffer>(crypto.scrypt)(
      message,
      salt,
      tag.length,
      options,
    );
  }
  if (typeof crypto.argon2 !== "function") throw new Error("this Node has no argon2; Node 24.7 and newer have it");
  const parameters = { message, nonce: salt, parallelism, tagLength: tag.length, memory: first, passes: second };
  return await promisify(crypto.argon2)("argon2id", parameters);
}

/** Base64 without padding, as such texts have it. */
function bare(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("=", "");
}
