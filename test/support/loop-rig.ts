// Loops with governance on a clock of their own and a simulated keeper of counters; messages take as long as the test says.
import type { CounterKind } from "../../src/core/counters.ts";
import type { CountersToLoop, LoopToCounters } from "../../src/core/leases.ts";
import { Admission } from "../../src/governance/admission.ts";
import type { AdmissionAsk, TargetAsk } from "../../src/governance/admission-ask.ts";
import type { CounterSpec, OwnerKind } from "../../src/governance/counter-spec.ts";
import { LeaseDesk } from "../../src/governance/lease-desk.ts";
import type { TargetLevels } from "../../src/governance/levels.ts";
import type { WaitingLimits } from "../../src/governance/waiting-room.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import type { WindowSpec } from "../../src/lib/windows/spec.ts";
import { SimulatedCounters } from "./simulated-counters.ts";

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that only moves when something happens. */
export class Agenda {
  readonly clock = new ManualClock();
  #events: Event[] = [];
  #order = 0;

  in(ms: number, run: () => void): void {
    this.#events.push({ at: this.clock.now() + ms, order: this.#order++, run });
  }

  /** Runs until nothing is to be done before that time, ms from now. */
  pass(ms: number): void {
    const end = this.clock.now() + ms;
    for (;;) {
      const next = this.#first();
      if (next === null || next.at > end) break;
      this.#events.splice(this.#events.indexOf(next), 1);
      this.clock.advance(Math.max(0, next.at - this.clock.now()));
      next.run();
    }
    this.clock.advance(end - this.clock.now());
  }

  #first(): Event | null {
    let first: Event | null = null;
    for (const event of this.#events)
      if (first === null || event.at < first.at || (event.at === first.at && event.order < first.order)) first = event;
    return first;
  }
}

/** One loop of an installation. */
export class LoopRig {
  readonly name: string;
  readonly agenda: Agenda;
  readonly store: SimulatedCounters;
  readonly desk: LeaseDesk;
  readonly admission: Admission;
  /** Asked for each message: ms that it takes. */
  delay: () => number = () => 1;
  /** The keeper is away: what is said to it waits. */
  isDown = false;
  readonly #unheard: LoopToCounters[] = [];
  #arrival = 0;
  #return = 0;
  #requests = 0;
  readonly beyond: number[] = [];

  constructor(name: string, agenda: Agenda, store: SimulatedCounters, limits?: WaitingLimits) {
    this.name = name;
    this.agenda = agenda;
    this.store = store;
    this.desk = new LeaseDesk({
      port: { send: (message) => this.#say(message) },
      clock: agenda.clock,
      loop: name,
      defer: (work) => agenda.in(0, work),
    });
    this.admission = new Admission({
      desk: this.desk,
      clock: agenda.clock,
      ...(limits === undefined ? {} : { limits }),
      onBeyondBound: (_, amount) => this.beyond.push(amount),
    });
    this.#tick();
  }

  #tick(): void {
    this.agenda.in(50, () => {
      this.admission.tick();
      this.#tick();
    });
  }

  #say(message: LoopToCounters): void {
    if (this.isDown) {
      this.#unheard.push(message);
      return;
    }
    this.#arrival = Math.max(this.#arrival, this.agenda.clock.now() + this.delay());
    this.agenda.in(this.#arrival - this.agenda.clock.now(), () => {
      for (const answer of this.store.take(message)) this.hear(answer);
    });
  }

  hear(answer: CountersToLoop): void {
    this.#return = Math.max(this.#return, this.agenda.clock.now() + this.delay());
    this.agenda.in(this.#return - this.agenda.clock.now(), () => this.desk.receive(answer));
  }

  comeBack(): void {
    this.isDown = false;
    for (const message of this.#unheard.splice(0)) this.#say(message);
  }

  ask(targets: readonly TargetAsk[], changes: Partial<AdmissionAsk> = {}): AdmissionAsk {
    return { request: ++this.#requests, targets, bodyBytes: 100, onStoreDown: "serve", ...changes };
  }
}

/** The levels of a target from its specs. */
export function levels(...specs: readonly CounterSpec[]): TargetLevels {
  const budgets = specs.filter(({ kind }) => kind === "budget");
  return {
    specs,
    live: specs.map(() => undefined),
    hasHard: budgets.some(({ hard }) => hard),
    hasBudget: budgets.length > 0,
    learned: new Map(),
  };
}

export function target(of: TargetLevels, cost: number, changes: Partial<TargetAsk> = {}): TargetAsk {
  return { levels: of, cost, bound: cost, tokens: cost, unpriced: false, passed: null, ...changes };
}

export interface Limited {
  readonly kind?: CounterKind;
  readonly owner?: OwnerKind;
  readonly hard?: boolean;
  readonly window?: WindowSpec;
}

/** Declares a counter and gives what the loops know of it. */
export function limited(store: SimulatedCounters, id: string, limit: number, how: Limited = {}): CounterSpec {
  const { kind = "budget", owner = "VK", hard = false, window = { type: "never" } } = how;
  store.declare({ id, kind, limit: BigInt(limit), window, hard, override: null, start: null });
  return { id, kind, owner: { kind: owner, name: id, entity: `virtual-key:${id}` }, limit, reset: "1h", hard };
}
