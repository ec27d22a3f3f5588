// Money over crashes: real gateways are killed, stopped and ended under load, and what they counted is held against what was truly spent.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { type TestContext, test } from "node:test";
import type { TestGateway } from "../support/gateway.ts";
import {
  boundOfCrash,
  type Counted,
  countedInTheEnd,
  type MoneyHouse,
  type MoneyUpstream,
  moneyHouse,
  startLoad,
  startMoneyUpstream,
} from "../support/money-rig.ts";

/** Of each kind. */
const ROUNDS = Number(process.env["MONEY_ROUNDS"] ?? 2);
const CLIENTS = 6;

async function setUp(t: TestContext): Promise<{ upstream: MoneyUpstream; house: MoneyHouse }> {
  const upstream = await startMoneyUpstream();
  const house = moneyHouse(upstream);
  t.after(async () => {
    await upstream.close();
    house.close();
  });
  return { upstream, house };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Of processes that live, or that nobody has decided yet. */
function journals({ store }: MoneyHouse): number {
  return readdirSync(path.dirname(store)).filter((name) => /-journal-[0-9a-f-]+\.db$/.test(name)).length;
}

async function adopted(house: MoneyHouse, living: number): Promise<void> {
  for (const end = performance.now() + 15_000; journals(house) > living; await pause(50))
    assert.ok(performance.now() < end, "the journal of a dead process was not decided");
}

/** Nothing settled is lost, nothing is charged twice, and what is uncertain stays in its bound. */
function checkCrash(counted: readonly Counted[], answered: bigint, produced: bigint, bound: bigint): void {
  for (const { settled, uncertain } of counted) {
    assert.ok(answered <= settled + uncertain, `answered ${answered}, settled ${settled}, uncertain ${uncertain}`);
    assert.ok(settled <= produced, `settled ${settled}, produced ${produced}`);
    assert.ok(uncertain <= bound, `uncertain ${uncertain}, bound ${bound}`);
  }
}

async function kill(gateway: TestGateway): Promise<void> {
  process.kill(gateway.pid, "SIGKILL");
  await pause(50);
}

test("SIGTERM under load: everything is settled exactly, and no journal is left", async (t) => {
  const { upstream, house } = await setUp(t);
  const gateway = await house.start();
  const load = startLoad(gateway.url, CLIENTS);
  await pause(700);
  const [code] = await Promise.all([gateway.stop(), pause(200).then(() => load.stop())]);
  assert.equal(code, 0);
  assert.equal(journals(house), 0);
  assert.ok(load.answers > 20, `${load.answers} answers; ${load.refused[0]}`);
  const again = await house.start();
  for (const { settled, uncertain } of await countedInTheEnd(again.url))
    assert.deepEqual([settled, uncertain], [upstream.produced, 0n]);
  await again.stop();
});

test(`kill -9 under load, ${ROUNDS} times: nothing is lost, nothing charged twice`, async (t) => {
  const { upstream, house } = await setUp(t);
  let answered = 0n;
  for (let round = 1; round <= ROUNDS; round++) {
    const gateway = await house.start();
    const load = startLoad(gateway.url, CLIENTS);
    await pause(300 + Math.random() * 700);
    await kill(gateway);
    await load.stop();
    answered += load.answered;
    assert.ok(load.answers > 0, `no answer; ${load.refused[0]}`);
  }
  const last = await house.start();
  await adopted(house, 1);
  checkCrash(await countedInTheEnd(last.url), answered, upstream.produced, boundOfCrash(CLIENTS) * BigInt(ROUNDS));
  await last.stop();
});

test(`two on one store, one of them killed, ${ROUNDS} times: the other decides what it left, and serves on`, async (t) => {
  const { upstream, house } = await setUp(t);
  const survivor = await house.start();
  const steady = startLoad(survivor.url, CLIENTS);
  let answered = 0n;
  for (let round = 1; round <= ROUNDS; round++) {
    const gateway = await house.start();
    const load = startLoad(gateway.url, CLIENTS);
    await pause(300 + Math.random() * 700);
    await kill(gateway);
    await load.stop();
    answered += load.answered;
    await adopted(house, 1);
  }
  await steady.stop();
  assert.deepEqual(steady.refused, []);
  const counted = await countedInTheEnd(survivor.url);
  checkCrash(counted, answered + steady.answered, upstream.produced, boundOfCrash(CLIENTS) * BigInt(ROUNDS));
  await survivor.stop();
});

test(`two on one store, one of them stopped for a while, ${ROUNDS} times: in the end all is settled exactly`, async (t) => {
  const { upstream, house } = await setUp(t);
  const [one, other] = [await house.start(), await house.start()];
  const loads = [startLoad(one.url, CLIENTS), startLoad(other.url, CLIENTS)];
  for (let round = 1; round <= ROUNDS; round++) {
    await pause(300);
    process.kill(one.pid, "SIGSTOP");
    // a pause that leases outlive, and one that they do not
    await pause(round % 2 === 1 ? 7000 : 800);
    process.kill(one.pid, "SIGCONT");
  }
  await pause(300);
  for (const load of loads) await load.stop();
  for (const load of loads) assert.deepEqual(load.refused, []);
  await one.stop();
  await adopted(house, 1);
  for (const { settled, uncertain } of await countedInTheEnd(other.url))
    assert.deepEqual([settled, uncertain], [upstream.produced, 0n]);
  await other.stop();
});
