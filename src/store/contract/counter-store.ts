// What every store of counters must do: a suite that an implementation runs with its own way to open one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ENTRY, EntryWriter } from "../../core/counter-entries.ts";
import {
  type CounterDeclaration,
  type CounterReading,
  CounterRefusedError,
  type CounterStore,
} from "../../core/counters.ts";
import { isTicket, ModelLoop, type Ticket } from "./counter-loop.ts";

/** A fresh, empty installation. */
export interface CountersUnderTest {
  /** Another node of it; all tell the time by `clock`. */
  open(): Promise<CounterStore>;
  /** The node stops at once, as after kill -9. */
  crash(store: CounterStore): void;
  /** Moves the wall clock of all nodes. */
  advance(ms: number): void;
  dispose(): Promise<void>;
}

export type OpenCounters = () => CountersUnderTest;

export const DAY = 86_400_000;

/** A counter with nothing special about it. */
export function counter(part: Partial<CounterDeclaration> = {}): CounterDeclaration {
  const plain = { id: "c", kind: "budget" as const, limit: 1_000_000n, hard: false, override: null, start: null };
  return { ...plain, window: { type: "rolling", ms: DAY }, ...part };
}

export async function reading(store: CounterStore, id = "c"): Promise<CounterReading> {
  const [found] = await store.read([id]);
  assert.ok(found, `there is no counter ${id}`);
  return found;
}

async function begin(loop: ModelLoop, estimate: number, counters: readonly string[] = ["c"]): Promise<Ticket> {
  const start = await loop.start(counters, estimate);
  assert.ok(
    isTicket(start),
    JSON.stringify(start, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value)),
  );
  return start;
}

async function refused(loop: ModelLoop, estimate: number, counters: readonly string[] = ["c"]): Promise<string[]> {
  const start = await loop.start(counters, estimate);
  assert.ok(!isTicket(start) && start.type === "refused");
  return start.standings.map(({ state }) => state);
}

interface Bench {
  readonly under: CountersUnderTest;
  readonly store: CounterStore;
  readonly loop: ModelLoop;
}

export function counterStoreContract(name: string, open: OpenCounters): void {
  const check = (title: string, work: (bench: Bench) => Promise<void>): void => {
    test(`${name}: ${title}`, async () => {
      const under = open();
      const store = await under.open();
      const loop = new ModelLoop(store, "loop-a");
      await loop.attach();
      try {
        await work({ under, store, loop });
      } finally {
        await under.dispose();
      }
    });
  };

  check("a lease is granted and spent, and what was settled is what was used", async ({ store, loop }) => {
    await store.declare([counter()]);
    const first = await begin(loop, 100);
    const held = await reading(store);
    assert.deepEqual([held.settled, held.reserved + held.leased], [0n, 1000n]);
    const second = await begin(loop, 100);
    loop.settle(first, 60);
    loop.settle(second, 140);
    await loop.flush();
    const after = await reading(store);
    assert.deepEqual([after.settled, after.settledEver, after.reserved, after.leased], [200n, 200n, 0n, 840n]);
    loop.endAll();
    await loop.flush();
    assert.equal((await reading(store)).leased, 0n);
  });

  check("all counters of a request are granted or none", async ({ store, loop }) => {
    await store.declare([counter(), counter({ id: "small", limit: 50n })]);
    assert.deepEqual(await refused(loop, 100, ["c", "small"]), ["room", "contended"]);
    assert.equal((await reading(store)).leased, 0n);
    assert.deepEqual(await refused(loop, 10, ["c", "nowhere"]), ["room", "unknown"]);
  });

  check(
    "only what is settled exhausts; what is reserved is waited for; alone one may go on",
    async ({ store, loop }) => {
      await store.declare([counter({ limit: 100n })]);
      const ticket = await begin(loop, 70);
      assert.deepEqual(await refused(loop, 70), ["contended"]);
      const over = await loop.start(["c"], 70, true);
      assert.ok(isTicket(over));
      assert.deepEqual(await refused(loop, 1), ["contended"]);
      loop.settle(ticket, 70);
      loop.settle(over, 30);
      await loop.flush();
      assert.deepEqual(await refused(loop, 1), ["exhausted"]);
    },
  );

  check("a hard counter is never granted beyond its limit", async ({ store, loop }) => {
    await store.declare([counter({ limit: 100n, hard: true })]);
    await begin(loop, 70);
    const start = await loop.start(["c"], 70, true);
    assert.ok(!isTicket(start) && start.type === "refused");
  });

  check("a limit of 50 requests lets 50 through, however many ask at once", async ({ under, store, loop }) => {
    await store.declare([counter({ kind: "requests", limit: 50n, window: { type: "sliding", ms: 60_000 } })]);
    const second = await under.open();
    const other = new ModelLoop(second, "loop-b");
    await other.attach();
    loop.want = other.want = 10;
    const starts = await Promise.all(Array.from({ length: 200 }, (_, n) => (n % 2 ? loop : other).start(["c"], 1)));
    const through = starts.filter(isTicket);
    assert.equal(through.length, 50);
    for (const [n, start] of starts.entries()) if (isTicket(start)) (n % 2 ? loop : other).settle(start, 1);
    await Promise.all([loop.flush(), other.flush()]);
    // A reading brings what a node has in its journal into the counters; else that takes a moment.
    await reading(second);
    assert.deepEqual(await refused(loop, 1), ["exhausted"]);
    under.advance(61_001);
    await begin(loop, 1);
  });

  check("the same ask has the same answer, and the same post counts once", async ({ store }) => {
    await store.declare([counter({ limit: 100n })]);
    const ask = { counter: "c", estimate: 60, want: 0, ended: 0, alone: false };
    const request = { loop: "loop-a", seq: 7, request: 1, asks: [ask] };
    const [first, again] = await Promise.all([store.grant(request), store.grant(request)]);
    assert.deepEqual(again, first);
    assert.deepEqual(await store.grant(request), first);
    assert.ok(first.type === "granted");
    const writer = new EntryWriter();
    writer.add(ENTRY.settle, 1, [{ handle: first.grants[0]?.handle as number, term: 0, amount: 25 }]);
    const entries = writer.take();
    await Promise.all([1, 2, 3].map(() => store.post({ loop: "loop-a", seq: 8, entries })));
    const after = await reading(store);
    assert.deepEqual([after.settled, after.reserved], [25n, 0n]);
    await assert.rejects(store.post({ loop: "loop-a", seq: 9, entries: entries.subarray(1) }), RangeError);
    await assert.rejects(store.grant({ ...request, seq: 10, asks: [{ ...ask, estimate: -1 }] }), RangeError);
  });

  check("a raise needs only what it adds", async ({ store }) => {
    await store.declare([counter({ limit: 100n })]);
    const ask = { counter: "c", estimate: 60, want: 0, ended: 0, alone: false };
    const grant = (seq: number, estimate: number) =>
      store.grant({ loop: "loop-a", seq, request: 1, asks: [{ ...ask, estimate }] });
    assert.equal((await grant(1, 60)).type, "granted");
    assert.equal((await grant(2, 90)).type, "granted");
    assert.equal((await grant(3, 101)).type, "refused");
    assert.equal((await reading(store)).reserved, 90n);
    assert.equal((await grant(4, 10)).type, "granted");
    assert.equal((await reading(store)).reserved, 10n);
  });

  check("open reservations are carried over a reset, and settle into the window that is open", async (bench) => {
    const { under, store, loop } = bench;
    await store.declare([counter()]);
    const carried = await begin(loop, 100);
    const other = await begin(loop, 100);
    loop.settle(other, 50);
    await loop.flush();
    const before = await reading(store);
    under.advance(DAY);
    const after = await reading(store);
    assert.ok(after.window > before.window);
    assert.deepEqual([before.settled, after.settled, after.reserved, after.leased], [50n, 0n, 100n, 0n]);
    loop.settle(carried, 30);
    await loop.flush();
    const settled = await reading(store);
    assert.deepEqual([settled.settled, settled.settledEver, settled.reserved, settled.leased], [30n, 80n, 0n, 0n]);
    await begin(loop, 100);
  });

  check("a reset by hand opens a new window, and no lease of the old one is spent", async ({ store, loop }) => {
    await store.declare([counter({ limit: 100_000n, window: { type: "never" } })]);
    loop.settle(await begin(loop, 100), 100);
    await loop.flush();
    const before = await reading(store);
    await store.reset("c");
    const after = await reading(store);
    assert.deepEqual([after.settled, after.leased, after.window], [0n, 0n, before.window + 1]);
    assert.equal(loop.free("c"), 0);
    loop.settle(await begin(loop, 100), 100);
    await loop.flush();
    assert.equal((await reading(store)).settled, 100n);
  });

  check("a lowered limit calls leases back before it is answered, of every node", async ({ under, store, loop }) => {
    await store.declare([counter()]);
    const second = await under.open();
    const other = new ModelLoop(second, "loop-b");
    await other.attach();
    const tickets = [await begin(loop, 100), await begin(other, 100)];
    await store.declare([counter({ limit: 150n })]);
    assert.deepEqual([loop.free("c"), other.free("c")], [0, 0]);
    const after = await reading(store);
    assert.deepEqual([after.reserved, after.leased, after.maxLimit], [200n, 0n, 150n]);
    assert.deepEqual(await refused(other, 1), ["contended"]);
    loop.settle(tickets[0] as Ticket, 100);
    other.settle(tickets[1] as Ticket, 100);
    await Promise.all([loop.flush(), other.flush()]);
    await Promise.all([reading(store), reading(second)]);
    assert.deepEqual(await refused(other, 1), ["exhausted"]);
  });

  check("a deleted counter swallows what is in flight", async ({ store, loop }) => {
    await store.declare([counter()]);
    const ticket = await begin(loop, 100);
    await store.remove(["c"]);
    loop.settle(ticket, 100);
    await loop.flush();
    assert.deepEqual(await store.read(["c"]), [null]);
    await store.declare([counter()]);
    assert.equal((await reading(store)).settled, 0n);
    await begin(loop, 100);
  });

  check("postings are made once per key", async ({ store }) => {
    await store.declare([counter({ window: { type: "never" }, limit: 100n }), counter({ id: "daily" })]);
    const credit = { counter: "c", key: "k1", type: "credit", amount: 50n, note: "" } as const;
    assert.deepEqual([await store.postByHand(credit), await store.postByHand(credit)], [true, false]);
    const after = await reading(store);
    assert.deepEqual([after.limit, after.maxLimit], [150n, 100n]);
    await assert.rejects(store.postByHand({ ...credit, amount: 51n }), { code: "key-used" });
    await assert.rejects(store.postByHand({ ...credit, counter: "daily" }), { code: "not-prepaid" });
    await assert.rejects(store.postByHand({ ...credit, counter: "nowhere" }), CounterRefusedError);
    await assert.rejects(store.postByHand({ ...credit, key: "k2", amount: 0n }), { code: "out-of-range" });
    await store.postByHand({ counter: "daily", key: "k1", type: "adjustment", amount: 70n, note: "" });
    await store.postByHand({ counter: "daily", key: "k2", type: "adjustment", amount: -100n, note: "" });
    assert.equal((await reading(store, "daily")).settled, 0n);
  });

  check("sums have 64 bits", async ({ store }) => {
    const limit = 9_000_000_000_000_000_000n;
    const used = 8_999_999_999_999_999_000n;
    await store.declare([counter({ limit, start: { used, lastReset: null } })]);
    await store.postByHand({ counter: "c", key: "k", type: "adjustment", amount: 999n, note: "" });
    const after = await reading(store);
    assert.deepEqual([after.settled, after.limit], [used + 999n, limit]);
    await store.declare([counter({ limit, start: { used: 5n, lastReset: null } })]);
    assert.equal((await reading(store)).settled, used + 999n);
  });

  check(
    "after a crash reservations are charged at their estimate, leases in part, and the rest returns",
    async (bench) => {
      const { under, store, loop } = bench;
      await store.declare([counter()]);
      const settled = await begin(loop, 100);
      await begin(loop, 300);
      loop.settle(settled, 40);
      await loop.flush();
      under.crash(store);
      const next = await under.open();
      const after = await reading(next);
      const ahead = BigInt(Math.min(loop.ahead("c"), 1000 - 40 - 300));
      assert.deepEqual([after.settled, after.uncertain, after.reserved, after.leased], [40n, 300n + ahead, 0n, 0n]);
      assert.equal(await next.releaseUncertain("c"), 300n + ahead);
      assert.equal((await reading(next)).uncertain, 0n);
      assert.equal((await reading(await under.open())).settled, 40n);
    },
  );

  check(
    "a loop that lives on when its store is opened again settles everything exactly",
    async ({ under, store, loop }) => {
      await store.declare([counter(), counter({ id: "d", limit: 120n })]);
      const tickets = [await begin(loop, 100), await begin(loop, 100, ["c", "d"])];
      await loop.flush();
      loop.settle(tickets[0] as Ticket, 70);
      under.crash(store);
      const next = await under.open();
      assert.ok((await reading(next)).uncertain >= 200n);
      await loop.attach(next);
      await loop.flush();
      await next.renew(loop.id);
      loop.settle(tickets[1] as Ticket, 90);
      await loop.flush();
      const [c, d] = [await reading(next), await reading(next, "d")];
      assert.deepEqual([c.settled, c.uncertain, c.reserved, c.leased], [160n, 0n, 0n, 0n]);
      assert.deepEqual([d.settled, d.uncertain, d.reserved], [90n, 0n, 0n]);
    },
  );

  check("a close with nothing in flight leaves nothing uncertain", async ({ under, store, loop }) => {
    await store.declare([counter()]);
    loop.settle(await begin(loop, 100), 30);
    void loop.flush();
    await store.close();
    const after = await reading(await under.open());
    assert.deepEqual([after.settled, after.uncertain, after.reserved, after.leased], [30n, 0n, 0n, 0n]);
  });

  check("every counter can be read, page by page", async ({ store }) => {
    await store.declare(Array.from({ length: 450 }, (_, n) => counter({ id: `c${n}` })));
    const seen = new Set<string>();
    await store.each(({ id }) => seen.add(id));
    assert.equal(seen.size, 450);
  });
}
