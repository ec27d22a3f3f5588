// Tests of the keeper over the real store: counters are declared when they are asked for, and follow their owners.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { CountersKeeper } from "../src/admin/counters-keeper.ts";
import { ENTRY, EntryWriter } from "../src/core/counter-entries.ts";
import type { GrantAsk, GrantReply } from "../src/core/counters.ts";
import type { BudgetEntity, OwnedLimits, VirtualKeyEntity } from "../src/core/entities.ts";
import { GatewayError } from "../src/core/errors.ts";
import type { CountersToLoop } from "../src/core/leases.ts";
import type { ControlToLoop } from "../src/core/plane-messages.ts";
import { serveLoop } from "../src/store/counters/serve-loops.ts";
import { openCounterStore } from "../src/store/sqlite/counters-store.ts";

const root = mkdtempSync(join(tmpdir(), "counters-keeper-"));
after(() => rmSync(root, { recursive: true, force: true }));
let files = 0;

interface Bench {
  readonly keeper: CountersKeeper;
  readonly sent: ControlToLoop[];
  readonly looked: string[];
  readonly owners: Map<string, readonly OwnedLimits[]>;
  ask(asks: readonly Partial<GrantAsk>[]): Promise<GrantReply>;
}

async function bench(path = join(root, `${++files}-counters.db`)): Promise<Bench> {
  const sent: ControlToLoop[] = [];
  const looked: string[] = [];
  const owners = new Map<string, readonly OwnedLimits[]>();
  let seq = 0;
  const keeper = new CountersKeeper({
    open: (at, onHealth) => openCounterStore({ path: at, onHealth, log() {} }),
    serve: serveLoop,
    limitsOf: async (id) => {
      looked.push(id);
      if (id === "team:broken") throw new GatewayError("store_unavailable", "locked");
      return owners.get(id) ?? null;
    },
    send: (message) => {
      sent.push(message);
      // what a loop does when leases are called back
      if (message.type === "counter-leases") endLeases(keeper, message);
    },
    log() {},
  });
  keeper.receive({ type: "counter-attach", loop: "l" });
  keeper.begin(path);
  await until(() => sent.some(({ type }) => type === "counter-welcome"));
  return {
    keeper,
    sent,
    looked,
    owners,
    async ask(asks) {
      const mine = ++seq;
      const whole = asks.map((ask) => ({ counter: "b", estimate: 1, want: 0, ended: 0, alone: false, ...ask }));
      keeper.receive({ type: "counter-ask", requests: [{ loop: "l", seq: mine, request: mine, asks: whole }] });
      const isMine = (message: ControlToLoop): boolean => message.type === "counter-reply" && message.seq === mine;
      await until(() => sent.some(isMine));
      return (sent.find(isMine) as Extract<CountersToLoop, { type: "counter-reply" }>).reply;
    },
  };
}

let posts = 0;
function endLeases(keeper: CountersKeeper, { notice }: Extract<CountersToLoop, { type: "counter-leases" }>): void {
  const writer = new EntryWriter();
  for (const { handle, through } of notice.leases)
    writer.add(ENTRY.endLease, 0, [{ handle, term: through, amount: 0 }]);
  keeper.receive({ type: "counter-post", post: { loop: "l", seq: ++posts, entries: writer.take() } });
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 2000) assert.fail("it did not happen");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function budget(id: string, dollars: number): BudgetEntity {
  return { id, maxLimitNano: String(dollars * 1e9), resetDuration: "1d" };
}

function key(budgets: readonly BudgetEntity[], active = true): VirtualKeyEntity {
  const rest = { name: "k", valueHash: "h", expiresAt: null, providers: [], rateLimit: null };
  return { kind: "virtual-key", id: "k", active, budgets, ...rest };
}

const OWNER = "virtual-key:k";

test("a counter is declared when it is first asked for, all of its owner's at once, with one look", async () => {
  const { keeper, owners, looked, ask } = await bench();
  owners.set(OWNER, [key([budget("b", 5), budget("b2", 7)])]);
  const both = [
    { counter: "b", owner: OWNER },
    { counter: "b2", owner: OWNER },
  ];
  const replies = await Promise.all([ask(both), ask(both), ask([both[1]!])]);
  for (const reply of replies) assert.equal(reply.type, "granted");
  await ask(both);
  assert.deepEqual(looked, [OWNER]);
  const [reading] = await keeper.store!.read(["b2"]);
  assert.deepEqual([reading?.owner, reading?.limit], [OWNER, 7_000_000_000n]);
  assert.deepEqual(keeper.budgetsInUse(10), ["b2", "b"]);
  await keeper.stop();
});

test("what nobody owns is unknown; where it cannot be found out the key decides; others do not wait for it", async () => {
  const { keeper, owners, ask } = await bench();
  owners.set(OWNER, [key([budget("b", 5)])]);
  const unknown = await ask([{ counter: "x", owner: OWNER }]);
  assert.equal(unknown.type === "refused" && unknown.standings[0]?.state, "unknown");
  assert.equal((await ask([{ counter: "y", owner: "team:gone" }])).type, "refused");
  assert.equal((await ask([{ counter: "z", owner: "team:broken" }])).type, "down");
  assert.equal((await ask([{ counter: "b", owner: OWNER }])).type, "granted");
  await keeper.stop();
});

test("a lowered limit is in the counters, and the leases are back, before the change is answered", async () => {
  const { keeper, owners, sent, ask } = await bench();
  owners.set(OWNER, [key([budget("b", 100)])]);
  await ask([{ counter: "b", owner: OWNER, want: 900_000_000 }]);
  assert.equal((await keeper.store!.read(["b"]))[0]?.leased, 900_000_000n);
  await keeper.changed({ upserts: [key([budget("b", 1)])], removes: [] });
  const [reading] = await keeper.store!.read(["b"]);
  assert.deepEqual([reading?.limit, reading?.leased], [1_000_000_000n, 0n]);
  assert.ok(sent.some(({ type }) => type === "counter-leases"));
  await keeper.stop();
});

test("a key that is switched off has no leases, one that is deleted no counters; a limit that moves keeps its use", async () => {
  const { keeper, owners, ask } = await bench();
  owners.set(OWNER, [key([budget("b", 100), budget("moves", 100), budget("old", 1)])]);
  await ask([{ counter: "b", owner: OWNER, want: 900_000_000 }]);
  const store = keeper.store!;
  await store.postByHand({ counter: "moves", key: "1", type: "adjustment", amount: 7n, note: "" });
  await keeper.changed({ upserts: [key([budget("b", 100), budget("moves", 100)], false)], removes: [] });
  const [closed, , old] = await store.read(["b", "moves", "old"]);
  assert.deepEqual([closed?.leased, old], [0n, null]);
  const team = {
    kind: "team",
    id: "t",
    name: "t",
    customerId: null,
    budgets: [budget("moves", 100)],
    rateLimit: null,
  } as const;
  await keeper.changed({ upserts: [key([budget("b", 100)]), team], removes: [] });
  const [moved] = await store.read(["moves"]);
  assert.deepEqual([moved?.owner, moved?.settled], ["team:t", 7n]);
  await keeper.changed({ upserts: [], removes: [OWNER, "provider:openai"] });
  assert.deepEqual(
    (await store.read(["b", "moves"])).map((reading) => reading?.id),
    [undefined, "moves"],
  );
  await keeper.stop();
});

test("a change of owners whose counters nobody has used makes none", async () => {
  const { keeper } = await bench();
  await keeper.changed({ upserts: [key([budget("b", 100)])], removes: ["team:t"] });
  assert.deepEqual(await keeper.store!.read(["b"]), [null]);
  await keeper.stop();
});

test("a store that cannot be opened is tried again, and told once for each reason", async () => {
  const sent: ControlToLoop[] = [];
  const errors: string[] = [];
  let tries = 0;
  const keeper = new CountersKeeper({
    open: async (path, onHealth) => {
      if (++tries <= 2) throw new Error("disk full");
      return openCounterStore({ path, onHealth, log() {} });
    },
    serve: serveLoop,
    limitsOf: async () => null,
    send: (message) => void sent.push(message),
    log: (_level, text) => void errors.push(text),
  });
  keeper.begin(join(root, `${++files}-counters.db`));
  keeper.receive({ type: "counter-attach", loop: "l" });
  await until(() => sent.some(({ type }) => type === "counter-welcome"));
  const healths = sent.filter(({ type }) => type === "store-health") as Extract<
    ControlToLoop,
    { type: "store-health" }
  >[];
  assert.deepEqual(
    healths.map(({ ok, reason }) => [ok, reason]),
    [
      [false, "disk full"],
      [true, ""],
    ],
  );
  assert.equal(errors.length, 1);
  await keeper.stop();
});
