// Asks for grants, takes the answers, renews and ends leases: the loop's side of the talk with the keeper of counters.
import { ENTRY } from "../core/counter-entries.ts";
import type { CounterStanding, Grant, GrantAsk, GrantReply, GrantRequest, LeaseNotice } from "../core/counters.ts";
import type { CountersPort, CountersToLoop } from "../core/leases.ts";
import type { Clock } from "../core/ports.ts";
import type { CounterSpec } from "./counter-spec.ts";
import { JournalPosts, POST_LIMITS, type PostLimits } from "./journal-posts.ts";
import { LoopCounter } from "./loop-counter.ts";
import { UnpricedPosts } from "./unpriced-posts.ts";

const SECOND = 1000;
/** A lease is at most this part of the limit, unless one request needs more. */
const LEASE_PART = 0.01;
/** ms without use after which a lease goes back and the counter is forgotten. */
const FORGOTTEN_AFTER = 5000;
/** A lease that serves fewer requests than this is not worth asking for ahead. */
const FEWEST_REQUESTS = 2;
/** Numbers of asks ahead of need: no request comes so high. */
const PREFETCHED = Number.MAX_SAFE_INTEGER;
/** Of one turn of the loop no more than so many ms count as waiting: what was answered meanwhile is not read yet. */
const LONGEST_TURN = 100;
/** Counters looked at in one sweep: a sweep stays far below a millisecond. */
const SWEPT_AT_ONCE = 2000;

export interface DeskOptions {
  readonly port: CountersPort;
  readonly clock: Clock;
  /** Names this loop among all of the installation. */
  readonly loop: string;
  /** Calls the function soon, at the end of the turn: what is asked meanwhile goes in one message. */
  readonly defer: (work: () => void) => void;
  /** ms after which an ask that was not answered means that the store is down. */
  readonly grantWait?: number;
  readonly leaseMs?: number;
  readonly posts?: PostLimits;
}

/** Who asked, told once what came of it. */
export interface Asker {
  replied(reply: GrantReply): void;
}

/** Told that counters have changed, so that waiters are judged again. */
export type OnChange = (counters: Iterable<LoopCounter>) => void;

interface Pending {
  readonly request: GrantRequest;
  readonly asker: Asker | null;
  readonly counters: readonly LoopCounter[];
  readonly askedAt: number;
  /** In the loop's own time, see `LeaseDesk`. */
  readonly waitsSince: number;
  sentAt: number;
}

export class LeaseDesk {
  readonly posts: JournalPosts;
  readonly unpriced = new UnpricedPosts();
  readonly #options: DeskOptions;
  readonly #grantWait: number;
  readonly #counters = new Map<string, LoopCounter>();
  #toAsk: Pending[] = [];
  #isDeferred = false;
  readonly #pending = new Map<number, Pending>();
  readonly #renewals = new Map<number, number>();
  #seq = 0;
  #prefetches = 0;
  /** The store has said that it is down: it is asked again a second later. */
  #downUntil = Number.NEGATIVE_INFINITY;
  #renewedAt = Number.NEGATIVE_INFINITY;
  /** Monotonic ms until which every lease of this epoch may be spent. */
  #until = Number.NEGATIVE_INFINITY;
  #epoch = 1;
  #leaseMs: number;
  #usedUpUntil = 0;
  /** Time in which the loop could hear answers, ms: it stands still while the loop is held up. */
  #heard = 0;
  #tickedAt: number;
  #sweeping: Iterator<LoopCounter> | null = null;
  #onChange: OnChange = () => {};

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#grantWait = options.grantWait ?? 250;
    this.#leaseMs = options.leaseMs ?? 5000;
    this.#tickedAt = options.clock.monotonic();
    this.posts = new JournalPosts(options.port, options.loop, options.posts ?? POST_LIMITS);
  }

  /** The first word to the other side. */
  attach(): void {
    this.#options.port.send({ type: "counter-attach", loop: this.#options.loop });
  }

  onChange(handler: OnChange): void {
    this.#onChange = handler;
  }

  /** The counter, made when it is first used. */
  counter(spec: CounterSpec): LoopCounter {
    const known = this.#counters.get(spec.id);
    // one that was deleted and is there again is another
    if (known !== undefined && !(known.gone && known.spec !== spec)) {
      known.become(spec);
      return known;
    }
    const made = new LoopCounter(spec);
    this.#counters.set(spec.id, made);
    return made;
  }

  /** Monotonic ms until which it is believed of some limit that it is used up; 0 = none was ever. */
  get usedUpUntil(): number {
    return this.#usedUpUntil;
  }

  find(id: string): LoopCounter | undefined {
    return this.#counters.get(id);
  }

  get counterCount(): number {
    return this.#counters.size;
  }

  /** Brings a counter up to the present: a lease that has expired or whose window has ended is over. */
  refresh(counter: LoopCounter, wall: number, monotonic: number): void {
    counter.usedAt = monotonic;
    if (monotonic >= this.#until) this.#expire();
    if (counter.epoch !== this.#epoch) {
      this.end(counter, monotonic);
      counter.epoch = this.#epoch;
    }
    if (wall < counter.endsAt) return;
    this.end(counter, monotonic);
    counter.doubt();
  }

  /** The end of all leases: the process slept, or the other side did. */
  #expire(): void {
    if (this.#until === Number.NEGATIVE_INFINITY) return;
    this.#until = Number.NEGATIVE_INFINITY;
    this.#epoch++;
  }

  /** An ask has not been answered in time, or entries lie untaken: what needs a grant is decided by `on_store_down`. */
  isDown(monotonic: number): boolean {
    if (monotonic < this.#downUntil) return true;
    for (const { waitsSince } of this.#pending.values()) {
      if (this.#heard - waitsSince >= this.#grantWait) return true;
      break;
    }
    return this.posts.isStuck(this.#heard - this.#grantWait);
  }

  /** Asks for a request at the end of the turn. */
  ask(request: number, asks: readonly GrantAsk[], counters: readonly LoopCounter[], asker: Asker | null): void {
    const { loop, defer } = this.#options;
    const sent = {
      request: { loop, seq: ++this.#seq, request, asks },
      asker,
      counters,
      askedAt: 0,
      waitsSince: 0,
      sentAt: 0,
    };
    this.#toAsk.push(sent);
    if (this.#isDeferred) return;
    this.#isDeferred = true;
    defer(() => this.flush());
  }

  /** What the counter is asked for a request that needs so much of it. */
  askFor(counter: LoopCounter, estimate: number, alone: boolean): GrantAsk {
    const owner = counter.spec.owner.entity;
    return { counter: counter.id, owner, estimate, want: leaseSize(counter), ended: counter.ended, alone };
  }

  /** Half of the lease is spent: more, before anybody must wait for it. For no request: nothing is reserved for it. */
  prefetch(counter: LoopCounter): void {
    if (counter.prefetching || leaseSize(counter) < FEWEST_REQUESTS * counter.lastAmount) return;
    counter.prefetching = true;
    this.ask(PREFETCHED - ++this.#prefetches, [this.askFor(counter, 0, false)], [counter], null);
  }

  /** Sends what is to be asked, behind the entries that came before. */
  flush(): void {
    this.#isDeferred = false;
    if (this.#toAsk.length === 0) return;
    const asked = this.#toAsk;
    this.#toAsk = [];
    this.posts.flush();
    const now = this.#options.clock.monotonic();
    const times = { askedAt: now, waitsSince: this.#heard, sentAt: now };
    for (const pending of asked) this.#pending.set(pending.request.seq, Object.assign(pending, times));
    this.#options.port.send({ type: "counter-ask", requests: asked.map(({ request }) => request) });
  }

  receive(message: CountersToLoop): void {
    switch (message.type) {
      case "counter-reply":
        return this.#replied(message.seq, message.reply);
      case "counter-posted":
        this.posts.taken(message.seq);
        return this.#onChange(this.#waitedFor());
      case "counter-unpriced-taken":
        return this.unpriced.taken(message.seq);
      case "counter-renewed":
        return this.#renewed(message.seq, message.leaseMs);
      case "counter-leases":
        return this.#ended(message.notice);
      case "counter-welcome":
        return this.#welcomed(message.taken, message.leaseMs);
    }
  }

  *#waitedFor(): Generator<LoopCounter> {
    for (const counter of this.#counters.values()) if (counter.waiters.length > 0) yield counter;
  }

  #replied(seq: number, reply: GrantReply): void {
    const pending = this.#pending.get(seq);
    if (pending === undefined) return;
    this.#pending.delete(seq);
    const now = this.#options.clock.monotonic();
    this.#downUntil = reply.type === "down" ? now + SECOND : Number.NEGATIVE_INFINITY;
    if (reply.type === "granted") this.#hold(pending.askedAt + this.#leaseMs, now);
    for (const counter of pending.counters) {
      if (pending.asker === null) counter.prefetching = false;
      if (reply.type === "granted") this.#takeGrant(counter, reply.grants.find(isOf(counter)), now);
      else if (reply.type === "refused") this.#takeRefusal(counter, reply.standings.find(isOf(counter)), now);
    }
    pending.asker?.replied(reply);
    this.#onChange(pending.counters);
  }

  #takeGrant(counter: LoopCounter, grant: Grant | undefined, now: number): void {
    if (grant === undefined) return;
    if (counter.epoch !== this.#epoch || (counter.term > 0 && grant.term > counter.term)) this.end(counter, now);
    counter.epoch = this.#epoch;
    counter.take(grant, now);
    // its time had passed before it came
    if (now >= this.#until) this.end(counter, now);
    this.#postOwed(counter, now);
  }

  #takeRefusal(counter: LoopCounter, standing: CounterStanding | undefined, now: number): void {
    if (standing === undefined) return;
    counter.refuse(standing, now);
    this.#usedUpUntil = Math.max(this.#usedUpUntil, counter.exhaustedUntil);
    this.#postOwed(counter, now);
  }

  /** What was charged while the counter had no name here. */
  #postOwed(counter: LoopCounter, now: number): void {
    const { handle, unposted } = counter;
    if (unposted === 0 || (handle < 0 && !counter.gone)) return;
    counter.unposted = 0;
    if (handle >= 0) this.posts.add(ENTRY.charge, 0, [{ handle, term: 0, amount: unposted }], now);
  }

  /** Leases of one epoch end together: with the oldest word of the other side that has not ended. */
  #hold(until: number, now: number): void {
    if (this.#until > now) return;
    this.#expire();
    this.#until = until;
  }

  #renewed(seq: number, leaseMs: number): void {
    const sentAt = this.#renewals.get(seq);
    if (sentAt === undefined) return;
    for (const known of this.#renewals.keys()) if (known <= seq) this.#renewals.delete(known);
    if (leaseMs <= 0) this.#expire();
    if (this.#options.clock.monotonic() >= this.#until) return;
    this.#until = Math.max(this.#until, sentAt + leaseMs);
  }

  /** Leases were called back: a limit was changed, an owner deleted, a window reset. */
  #ended({ leases }: LeaseNotice): void {
    const now = this.#options.clock.monotonic();
    const changed: LoopCounter[] = [];
    for (const { counter: id, through } of leases) {
      const counter = this.#counters.get(id);
      if (counter === undefined) continue;
      if (counter.term > 0 && counter.term <= through) this.end(counter, now);
      counter.ended = Math.max(counter.ended, through);
      counter.doubt();
      changed.push(counter);
    }
    this.posts.flush();
    this.#onChange(changed);
  }

  #welcomed(taken: number, leaseMs: number): void {
    this.#leaseMs = leaseMs;
    this.#expire();
    this.#epoch++;
    this.posts.taken(taken);
    this.posts.resend();
    if (this.#pending.size === 0) return;
    this.#options.port.send({
      type: "counter-ask",
      requests: [...this.#pending.values()].map(({ request }) => request),
    });
  }

  /** Ends a lease: the rest of it is free for others. */
  end(counter: LoopCounter, monotonic: number): void {
    const { handle, term } = counter;
    if (term === 0) return;
    counter.endLease();
    this.posts.add(ENTRY.endLease, 0, [{ handle, term, amount: 0 }], monotonic);
  }

  /** Every 50 ms: entries go out, leases are renewed, asks that were not answered are sent again, idle leases go back. */
  tick(): void {
    const now = this.#options.clock.monotonic();
    this.#heard += Math.min(now - this.#tickedAt, LONGEST_TURN);
    this.#tickedAt = now;
    this.posts.heard = this.#heard;
    if (now - this.#renewedAt >= SECOND) this.#renew(now);
    const late = [...this.#pending.values()].filter(({ sentAt }) => now - sentAt >= SECOND);
    for (const pending of late) pending.sentAt = now;
    this.#sweep(now);
    this.posts.flush();
    this.#postUnpriced(now);
    if (late.length > 0) this.#options.port.send({ type: "counter-ask", requests: late.map(({ request }) => request) });
  }

  #postUnpriced(now: number): void {
    const due = this.unpriced.due(now);
    if (due !== null) this.#options.port.send({ type: "counter-unpriced", loop: this.#options.loop, ...due });
  }

  #renew(now: number): void {
    this.#renewedAt = now;
    if (now >= this.#until) this.#expire();
    else {
      const seq = ++this.#seq;
      this.#renewals.set(seq, now);
      this.#options.port.send({ type: "counter-renew", loop: this.#options.loop, seq });
    }
    for (const [seq, sentAt] of this.#renewals) if (now - sentAt > 10 * SECOND) this.#renewals.delete(seq);
  }

  /** Some of the counters in their turn. */
  #sweep(now: number): void {
    this.#sweeping ??= this.#counters.values();
    for (let looked = 0; looked < SWEPT_AT_ONCE; looked++) {
      const { done, value } = this.#sweeping.next();
      if (done || value === undefined) {
        this.#sweeping = null;
        return;
      }
      if (value.isIdle && now - value.usedAt >= FORGOTTEN_AFTER) this.#forget(value, now);
      else if (value.unposted > 0) this.#askName(value);
      else if (value.balance > 4 * leaseSize(value)) this.end(value, now);
    }
  }

  /** The store was down when it was first used, and requests since were refused elsewhere. */
  #askName(counter: LoopCounter): void {
    if (counter.prefetching || counter.asking > 0) return;
    counter.prefetching = true;
    this.ask(PREFETCHED - ++this.#prefetches, [this.askFor(counter, 0, false)], [counter], null);
  }

  #forget(counter: LoopCounter, now: number): void {
    this.end(counter, now);
    counter.forgotten = true;
    this.#counters.delete(counter.id);
  }

  /** The end of the process: every lease goes back, every entry goes out. */
  close(): void {
    const now = this.#options.clock.monotonic();
    for (const counter of this.#counters.values()) this.end(counter, now);
    this.posts.flush();
    this.#postUnpriced(now);
  }
}

function isOf(counter: LoopCounter): (answer: { readonly counter: string }) => boolean {
  return (answer) => answer.counter === counter.id;
}

/** One second of recent spending, at most a part of the limit, never under one request. */
function leaseSize(counter: LoopCounter): number {
  const part = Math.floor(counter.spec.limit * LEASE_PART);
  return Math.max(counter.lastAmount, Math.min(part, counter.recentSpending()));
}
