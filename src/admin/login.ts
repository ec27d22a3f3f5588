// The login of the gateway: what is configured now, who proves it by which credential, and what the loop is told of it.
import { createHmac, hash, randomBytes } from "node:crypto";
import { GatewayError } from "../core/errors.ts";
import {
  type Caller,
  type CallerFacts,
  callerOf,
  type LoginCredentials,
  type LoginMode,
  type LoginSettings,
  type LoginState,
  type Proof,
  type SetupToken,
  slowedDown,
} from "../core/login.ts";
import { addressGroup, FailureCounter } from "./login-guard.ts";
import { type HashedLogin, hashLogin, isEqual, PasswordQueue } from "./passwords.ts";
import { Tickets } from "./session-tickets.ts";
import type { Sessions } from "./sessions.ts";

/** A session is looked up again after this: another process may have ended it. */
const SESSION_TRUST = 2_000;
const PASSWORD_TRUST = 60_000;
/** Failures within a minute: of one name from one address, and of all names from it. */
const MOST_FAILURES = 5;
const MOST_FAILURES_OF_ADDRESS = 60;
const MOST_PROVEN = 10_000;
const REFUSED: Proof = { proven: false, until: 0, retryAfter: 0 };

export interface LoginParts {
  /** The login as it is configured now; null = none, or switched off. */
  readonly settings: () => LoginSettings | null;
  /** Other machines reach the listener. */
  readonly isOpenToOthers: boolean;
  readonly setupToken: () => SetupToken;
  /** `whitelisted_routes`. */
  readonly openRoutes: () => readonly string[];
  readonly sessions: Sessions;
  /** Told at the failure from which on an address is slowed down. */
  readonly onGuessing: (address: string) => void;
  /** Told of every check that failed. */
  readonly onFailed?: (address: string) => void;
  /** Tells the loop. */
  readonly tell: (state: LoginState) => void;
  readonly now: () => number;
}

/** One for the control plane. `refresh` it after every change of the configuration. */
export class Login {
  /** For GET /ws?ticket=. */
  readonly tickets = new Tickets();
  readonly #parts: LoginParts;
  readonly #passwords = new PasswordQueue();
  readonly #byName = new FailureCounter(MOST_FAILURES);
  readonly #byAddress = new FailureCounter(MOST_FAILURES_OF_ADDRESS);
  /** Credentials that were right, from these addresses, under a key that dies with the thread; oldest first. */
  readonly #proven = new Set<string>();
  readonly #checking = new Map<string, Promise<Proof>>();
  readonly #secret = randomBytes(32);
  /** False until the configuration was read: nobody is anybody before. */
  #isKnown = false;
  #settings: LoginSettings | null = null;
  #hashed: Promise<HashedLogin> | null = null;
  #told: LoginState | null = null;

  constructor(parts: LoginParts) {
    this.#parts = parts;
  }

  get mode(): LoginMode {
    if (this.#settings !== null || !this.#isKnown) return "login";
    return this.#parts.isOpenToOthers ? "setup" : "none";
  }

  /** Empty while none is set. */
  get username(): string {
    return this.#settings?.username ?? "";
  }

  /** Inference is closed to callers with neither a virtual key nor the login. */
  get closesInference(): boolean {
    return !this.#isKnown || this.#settings?.opensInference === false;
  }

  get setupToken(): SetupToken {
    return this.#parts.setupToken();
  }

  /** Takes over what is configured now. A changed name or password ends every session. Resolves when they are ended. */
  async refresh(): Promise<void> {
    const before = this.#settings;
    const settings = this.#parts.settings();
    const isOther = before?.username !== settings?.username || before?.password !== settings?.password;
    this.#settings = settings;
    this.#isKnown = true;
    if (isOther) {
      this.#hashed = settings === null ? null : hashLogin(settings);
      this.#proven.clear();
    }
    this.#tell(isOther);
    if (isOther && before !== null) await this.#parts.sessions.closeAll();
  }

  /** Makes the loop forget what was proven to it. */
  forget(): void {
    this.#tell(true);
  }

  #tell(always: boolean): void {
    const state = { mode: this.mode, closesInference: this.closesInference };
    const isSame = this.#told?.mode === state.mode && this.#told.closesInference === state.closesInference;
    if (isSame && !always) return;
    this.#told = state;
    this.#parts.tell(state);
  }

  /** Who makes a management request. Throws GatewayError for one who is slowed down. */
  async caller(request: CallerFacts & { readonly peer: { readonly address: string } }): Promise<Caller> {
    return await callerOf(request, this.mode, this.#parts.openRoutes(), async (credentials) => {
      const proof = await this.prove(credentials, request.peer.address);
      if (!proof.proven && proof.retryAfter > 0) throw slowedDown(proof.retryAfter);
      return proof.proven;
    });
  }

  /** Whether these credentials prove the login, or while none is set the right to set it. */
  async prove(credentials: LoginCredentials, address: string): Promise<Proof> {
    if (this.mode === "setup") return this.#proveSetup(credentials, address);
    const expiresAt = await this.sessionEnd(credentials);
    if (expiresAt > 0)
      return { proven: true, until: Math.min(expiresAt, this.#parts.now() + SESSION_TRUST), retryAfter: 0 };
    const pair = passwordIn(credentials.authorization);
    return pair === null ? REFUSED : await this.provePassword(pair.username, pair.password, address);
  }

  #proveSetup(credentials: LoginCredentials, address: string): Proof {
    const given = credentials.setupToken;
    if (given === null) return REFUSED;
    const now = this.#parts.now();
    const key = `${addressGroup(address)}\0setup token`;
    const { token } = this.#parts.setupToken();
    const wait = this.#byName.wait(key, now);
    // a token of ours is beyond guessing: whoever holds it is never locked out
    if (isEqual(given, token) && (wait === 0 || token.length >= 32)) return { proven: true, until: 0, retryAfter: 0 };
    if (wait > 0) return { ...REFUSED, retryAfter: seconds(wait) };
    this.#byName.count(key, now);
    return this.#failed(key, addressGroup(address));
  }

  /** When the session of these credentials ends, Unix ms; 0 = they name none. */
  async sessionEnd(credentials: LoginCredentials): Promise<number> {
    const login = await this.#hashed;
    if (login === null) return 0;
    for (const token of tokensIn(credentials)) {
      const end = await this.#parts.sessions.find(token, login.binding);
      if (end > 0) return end;
    }
    return 0;
  }

  /** Ends the sessions of these credentials. */
  async closeSessions(credentials: LoginCredentials): Promise<void> {
    const login = await this.#hashed;
    try {
      if (login !== null)
        for (const token of tokensIn(credentials)) await this.#parts.sessions.close(token, login.binding);
    } finally {
      this.forget();
    }
  }

  /** Ends every session of the login, here and in other processes. */
  async closeEverySession(): Promise<void> {
    try {
      await this.#parts.sessions.endAll();
    } finally {
      this.forget();
    }
  }

  /** A new session's token. */
  async openSession(): Promise<string> {
    const login = await this.#hashed;
    if (login === null) throw new GatewayError("invalid_request", "no login is set");
    return await this.#parts.sessions.open(login.username, login.binding);
  }

  /** The same credentials at the same time are checked once. */
  async provePassword(username: string, password: string, address: string): Promise<Proof> {
    const login = await this.#hashed;
    if (login === null) return REFUSED;
    const group = addressGroup(address);
    const key = createHmac("sha256", this.#secret)
      .update(JSON.stringify([group, username, password, login.binding]))
      .digest("base64");
    if (this.#isProven(key)) return this.#trusted();
    const running = this.#checking.get(key);
    if (running !== undefined) return await running;
    const check = this.#check(login, { username, password, group, key });
    this.#checking.set(key, check);
    try {
      return await check;
    } finally {
      this.#checking.delete(key);
    }
  }

  async #check(login: HashedLogin, tried: Tried): Promise<Proof> {
    const now = this.#parts.now();
    const name = `${tried.group}\0${hash("sha256", tried.username, "base64")}`;
    const wait = Math.max(this.#byName.wait(name, now), this.#byAddress.wait(tried.group, now));
    if (wait > 0) return { ...REFUSED, retryAfter: seconds(wait) };
    this.#byName.count(name, now);
    this.#byAddress.count(tried.group, now);
    let isRight = false;
    let wasChecked = false;
    try {
      isRight = await this.#passwords.check(login, tried.username, tried.password);
      wasChecked = true;
    } finally {
      if (isRight || !wasChecked) {
        this.#byName.forgive(name, now);
        this.#byAddress.forgive(tried.group, now);
      }
    }
    // the login may have been changed meanwhile
    if (!isRight || (await this.#hashed)?.binding !== login.binding) return this.#failed(name, tried.group);
    this.#remember(tried.key);
    return this.#trusted();
  }

  #failed(name: string, group: string): Proof {
    const wait = this.#byName.wait(name, this.#parts.now());
    this.#parts.onFailed?.(group);
    if (wait > 0) this.#parts.onGuessing(group);
    return { ...REFUSED, retryAfter: seconds(wait) };
  }

  #trusted(): Proof {
    return { proven: true, until: this.#parts.now() + PASSWORD_TRUST, retryAfter: 0 };
  }

  #isProven(key: string): boolean {
    if (!this.#proven.delete(key)) return false;
    this.#proven.add(key);
    return true;
  }

  #remember(key: string): void {
    this.#proven.add(key);
    if (this.#proven.size > MOST_PROVEN) this.#proven.delete(this.#proven.keys().next().value as string);
  }
}

interface Tried {
  readonly username: string;
  readonly password: string;
  readonly group: string;
  readonly key: string;
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

function schemeIn(authorization: string | null, scheme: string): string | null {
  if (authorization === null || authorization.slice(0, scheme.length + 1).toLowerCase() !== `${scheme} `) return null;
  return authorization.slice(scheme.length + 1).trim();
}

function bearerIn(authorization: string | null): string | null {
  return schemeIn(authorization, "bearer");
}

function tokensIn(credentials: LoginCredentials): string[] {
  const bearer = bearerIn(credentials.authorization);
  return bearer === null ? [...credentials.cookies] : [bearer, ...credentials.cookies];
}

/** `Basic`, or the same behind `Bearer`; null for what is no base64 of name and password. */
function passwordIn(authorization: string | null): { username: string; password: string } | null {
  const basic = schemeIn(authorization, "basic");
  const encoded = basic ?? bearerIn(authorization);
  if (encoded === null || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(encoded)) return null;
  const text = textOf(Buffer.from(encoded, "base64"), basic !== null);
  const colon = text?.indexOf(":") ?? -1;
  if (text === null || colon < 0) return null;
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** A Bearer token may be a key of another kind, which reads as no text; old clients send Basic in latin1. */
function textOf(bytes: Buffer, isBasic: boolean): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return isBasic || !/\p{Cc}/u.test(text) ? text : null;
  } catch {
    return isBasic ? bytes.toString("latin1") : null;
  }
}
