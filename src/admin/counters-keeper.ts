// Keeps the counters of a control plane: opens their store while the gateway listens, takes the loop's messages to it, tells its health.
import { type CounterStore, CountersUnavailableError, type GrantRequest } from "../core/counters.ts";
import type { OwnedLimits } from "../core/entities.ts";
import { GatewayError } from "../core/errors.ts";
import type { CountersToLoop, LoopToCounters } from "../core/leases.ts";
import type { ControlToLoop, LogLevel } from "../core/plane-messages.ts";
import type { StoreHealth } from "../core/stores.ts";
import { CounterOwners, type OwnerChange } from "./counters-owners.ts";

/** A store that can also be left as a crash would leave it. */
export interface OpenedCounters extends CounterStore {
  /** The loop lives on and is settled with by the next control plane. */
  abandon(): void;
}

/** Takes messages of one loop, in order. */
export type LoopEnd = (message: LoopToCounters) => void;

export interface CountersKeeperParts {
  /** Throws StoreRefusedError and the like while it cannot be opened. */
  open(path: string, onHealth: (health: StoreHealth) => void): Promise<OpenedCounters>;
  serve(store: CounterStore, service: { send(message: CountersToLoop): void; onFault(error: unknown): void }): LoopEnd;
  /** See CounterOwners. */
  limitsOf(entityId: string): Promise<readonly OwnedLimits[] | null>;
  send(message: ControlToLoop): void;
  log(level: LogLevel, text: string, fields?: Readonly<Record<string, string>>): void;
  /** Called once, when the store is there. */
  opened?(store: CounterStore): void;
}

/** A store that cannot be opened is tried again this often, ms. */
const AGAIN = 1000;

export class CountersKeeper {
  readonly #parts: CountersKeeperParts;
  #store: OpenedCounters | null = null;
  #opening: Promise<void> = Promise.resolve();
  #end: LoopEnd | null = null;
  #owners: CounterOwners | null = null;
  /** The loop's first word, if it came before the store was there. */
  #attach: LoopToCounters | null = null;
  #health: StoreHealth | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;

  constructor(parts: CountersKeeperParts) {
    this.#parts = parts;
  }

  /** Null while it could not be opened. */
  get store(): CounterStore | null {
    return this.#store;
  }

  /** Null before anything is known. */
  get health(): StoreHealth | null {
    return this.#health;
  }

  /** Opens the store, now or as soon as it can be. */
  begin(path: string): void {
    this.#opening = this.#open(path);
  }

  /** Budgets that are in use here, newest first. */
  budgetsInUse(most: number): readonly string[] {
    return this.#owners?.budgetsInUse(most) ?? [];
  }

  /** Resolves when the counters follow what became of these owners. */
  async changed(change: OwnerChange): Promise<void> {
    await this.#owners?.changed(change);
  }

  /** What comes before the store is there and is no first word is sent again by the loop when it is welcomed. */
  receive(message: LoopToCounters): void {
    if (this.#end === null || this.#owners === null) {
      if (message.type === "counter-attach") this.#attach = message;
      return;
    }
    if (message.type !== "counter-ask" || this.#owners.knows(message.requests)) return this.#end(message);
    this.#ask(message.requests, this.#owners, this.#end);
  }

  /** What is known does not wait for what has to be declared first. */
  #ask(requests: readonly GrantRequest[], owners: CounterOwners, end: LoopEnd): void {
    const isKnown = (request: GrantRequest): boolean => owners.knows([request]);
    const unknown = requests.filter((request) => !isKnown(request));
    if (unknown.length < requests.length) end({ type: "counter-ask", requests: requests.filter(isKnown) });
    void owners.declare(unknown).then(
      () => end({ type: "counter-ask", requests: unknown }),
      (error: unknown) => this.#refuse(unknown, error),
    );
  }

  /** Whose limits these are could not be found out: the keys say what becomes of their requests. */
  #refuse(requests: readonly GrantRequest[], error: unknown): void {
    const { send, log } = this.#parts;
    if (!(error instanceof CountersUnavailableError || error instanceof GatewayError))
      log("error", "counters could not be declared", { error: textOf(error) });
    const reason = error instanceof Error ? error.message : String(error);
    for (const { seq } of requests) send({ type: "counter-reply", seq, reply: { type: "down", reason } });
  }

  async #open(path: string): Promise<void> {
    try {
      const store = await this.#parts.open(path, (health) => this.#tell(health));
      if (this.#isStopped) return await store.close();
      this.#take(store);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (this.#health === null || this.#health.ok || this.#health.reason !== reason)
        this.#parts.log("error", "the counters cannot be opened; requests go on as their keys say", { path, reason });
      this.#tell({ ok: false, reason });
      if (!this.#isStopped) this.#timer = setTimeout(() => this.begin(path), AGAIN);
    }
  }

  #take(store: OpenedCounters): void {
    const { serve, send, log, opened, limitsOf } = this.#parts;
    this.#store = store;
    this.#owners = new CounterOwners({ store, limitsOf, log });
    this.#end = serve(store, {
      send,
      onFault: (error) => log("error", "a message about counters could not be handled", { error: textOf(error) }),
    });
    this.#tell(store.health);
    opened?.(store);
    if (this.#attach !== null) this.#end(this.#attach);
    this.#attach = null;
  }

  #tell(health: StoreHealth): void {
    const isNews = this.#health === null || this.#health.ok !== health.ok || this.#health.reason !== health.reason;
    this.#health = health;
    if (isNews) this.#parts.send({ type: "store-health", store: "counters", ok: health.ok, reason: health.reason });
  }

  /** The end of the process: everything is settled, leases go back. Loops have posted what they had. */
  async stop(): Promise<void> {
    await this.#halt();
    // what came in the same turn is on its way to the store still
    await new Promise((resolve) => setImmediate(resolve));
    await this.#store?.close();
  }

  /** The end of this thread alone: leases stay with the loop, which comes back with them to the next one. */
  async leave(): Promise<void> {
    await this.#halt();
    this.#store?.abandon();
  }

  async #halt(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#owners?.stop();
    await this.#opening;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
