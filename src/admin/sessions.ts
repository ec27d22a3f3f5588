// Sessions of the login: a random token in the caller's hands, its hash in the store, so that every process knows it.
import { hash, randomBytes } from "node:crypto";
import type { ConfigStore } from "../core/config-store.ts";

/** What sessions need of the store of the configuration. */
export type SessionStore = Pick<
  ConfigStore,
  "saveSession" | "findSession" | "extendSession" | "removeSession" | "removeSessions"
>;

const HOUR = 3600 * 1000;
/** The longest that a session lasts, however much it is used. */
export const SESSION_LIFE = 30 * 24 * HOUR;
/** Ends one that is not used. */
export const SESSION_IDLE = 12 * HOUR;
/** A use moves the end when it moves it by so much: not every request writes. */
const STEP = 5 * 60 * 1000;
/** Sessions that only this process knows, for want of a store that takes them. */
const MOST_IN_MEMORY = 1000;
const TOKEN_SHAPE = /^[A-Za-z0-9_-]{43}$/;

interface Kept {
  readonly tokenHash: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface SessionParts {
  /** Null: there is no store. */
  readonly store: () => SessionStore | null;
  readonly now: () => number;
  /** The store did not take or tell a session; it is kept in memory. */
  readonly onTrouble: (error: unknown) => void;
}

export class Sessions {
  readonly #parts: SessionParts;
  readonly #memory = new Map<string, Kept>();

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** A new session's token. `binding` stands for the login: with another one the token is worth nothing. */
  async open(user: string, binding: string): Promise<string> {
    const token = randomBytes(32).toString("base64url");
    const createdAt = this.#parts.now();
    const session = { tokenHash: hashToken(token, binding), user, createdAt, expiresAt: createdAt + SESSION_IDLE };
    const store = this.#parts.store();
    try {
      if (store === null) this.#keep(session);
      else await store.saveSession(session);
    } catch (error) {
      // a full disk must not lock the owner out
      this.#parts.onTrouble(error);
      this.#keep(session);
    }
    return token;
  }

  /** When this token's session ends unless it is used before, Unix ms; 0 = it is none, or is over. This is a use. */
  async find(token: string, binding: string): Promise<number> {
    if (!TOKEN_SHAPE.test(token)) return 0;
    const tokenHash = hashToken(token, binding);
    const now = this.#parts.now();
    const session = this.#memory.get(tokenHash) ?? (await this.#found(tokenHash));
    if (session === null || session.expiresAt <= now) return 0;
    const end = Math.min(now + SESSION_IDLE, session.createdAt + SESSION_LIFE);
    if (end <= now) return 0;
    if (Math.abs(end - session.expiresAt) >= STEP) await this.#extend(session, end);
    return end;
  }

  async #extend(session: Kept, expiresAt: number): Promise<void> {
    const { tokenHash } = session;
    if (this.#memory.has(tokenHash)) return void this.#memory.set(tokenHash, { ...session, expiresAt });
    try {
      await this.#parts.store()?.extendSession(tokenHash, expiresAt);
    } catch (error) {
      // it holds for now, and the next use tries again
      this.#parts.onTrouble(error);
    }
  }

  async #found(tokenHash: string): Promise<Kept | null> {
    try {
      return (await this.#parts.store()?.findSession(tokenHash)) ?? null;
    } catch (error) {
      this.#parts.onTrouble(error);
      return null;
    }
  }

  async close(token: string, binding: string): Promise<void> {
    const tokenHash = hashToken(token, binding);
    this.#memory.delete(tokenHash);
    await this.#parts.store()?.removeSession(tokenHash);
  }

  /** Ends all, also those of other processes. Rejects when the store does not take it. */
  async endAll(): Promise<void> {
    this.#memory.clear();
    await this.#parts.store()?.removeSessions();
  }

  /** Ends all: the password was changed. */
  async closeAll(): Promise<void> {
    try {
      await this.endAll();
    } catch (error) {
      // they are bound to the old password anyway
      this.#parts.onTrouble(error);
    }
  }

  #keep(session: Kept): void {
    this.#memory.set(session.tokenHash, session);
    if (this.#memory.size > MOST_IN_MEMORY) this.#memory.delete(this.#memory.keys().next().value as string);
  }
}

function hashToken(token: string, binding: string): string {
  return hash("sha256", `${token}\0${binding}`, "base64");
}
