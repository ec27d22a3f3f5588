// A keeper of counters in memory, by the real rules of windows, leases and ledgers, that answers when the test says so.

import { ENTRY, type EntryLevel, EntryWriter } from "../../src/core/counter-entries.ts";
import type { CounterDeclaration, CounterStanding, Grant, GrantReply, GrantRequest } from "../../src/core/counters.ts";
import type { CountersToLoop, LoopToCounters } from "../../src/core/leases.ts";
import type { Clock } from "../../src/core/ports.ts";
import {
  type CounterState,
  endOf,
  newCounter,
  openNext,
  redeclare,
  roll,
  settleCost,
  usedOf,
} from "../../src/store/counters/counter-state.ts";
import { decide, leftOf, standingOf, unknownStanding } from "../../src/store/counters/decide.ts";
import { costOf, type LoopDeltas } from "../../src/store/counters/delta.ts";
import { applyToLease, endTerm, type LeaseState } from "../../src/store/counters/lease.ts";
import { Ledger } from "../../src/store/counters/ledger.ts";

interface LoopState {
  readonly ledger: Ledger;
  readonly answered: Map<number, GrantReply>;
  taken: number;
}

export class SimulatedCounters {
  readonly #clock: Clock;
  readonly #states = new Map<string, CounterState>();
  readonly #byHandle = new Map<number, CounterState>();
  readonly #leases = new Map<string, LeaseState>();
  readonly #loops = new Map<string, LoopState>();
  #terms = 0;
  #handles = 0;
  /** How many requests have asked. */
  asks = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  declare(declaration: CounterDeclaration): boolean {
    const known = this.#states.get(declaration.id);
    if (known !== undefined) return redeclare(known, declaration, this.#clock.now());
    const state = newCounter(++this.#handles, declaration, this.#clock.now());
    this.#states.set(declaration.id, state);
    this.#byHandle.set(state.handle, state);
    return false;
  }

  remove(id: string): void {
    this.#states.delete(id);
  }

  reset(id: string): void {
    const state = this.#states.get(id);
    if (state !== undefined) openNext(state, this.#clock.now());
  }

  used(id: string): bigint {
    const state = this.#states.get(id);
    if (state === undefined) return 0n;
    this.#roll(state);
    return usedOf(state);
  }

  settledEver(id: string): bigint {
    return this.#states.get(id)?.settledEver ?? 0n;
  }

  /** What all loops hold, and what of it is reserved. */
  held(id: string): { readonly held: bigint; readonly reserved: number } {
    const state = this.#states.get(id);
    if (state === undefined) return { held: 0n, reserved: 0 };
    let reserved = 0;
    for (const lease of this.#leases.values()) if (lease.handle === state.handle) reserved += lease.reserved;
    return { held: this.#held(state.handle), reserved };
  }

  /** Requests with a reservation. */
  get open(): number {
    let open = 0;
    for (const { ledger } of this.#loops.values()) open += ledger.size;
    return open;
  }

  /** Takes one message; what it answers. */
  take(message: LoopToCounters): CountersToLoop[] {
    switch (message.type) {
      case "counter-attach":
        return [{ type: "counter-welcome", taken: this.#loop(message.loop).taken, leaseMs: 5000 }];
      case "counter-renew":
        return [{ type: "counter-renewed", seq: message.seq, leaseMs: 5000 }];
      case "counter-unpriced":
        return [{ type: "counter-unpriced-taken", seq: message.seq }];
      case "counter-post":
        this.#post(message.post.loop, message.post.seq, message.post.entries);
        return [{ type: "counter-posted", seq: message.post.seq }];
      case "counter-ask":
        return message.requests.map((request) => ({
          type: "counter-reply",
          seq: request.seq,
          reply: this.#answer(request),
        }));
    }
  }

  /** Ends every lease of a counter; the word that the loop gets. */
  recall(id: string, loop: string): CountersToLoop {
    const state = this.#states.get(id);
    const lease = this.#leases.get(`${loop} ${state?.handle}`);
    const through = lease?.term ?? 0;
    return { type: "counter-leases", notice: { loop, leases: [{ counter: id, handle: state?.handle ?? 0, through }] } };
  }

  #loop(name: string): LoopState {
    let loop = this.#loops.get(name);
    if (loop === undefined) this.#loops.set(name, (loop = { ledger: new Ledger(), answered: new Map(), taken: 0 }));
    return loop;
  }

  #post(name: string, seq: number, entries: Uint8Array): void {
    const loop = this.#loop(name);
    if (seq <= loop.taken) return;
    loop.taken = seq;
    const deltas: LoopDeltas = new Map();
    loop.ledger.read(entries, deltas);
    for (const [handle, delta] of deltas) {
      const state = this.#byHandle.get(handle);
      if (state === undefined) continue;
      this.#roll(state);
      settleCost(state, costOf(delta));
      applyToLease(this.#lease(name, state), delta, () => ++this.#terms);
    }
  }

  #lease(loop: string, state: CounterState): LeaseState {
    const id = `${loop} ${state.handle}`;
    let lease = this.#leases.get(id);
    if (lease === undefined) {
      lease = {
        handle: state.handle,
        loop,
        node: loop,
        term: ++this.#terms,
        window: state.window,
        held: 0,
        reserved: 0,
        ahead: 0,
        isRecalled: false,
        turn: 0,
      };
      this.#leases.set(id, lease);
    }
    return lease;
  }

  /** Leases end with their window. */
  #roll(state: CounterState): void {
    roll(state, this.#clock.now());
    for (const lease of this.#leases.values()) {
      if (lease.handle !== state.handle || lease.window === state.window) continue;
      lease.window = state.window;
      endTerm(lease, ++this.#terms);
    }
  }

  #held(handle: number): bigint {
    let held = 0n;
    for (const lease of this.#leases.values()) if (lease.handle === handle) held += BigInt(lease.held);
    return held;
  }

  #answer(request: GrantRequest): GrantReply {
    const { answered } = this.#loop(request.loop);
    const before = answered.get(request.seq);
    if (before !== undefined) return before;
    this.asks++;
    const reply = this.#grant(request);
    answered.set(request.seq, reply);
    return reply;
  }

  #grant({ loop, request, asks }: GrantRequest): GrantReply {
    const { ledger } = this.#loop(loop);
    const judged = asks.map((ask) => {
      const state = this.#states.get(ask.counter);
      if (state === undefined) return { ask, standing: unknownStanding(ask.counter) };
      this.#roll(state);
      const lease = this.#lease(loop, state);
      if (lease.term <= ask.ended && lease.held > lease.reserved) endTerm(lease, ++this.#terms);
      const own = ask.estimate === 0 && ask.want > 0 ? 0 : (ledger.find(request, state.handle)?.amount ?? 0);
      const verdict = decide(ask, state, { held: this.#held(state.handle), own });
      return {
        ask,
        state,
        lease,
        own,
        verdict,
        standing: { handle: state.handle, ...standingOf(state, verdict, { ask, now: this.#clock.now() }) },
      };
    });
    const isGranted = judged.every(({ verdict }) => verdict?.type === "lease" || verdict?.type === "exact");
    if (!isGranted) return { type: "refused", standings: judged.map(({ standing }): CounterStanding => standing) };
    const reserved: EntryLevel[] = [];
    const grants = judged.flatMap(({ ask, state, lease, own, verdict }): Grant[] => {
      if (state === undefined) return [];
      const left = (): number => leftOf(state, this.#held(state.handle));
      const common = { counter: ask.counter, handle: state.handle, window: state.window, endsAt: endOf(state) };
      if (verdict.type === "lease") {
        lease.held += verdict.amount;
        lease.ahead = Math.max(lease.ahead, verdict.ahead);
        return [
          { ...common, term: lease.term, mode: "lease", amount: verdict.amount, ahead: lease.ahead, left: left() },
        ];
      }
      const more = ask.estimate - own;
      lease.held += more;
      lease.reserved += more;
      if (more !== 0) reserved.push({ handle: state.handle, term: 0, amount: ask.estimate });
      return [{ ...common, term: 0, mode: "exact", amount: ask.estimate, ahead: 0, left: left() }];
    });
    const writer = new EntryWriter();
    if (reserved.length > 0) writer.add(ENTRY.reservedInStore, request, reserved);
    ledger.read(writer.take(), null);
    return { type: "granted", grants };
  }
}
