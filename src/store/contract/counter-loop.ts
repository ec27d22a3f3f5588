// A loop as small as can be, for tests of counter stores: it spends leases, posts what happens, and keeps the rules of the port.
import { ENTRY, EntryWriter } from "../../core/counter-entries.ts";
import type { CounterStore, Grant, GrantReply, LeaseNotice } from "../../core/counters.ts";

interface Lease {
  handle: number;
  term: number;
  free: number;
  ahead: number;
  /** Reserved from it and not acknowledged yet. */
  unposted: number;
  ended: number;
}

interface Level {
  readonly counter: string;
  readonly handle: number;
  readonly term: number;
  left: number;
}

interface Unacked {
  readonly seq: number;
  readonly entries: Uint8Array;
  readonly costs: readonly (readonly [string, number])[];
  readonly reserved: readonly (readonly [Lease, number])[];
  /** Of requests that ended in it: what was left of their reservations. */
  readonly ended: readonly (readonly [string, number])[];
  /** Resolves when it is acknowledged. */
  done: Promise<void>;
}

/** A request under way. */
export interface Ticket {
  readonly request: number;
  readonly estimate: number;
  readonly levels: Level[];
}

export type Start = Ticket | GrantReply;

export function isTicket(start: Start): start is Ticket {
  return "request" in start;
}

export class ModelLoop {
  readonly id: string;
  /** What a loop spends in a second, for the size of leases. */
  want = 1000;
  /** Costs of posts that the store has acknowledged, by counter. */
  readonly acknowledged = new Map<string, number>();
  readonly posted = new Map<string, number>();
  /** Costs that were incurred, posted or not. */
  readonly spent = new Map<string, number>();
  readonly #leases = new Map<string, Lease>();
  readonly #monotonic: () => number;
  readonly #writer = new EntryWriter();
  readonly #unacked: Unacked[] = [];
  #store: CounterStore;
  #costs: [string, number][] = [];
  #reserved: [Lease, number][] = [];
  #ended: [string, number][] = [];
  #seq = 0;
  #requests = 0;
  /** Monotonic ms until which leases may be spent. */
  #until = 0;
  #stopListening: () => void = () => {};

  constructor(store: CounterStore, id: string, monotonic: () => number = () => performance.now()) {
    this.#store = store;
    this.id = id;
    this.#monotonic = monotonic;
  }

  /** To a store for the first time, or to the one that a new control plane has opened. */
  async attach(store: CounterStore = this.#store): Promise<void> {
    this.#stopListening();
    this.#store = store;
    this.#stopListening = store.onLeases((notice) => this.#notice(notice));
    const { taken } = await store.attach(this.id);
    for (const lease of this.#leases.values()) forget(lease);
    for (const post of Array.from(this.#unacked)) {
      if (post.seq <= taken) this.#acknowledge(post);
      else this.#send(post);
    }
    await this.flush();
  }

  /** Reserves on all counters or on none. */
  async start(counters: readonly string[], estimate: number, alone = false): Promise<Start> {
    const request = ++this.#requests;
    const lacking = counters.filter((counter) => !this.#fits(counter, estimate));
    if (lacking.length === 0) return this.#reserve(request, counters, estimate, []);
    // What stands in the way of others, and is too little here, goes back before more is asked for.
    for (const counter of lacking) this.end(counter);
    void this.flush();
    const asked = this.#monotonic();
    const asks = lacking.map((counter) => ({
      counter,
      estimate,
      want: this.want,
      ended: this.#leases.get(counter)?.ended ?? 0,
      alone,
    }));
    const reply = await this.#store.grant({ loop: this.id, seq: ++this.#seq, request, asks });
    if (reply.type !== "granted") return reply;
    if (asked >= this.#until) for (const lease of this.#leases.values()) forget(lease);
    this.#until = Math.max(this.#until, asked + this.#store.leaseMs);
    for (const grant of reply.grants) this.#take(grant);
    const exact = reply.grants.filter(({ mode }) => mode === "exact");
    const others = counters.filter((counter) => !exact.some((grant) => grant.counter === counter));
    if (others.every((counter) => this.#fits(counter, estimate)))
      return this.#reserve(request, others, estimate, exact);
    // A lease ended while the answer was on its way: what was reserved exactly is let go.
    this.#writer.add(ENTRY.settle, request, []);
    return this.start(counters, estimate, alone);
  }

  /** The end of a request; 0 = it cost nothing. */
  settle(ticket: Ticket, cost: number): void {
    const levels = ticket.levels.map(({ handle }) => ({ handle, term: 0, amount: cost }));
    this.#writer.add(ENTRY.settle, ticket.request, cost === 0 ? [] : levels);
    for (const level of ticket.levels) {
      const lease = this.#leases.get(level.counter);
      const rest = level.left - Math.min(level.left, cost);
      this.#ended.push([level.counter, ticket.estimate]);
      if (lease !== undefined && level.term !== 0 && lease.term === level.term) lease.free += rest;
      this.#note(level.counter, cost);
    }
  }

  /** An attempt that failed and cost something. */
  charge(ticket: Ticket, cost: number): void {
    this.#writer.add(
      ENTRY.charge,
      ticket.request,
      ticket.levels.map(({ handle }) => ({ handle, term: 0, amount: cost })),
    );
    for (const level of ticket.levels) {
      level.left -= Math.min(level.left, cost);
      this.#note(level.counter, cost);
    }
  }

  /** Gives a lease back. */
  end(counter: string): void {
    const lease = this.#leases.get(counter);
    if (lease === undefined || lease.term === 0) return;
    this.#writer.add(ENTRY.endLease, 0, [{ handle: lease.handle, term: lease.term, amount: 0 }]);
    forget(lease);
  }

  endAll(): void {
    for (const counter of this.#leases.keys()) this.end(counter);
  }

  /** Resolves when everything until now is durable. */
  async flush(): Promise<void> {
    if (this.#writer.size > 0) {
      const post: Unacked = {
        seq: ++this.#seq,
        entries: this.#writer.take(),
        costs: this.#costs,
        reserved: this.#reserved,
        ended: this.#ended,
        done: Promise.resolve(),
      };
      this.#costs = [];
      this.#ended = [];
      this.#reserved = [];
      this.#unacked.push(post);
      for (const [counter, cost] of post.costs) add(this.posted, counter, cost);
      this.#send(post);
    }
    await Promise.all(this.#unacked.map(({ done }) => done));
  }

  async renew(): Promise<void> {
    const asked = this.#monotonic();
    if (asked >= this.#until) return;
    if (await this.#store.renew(this.id)) this.#until = Math.max(this.#until, asked + this.#store.leaseMs);
    else this.#until = 0;
  }

  /** What may be spent without asking. */
  free(counter: string): number {
    return this.#monotonic() < this.#until ? (this.#leases.get(counter)?.free ?? 0) : 0;
  }

  /** Estimates of requests that have ended, which the store may not know. */
  unknownEnds(counter: string): number {
    const all = [...this.#unacked.flatMap(({ ended }) => ended), ...this.#ended];
    return all.reduce((sum, [name, estimate]) => sum + (name === counter ? estimate : 0), 0);
  }

  /** What may be reserved and unknown to the journal, at most. */
  ahead(counter: string): number {
    return this.#leases.get(counter)?.ahead ?? 0;
  }

  #send(post: Unacked): void {
    const { seq, entries } = post;
    post.done = this.#store.post({ loop: this.id, seq, entries }).then(() => this.#acknowledge(post));
  }

  #acknowledge(post: Unacked): void {
    const at = this.#unacked.indexOf(post);
    if (at < 0) return;
    this.#unacked.splice(at, 1);
    for (const [counter, cost] of post.costs) add(this.acknowledged, counter, cost);
    for (const [lease, amount] of post.reserved) lease.unposted -= amount;
  }

  #note(counter: string, cost: number): void {
    add(this.spent, counter, cost);
    if (cost > 0) this.#costs.push([counter, cost]);
  }

  #fits(counter: string, estimate: number): boolean {
    const lease = this.#leases.get(counter);
    if (lease === undefined || lease.term === 0 || this.#monotonic() >= this.#until) return false;
    return lease.free >= estimate && lease.unposted + estimate <= lease.ahead;
  }

  #reserve(request: number, counters: readonly string[], estimate: number, exact: readonly Grant[]): Ticket {
    const levels: Level[] = exact.map(({ counter, handle }) => ({ counter, handle, term: 0, left: estimate }));
    const entries = counters.map((counter) => {
      const lease = this.#leases.get(counter) as Lease;
      lease.free -= estimate;
      lease.unposted += estimate;
      this.#reserved.push([lease, estimate]);
      levels.push({ counter, handle: lease.handle, term: lease.term, left: estimate });
      return { handle: lease.handle, term: lease.term, amount: estimate };
    });
    if (entries.length > 0) this.#writer.add(ENTRY.reserve, request, entries);
    return { request, estimate, levels };
  }

  #take(grant: Grant): void {
    if (grant.mode === "exact") return;
    let lease = this.#leases.get(grant.counter);
    if (lease === undefined) {
      lease = { handle: grant.handle, term: 0, free: 0, ahead: 0, unposted: 0, ended: 0 };
      this.#leases.set(grant.counter, lease);
    }
    if (grant.term <= lease.ended) return;
    if (grant.term !== lease.term) forget(lease);
    lease.term = grant.term;
    lease.free += grant.amount;
    lease.ahead = grant.ahead;
  }

  #notice({ loop, leases }: LeaseNotice): void {
    if (loop !== this.id) return;
    for (const { counter, through } of leases) {
      const lease = this.#leases.get(counter);
      if (lease === undefined) continue;
      if (lease.term !== 0 && lease.term <= through) this.end(counter);
      lease.ended = Math.max(lease.ended, through);
    }
    void this.flush().catch(() => {});
  }
}

function forget(lease: Lease): void {
  lease.ended = Math.max(lease.ended, lease.term);
  lease.term = 0;
  lease.free = 0;
}

function add(sums: Map<string, number>, counter: string, amount: number): void {
  sums.set(counter, (sums.get(counter) ?? 0) + amount);
}
