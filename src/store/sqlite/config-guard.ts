// Stands between the configuration store and its file: waits for locks, tells when the file fails, and tries again until it works.
import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StoreUnavailableError } from "../../core/config-store.ts";
import type { StoreHealth } from "../../core/stores.ts";
import { type ConfigFile, damage, openConfigFile } from "./config-file.ts";
import { inTransaction, isBusy, isCorrupt, resultCode, SQLITE, storeReason } from "./file.ts";
import { demandSameFile, FileGoneError } from "./file-identity.ts";

export interface GuardOptions {
  readonly path: string;
  /** The store began to fail, or recovered. */
  readonly onHealth: (health: StoreHealth) => void;
  /** Throws when the file, though it can be written, is not to be: called before it counts as well again. */
  readonly accept: (file: ConfigFile) => Promise<void>;
}

const HEALTHY: StoreHealth = { ok: true, reason: "" };
/** A lock that is held for longer is a store that is down. ms */
const LOCK_WAIT = 1000;
/** Between two tries of a failing store. ms */
const RETRY = 500;
/** A full disk counts as full until so much is free: else the next change would fail again. Bytes. */
const FREE_AGAIN = 256 * 1024;

export class ConfigGuard {
  health: StoreHealth = HEALTHY;
  readonly #options: GuardOptions;
  #file: ConfigFile;
  #fault: unknown = null;
  #retry: NodeJS.Timeout | null = null;
  #writes: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(file: ConfigFile, options: GuardOptions) {
    this.#file = file;
    this.#options = options;
    if (file.readOnlyReason !== "") this.fail(new StoreUnavailableError(file.readOnlyReason));
  }

  /** What is open now; another one after the store was opened again. */
  get file(): ConfigFile {
    return this.#file;
  }

  read<T>(work: (file: ConfigFile) => T): Promise<T> {
    return this.#attempt(work, false);
  }

  /** One after another, in the order of the calls. */
  write<T>(work: (file: ConfigFile) => T): Promise<T> {
    const written = this.#writes.then(() => this.#attempt(work, true));
    this.#writes = written.catch(() => {});
    return written;
  }

  /** Waits for the writes that were asked for. */
  async close(): Promise<void> {
    const last = this.#writes;
    this.#isClosed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    await last;
    this.#file.database.close();
  }

  /** From now on the store counts as failing, and is tried until it works. */
  fail(fault: unknown): StoreUnavailableError {
    const reason = fault instanceof StoreUnavailableError ? fault.reason : storeReason(fault);
    this.#fault = fault;
    this.#tell({ ok: false, reason });
    this.#retryLater();
    return new StoreUnavailableError(reason);
  }

  async #attempt<T>(work: (file: ConfigFile) => T, isWrite: boolean): Promise<T> {
    // While the store fails nobody waits: the retry does.
    const end = performance.now() + (this.health.ok ? LOCK_WAIT : 0);
    for (;;) {
      try {
        if (isWrite) this.#checkWritable();
        const result = work(this.#file);
        if (isWrite) this.#tell(HEALTHY);
        return result;
      } catch (error) {
        if (this.#isClosed) throw new StoreUnavailableError("it is closed");
        if (resultCode(error) === null && !(error instanceof FileGoneError)) throw error;
        if (!isBusy(error) || performance.now() > end) throw this.fail(error);
      }
      await sleep(5 + Math.random() * 15);
    }
  }

  #checkWritable(): void {
    if (this.#isClosed) throw new StoreUnavailableError("it is closed");
    if (this.#file.readOnlyReason !== "") throw new StoreUnavailableError(this.#file.readOnlyReason);
    // a change that happens to touch sound pages alone would go with the file when its backup is put in its place
    if (isCorrupt(this.#fault)) throw new StoreUnavailableError(this.health.reason);
    this.checkPlace();
  }

  /** What is written to a file without its name would be lost. Throws. */
  checkPlace(): void {
    demandSameFile(this.#options.path, this.#file.identity);
  }

  #tell(health: StoreHealth): void {
    const isNews = health.ok !== this.health.ok;
    this.health = health;
    if (health.ok) this.#fault = null;
    if (isNews) this.#options.onHealth(health);
  }

  #retryLater(): void {
    if (this.#isClosed) return;
    this.#retry ??= setTimeout(() => void this.#tryAgain(), RETRY).unref();
  }

  async #tryAgain(): Promise<void> {
    try {
      this.checkPlace();
      if (this.#needsOpening()) await this.#openAgain();
      if (isCorrupt(this.#fault)) refuseDamage(this.#file);
      await this.#options.accept(this.#file);
      if (this.#isClosed) return;
      tryWriting(this.#file, resultCode(this.#fault) === SQLITE.full ? this.#options.path : null);
      this.#retry = null;
      this.#tell(HEALTHY);
    } catch (error) {
      this.#retry = null;
      if (!this.#isClosed) this.fail(error);
    }
  }

  /** A lock or a full disk leaves the connection as it was; after anything else it is not to be trusted. */
  #needsOpening(): boolean {
    if (this.#file.readOnlyReason !== "") return true;
    return !isBusy(this.#fault) && resultCode(this.#fault) !== SQLITE.full;
  }

  async #openAgain(): Promise<void> {
    const opened = await openConfigFile(this.#options.path, false);
    if (this.#isClosed) return opened.database.close();
    const old = this.#file;
    this.#file = opened;
    old.database.close();
    if (opened.readOnlyReason !== "") throw new StoreUnavailableError(opened.readOnlyReason);
  }
}

function refuseDamage({ database }: ConfigFile): void {
  const found = damage(database);
  if (found !== null) throw Object.assign(new Error(found), { errcode: SQLITE.corrupt });
}

/** A write that changes nothing. `fullPath`: the store lies there, and its disk was full. */
function tryWriting({ database }: ConfigFile, fullPath: string | null): void {
  if (fullPath !== null) {
    const { bavail, bsize } = statfsSync(dirname(fullPath));
    if (bavail * bsize < FREE_AGAIN)
      throw Object.assign(new Error("database or disk is full"), { errcode: SQLITE.full });
  }
  inTransaction(database, () => database.exec("UPDATE store_state SET revision = revision"));
}
