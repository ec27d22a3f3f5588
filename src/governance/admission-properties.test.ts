// Random histories of requests, failures, fallbacks, leavers, delays and outages: what must be true of money in every one of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Agenda, LoopRig, levels, limited, target } from "../../test/support/loop-rig.ts";
import { SimulatedCounters } from "../../test/support/simulated-counters.ts";
import { Random } from "../lib/random.ts";
import type { TargetAsk } from "./admission-ask.ts";
import type { CounterSpec } from "./counter-spec.ts";
import { VERDICT } from "./loop-counter.ts";
import type { Reservation } from "./reservation.ts";
import type { Outcome, Refused } from "./waiter.ts";

interface Plan {
  readonly seed: number;
  readonly loops: number;
  readonly requests: number;
  readonly limit: number;
  readonly hard: boolean;
  /** The true cost is at most this part of the estimate. */
  readonly most: number;
  readonly outages: boolean;
}

/** What one request truly costs, by counter, summed up as the attempts go. */
class Truth {
  readonly spent = new Map<string, number>();
  add(target: TargetAsk, cost: number, tokens: number): void {
    for (const spec of target.levels.specs) {
      const amount = spec.kind === "budget" ? cost : spec.kind === "tokens" ? tokens : 0;
      this.spent.set(spec.id, (this.spent.get(spec.id) ?? 0) + amount);
    }
  }
}

class History {
  readonly agenda = new Agenda();
  readonly store = new SimulatedCounters(this.agenda.clock);
  readonly truth = new Truth();
  readonly loops: LoopRig[];
  readonly budgets: CounterSpec[];
  readonly #random: Random;
  readonly #plan: Plan;
  /** Each loop compiles levels of its own. */
  readonly #targets = new Map<LoopRig, (cost: number) => readonly TargetAsk[]>();
  admitted = 0;
  refused = 0;
  over = 0;
  longestWait = 0;
  /** Sum of what requests under way may cost beyond their estimate, and its most. */
  #error = 0;
  mostError = 0;
  mostEstimate = 0;
  falseRefusals = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#random = new Random(plan.seed);
    this.loops = Array.from({ length: plan.loops }, (_, at) => new LoopRig(`loop ${at}`, this.agenda, this.store));
    for (const loop of this.loops) loop.delay = () => Math.floor(this.#random.next() * 6);
    const { store } = this;
    const { limit, hard } = plan;
    const key = limited(store, "key", limit, { hard });
    const team = limited(store, "team", limit * 2, { hard });
    const first = limited(store, "first", Math.floor(limit / 2), { hard });
    const second = limited(store, "second", limit, { hard });
    const tokens = limited(store, "tokens", limit * 4, { kind: "tokens", window: { type: "sliding", ms: 60_000 } });
    this.budgets = [key, team, first, second];
    for (const loop of this.loops) {
      const [one, two] = [levels(first, key, team, tokens), levels(second, key, team, tokens)];
      this.#targets.set(loop, (cost) => [target(one, cost), target(two, cost)]);
    }
  }

  #draw(most: number): number {
    return Math.floor(this.#random.next() * (most + 1));
  }

  run(): void {
    const { requests, outages } = this.#plan;
    for (let i = 0; i < requests; i++) this.agenda.in(this.#draw(4000), () => this.#request());
    if (outages)
      for (const loop of this.loops)
        this.agenda.in(this.#draw(3000), () => {
          loop.isDown = true;
          this.agenda.in(this.#draw(1500), () => loop.comeBack());
        });
    this.agenda.pass(30_000);
    // whoever was served without a store is settled with the next grant
    for (const loop of this.loops)
      for (const each of this.#targets.get(loop)!(0)) {
        const probe = loop.admission.admit(loop.ask([each]));
        if (probe.type === "admitted") probe.finish({ cost: 0, tokens: 0 });
        else if (probe.type === "waiting")
          probe.onOutcome((outcome) => outcome.type === "admitted" && outcome.finish({ cost: 0, tokens: 0 }));
      }
    this.agenda.pass(15_000);
    for (const loop of this.loops) loop.desk.close();
    this.agenda.pass(100);
  }

  #request(): void {
    const loop = this.loops[this.#draw(this.loops.length - 1)]!;
    const estimate = 1 + this.#draw(20);
    this.mostEstimate = Math.max(this.mostEstimate, estimate);
    const begun = this.agenda.clock.now();
    const decided = (outcome: Outcome): void => {
      this.longestWait = Math.max(this.longestWait, this.agenda.clock.now() - begun);
      if (outcome.type === "admitted") this.#serve(loop, outcome, estimate);
      else this.#note(outcome as Refused);
    };
    const first = loop.admission.admit(loop.ask(this.#targets.get(loop)!(estimate)));
    if (first.type !== "waiting") return decided(first);
    first.onOutcome(decided);
    if (this.#draw(9) > 0) return;
    this.agenda.in(this.#draw(500), () => {
      if (first.isOver) return;
      first.cancel();
      this.over++;
    });
  }

  #note(refused: Refused): void {
    this.refused++;
    this.over++;
    if (refused.reason !== "limits" || this.#plan.hard) return;
    // refused for money only when settled use has reached a limit
    for (const { blocks } of refused.targets)
      for (const { counter, verdict } of blocks)
        if (verdict === VERDICT.exhausted && this.store.used(counter.id) < BigInt(counter.spec.limit))
          this.falseRefusals++;
  }

  #serve(loop: LoopRig, reservation: Reservation, estimate: number): void {
    this.admitted++;
    const { most } = this.#plan;
    const cost = (): number => this.#draw(Math.floor(estimate * most));
    const [failing, last] = [this.#draw(3) === 0 ? cost() : null, cost()];
    const error = Math.max(0, (failing ?? 0) + last - estimate);
    this.#error += error;
    this.mostError = Math.max(this.mostError, this.#error);
    const end = (spent: number): void => {
      this.truth.add(reservation.ask.targets.at(reservation.index)!, spent, spent);
      reservation.finish({ cost: spent, tokens: spent });
      reservation.finish({ cost: spent, tokens: spent });
      this.#error -= error;
      this.over++;
    };
    reservation.sent();
    this.agenda.in(this.#draw(400), () => {
      if (failing === null || reservation.index === 1) return end(last);
      this.truth.add(reservation.ask.targets.at(0)!, failing, failing);
      reservation.charge({ cost: failing, tokens: failing });
      const go = (outcome: Outcome): void => {
        if (outcome.type !== "admitted") return end(0);
        reservation.sent();
        this.agenda.in(this.#draw(200), () => end(last));
      };
      const next = loop.admission.raise(reservation, 1);
      if (next.type === "waiting") next.onOutcome(go);
      else go(next);
    });
  }
}

const histories = (changes: Partial<Record<keyof Plan, fc.Arbitrary<unknown>>>): fc.Arbitrary<Plan> =>
  fc.record({
    seed: fc.nat(),
    loops: fc.integer({ min: 1, max: 2 }),
    requests: fc.integer({ min: 1, max: 400 }),
    limit: fc.constantFrom(50, 400, 1500),
    hard: fc.constant(false),
    most: fc.constantFrom(0.5, 1, 3),
    outages: fc.constant(false),
    ...changes,
  }) as fc.Arbitrary<Plan>;

function check(arbitrary: fc.Arbitrary<Plan>, runs: number, property: (history: History, plan: Plan) => void): void {
  const run = (plan: Plan): void => {
    const history = new History(plan);
    history.run();
    property(history, plan);
  };
  fc.assert(fc.property(arbitrary, run), { numRuns: runs, seed: 7 });
}

/** True after every history: nothing is lost, nothing is counted twice, nothing is left behind. */
function settled(history: History, { requests }: Plan): void {
  assert.equal(history.over, requests, "every request comes to an end");
  for (const [id, spent] of history.truth.spent)
    if (id !== "tokens") assert.equal(history.store.settledEver(id), BigInt(spent), `settled on ${id}`);
  assert.equal(history.store.open, 0);
  for (const { id } of history.budgets) assert.deepEqual(history.store.held(id), { held: 0n, reserved: 0 }, id);
  for (const loop of history.loops) assert.equal(loop.admission.waiting, 0);
  assert.ok(history.longestWait <= 10_400, `waited ${history.longestWait} ms`);
}

test("what is settled is what was truly spent, and no budget is overspent by more than the bound", () => {
  check(histories({}), 60, (history, plan) => {
    settled(history, plan);
    assert.equal(history.falseRefusals, 0);
    // of each node: the errors of what is in flight, and one request that went ahead
    const bound = history.mostError + plan.loops * history.mostEstimate * Math.max(1, plan.most);
    for (const { id, limit } of history.budgets)
      assert.ok(
        Number(history.store.used(id)) <= limit + bound,
        `${id}: ${history.store.used(id)} of ${limit}, ${bound}`,
      );
  });
});

test("a hard budget is never exceeded where answers stay within their bound", () => {
  check(
    histories({ hard: fc.constant(true), most: fc.constantFrom(0.3, 0.5), outages: fc.boolean() }),
    60,
    (history, plan) => {
      settled(history, plan);
      for (const { id, limit } of history.budgets) assert.ok(history.store.used(id) <= BigInt(limit), id);
    },
  );
});

test("outages of the store lose nothing and count nothing twice", () => {
  check(histories({ outages: fc.constant(true) }), 60, settled);
});

test("large limits are spent from leases: the same sums with far fewer asks", () => {
  const plan = { limit: fc.constant(1_000_000), requests: fc.constant(400), outages: fc.boolean() };
  check(histories(plan), 20, (history, drawn) => {
    settled(history, drawn);
    assert.equal(history.refused, 0);
  });
});
