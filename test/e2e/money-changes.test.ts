// Limits that change while they are used: what was answered holds at once, and everybody who should know is told.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { call, change } from "../support/admin-calls.ts";
import type { TestGateway } from "../support/gateway.ts";
import {
  ask,
  costOf,
  countedAt,
  type MoneyHouse,
  type MoneyUpstream,
  moneyHouse,
  startLoad,
  startMoneyUpstream,
} from "../support/money-rig.ts";

interface Hook {
  readonly head: http.IncomingHttpHeaders;
  readonly body: string;
}

const SECRET = "signed by this";
const PATH = "/api/governance/virtual-keys/vk-1";
const hooks: Hook[] = [];
const receiver = http.createServer((request, response) => {
  let body = "";
  request.on("data", (part: Buffer) => (body += part.toString()));
  request.on("end", () => {
    hooks.push({ head: request.headers, body });
    response.writeHead(204).end();
  });
});
let upstream: MoneyUpstream;
let house: MoneyHouse;
let gateway: TestGateway;

before(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const { port } = receiver.address() as AddressInfo;
  const alerts = { webhook_url: `http://127.0.0.1:${port}/hook`, webhook_secret: SECRET };
  upstream = await startMoneyUpstream();
  house = moneyHouse(upstream, { alerts });
  gateway = await house.start();
});
after(async () => {
  await gateway.stop();
  await upstream.close();
  receiver.closeAllConnections();
  receiver.close();
  house.close();
});

async function until<T>(find: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const end = performance.now() + 10_000; ; ) {
    const found = await find();
    if (found !== undefined) return found;
    assert.ok(performance.now() < end, "it did not happen");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Of the key itself, US dollars. */
function limited(max_limit: number): Promise<unknown> {
  return change(gateway.url, "PUT", PATH, { budgets: [{ id: "b-key", max_limit, reset_duration: "1d" }] });
}

test("a limit that is lowered below what is used refuses from the moment at which it is answered, and serves again when raised", async () => {
  const load = startLoad(gateway.url, 4);
  await until(() => (load.answers > 40 ? true : undefined));
  await load.stop();
  assert.deepEqual(load.refused, []);
  await limited(0.000_001);
  const refused = await ask(gateway.url, "gpt-4o");
  assert.equal(refused.status, 402, refused.text);
  await limited(20);
  assert.equal((await ask(gateway.url, "gpt-4o")).status, 200);
});

test("a budget that is taken away limits no more, and what the others count goes on", async () => {
  await change(gateway.url, "PUT", PATH, { budgets: [] });
  assert.equal((await ask(gateway.url, "gpt-4o-mini")).status, 200);
  await change(gateway.url, "PUT", PATH, { budgets: [{ id: "b-key", max_limit: 20, reset_duration: "1d" }] });
  assert.equal((await ask(gateway.url, "gpt-4o-mini")).status, 200);
  const [key] = await until(async () => {
    const counted = await countedAt(gateway.url);
    return counted[1]?.settled === upstream.produced ? counted : undefined;
  });
  assert.equal(key?.settled, costOf("gpt-4o-mini"));
});

test("a key that is switched off under load is refused at once, and nothing that was under way is lost", async () => {
  const load = startLoad(gateway.url, 4);
  await until(() => (load.answers > 20 ? true : undefined));
  await change(gateway.url, "PUT", PATH, { is_active: false });
  assert.equal((await ask(gateway.url, "gpt-4o")).status, 403);
  await load.stop();
  await change(gateway.url, "PUT", PATH, { is_active: true });
  assert.equal((await ask(gateway.url, "gpt-4o")).status, 200);
  await until(async () => ((await countedAt(gateway.url))[1]?.settled === upstream.produced ? true : undefined));
});

test("thresholds are told once each: as a signed webhook, in the list of events, as a series, and not again after a restart", async () => {
  await change(gateway.url, "PUT", "/api/governance/teams/team-1", {
    budgets: [{ id: "b-team", max_limit: Number(upstream.produced) / 1e9 / 0.9, reset_duration: "1d" }],
  });
  const ofTeam = (): Record<string, unknown>[] =>
    hooks.map(({ body }) => JSON.parse(body).data).filter((event) => event.budget_id === "b-team");
  await until(() => (ofTeam().length >= 2 ? true : undefined));
  assert.deepEqual(
    ofTeam().map(({ threshold, owner_type, owner_name }) => [threshold, owner_type, owner_name]),
    [
      [50, "team", "team"],
      [80, "team", "team"],
    ],
  );
  const [hook] = hooks;
  assert.ok(hook);
  const { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": signature } = hook.head;
  const mac = createHmac("sha256", SECRET).update(`${id}.${at}.${hook.body}`).digest("base64");
  assert.equal(signature, `v1,${mac}`);
  const { events } = (await call(gateway.url, "GET", "/api/governance/budget-events")).json;
  assert.deepEqual(
    events
      .filter((event: { budget_id: string }) => event.budget_id === "b-team")
      .map((event: { threshold: number }) => event.threshold),
    [80, 50],
  );
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  assert.match(metrics, /bifrost_budget_used_usd\{virtual_key_id="vk-1",virtual_key_name="money",provider=""/);
  assert.match(metrics, /bifrost_budget_limit_usd\{[^}]*provider="openai"[^}]*\} 20\n/);
  assert.match(metrics, /bifrost_budget_threshold_total\{threshold="80",owner_type="team"\} 1\n/);
  const told = hooks.length;
  await gateway.stop();
  gateway = await house.start();
  assert.equal((await ask(gateway.url, "gpt-4o-mini")).status, 200);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(hooks.length, told);
  assert.doesNotMatch(gateway.output(), new RegExp(SECRET));
});
