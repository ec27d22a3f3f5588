// The counters on SQLite: leases granted in one commit, posts durable in the process's own journal, every process of an installation on one file.
import { checkEntries, ENTRY, EntryWriter } from "../../core/counter-entries.ts";
import {
  type BudgetCrossing,
  type CounterPost,
  type CounterStore,
  CountersUnavailableError,
  type GrantReply,
  type GrantRequest,
  type LeaseNotice,
  type LoopWelcome,
} from "../../core/counters.ts";
import type { Clock } from "../../core/ports.ts";
import { type StoreHealth, StoreRefusedError } from "../../core/stores.ts";
import { systemClock } from "../../lib/clock.ts";
import { Books } from "./counters-books.ts";
import { CountersEngine } from "./counters-engine.ts";
import { grantRequest } from "./counters-grant.ts";
import { type Journal, removeJournal } from "./counters-journal.ts";
import * as manage from "./counters-manage.ts";
import { Neighbours } from "./counters-neighbours.ts";
import { createJournal, type OwnCounters, openWhenMade } from "./counters-open.ts";
import type { CounterPages } from "./counters-pages.ts";
import { CounterUpkeep } from "./counters-upkeep.ts";
import { welcome } from "./counters-welcome.ts";
import { storeReason } from "./file.ts";

export interface CounterStoreOptions {
  /** countersPath() of the configuration store. */
  readonly path: string;
  readonly clock?: Clock;
  /** ms */
  readonly leaseMs?: number;
  readonly log: (level: "info" | "error", text: string, fields: Readonly<Record<string, string>>) => void;
  /** The store began to fail, or recovered. */
  readonly onHealth?: (health: StoreHealth) => void;
}

const LEASE_MS = 5000;
/** Posts wait so long for company before they are made durable. ms */
const GROUP_COMMIT = 5;
/** Until what is durable stands in the counters. ms */
const FLUSH = 100;
/** Between two looks for what other processes have done to our leases. ms */
const LOOK = 100;
/** Answers kept for a loop that asks again. */
const REMEMBERED = 4096;
/** What people ask for waits longer for a lock than a request does. ms */
const PATIENCE = 2000;
const JOURNAL_RETRY = 250;

/** What this store does beyond the port. */
export interface SqliteCounters extends CounterStore {
  /** Stops at once, as a crash would, and leaves everything to whoever adopts the journal. */
  abandon(): void;
}

/** Opens the counters, makes them if there are none, and settles what dead processes left. Throws StoreRefusedError. */
export async function openCounterStore(options: CounterStoreOptions): Promise<SqliteCounters> {
  const file = await openWhenMade(options.path);
  try {
    const { journal, node } = createJournal(options.path, file);
    const store = new SqliteCounterStore({ file, journal, node }, options);
    await store.start();
    return store;
  } catch (error) {
    if (file.database.isOpen) file.database.close();
    throw error;
  }
}

interface LoopState {
  readonly replies: Map<number, Promise<GrantReply>>;
  /** It came with what an earlier control plane left uncertain: until its posts were sent again. */
  isResumed: boolean;
}

class SqliteCounterStore extends CounterUpkeep implements SqliteCounters {
  readonly leaseMs: number;
  readonly #options: CounterStoreOptions;
  readonly #node: string;
  readonly #journal: Journal;
  readonly #books: Books;
  readonly #engine: CountersEngine;
  readonly #neighbours: Neighbours;
  readonly #loops = new Map<string, LoopState>();
  readonly #listeners = new Set<(notice: LeaseNotice) => void>();
  readonly #crossed = new Set<(crossings: readonly BudgetCrossing[]) => void>();
  readonly #timers: NodeJS.Timeout[] = [];
  #commitTimer: NodeJS.Timeout | null = null;
  #flushTimer: NodeJS.Timeout | null = null;
  #journalFault = "";
  /** Notices up to here were told. */
  #told = 0n;
  #dataVersion = -1n;
  #isClosed = false;

  constructor({ file, journal, node }: OwnCounters, options: CounterStoreOptions) {
    super();
    const clock = options.clock ?? systemClock;
    this.leaseMs = options.leaseMs ?? LEASE_MS;
    this.#options = options;
    this.#node = node;
    this.#journal = journal;
    this.#books = new Books(journal, node);
    this.#engine = new CountersEngine(file, {
      path: options.path,
      clock,
      onHealth: (health) => this.#tellHealth(health),
      before: () => this.#commitJournal(),
      first: (pages, isAlone) => this.#books.apply(pages, isAlone ? 1 : Number.POSITIVE_INFINITY),
      mark: (statements) => {
        // A commit without a change waits for nothing.
        if (statements.mark.run(this.#node).changes === 0n)
          throw new CountersUnavailableError("they lost this process");
      },
      isBehind: () => this.#books.isBehind,
      onNotices: () => this.#tellEnded(),
      onCrossed: (crossings) => {
        for (const listener of this.#crossed) listener(crossings);
      },
    });
    this.#neighbours = new Neighbours({
      counters: options.path,
      store: file.store,
      node,
      leaseMs: this.leaseMs,
      // Not the store's clock, which a test may move: others are listened to in real time.
      monotonic: () => clock.monotonic(),
      transact: (work) => this.#engine.run(work, undefined, PATIENCE),
      log: options.log,
    });
  }

  /** Called once, before anything else. */
  async start(): Promise<void> {
    try {
      await this.#engine.run(({ statements }) => void statements.addNode.run(this.#node), undefined, PATIENCE);
      await this.#neighbours.look();
    } catch (error) {
      this.#journal.close();
      removeJournal(this.#journal.path);
      if (error instanceof CountersUnavailableError)
        throw new StoreRefusedError(this.#options.path, error.reason, error);
      throw error;
    }
    const every = (ms: number, work: () => void): void => void this.#timers.push(setInterval(work, ms).unref());
    every(LOOK, () => this.#look());
    every(Math.min(1000, this.leaseMs / 5), () => void this.#neighbours.look().catch(() => {}));
  }

  get health(): StoreHealth {
    return this.#journalFault === "" ? this.#engine.health : { ok: false, reason: this.#journalFault };
  }

  async attach(loop: string): Promise<LoopWelcome> {
    const found = await welcome(loop, {
      node: this.#node,
      transact: (work) => this.#engine.run(work, undefined, PATIENCE),
      adoptDead: () => this.#neighbours.look(),
      journal: async (bytes) => {
        const durable = this.#books.append(loop, 0, bytes);
        this.#commitJournal();
        await durable;
      },
      waitMs: this.leaseMs * 2,
    });
    this.#books.setTaken(loop, found.taken);
    this.#loops.set(loop, { replies: new Map(), isResumed: found.hasUncertainLeases });
    return { taken: this.#books.taken(loop) };
  }

  grant(request: GrantRequest): Promise<GrantReply> {
    const { replies } = this.#loop(request.loop);
    const known = replies.get(request.seq);
    if (known !== undefined) return known;
    const reply = this.#grant(request).catch((error: unknown): GrantReply => {
      // It was not decided: asked again it may be.
      replies.delete(request.seq);
      if (error instanceof CountersUnavailableError) return { type: "down", reason: error.reason };
      throw error;
    });
    replies.set(request.seq, reply);
    if (replies.size > REMEMBERED) replies.delete(replies.keys().next().value as number);
    return reply;
  }

  async #grant(request: GrantRequest): Promise<GrantReply> {
    checkAsks(request);
    const ledger = this.#books.ledger(request.loop);
    let durable = Promise.resolve();
    const { reply } = await this.#engine.run(
      (pages) => grantRequest({ pages, node: this.#node, ledger }, request),
      ({ reserved }) => {
        if (reserved.length === 0) return;
        const writer = new EntryWriter();
        writer.add(ENTRY.reservedInStore, request.request, reserved);
        durable = this.#books.append(request.loop, 0, writer.take());
        // Several grants of one transaction share the commit.
        queueMicrotask(() => this.#commitSoon(0));
      },
    );
    await durable;
    return reply;
  }

  post({ loop, seq, entries }: CounterPost): Promise<void> {
    try {
      checkEntries(entries);
    } catch (error) {
      return Promise.reject(error);
    }
    if (seq <= this.#books.taken(loop)) return this.#books.durable();
    const durable = this.#books.append(loop, seq, entries);
    this.#commitSoon(GROUP_COMMIT);
    return durable;
  }

  async renew(loop: string): Promise<boolean> {
    const state = this.#loop(loop);
    const holds = await this.#engine.run((pages) => {
      const holds = manage.beat(pages, this.#node, this.#told);
      if (state.isResumed) manage.dropUncertainLeases(pages, loop);
      return holds;
    });
    state.isResumed = false;
    return holds;
  }

  onLeases(listener: (notice: LeaseNotice) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  onCrossed(listener: (crossings: readonly BudgetCrossing[]) => void): () => void {
    this.#crossed.add(listener);
    return () => void this.#crossed.delete(listener);
  }

  get lag(): number {
    return this.#books.lag;
  }

  abandon(): void {
    this.#isClosed = true;
    this.#stopTimers();
    this.#listeners.clear();
    this.#engine.close();
    this.#journal.close();
  }

  #stopTimers(): void {
    for (const timer of this.#timers) clearInterval(timer);
    if (this.#commitTimer !== null) clearTimeout(this.#commitTimer);
    if (this.#flushTimer !== null) clearTimeout(this.#flushTimer);
  }

  /** Not settled here = left to whoever adopts the journal: that is what it is for. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopTimers();
    let isClean = false;
    try {
      isClean = await this.ask((pages) => !this.#books.hasOpen && manage.leave(pages, this.#node));
    } catch (error) {
      this.#options.log("error", "the counters could not be closed; what is missing is settled at the next start", {
        reason: (error as Error).message,
      });
    }
    this.#listeners.clear();
    this.#engine.close();
    if (isClean) removeJournal(this.#journal.path);
    this.#journal.close();
  }

  protected ask<T>(work: (pages: CounterPages) => T): Promise<T> {
    return this.#engine.run(work, undefined, PATIENCE);
  }

  #loop(loop: string): LoopState {
    let state = this.#loops.get(loop);
    if (state === undefined) this.#loops.set(loop, (state = { replies: new Map(), isResumed: false }));
    return state;
  }

  #commitSoon(ms: number): void {
    if (ms === 0) return this.#tryCommitting();
    this.#commitTimer ??= setTimeout(() => {
      this.#commitTimer = null;
      this.#tryCommitting();
    }, ms);
  }

  #tryCommitting(): void {
    try {
      this.#commitJournal();
    } catch {
      this.#commitSoon(JOURNAL_RETRY);
    }
  }

  /** Throws while the journal cannot be written. */
  #commitJournal(): void {
    if (!this.#books.hasWaiting) return;
    try {
      this.#books.commit();
      if (this.#journalFault !== "") this.#tellJournal("");
    } catch (error) {
      this.#tellJournal(storeReason(error));
      throw error;
    }
    this.#flushTimer ??= setTimeout(() => {
      this.#flushTimer = null;
      this.#engine.flush();
    }, FLUSH);
  }

  #tellJournal(fault: string): void {
    const isNews = (fault === "") !== (this.#journalFault === "");
    this.#journalFault = fault;
    if (isNews) this.#tellHealth(this.health);
  }

  #tellHealth(health: StoreHealth): void {
    const { path, log, onHealth } = this.#options;
    if (health.ok) log("info", "the counters are written again", { path });
    else
      log("error", "the counters cannot be written; requests go on as their keys say", { path, reason: health.reason });
    onHealth?.(health);
  }

  /** What other processes did to our leases. */
  #look(): void {
    if (!this.#engine.health.ok) return;
    try {
      const [version] = this.#engine.file.statements.dataVersion.get() as unknown as [bigint];
      if (version !== this.#dataVersion) this.#tellEnded();
      this.#dataVersion = version;
      this.#books.compact(() => this.#engine.makeLasting());
    } catch {
      // The next transaction tells what is wrong.
    }
  }

  /** What loops were told of these counters before is not believed any more. Those of other processes ask again within a second. */
  protected tellChanged(ids: readonly string[]): void {
    if (ids.length === 0 || this.#loops.size === 0 || this.#isClosed) return;
    const { handleOf } = this.#engine.file.statements;
    const leases = ids.map((counter) => {
      const [handle] = (handleOf.get(counter) ?? [0n]) as unknown as [bigint];
      return { counter, handle: Number(handle), through: 0 };
    });
    for (const loop of this.#loops.keys()) for (const listener of this.#listeners) listener({ loop, leases });
  }

  #tellEnded(): void {
    const { notices, told } = manage.endedLeases(this.#engine.file.statements, this.#node, this.#told);
    this.#told = told;
    for (const notice of notices) for (const listener of this.#listeners) listener(notice);
  }
}

function checkAsks({ seq, request, asks }: GrantRequest): void {
  for (const amount of [seq, request, ...asks.flatMap((ask) => [ask.estimate, ask.want])])
    if (!Number.isSafeInteger(amount) || amount < 0) throw new RangeError(`${amount} is no amount`);
}
