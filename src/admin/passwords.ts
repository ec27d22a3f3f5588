// Checks a user name and password against the login: never on the loop, one at a time, and as slowly for a name that nobody has.
import { createHash, hash, timingSafeEqual } from "node:crypto";
import { GatewayError } from "../core/errors.ts";
import type { LoginSettings } from "../core/login.ts";
import { hashPassword, isPasswordHash, verifyPassword } from "../lib/password-hash.ts";

/** A check takes 26 ms of a core: more than these in the queue are asked to come back. */
const MOST_WAITING = 32;
/** Longer texts are no passwords of people. */
const LONGEST = 1024;

/** A login whose password is hashed. */
export interface HashedLogin {
  readonly username: string;
  /** Empty: nobody can log in. */
  readonly passwordHash: string;
  /** Stands for this login: another password or name has another one. */
  readonly binding: string;
}

/** A password in clear is hashed here, in memory, with a salt that is the same in every process with this configuration. */
export async function hashLogin(settings: LoginSettings): Promise<HashedLogin> {
  const { username, password } = settings;
  const salt = createHash("sha256").update("drawbridge login\0").update(username).digest().subarray(0, 16);
  const isReady = password === "" || isPasswordHash(password);
  const passwordHash = isReady ? password : await hashPassword(password, salt);
  return { username, passwordHash, binding: hash("sha256", `${username}\0${passwordHash}`, "base64") };
}

/** One for the thread: its checks stand in one queue. */
export class PasswordQueue {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  /** Checked where there is nothing else to check, so that every refusal costs the same. */
  #decoy: Promise<string> | null = null;

  /** Throws GatewayError when too many wait. */
  async check(login: HashedLogin, username: string, password: string): Promise<boolean> {
    if (username.length > LONGEST || password.length > LONGEST) return false;
    if (this.#waiting >= MOST_WAITING)
      throw new GatewayError("too_many_attempts", "too many logins are being checked; try again in a second", {
        retryAfter: 1,
      });
    this.#waiting++;
    const checked = this.#last.then(() => this.#verify(login, username, password));
    this.#last = checked.catch(() => {});
    try {
      return await checked;
    } finally {
      this.#waiting--;
    }
  }

  async #verify(login: HashedLogin, username: string, password: string): Promise<boolean> {
    const isName = isEqual(username, login.username);
    if (isName && login.passwordHash !== "") return await verifyPassword(password, login.passwordHash);
    this.#decoy ??= hashPassword("nobody's password");
    await verifyPassword(password, await this.#decoy);
    return false;
  }
}

/** In constant time, whatever the lengths. */
export function isEqual(one: string, other: string): boolean {
  return timingSafeEqual(digestOf(one), digestOf(other));
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
