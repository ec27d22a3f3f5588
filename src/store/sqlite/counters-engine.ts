// Runs the transactions of a counters file: many jobs in one commit, waiting for locks without holding the thread, trying again until it works.
import { setTimeout as sleep } from "node:timers/promises";
import { type BudgetCrossing, CountersUnavailableError } from "../../core/counters.ts";
import type { Clock } from "../../core/ports.ts";
import type { StoreHealth } from "../../core/stores.ts";
import { type CountersFile, openCountersFile } from "./counters-file.ts";
import { CounterPages } from "./counters-pages.ts";
import type { CounterStatements } from "./counters-statements.ts";
import { inTransaction, isBusy, resultCode, SQLITE, storeReason } from "./file.ts";
import { demandSameFile, FileGoneError } from "./file-identity.ts";

export interface EngineOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly onHealth: (health: StoreHealth) => void;
  /** Before each transaction: what must be durable first. Throws when it cannot be. */
  readonly before: () => void;
  /** First in each transaction. What it returns is done after the commit. */
  readonly first: (pages: CounterPages, isAlone: boolean) => () => void;
  /** Writes something, whatever it is, of this process. */
  readonly mark: (statements: CounterStatements) => void;
  /** Whether there is something for `first` to do. */
  readonly isBehind: () => boolean;
  /** After a commit by which loops' leases ended. */
  readonly onNotices: () => void;
  /** After a commit by which budgets reached thresholds. */
  readonly onCrossed: (crossings: readonly BudgetCrossing[]) => void;
}

interface Job {
  readonly run: (pages: CounterPages) => void;
  readonly done: () => void;
  readonly reject: (error: unknown) => void;
  /** Monotonic ms after which a lock is not waited for any more. */
  readonly until: number;
}

/** A lock that is held for longer is a store that is down. ms */
const LOCK_WAIT = 250;
/** Between two tries of a failing store. ms */
const RETRY = 500;
const HEALTHY: StoreHealth = { ok: true, reason: "" };

export class CountersEngine {
  health: StoreHealth = HEALTHY;
  readonly #options: EngineOptions;
  #file: CountersFile;
  #jobs: Job[] = [];
  #isDraining = false;
  #isFlushDue = false;
  #lockedSince: number | null = null;
  #mustReopen = false;
  /** Whether a commit waits for the disk; a fresh connection's do. */
  #isSyncing = true;
  #retry: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(file: CountersFile, options: EngineOptions) {
    this.#file = file;
    this.#options = options;
  }

  get file(): CountersFile {
    return this.#file;
  }

  /** Resolves after the commit. `after` runs in the same breath as the commit, before anything else. Rejects with CountersUnavailableError. */
  run<T>(work: (pages: CounterPages) => T, after?: (result: T) => void, patience: number = LOCK_WAIT): Promise<T> {
    if (this.#isClosed) return Promise.reject(new CountersUnavailableError("they are closed"));
    return new Promise<T>((resolve, reject) => {
      let result: T;
      this.#jobs.push({
        run: (pages) => void (result = work(pages)),
        done: () => {
          after?.(result);
          resolve(result);
        },
        reject,
        until: performance.now() + patience,
      });
      void this.#drain();
    });
  }

  /** What lies ready is written soon. */
  flush(): void {
    this.#isFlushDue = true;
    void this.#drain();
  }

  /**
   * What was committed survives a crash of the machine from now on: what only repeats the journal is committed without
   * waiting for the disk. Throws while it cannot be written.
   */
  makeLasting(): void {
    const { database, statements } = this.#file;
    this.#sync(true);
    inTransaction(database, () => this.#options.mark(statements));
  }

  /** A wait for the disk costs this thread as much as fifty rows. */
  #sync(isSyncing: boolean): void {
    if (this.#isSyncing === isSyncing) return;
    this.#file.database.exec(`PRAGMA synchronous = ${isSyncing ? "FULL" : "NORMAL"}`);
    this.#isSyncing = isSyncing;
  }

  close(): void {
    this.#isClosed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#rejectAll(new CountersUnavailableError("they are closed"));
    this.#file.database.close();
  }

  async #drain(): Promise<void> {
    if (this.#isDraining) return;
    this.#isDraining = true;
    // What is asked for in this turn goes into one commit.
    await new Promise((resolve) => setImmediate(resolve));
    while (!this.#isClosed && (this.#jobs.length > 0 || (this.#isFlushDue && this.#options.isBehind()))) {
      if (!this.#once()) await sleep(2 + Math.random() * 6);
      else await new Promise((resolve) => setImmediate(resolve));
    }
    this.#isDraining = false;
  }

  /** False: try again after a moment. */
  #once(): boolean {
    const jobs = this.#jobs;
    this.#jobs = [];
    let failing: Job | null = null;
    try {
      demandSameFile(this.#options.path, this.#file.identity);
      this.#options.before();
      const done = this.#transaction((pages) => {
        for (const job of jobs) {
          failing = job;
          job.run(pages);
        }
        failing = null;
      }, jobs.length === 0);
      this.#tell(HEALTHY);
      this.#lockedSince = null;
      for (const job of jobs) job.done();
      done();
      return true;
    } catch (error) {
      return this.#failed(error, jobs, failing);
    }
  }

  #transaction(work: (pages: CounterPages) => void, isAlone: boolean): () => void {
    const { database, statements } = this.#file;
    this.#sync(!isAlone);
    database.exec("BEGIN IMMEDIATE");
    try {
      const pages = new CounterPages(statements, this.#options.clock.now());
      const after = this.#options.first(pages, isAlone);
      work(pages);
      const crossings = pages.save();
      database.exec("COMMIT");
      after();
      return () => {
        if (pages.hasNotices) this.#options.onNotices();
        if (crossings.length > 0) this.#tellCrossed(crossings, isAlone);
      };
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }

  /** They are told of once: so that stands on the disk before. */
  #tellCrossed(crossings: readonly BudgetCrossing[], isAlone: boolean): void {
    try {
      if (isAlone) this.makeLasting();
    } catch {
      // At worst they are told of again after a crash of the machine.
    }
    this.#options.onCrossed(crossings);
  }

  #failed(error: unknown, jobs: Job[], failing: Job | null): boolean {
    const isStore = resultCode(error) !== null || error instanceof FileGoneError;
    if (!isStore && failing !== null) {
      // The others have done nothing wrong.
      failing.reject(error);
      this.#jobs = [...jobs.filter((job) => job !== failing), ...this.#jobs];
      return true;
    }
    this.#jobs = [...jobs, ...this.#jobs];
    if (isBusy(error)) return this.#locked(error);
    this.#fail(error);
    return true;
  }

  /** Who has waited for long enough is told; the others wait on. While the store fails nobody waits. */
  #locked(error: unknown): boolean {
    const now = performance.now();
    this.#lockedSince ??= now;
    const late = this.#jobs.filter(({ until }) => now >= until || !this.health.ok);
    const isDown = !this.health.ok || late.length > 0 || now - this.#lockedSince >= LOCK_WAIT;
    this.#jobs = this.#jobs.filter((job) => !late.includes(job));
    for (const job of late) job.reject(new CountersUnavailableError(storeReason(error)));
    if (isDown) this.#tell({ ok: false, reason: storeReason(error) });
    if (isDown) this.#retryLater();
    if (this.#jobs.length === 0 && isDown) this.#isFlushDue = false;
    return false;
  }

  #fail(error: unknown): void {
    const reason = storeReason(error);
    this.#mustReopen = resultCode(error) !== SQLITE.full;
    this.#isFlushDue = false;
    this.#tell({ ok: false, reason });
    this.#rejectAll(new CountersUnavailableError(reason));
    this.#retryLater();
  }

  #rejectAll(error: CountersUnavailableError): void {
    const jobs = this.#jobs;
    this.#jobs = [];
    for (const job of jobs) job.reject(error);
  }

  #tell(health: StoreHealth): void {
    const isNews = health.ok !== this.health.ok;
    this.health = health;
    if (isNews) this.#options.onHealth(health);
  }

  #retryLater(): void {
    if (!this.#isClosed) this.#retry ??= setTimeout(() => this.#tryAgain(), RETRY).unref();
  }

  #tryAgain(): void {
    this.#retry = null;
    if (this.#isClosed) return;
    try {
      if (this.#mustReopen) this.#reopen();
    } catch (error) {
      return this.#fail(error);
    }
    // A job that changes nothing, so that the health is known even when nothing lies ready.
    this.run(() => {}).catch(() => this.#retryLater());
    this.#isFlushDue = true;
  }

  #reopen(): void {
    demandSameFile(this.#options.path, this.#file.identity);
    const opened = openCountersFile(this.#options.path, false);
    this.#file.database.close();
    this.#file = opened;
    this.#isSyncing = true;
    this.#mustReopen = false;
  }
}
