// Prices stored requests anew in the background: short slices with pauses, goes on after a restart, posts to budgets at its end.
import { setTimeout as pause } from "node:timers/promises";
import type { ConfigBook } from "../core/config-book.ts";
import type { CostLog, PriceAgain, RepriceJob } from "../core/cost-log.ts";
import { declarationsOf } from "../core/counter-declarations.ts";
import { CounterRefusedError, type CounterStore } from "../core/counters.ts";
import { GatewayError } from "../core/errors.ts";
import { type LogQuery, StoreRefusedError } from "../core/stores.ts";
import { ConcernedBudgets, type OwnedBudget } from "./recalculation-budgets.ts";

/*
 * It runs in the control plane, which alone writes rows: so a slice changes rows, sums and progress in one transaction
 * that nobody else waits for, and the prices of this thread are those that the API shows. A slice is sized by how long the
 * one before took, and is followed by a pause of the same length, so that counters and records always come to their turn.
 */
const SLICE_MS = 4;
const FIRST_ROWS = 20;
const MOST_ROWS = 5000;
const LEAST_PAUSE = 1;

export interface RecalculationParts {
  /** Null: requests are not logged. */
  costLog(): CostLog | null;
  /** By the prices in force now. */
  priceAgain(): Promise<PriceAgain>;
  counters(): CounterStore | null;
  /** Throws while there is none. */
  book(): ConfigBook;
  newId(): string;
  now(): number;
  /** ms between two tries of a store that fails; for tests. */
  readonly retryAfter?: number;
}

/** So often a slice is tried again before the job has failed. */
const MOST_TRIES = 60;

export class Recalculation {
  readonly #parts: RecalculationParts;
  readonly #stopping = new AbortController();
  #job: RepriceJob | null = null;
  #running: Promise<void> | null = null;
  #isCancelled = false;

  constructor(parts: RecalculationParts) {
    this.#parts = parts;
  }

  /** The job that was begun last; null = none was. Throws StoreRefusedError. */
  get job(): RepriceJob | null {
    return this.#job ?? this.#parts.costLog()?.job() ?? null;
  }

  /** Goes on with a job that the last run of the process did not end. A log that cannot be used says so where it is written. */
  resume(onUnknown: (error: unknown) => void = () => {}): void {
    try {
      const job = this.job;
      if (job !== null && isOpen(job)) this.#begin(job);
    } catch (error) {
      onUnknown(error);
    }
  }

  /** Throws GatewayError while another one runs, and where there is no log. */
  start(query: LogQuery, applyToBudgets: boolean): RepriceJob {
    const log = this.#parts.costLog();
    if (log === null) throw new GatewayError("conflict", "requests are not logged, so there is nothing to price anew");
    if (applyToBudgets && this.#parts.counters() === null)
      throw new GatewayError("control_plane_unavailable", "the counters are not open yet; try again in a second", {
        retryAfter: 1,
      });
    const last = this.job;
    if (last !== null && isOpen(last))
      throw new GatewayError("conflict", `job ${last.id} is under way; wait for its end or cancel it`);
    const job = newJob(this.#parts.newId(), query, applyToBudgets, this.#parts.now());
    log.keep(job);
    this.#begin(job);
    return job;
  }

  /** What was priced anew stays so. Null = nothing is under way. */
  cancel(): RepriceJob | null {
    const { job } = this;
    if (job === null || job.state !== "running") return null;
    this.#isCancelled = true;
    return job;
  }

  /** Resolves when nothing runs any more; an open job goes on at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Resolves when the job under way has ended. */
  async ended(): Promise<void> {
    await this.#running;
  }

  #begin(job: RepriceJob): void {
    this.#isCancelled = false;
    this.#job = job;
    this.#running = this.#run().catch((error: unknown) => this.#fail(error));
  }

  async #run(): Promise<void> {
    if ((this.#job as RepriceJob).state === "running") await this.#reprice();
    if (this.#stopping.signal.aborted) return;
    await this.#again(() => this.#post());
  }

  async #reprice(): Promise<void> {
    let rows = FIRST_ROWS;
    while (!this.#stopping.signal.aborted && !this.#isCancelled) {
      const { took, isLast } = await this.#again(() => this.#slice(rows));
      if (isLast) return;
      rows = nextRows(rows, took);
      await this.#wait(Math.max(took, LEAST_PAUSE));
    }
  }

  async #slice(rows: number): Promise<{ took: number; isLast: boolean }> {
    const price = await this.#parts.priceAgain();
    const before = performance.now();
    const { job, isLast } = this.#log().reprice(this.#job as RepriceJob, rows, price);
    this.#job = job;
    return { took: performance.now() - before, isLast };
  }

  /** One entry for each budget; a second time the same entry does nothing. */
  async #post(): Promise<void> {
    const job = this.#job as RepriceJob;
    const posting: RepriceJob = { ...job, state: "posting" };
    this.#keep(posting);
    const posted = job.applyToBudgets ? await this.#postAll(job) : 0;
    const state = this.#isCancelled ? "cancelled" : "completed";
    this.#keep({ ...posting, state, posted, endedAt: this.#parts.now() });
  }

  async #postAll(job: RepriceJob): Promise<number> {
    const concerned = new ConcernedBudgets(this.#parts.book());
    const sums = new Map<string, { owned: OwnedBudget; nano: bigint }>();
    for (const difference of this.#log().differences()) {
      for (const owned of await concerned.of(difference)) {
        const sum = sums.get(owned.budget.id) ?? { owned, nano: 0n };
        sum.nano += difference.nano;
        sums.set(owned.budget.id, sum);
      }
    }
    let posted = 0;
    for (const { owned, nano } of sums.values()) if (nano !== 0n && (await this.#adjust(job, owned, nano))) posted++;
    return posted;
  }

  /** False where the budget is gone. */
  async #adjust(job: RepriceJob, { owner, budget }: OwnedBudget, nano: bigint): Promise<boolean> {
    const counters = this.#parts.counters();
    if (counters === null) throw new Error("the counters are closed");
    const note = `costs calculated anew, job ${job.id}`;
    const posting = {
      counter: budget.id,
      key: `${job.id}:${budget.id}`,
      type: "adjustment",
      amount: nano,
      note,
    } as const;
    try {
      await counters.postByHand(posting);
    } catch (error) {
      if (!(error instanceof CounterRefusedError) || error.code !== "unknown-counter") throw error;
      // Nobody has asked for it since the start: it is made when it is first used.
      await counters.declare(declarationsOf({ budgets: [budget], rateLimit: null }, owner));
      await counters.postByHand(posting);
    }
    return true;
  }

  /** A store that is locked or full now may take it in a second. */
  async #again<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        if (tries >= MOST_TRIES || this.#stopping.signal.aborted) throw error;
        await this.#wait(this.#parts.retryAfter ?? 1000);
      }
    }
  }

  async #wait(ms: number): Promise<void> {
    const { signal } = this.#stopping;
    await pause(ms, undefined, { signal, ref: false }).catch(() => {});
  }

  #keep(job: RepriceJob): void {
    this.#log().keep(job);
    this.#job = job;
  }

  #log(): CostLog {
    const log = this.#parts.costLog();
    if (log === null) throw new Error("the request log is closed");
    return log;
  }

  #fail(error: unknown): void {
    // The process ends: the job goes on where it stood.
    if (this.#stopping.signal.aborted) return;
    const reason = error instanceof StoreRefusedError ? error.reason : String((error as Error).message ?? error);
    const failed: RepriceJob = {
      ...(this.#job as RepriceJob),
      state: "failed",
      error: reason,
      endedAt: this.#parts.now(),
    };
    this.#job = failed;
    try {
      this.#log().keep(failed);
    } catch {
      // What cannot be kept is told from memory; after a restart the job goes on.
    }
  }
}

function isOpen(job: RepriceJob): boolean {
  return job.state === "running" || job.state === "posting";
}

/** Requests that are accepted from now on are priced by the prices of now anyway. */
function newJob(id: string, query: LogQuery, applyToBudgets: boolean, now: number): RepriceJob {
  const startTime = query.startTime ?? 0;
  const endTime = Math.min(query.endTime ?? now, now);
  return {
    id,
    query: { ...query, startTime, endTime },
    applyToBudgets,
    state: "running",
    error: "",
    startedAt: now,
    endedAt: null,
    timestamp: startTime,
    seq: 0,
    matched: 0,
    changed: 0,
    unpriced: 0,
    difference: 0,
    posted: 0,
  };
}

/** As many as fit into a slice, growing by no more than double. */
function nextRows(rows: number, took: number): number {
  const fitting = Math.floor((rows * SLICE_MS) / Math.max(took, 0.01));
  return Math.max(1, Math.min(fitting, rows * 2, MOST_ROWS));
}
