// Thresholds of budgets over the real store: each is told once in a window, whatever restarts and whoever else counts.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { budgetEventsRoute } from "../src/admin/counters-events.ts";
import { CountersHouse } from "../src/admin/counters-house.ts";
import type { AdminHouse } from "../src/admin/house.ts";
import type { ConfigBook } from "../src/core/config-book.ts";
import type { BudgetCrossing, CounterDeclaration } from "../src/core/counters.ts";
import type { VirtualKeyEntity } from "../src/core/entities.ts";
import type { PlaneRequest } from "../src/lib/channel/bridge-responder.ts";
import { serveLoop } from "../src/store/counters/serve-loops.ts";
import { openCounterStore, type SqliteCounters } from "../src/store/sqlite/counters-store.ts";

const root = mkdtempSync(join(tmpdir(), "counters-alerts-"));
after(() => rmSync(root, { recursive: true, force: true }));
let files = 0;
const DAY = 86_400_000;

function declared(more: Partial<CounterDeclaration> = {}): CounterDeclaration {
  const window = { type: "rolling", ms: DAY } as const;
  const rest = { kind: "budget", window, hard: false, override: null, start: null } as const;
  return { id: "b", owner: "virtual-key:k", limit: 1000n, ...rest, ...more };
}

async function opened(path: string): Promise<{ store: SqliteCounters; seen: string[] }> {
  const store = await openCounterStore({ path, log() {} });
  const seen: string[] = [];
  store.onCrossed((crossings: readonly BudgetCrossing[]) => {
    for (const { threshold, used } of crossings) seen.push(`${threshold}: ${used}`);
  });
  return { store, seen };
}

let keys = 0;
function spend(store: SqliteCounters, amount: bigint, counter = "b"): Promise<boolean> {
  return store.postByHand({ counter, key: String(++keys), type: "adjustment", amount, note: "" });
}

test("each threshold is told once in a window, by whichever process reaches it, also after a restart", async () => {
  const path = join(root, `${++files}-counters.db`);
  const [one, other] = [await opened(path), await opened(path)];
  await one.store.declare([declared()]);
  await spend(one.store, 499n);
  await spend(other.store, 1n);
  await spend(one.store, 10n);
  await spend(one.store, 490n);
  await spend(other.store, 100n);
  assert.deepEqual([one.seen, other.seen], [["80: 1000", "100: 1000"], ["50: 500"]]);
  await one.store.close();
  const again = await opened(path);
  await spend(again.store, 1n);
  assert.deepEqual(again.seen, []);
  await again.store.reset("b");
  await spend(again.store, 600n);
  assert.deepEqual(again.seen, ["50: 600"]);
  const kept = await again.store.crossings(10, 0);
  assert.deepEqual(
    kept.map(({ threshold, window }) => [threshold, window]),
    [
      [50, 2],
      [100, 1],
      [80, 1],
      [50, 1],
    ],
  );
  await again.store.close();
  await other.store.close();
});

test("a higher limit has thresholds of its own, a lower one may reach some; what was used before is not told", async () => {
  const { store, seen } = await opened(join(root, `${++files}-counters.db`));
  await store.declare([declared({ start: { used: 900n, lastReset: null } })]);
  await spend(store, 1n);
  assert.deepEqual(seen, []);
  await store.declare([declared({ limit: 2000n })]);
  await spend(store, 99n);
  assert.deepEqual(seen, ["50: 1000"]);
  await store.declare([declared({ limit: 1000n })]);
  assert.deepEqual(seen, ["50: 1000", "80: 1000", "100: 1000"]);
  await store.declare([declared({ id: "prepaid", limit: 100n, window: { type: "never" } })]);
  await spend(store, 100n, "prepaid");
  await store.postByHand({ counter: "prepaid", key: "top up", type: "credit", amount: 900n, note: "" });
  await spend(store, 400n, "prepaid");
  assert.deepEqual(seen.slice(3), ["50: 100", "80: 100", "100: 100", "50: 500"]);
  await store.declare([declared({ id: "requests", kind: "requests" })]);
  await spend(store, 1000n, "requests");
  assert.equal(seen.length, 7);
  await store.close();
});

test("no more than a thousand events are kept", async () => {
  const { store } = await opened(join(root, `${++files}-counters.db`));
  const many = Array.from({ length: 400 }, (_, n) => declared({ id: `b${n}` }));
  await store.declare(many);
  await Promise.all(many.map(({ id }) => spend(store, 1000n, id)));
  const kept = await store.crossings(5000, 0);
  assert.deepEqual([kept.length, kept[0]?.id, kept.at(-1)?.id], [1000, 1200, 201]);
  await store.close();
});

test("a crossing is told in log, metric, webhook and API with the names of its owner, and scrapers see the budget", async () => {
  const scope = { provider: "openai", weight: 1, allowedModels: null, blacklistedModels: [], keyIds: null };
  const budgets = [{ id: "b", maxLimitNano: "1000000000", resetDuration: "1d" }];
  const entity: VirtualKeyEntity = {
    kind: "virtual-key",
    id: "k",
    name: "blue",
    valueHash: "h",
    active: true,
    expiresAt: null,
    budgets: [],
    rateLimit: null,
    providers: [{ ...scope, budgets, rateLimit: null }],
  };
  const book = {
    virtualKey: async () => ({ entity }),
    limitsOf: async () => [entity, ...(entity.providers ?? [])],
  } as unknown as ConfigBook;
  const bodies: string[] = [];
  const logged: object[] = [];
  const replies: unknown[] = [];
  const house = new CountersHouse({
    open: (path, onHealth) => openCounterStore({ path, onHealth, log() {} }),
    serve: serveLoop,
    book: () => book,
    alerts: () => ({ url: "http://hook.test/", secret: "s", proxy: { type: "none" }, allowPrivateNetwork: true }),
    upstream: {
      send: (call) => {
        bodies.push(Buffer.concat(call.body).toString());
        return {} as never;
      },
      close() {},
    },
    send: (message) => {
      if (message.type === "counter-reply") replies.push(message);
    },
    log: (_level, text, fields) => void logged.push({ text, ...fields }),
    now: Date.now,
  });
  house.begin(join(root, `${++files}-counters.db`));
  house.receive({ type: "counter-attach", loop: "l" });
  while (house.store === null) await new Promise((resolve) => setTimeout(resolve, 5));
  const ask = { counter: "b", owner: "virtual-key:k", estimate: 1, want: 0, ended: 0, alone: false };
  house.receive({ type: "counter-ask", requests: [{ loop: "l", seq: 1, request: 1, asks: [ask] }] });
  while (replies.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await spend(house.store as SqliteCounters, 850_000_000n);
  while (bodies.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  const { text, threshold, virtual_key, provider, used_usd } = logged.at(-1) as Record<string, unknown>;
  assert.deepEqual(
    [text, threshold, virtual_key, provider, used_usd],
    ["a budget reached 80 % of its limit", 80, "blue", "openai", 0.85],
  );
  const sent = JSON.parse(bodies[1] ?? "") as { type: string; data: Record<string, unknown> };
  assert.deepEqual(
    [sent.type, sent.data["owner_name"], sent.data["max_limit"]],
    ["budget.threshold_reached", "blue", 1],
  );
  const { budgets: series, crossings } = await house.figures();
  assert.deepEqual(series[0]?.labels, ["k", "blue", "openai", "", "", "", "", "", "", "b", "1d"]);
  assert.deepEqual([series[0]?.used, series[0]?.limit], [0.85, 1]);
  assert.deepEqual(
    crossings.map(({ threshold, ownerType, count }) => [threshold, ownerType, count]),
    [
      ["50", "virtual_key", 1],
      ["80", "virtual_key", 1],
    ],
  );
  const route = budgetEventsRoute({ counters: () => house.store, book } as unknown as AdminHouse);
  const answer = await route.handle({ query: new URLSearchParams("limit=1") } as PlaneRequest, {});
  const { events } = JSON.parse(String(answer.body)) as { events: { threshold: number; id: string }[] };
  assert.deepEqual([events.length, events[0]?.threshold, events[0]?.id], [1, 80, sent.data["id"]]);
  await house.stop();
});
