// Money while things happen: limits that change under waiters, two processes on one store, a store that is locked, clocks that jump.
import assert from "node:assert/strict";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, beforeEach, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { change } from "../support/admin-calls.ts";
import {
  askMany,
  askOnce,
  budgetsAt,
  COST,
  closeClients,
  type PaidUpstream,
  settledAt,
  startPaidUpstream,
  statusesOf,
} from "../support/burst-rig.ts";
import { type GatewayStart, startTestGateway, type TestGateway, temporaryFolder } from "../support/gateway.ts";
import { movedClock } from "../support/moved-clock.ts";

const dollars = (answers: number): number => Number(COST * BigInt(answers)) / 1e9;
const secret = (name: string): string => `sk-bf-${name}-0123456789`;
const DAY = 86_400;

let upstream: PaidUpstream;
let gateway: TestGateway;

const limited = (name: string, answers: number, more: object = {}, ofKey: object = {}): object => ({
  id: `vk-${name}`,
  name,
  value: secret(name),
  provider_configs: [{ provider: "openai", allowed_models: ["*"], key_ids: ["*"] }],
  budgets: [{ id: `b-${name}`, max_limit: dollars(answers), reset_duration: "1d", ...more }],
  ...ofKey,
});

function start(keys: readonly object[], store: string, more: GatewayStart = {}): Promise<TestGateway> {
  return startTestGateway({
    config: {
      config_store: { enabled: true, type: "sqlite", config: { path: store } },
      providers: {
        openai: {
          keys: [{ name: "k", value: "sk-upstream", models: ["*"], weight: 1 }],
          network_config: { base_url: upstream.url, max_retries: 0 },
        },
      },
      governance: { virtual_keys: keys },
    },
    ...more,
  });
}

const newStore = (): string => path.join(temporaryFolder("under-way"), "config.db");
const ask = (name: string, at: TestGateway = gateway): ReturnType<typeof askOnce> => askOnce(at.url, secret(name));
const shown = async (name: string, at: TestGateway = gateway): ReturnType<typeof settledAt> =>
  await settledAt(at.url, `virtual-keys/vk-${name}`, `b-${name}`);
const setLimit = (name: string, answers: number): Promise<unknown> =>
  change(gateway.url, "PUT", `/api/governance/virtual-keys/vk-${name}`, {
    budgets: [{ id: `b-${name}`, max_limit: dollars(answers), reset_duration: "1d" }],
  });
const credit = (answers: number, key: string): Promise<unknown> =>
  change(gateway.url, "POST", "/api/governance/budgets/b-credited/credit", { amount: dollars(answers), key });
const reset = (): Promise<unknown> => change(gateway.url, "POST", "/api/governance/budgets/b-reset/reset");

const store = newStore();
before(async () => {
  upstream = await startPaidUpstream();
  gateway = await start(
    [
      limited("raised", 10),
      limited("credited", 10, { reset_duration: null }),
      limited("reset", 10),
      limited("deleted", 10),
      limited("waiting", 10),
      limited("serving", 100_000),
      limited("refusing", 100_000, {}, { on_store_down: "refuse" }),
      limited("hard", 100_000, { hard: true }),
    ],
    store,
  );
});
after(async () => {
  closeClients();
  await gateway.stop();
  await upstream.close();
});
beforeEach(() => upstream.reset());

/** 40 at once, of which 10 are served and 30 wait, and what is done meanwhile. */
async function whileTheyWait(name: string, work: () => Promise<unknown>): Promise<Readonly<Record<number, number>>> {
  upstream.play = () => ({ delay: 700 });
  const asked = askMany(40, () => ask(name));
  while (upstream.inFlight < 6) await pause(10);
  upstream.play = () => ({ delay: 10 });
  await work();
  return statusesOf(await asked);
}

test("a budget that is raised while it is waited for lets the waiters through, and is in force with the next request", async () => {
  const statuses = await whileTheyWait("raised", () => setLimit("raised", 25));
  assert.ok(upstream.paid >= 25 && upstream.paid <= 26, `${upstream.paid} paid`);
  assert.equal(statuses[402], 40 - upstream.paid, JSON.stringify(statuses));
  assert.equal((await ask("raised")).status, 402);
  await setLimit("raised", 30);
  assert.equal((await ask("raised")).status, 200);
  await setLimit("raised", 5);
  assert.equal((await ask("raised")).status, 402);
});

test("a credit is in force with the next request, for waiters too", async () => {
  await whileTheyWait("credited", () => credit(10, "first"));
  assert.ok(upstream.paid >= 20 && upstream.paid <= 21, `${upstream.paid} paid`);
  assert.equal((await ask("credited")).status, 402);
  await credit(5, "second");
  await credit(5, "second");
  const later = statusesOf(await askMany(10, () => ask("credited")));
  assert.ok((later[200] ?? 0) >= 4 && (later[200] ?? 0) <= 5, JSON.stringify(later));
  assert.equal((await shown("credited")).used, upstream.worth);
});

test("a reset is in force with the next request", async () => {
  assert.equal(statusesOf(await askMany(15, () => ask("reset")))[200], upstream.paid);
  assert.equal((await ask("reset")).status, 402);
  await reset();
  assert.equal((await ask("reset")).status, 200);
  assert.equal((await shown("reset")).used, COST);
  await whileTheyWait("reset", reset);
  assert.ok((await shown("reset")).used <= COST * 11n);
  assert.ok((await shown("reset")).used >= COST * 10n);
});

test("a budget that is deleted limits nobody any more, not even those who waited for it", async () => {
  const statuses = await whileTheyWait("deleted", () =>
    change(gateway.url, "PUT", "/api/governance/virtual-keys/vk-deleted", { budgets: [] }),
  );
  assert.deepEqual(statuses, { 200: 40 });
  assert.equal((await ask("deleted")).status, 200);
});

test("where only others' reservations stand in the way requests wait and are served; who leaves meanwhile leaves nothing", async () => {
  upstream.play = () => ({ delay: 600, prompt: 4, completion: 1 });
  const first = askMany(10, () => ask("waiting"));
  while (upstream.inFlight < 6) await pause(10);
  await pause(100);
  assert.ok(upstream.inFlight <= 10);
  const leaving = askMany(4, () => askOnce(gateway.url, secret("waiting"), { leaveAfter: 100 }));
  const waiting = askMany(3, () => ask("waiting"));
  assert.deepEqual(statusesOf(await leaving), { 0: 4 });
  assert.deepEqual(statusesOf([...(await first), ...(await waiting)]), { 200: 13 });
  assert.equal(upstream.calls, 13);
  const { used, reserved } = await shown("waiting");
  assert.deepEqual([used, reserved], [upstream.worth, 0n]);
});

test("SIGTERM ends waits with 503, and what is under way is answered and settled", async () => {
  const own = newStore();
  const keys = [limited("term", 10)];
  let one = await start(keys, own);
  upstream.play = () => ({ delay: 1500 });
  const asked = askMany(30, () => ask("term", one));
  while (upstream.inFlight < 6) await pause(10);
  const stopped = one.stop();
  const statuses = statusesOf(await asked);
  assert.equal(await stopped, 0);
  assert.equal((statuses[200] ?? 0) + (statuses[503] ?? 0), 30, JSON.stringify(statuses));
  assert.equal(statuses[200], upstream.paid);
  one = await start(keys, own);
  assert.equal((await shown("term", one)).used, upstream.worth);
  await one.stop();
});

test("two processes on one store: at most 102 are paid for, both show the same, and a key deleted on one is refused on the other", async (t) => {
  const own = newStore();
  const keys = [limited("both", 100)];
  const [one, other] = [await start(keys, own), await start(keys, own)];
  t.after(() => Promise.all([one.stop(), other.stop()]));
  const asked = await askMany(600, (index) => ask("both", index % 2 === 0 ? one : other));
  const statuses = statusesOf(asked);
  assert.ok(upstream.paid >= 100 && upstream.paid <= 102, `${upstream.paid} paid, ${JSON.stringify(statuses)}`);
  assert.equal((statuses[200] ?? 0) + (statuses[402] ?? 0) + (statuses[429] ?? 0), 600, JSON.stringify(statuses));
  const end = performance.now() + 2000;
  for (;;) {
    const [left, right] = await Promise.all(
      [one, other].map(async ({ url }) => (await budgetsAt(url, "virtual-keys/vk-both")).get("b-both")),
    );
    const isSame = left?.used === right?.used && left?.used === upstream.worth && left.reserved === 0n;
    if (isSame) break;
    assert.ok(performance.now() < end, `${left?.used} and ${right?.used}, true ${upstream.worth}`);
    await pause(20);
  }
  await change(one.url, "DELETE", "/api/governance/virtual-keys/vk-both");
  for (const last = performance.now() + 2000; (await ask("both", other)).status !== 401; await pause(20))
    assert.ok(performance.now() < last);
});

test("the counters locked for three seconds: keys that serve go on, keys that refuse and hard budgets get 503, and all is settled", async () => {
  for (const name of ["serving", "refusing", "hard"]) assert.equal((await ask(name)).status, 200);
  await pause(200);
  const locked = new DatabaseSync(store.replace(/\.db$/, "-counters.db"));
  locked.exec("BEGIN EXCLUSIVE");
  const began = performance.now();
  const seen: Record<string, number[]> = { serving: [], refusing: [], hard: [] };
  await Promise.all(
    Object.entries(seen).map(async ([name, statuses]) => {
      while (performance.now() - began < 3000) {
        const [{ status, ms }] = (await askMany(3, () => ask(name))) as [Awaited<ReturnType<typeof ask>>];
        statuses.push(status);
        assert.ok(ms < 1500, `${name}: ${status} after ${ms} ms`);
      }
    }),
  );
  locked.exec("ROLLBACK");
  locked.close();
  assert.ok(
    seen["serving"]?.every((status) => status === 200),
    String(seen["serving"]),
  );
  // a lease may last for some requests more
  assert.ok(
    seen["refusing"]?.slice(-5).every((status) => status === 503),
    String(seen["refusing"]),
  );
  assert.ok(
    seen["hard"]?.slice(-5).every((status) => status === 503),
    String(seen["hard"]),
  );
  let sum = 0n;
  for (const end = performance.now() + 6000; sum !== upstream.worth; await pause(50)) {
    sum = 0n;
    for (const name of Object.keys(seen)) sum += (await shown(name)).used;
    assert.ok(performance.now() < end, `${sum} settled, true ${upstream.worth}`);
  }
  for (const name of Object.keys(seen)) assert.equal((await ask(name)).status, 200);
});

const isFull = (paid: number): boolean => paid >= 10 && paid <= 11;

test("a wall clock that is moved by days, forth and back: nothing is refunded, and one extra window at most", async (t) => {
  const clock = movedClock();
  const own = newStore();
  const keys = [limited("clock", 10)];
  const one = await start(keys, own, { environment: clock.environment });
  t.after(async () => {
    await one.stop();
    clock.close();
  });
  const burst = async (): Promise<number> => {
    const before = upstream.paid;
    await askMany(25, () => ask("clock", one));
    return upstream.paid - before;
  };
  assert.ok(isFull(await burst()));
  assert.equal((await ask("clock", one)).status, 402);
  clock.set(3 * DAY);
  await pause(1100);
  const extra = await burst();
  assert.ok(isFull(extra), `${extra} paid in the new window`);
  clock.set(0);
  await pause(1100);
  assert.equal(await burst(), 0);
  // it ends after its length at the latest, counted from the moment at which the clock went back
  clock.set(DAY + 3600);
  await pause(1100);
  assert.ok(isFull(await burst()));
});
