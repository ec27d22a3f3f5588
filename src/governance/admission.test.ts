// Admission against the real rules of counters, on a clock that is moved by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Agenda, LoopRig, levels, limited, target } from "../../test/support/loop-rig.ts";
import { SimulatedCounters } from "../../test/support/simulated-counters.ts";
import type { AdmissionAsk } from "./admission-ask.ts";
import { refusalError } from "./refusal.ts";
import type { Reservation } from "./reservation.ts";
import type { NoRoom, Outcome, Refused, Waiter } from "./waiter.ts";

function rig() {
  const agenda = new Agenda();
  const store = new SimulatedCounters(agenda.clock);
  return { agenda, store, loop: new LoopRig("one", agenda, store) };
}

/** What came of each request, when it did. */
class Requests {
  readonly outcomes: (Outcome | null)[] = [];
  readonly waiters: Waiter[] = [];
  readonly #loop: LoopRig;
  constructor(loop: LoopRig) {
    this.#loop = loop;
  }
  admit(ask: AdmissionAsk, then: (reservation: Reservation) => void = () => {}): number {
    const at = this.outcomes.push(null) - 1;
    const take = (outcome: Outcome): void => {
      this.outcomes[at] = outcome;
      if (outcome.type === "admitted") then(outcome);
    };
    const first = this.#loop.admission.admit(ask);
    if (first.type === "waiting") {
      this.waiters[at] = first;
      first.onOutcome(take);
    } else take(first);
    return at;
  }
  isOpen(at: number): boolean {
    return this.outcomes[at] === null;
  }
  count(type: Outcome["type"]): number {
    return this.outcomes.filter((outcome) => outcome?.type === type).length;
  }
}

function textOf(outcome: Outcome | null | undefined, loop: LoopRig): string {
  assert.equal(outcome?.type, "refused");
  const now = loop.agenda.clock.now();
  return refusalError(outcome as Refused, now, now).message;
}

test("a first request asks once for all levels, is let through and settles what it truly cost", () => {
  const { agenda, store, loop } = rig();
  const of = levels(limited(store, "team", 1000), limited(store, "key", 500));
  const requests = new Requests(loop);
  requests.admit(loop.ask([target(of, 10)]), (reservation) => {
    reservation.sent();
    agenda.in(20, () => reservation.finish({ cost: 7, tokens: 0 }));
  });
  agenda.pass(200);
  assert.equal(requests.count("admitted"), 1);
  assert.equal(store.asks, 1);
  assert.equal(store.used("team"), 7n);
  assert.equal(store.used("key"), 7n);
  assert.equal(store.open, 0);
  assert.deepEqual(store.held("key"), { held: 0n, reserved: 0 });
});

test("a thousand at once on a budget for a hundred: a hundred are let through, the rest is refused with the reason", () => {
  const { agenda, store, loop } = rig();
  const of = levels(limited(store, "key", 100));
  const requests = new Requests(loop);
  for (let i = 0; i < 1000; i++)
    requests.admit(loop.ask([target(of, 1)]), (reservation) => {
      reservation.sent();
      agenda.in(300, () => reservation.finish({ cost: 1, tokens: 0 }));
    });
  agenda.pass(15_000);
  assert.equal(requests.count("admitted"), 100);
  assert.equal(requests.count("refused"), 900);
  assert.equal(store.used("key"), 100n);
  assert.match(textOf(requests.outcomes[999], loop), /^Budget exceeded: VK budget exceeded: /);
});

test("estimates that are too high do not leave the budget unused", () => {
  const { agenda, store, loop } = rig();
  const of = levels(limited(store, "key", 100));
  const requests = new Requests(loop);
  for (let i = 0; i < 500; i++)
    requests.admit(loop.ask([target(of, 8)]), (reservation) => {
      agenda.in(30, () => reservation.finish({ cost: 1, tokens: 0 }));
    });
  agenda.pass(20_000);
  assert.equal(store.used("key"), 100n);
  assert.equal(requests.count("admitted"), 100);
  assert.equal(loop.admission.waiting, 0);
});

test("where only one target's level is short the next one is taken; a level that all share lets wait", () => {
  const { agenda, store, loop } = rig();
  const key = limited(store, "key", 100);
  const cheap = levels(limited(store, "cheap", 10, { owner: "Provider config" }), key);
  const dear = levels(limited(store, "dear", 100, { owner: "Provider config" }), key);
  const requests = new Requests(loop);
  const held: Reservation[] = [];
  const both = () => loop.ask([target(cheap, 10), target(dear, 10)]);
  requests.admit(both(), (reservation) => held.push(reservation));
  agenda.pass(50);
  requests.admit(both(), (reservation) => held.push(reservation));
  agenda.pass(50);
  assert.deepEqual(
    held.map(({ index }) => index),
    [0, 1],
  );
  // the rest of the key's budget is reserved by one large request
  requests.admit(loop.ask([target(dear, 75)]), (reservation) => held.push(reservation));
  agenda.pass(50);
  requests.admit(both(), (reservation) => held.push(reservation));
  agenda.pass(500);
  assert.equal(held.length, 3);
  assert.equal(loop.admission.waiting, 1);
  held[2]?.finish({ cost: 5, tokens: 0 });
  agenda.pass(200);
  assert.equal(held.length, 4);
});

test("a wait ends after ten seconds with 429, at once when the client is gone, and at once on SIGTERM", () => {
  const { agenda, store, loop } = rig();
  const of = levels(limited(store, "key", 10));
  const requests = new Requests(loop);
  requests.admit(loop.ask([target(of, 10)]));
  agenda.pass(50);
  for (let i = 0; i < 3; i++) requests.admit(loop.ask([target(of, 5)]));
  agenda.pass(1000);
  assert.equal(loop.admission.waiting, 3);
  requests.waiters[1]?.cancel();
  assert.equal(loop.admission.waiting, 2);
  assert.ok(requests.isOpen(1));
  agenda.pass(9_200);
  const refused = requests.outcomes[2] as Refused;
  assert.equal(refused.reason, "contended");
  const error = refusalError(refused, 0, 0);
  assert.equal(error.status, 429);
  assert.equal(error.retryAfter, 1);
  requests.admit(loop.ask([target(of, 5)]));
  agenda.pass(100);
  loop.admission.stop();
  assert.equal((requests.outcomes[4] as Refused).reason, "stopping");
});

test("no more wait than are allowed, by number and by the size of their bodies", () => {
  const agenda = new Agenda();
  const store = new SimulatedCounters(agenda.clock);
  const loop = new LoopRig("one", agenda, store, { longest: 10_000, most: 5, mostBytes: 1000 });
  const of = levels(limited(store, "key", 10));
  const requests = new Requests(loop);
  requests.admit(loop.ask([target(of, 10)]));
  agenda.pass(50);
  for (let i = 0; i < 9; i++) requests.admit(loop.ask([target(of, 5)]));
  agenda.pass(500);
  assert.equal(loop.admission.waiting, 5);
  assert.equal(requests.count("refused"), 4);
  for (const waiter of requests.waiters) waiter?.cancel();
  requests.admit(loop.ask([target(of, 5)], { bodyBytes: 900 }));
  requests.admit(loop.ask([target(of, 5)], { bodyBytes: 200 }));
  agenda.pass(500);
  assert.equal(loop.admission.waiting, 1);
});

test("a small request passes a large one for a second, and no longer", () => {
  const { agenda, store, loop } = rig();
  const of = levels(limited(store, "key", 100));
  const requests = new Requests(loop);
  requests.admit(loop.ask([target(of, 60)]));
  agenda.pass(50);
  const large = requests.admit(loop.ask([target(of, 90)]));
  agenda.pass(500);
  const early = requests.admit(loop.ask([target(of, 5)]));
  agenda.pass(300);
  assert.equal(requests.outcomes[early]?.type, "admitted");
  agenda.pass(1000);
  const late = requests.admit(loop.ask([target(of, 5)]));
  agenda.pass(500);
  assert.ok(requests.isOpen(late));
  (requests.outcomes[0] as Reservation).finish({ cost: 1, tokens: 0 });
  (requests.outcomes[early] as Reservation).finish({ cost: 1, tokens: 0 });
  agenda.pass(300);
  assert.equal(requests.outcomes[large]?.type, "admitted");
  assert.equal(requests.outcomes[late]?.type, "admitted");
});

test("with nothing else in flight a request goes ahead while anything is left, unless the budget is hard", () => {
  const { agenda, store, loop } = rig();
  const requests = new Requests(loop);
  requests.admit(loop.ask([target(levels(limited(store, "soft", 10)), 50)]));
  requests.admit(loop.ask([target(levels(limited(store, "hard", 10, { hard: true })), 5, { bound: 50 })]));
  agenda.pass(100);
  assert.equal(requests.outcomes[0]?.type, "admitted");
  assert.match(textOf(requests.outcomes[1], loop), /hard: this request may cost .* lower max_tokens/);
});

test("request counts never wait, count once when sent and name their limit", () => {
  const { agenda, store, loop } = rig();
  const hour = { type: "sliding", ms: 3_600_000 } as const;
  const of = levels(limited(store, "key:requests", 3, { kind: "requests", window: hour }));
  const requests = new Requests(loop);
  for (let i = 0; i < 5; i++)
    requests.admit(loop.ask([target(of, 1)]), (reservation) => {
      if (i === 0) return reservation.finish({ cost: 0, tokens: 0 });
      reservation.sent();
      reservation.sent();
      reservation.finish({ cost: 0, tokens: 0 });
    });
  agenda.pass(300);
  assert.equal(store.used("key:requests"), BigInt(requests.count("admitted") - 1));
  for (let i = 0; i < 3; i++) requests.admit(loop.ask([target(of, 1)]), (reservation) => reservation.sent());
  agenda.pass(300);
  assert.equal(store.used("key:requests"), 3n);
  const last = requests.admit(loop.ask([target(of, 1)]));
  agenda.pass(300);
  assert.match(
    textOf(requests.outcomes[last], loop),
    /^Rate limit check failed: rate limit violated for VK: \[request limit exceeded \(3\/3, resets every 1h/,
  );
  const error = refusalError(requests.outcomes[last] as Refused, agenda.clock.now(), agenda.clock.now());
  assert.equal(error.code, "request_limited");
  assert.ok((error.retryAfter ?? 0) > 3000 && (error.retryAfter ?? 0) <= 3660);
});

test("max_parallel holds and never waits", () => {
  const { agenda, loop } = rig();
  const owner = { kind: "VK", name: "k", entity: "virtual-key:k" } as const;
  const of = levels({ id: "k:parallel", kind: "parallel", owner, limit: 2, reset: null, hard: false });
  const requests = new Requests(loop);
  for (let i = 0; i < 3; i++) requests.admit(loop.ask([target(of, 1)]));
  assert.equal(requests.count("admitted"), 2);
  assert.match(textOf(requests.outcomes[2], loop), /parallel request limit exceeded \(2\/2 under way\)/);
  (requests.outcomes[0] as Reservation).finish({ cost: 0, tokens: 0 });
  requests.admit(loop.ask([target(of, 1)]));
  assert.equal(requests.count("admitted"), 3);
  agenda.pass(10);
});

test("a failover is charged once to each provider that it cost something at, and counted once at the shared levels", () => {
  const { agenda, store, loop } = rig();
  const minute = { type: "sliding", ms: 60_000 } as const;
  const key = limited(store, "key", 1000);
  const counted = limited(store, "key:requests", 100, { kind: "requests", window: minute });
  const first = levels(
    limited(store, "first", 100),
    limited(store, "first:requests", 9, { kind: "requests", window: minute }),
    key,
    counted,
  );
  const second = levels(limited(store, "second", 100), key, counted);
  const requests = new Requests(loop);
  requests.admit(loop.ask([target(first, 10), target(second, 20)]), (reservation) => {
    reservation.sent();
    reservation.charge({ cost: 4, tokens: 0 });
    const next = loop.admission.raise(reservation, 1);
    const go = (outcome: Outcome | NoRoom): void => {
      assert.equal(outcome.type, "admitted");
      reservation.sent();
      reservation.finish({ cost: 15, tokens: 0 });
    };
    if (next.type === "waiting") next.onOutcome(go);
    else go(next);
  });
  agenda.pass(300);
  assert.equal(store.used("first"), 4n);
  assert.equal(store.used("second"), 15n);
  assert.equal(store.used("key"), 19n);
  assert.equal(store.used("key:requests"), 1n);
  assert.equal(store.used("first:requests"), 1n);
  assert.equal(store.open, 0);
  assert.deepEqual(store.held("key"), { held: 0n, reserved: 0 });
});

test("a raise that does not fit is passed over, and what was reserved stays", () => {
  const { agenda, store, loop } = rig();
  const key = limited(store, "key", 100);
  const requests = new Requests(loop);
  const small = levels(key);
  const outcomes: Outcome[] = [];
  requests.admit(loop.ask([target(small, 60)]));
  requests.admit(loop.ask([target(small, 30), target(small, 90)]), (reservation) => {
    agenda.in(20, () => {
      const next = loop.admission.raise(reservation, 1);
      if (next.type === "waiting") next.onOutcome((outcome) => outcomes.push(outcome));
      else outcomes.push(next);
    });
  });
  agenda.pass(300);
  assert.deepEqual(
    outcomes.map(({ type }) => type),
    ["no-room"],
  );
  assert.equal(store.held("key").held, 90n);
});

test("a store that does not answer: served or refused by policy after 250 ms, never for a hard budget; settled when it is back", () => {
  const { agenda, store, loop } = rig();
  const soft = levels(limited(store, "soft", 100));
  const hard = levels(limited(store, "hard", 100, { hard: true }));
  loop.isDown = true;
  const requests = new Requests(loop);
  requests.admit(loop.ask([target(soft, 1)]), (reservation) => reservation.finish({ cost: 3, tokens: 0 }));
  requests.admit(loop.ask([target(soft, 1)], { onStoreDown: "refuse" }));
  requests.admit(loop.ask([target(hard, 1)]));
  agenda.pass(200);
  for (const at of [0, 1, 2]) assert.ok(requests.isOpen(at));
  agenda.pass(150);
  assert.equal(requests.outcomes[0]?.type, "admitted");
  for (const at of [1, 2]) assert.equal((requests.outcomes[at] as Refused).reason, "store-down");
  assert.equal(refusalError(requests.outcomes[1] as Refused, 0, 0).status, 503);
  loop.comeBack();
  agenda.pass(2500);
  requests.admit(loop.ask([target(soft, 1)]), (reservation) => reservation.finish({ cost: 1, tokens: 0 }));
  agenda.pass(500);
  assert.equal(store.used("soft"), 4n);
  assert.equal(store.open, 0);
});

test("a store that goes away in the midst of a burst lets no more through than what was left, also one that never answered", () => {
  for (const heard of [true, false]) {
    const { agenda, store, loop } = rig();
    const of = levels(limited(store, "key", 100));
    const requests = new Requests(loop);
    loop.isDown = !heard;
    for (let i = 0; i < 1000; i++)
      requests.admit(loop.ask([target(of, 3)]), (reservation) => {
        agenda.in(300, () => reservation.finish({ cost: 1, tokens: 0 }));
      });
    agenda.pass(20);
    loop.isDown = true;
    agenda.pass(9000);
    assert.ok(requests.count("admitted") >= 98 && requests.count("admitted") <= 102, `${requests.count("admitted")}`);
    loop.comeBack();
    agenda.pass(5000);
    assert.equal(store.used("key"), BigInt(requests.count("admitted")));
    assert.deepEqual([store.open, loop.admission.waiting], [0, 0]);
  }
});

test("a loop that was held up itself does not take that for a store that is down", () => {
  const { agenda, store, loop } = rig();
  const requests = new Requests(loop);
  requests.admit(loop.ask([target(levels(limited(store, "key", 100)), 1)], { onStoreDown: "refuse" }));
  agenda.pass(0);
  agenda.clock.advance(700);
  agenda.pass(10);
  assert.equal(requests.outcomes[0]?.type, "admitted");
});

test("whoever a hard budget has no room for any more is refused as soon as that is known, however many wait", () => {
  const { agenda, store, loop } = rig();
  const of = levels(limited(store, "hard", 1000, { hard: true }));
  const requests = new Requests(loop);
  for (let i = 0; i < 500; i++)
    requests.admit(loop.ask([target(of, 300, { bound: 400 })]), (reservation) => {
      agenda.in(30, () => reservation.finish({ cost: 300, tokens: 0 }));
    });
  agenda.pass(500);
  assert.deepEqual([requests.count("admitted"), requests.count("refused")], [3, 497]);
});

test("leases are not spent after they have ended, nor in a window that has closed", () => {
  const { agenda, store, loop } = rig();
  const of = levels(limited(store, "key", 1_000_000, { window: { type: "rolling", ms: 60_000 } }));
  const requests = new Requests(loop);
  const run = (): void => {
    requests.admit(loop.ask([target(of, 10)]), (reservation) => reservation.finish({ cost: 10, tokens: 0 }));
  };
  for (let i = 0; i < 600; i++) agenda.in(i * 5, run);
  agenda.pass(3100);
  assert.equal(store.used("key"), 6000n);
  assert.ok(store.asks < 200, `asked ${store.asks} times`);
  const open = requests.admit(loop.ask([target(of, 10)]));
  agenda.pass(60_000);
  run();
  agenda.pass(200);
  // settled into the window that is open when it settles
  (requests.outcomes[open] as Reservation).finish({ cost: 9, tokens: 0 });
  agenda.pass(200);
  assert.equal(store.used("key"), 19n);
});

test("what settles on a deleted counter is swallowed, and its waiters go on", () => {
  const { agenda, store, loop } = rig();
  const of = levels(limited(store, "key", 10));
  const requests = new Requests(loop);
  requests.admit(loop.ask([target(of, 10)]));
  agenda.pass(50);
  requests.admit(loop.ask([target(of, 10)]));
  agenda.pass(200);
  store.remove("key");
  loop.hear(store.recall("key", "one"));
  agenda.pass(200);
  assert.equal(requests.outcomes[1]?.type, "admitted");
  for (const outcome of requests.outcomes) (outcome as Reservation).finish({ cost: 4, tokens: 0 });
  agenda.pass(100);
});
