// Random histories of loops on several nodes, with crashes and without: what must hold of every sum at the end.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { CounterStore } from "../../core/counters.ts";
import { isTicket, ModelLoop, type Ticket } from "./counter-loop.ts";
import { counter, type OpenCounters, reading } from "./counter-store.ts";

const NAMES = ["a", "b", "c"];

type Step =
  | { readonly type: "start"; readonly loop: number; readonly counters: number; readonly estimate: number }
  | { readonly type: "settle" | "charge"; readonly loop: number; readonly pick: number; readonly percent: number }
  | { readonly type: "flush" | "end" | "renew" | "crash"; readonly loop: number }
  | { readonly type: "lower"; readonly pick: number };

const loop = fc.integer({ min: 0, max: 3 });
const pick = fc.nat(1000);
const percent = fc.integer({ min: 0, max: 100 });

function steps(withCrashes: boolean): fc.Arbitrary<Step[]> {
  const start = fc.record({
    type: fc.constant("start" as const),
    loop,
    counters: fc.integer({ min: 1, max: 7 }),
    estimate: fc.integer({ min: 1, max: 400 }),
  });
  const settle = fc.record({ type: fc.constantFrom("settle" as const, "charge" as const), loop, pick, percent });
  const housekeeping = fc.record({ type: fc.constantFrom("flush" as const, "end" as const, "renew" as const), loop });
  const lower = fc.record({ type: fc.constant("lower" as const), pick });
  const crash = fc.record({ type: fc.constant("crash" as const), loop });
  return fc.array(
    fc.oneof(
      { weight: 6, arbitrary: start },
      { weight: 6, arbitrary: settle },
      { weight: 3, arbitrary: housekeeping },
      { weight: 1, arbitrary: withCrashes ? crash : lower },
    ),
    { minLength: 10, maxLength: 60 },
  );
}

interface Node {
  store: CounterStore;
  loop: ModelLoop;
  open: Ticket[];
}

class History {
  /** Sums of loops that are gone: what was acknowledged, what was sent, and what may be uncertain. */
  readonly acknowledged = new Map<string, number>();
  readonly sent = new Map<string, number>();
  /** What the requests cost that had their answer. */
  readonly spent = new Map<string, number>();
  readonly bound = new Map<string, number>();
  nodes: Node[] = [];
  #loops = 0;
  readonly #under: ReturnType<OpenCounters>;

  constructor(under: ReturnType<OpenCounters>) {
    this.#under = under;
  }

  async node(): Promise<Node> {
    const store = await this.#under.open();
    const loop = new ModelLoop(store, `loop-${++this.#loops}`);
    await loop.attach();
    return { store, loop, open: [] };
  }

  async run(step: Step): Promise<void> {
    if (step.type === "lower") return this.#lower(step.pick);
    const node = this.nodes[step.loop % this.nodes.length] as Node;
    if (step.type === "start") await this.#start(node, step);
    else if (step.type === "settle" || step.type === "charge") this.#settle(node, step);
    else if (step.type === "flush") await node.loop.flush();
    else if (step.type === "renew") await node.loop.renew();
    else if (step.type === "end") node.loop.end(NAMES[step.loop % NAMES.length] as string);
    else await this.#crash(node);
  }

  async #start(node: Node, { counters, estimate }: Extract<Step, { type: "start" }>): Promise<void> {
    const names = NAMES.filter((_, n) => counters & (1 << n));
    const start = await node.loop.start(names, estimate);
    if (isTicket(start)) node.open.push(start);
    else assert.equal(start.type, "refused");
  }

  #settle(node: Node, { type, pick, percent }: Extract<Step, { type: "settle" | "charge" }>): void {
    if (node.open.length === 0) return;
    const at = pick % node.open.length;
    const ticket = node.open[at] as Ticket;
    // Within the estimate: what goes beyond it is an error of the estimate.
    const left = Math.min(...ticket.levels.map((level) => level.left));
    const cost = Math.floor((left * percent) / 100);
    if (type === "charge" && cost > 0) return node.loop.charge(ticket, cost);
    node.open.splice(at, 1);
    node.loop.settle(ticket, cost);
  }

  async #lower(pick: number): Promise<void> {
    const { store } = this.nodes[0] as Node;
    await store.recall([NAMES[pick % NAMES.length] as string]);
  }

  async #crash(node: Node): Promise<void> {
    // What was sent and not acknowledged may have become durable or not.
    void node.loop.flush().catch(() => {});
    this.#under.crash(node.store);
    this.#remember(node);
    for (const name of NAMES) {
      const open = node.open.filter(({ levels }) => levels.some((level) => level.counter === name));
      const estimates = open.reduce((sum, { estimate }) => sum + estimate, 0);
      add(this.bound, name, estimates + node.loop.unknownEnds(name) + node.loop.ahead(name));
    }
    Object.assign(node, await this.node());
  }

  #remember({ loop }: Node): void {
    for (const [name, amount] of loop.acknowledged) add(this.acknowledged, name, amount);
    for (const [name, amount] of loop.posted) add(this.sent, name, amount);
    for (const [name, amount] of loop.spent) add(this.spent, name, amount);
  }

  /** Settles everything that is open, in full. */
  async finish(): Promise<void> {
    for (const node of this.nodes) {
      for (const ticket of node.open) node.loop.settle(ticket, 1);
      node.open = [];
      node.loop.endAll();
      await node.loop.flush();
      // Into the counters.
      await reading(node.store, "a");
      this.#remember(node);
    }
  }
}

function add(sums: Map<string, number>, name: string, amount: number): void {
  sums.set(name, (sums.get(name) ?? 0) + amount);
}

export function counterStoreHistories(name: string, open: OpenCounters, runs: number): void {
  const property = (title: string, withCrashes: boolean, check: (history: History) => Promise<void>): void => {
    test(`${name}: ${title}`, async () => {
      await fc.assert(
        fc.asyncProperty(steps(withCrashes), async (steps) => {
          const under = open();
          try {
            const history = new History(under);
            for (let n = 0; n < 3; n++) history.nodes.push(await history.node());
            const { store } = history.nodes[0] as Node;
            await store.declare(
              NAMES.map((id, n) => counter({ id, limit: BigInt(3000 * (n + 1)), window: { type: "never" } })),
            );
            for (const step of steps) await history.run(step);
            await history.finish();
            await check(history);
          } finally {
            await under.dispose();
          }
        }),
        { seed: 7, numRuns: runs },
      );
    });
  };

  property("without crashes everything settled is everything spent, and no limit is passed", false, async (history) => {
    for (const [n, id] of NAMES.entries()) {
      const found = await reading((history.nodes[0] as Node).store, id);
      const sums = {
        settled: found.settled,
        reserved: found.reserved,
        leased: found.leased,
        uncertain: found.uncertain,
      };
      const spent = BigInt(history.sent.get(id) ?? 0);
      assert.deepEqual(sums, { settled: spent, reserved: 0n, leased: 0n, uncertain: 0n });
      assert.equal(history.acknowledged.get(id) ?? 0, history.sent.get(id) ?? 0);
      // One more for each request that was charged and ended with 1.
      assert.ok(found.settled <= BigInt(3000 * (n + 1)) + 60n);
    }
  });

  property(
    "with crashes nothing acknowledged is lost, nothing is charged twice, and what is uncertain is bounded",
    true,
    async (history) => {
      for (const id of NAMES) {
        const found = await reading((history.nodes[0] as Node).store, id);
        assert.ok(found.settled >= BigInt(history.acknowledged.get(id) ?? 0), "acknowledged and lost");
        assert.ok(found.settled <= BigInt(history.sent.get(id) ?? 0), "charged and never sent");
        assert.ok(found.uncertain <= BigInt(history.bound.get(id) ?? 0), "more uncertain than could be");
        const spent = BigInt(history.spent.get(id) ?? 0);
        assert.ok(found.settled + found.uncertain >= spent, "an answered request that nobody pays");
        assert.deepEqual([found.reserved, found.leased], [0n, 0n]);
      }
    },
  );
}
