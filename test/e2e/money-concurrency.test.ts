// Bursts on budgets and limits through a real gateway: what the provider was paid for is held against what was allowed and counted.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import {
  type Asked,
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
import { startTestGateway, type TestGateway } from "../support/gateway.ts";

const PAID = 100;
/** In dollars: so many answers and no more. */
const budgetFor = (answers: number): number => Number(COST * BigInt(answers)) / 1e9;
const secret = (name: string): string => `sk-bf-${name}-0123456789`;

let upstream: PaidUpstream;
let gateway: TestGateway;

interface KeyOptions {
  readonly [field: string]: unknown;
}

const keyOf = (name: string, more: KeyOptions): object => ({
  id: `vk-${name}`,
  name,
  value: secret(name),
  provider_configs: [
    { provider: "openai", allowed_models: ["*"], key_ids: ["*"] },
    { provider: "backup", allowed_models: ["*"], key_ids: ["*"] },
  ],
  ...more,
});
const budgetOf = (name: string, max_limit: number, more: object = {}): object => ({
  id: `b-${name}`,
  max_limit,
  reset_duration: "1d",
  ...more,
});

before(async () => {
  upstream = await startPaidUpstream();
  const provider = (name: string): object => ({
    keys: [{ name, value: `sk-${name}`, models: ["*"], weight: 1 }],
    network_config: { base_url: `${upstream.url}/${name}`, max_retries: 0 },
  });
  const budgeted = (name: string, more: object = {}): object =>
    keyOf(name, { budgets: [budgetOf(name, budgetFor(PAID), more)] });
  gateway = await startTestGateway({
    config: {
      providers: {
        openai: provider("openai"),
        backup: { ...provider("backup"), custom_provider_config: { base_provider_type: "openai" } },
      },
      governance: {
        virtual_keys: [
          budgeted("soft"),
          budgeted("hard", { hard: true }),
          budgeted("leaving"),
          budgeted("failing"),
          keyOf("counted", { rate_limit: { request_max_limit: 50, request_reset_duration: "1h" } }),
          keyOf("streams", {
            budgets: [budgetOf("streams", 10)],
            provider_configs: [{ provider: "openai", allowed_models: ["*"], key_ids: ["*"] }],
          }),
        ],
      },
    },
  });
});
after(async () => {
  closeClients();
  await gateway.stop();
  await upstream.close();
});
beforeEach(() => upstream.reset());

/** Refused is who was refused for money, or because others held it for ten seconds. */
function checkRefusals(asked: readonly Asked[]): void {
  for (const { status, text, ms } of asked) {
    if (status === 200 || status === 0) continue;
    assert.ok(status === 402 || status === 429, `${status}: ${text}`);
    if (status === 429) assert.ok(text.includes("budget_contended") && ms >= 9500, `after ${ms} ms: ${text}`);
  }
}

const used = async (name: string): Promise<bigint> => {
  const { used, reserved, uncertain } = await settledAt(gateway.url, `virtual-keys/vk-${name}`, `b-${name}`);
  assert.deepEqual([reserved, uncertain], [0n, 0n]);
  return used;
};

test("of 1,000 at once on a budget for 100 at most 101 are paid for, and the budget is used up", async () => {
  const asked = await askMany(1000, () => askOnce(gateway.url, secret("soft")));
  checkRefusals(asked);
  assert.ok(upstream.paid >= PAID && upstream.paid <= PAID + 1, `${upstream.paid} paid`);
  assert.equal(statusesOf(asked)[200], upstream.paid);
  assert.equal(await used("soft"), upstream.worth);
  assert.equal((await askOnce(gateway.url, secret("soft"))).status, 402);
});

test("a hard budget is never exceeded by 1,000 at once, and little of it is left", async () => {
  const asked = await askMany(1000, () => askOnce(gateway.url, secret("hard")));
  checkRefusals(asked);
  assert.ok(upstream.worth <= COST * BigInt(PAID), `${upstream.worth}`);
  assert.equal(await used("hard"), upstream.worth);
});

test("half of 1,000 leave: the others use the budget up, and nothing stays reserved for who left", async () => {
  const asked = await askMany(1000, (index) =>
    askOnce(gateway.url, secret("leaving"), index % 2 === 0 ? { leaveAfter: 5 + (index % 300) } : {}),
  );
  checkRefusals(asked);
  // nothing was received for those that left, so they cost nothing; the provider may have made their answers all the same
  const answers = BigInt(statusesOf(asked)[200] ?? 0);
  const settled = await used("leaving");
  assert.ok(settled >= COST * BigInt(PAID) && settled <= COST * BigInt(PAID + 1), `${settled}`);
  assert.ok(settled >= answers * COST && settled <= upstream.worth, `${settled}`);
});

test("a third of the calls fails: failures are free, the fallback takes over, and the budget is still used up", async () => {
  upstream.play = ({ path, index }) => (path.startsWith("/openai") && index % 3 === 0 ? { status: 500 } : {});
  const asked = await askMany(1000, () => askOnce(gateway.url, secret("failing"), { fallbacks: ["backup/gpt-4o"] }));
  // the dearer estimate of a fallback may not fit while others hold the rest: the caller then gets what the provider said
  const own = asked.filter(({ status, text }) => status !== 500 || !text.includes("played failure"));
  checkRefusals(own);
  assert.ok(own.length > 900, JSON.stringify(statusesOf(asked)));
  assert.ok(upstream.paid >= PAID && upstream.paid <= PAID + 1, `${upstream.paid} paid`);
  assert.equal(await used("failing"), upstream.worth);
});

test("of 400 at once on a limit of 50 requests 50 reach the provider", async () => {
  const asked = await askMany(400, () => askOnce(gateway.url, secret("counted")));
  assert.equal(upstream.calls, 50);
  assert.deepEqual(statusesOf(asked), { 200: 50, 429: 350 });
});

test("streams are settled exactly: with usage, without, and those that were left", async () => {
  upstream.play = ({ user, index }) => ({
    delay: 5,
    isSilent: index % 3 === 0,
    ...(user === "leaves" ? { hangsAfter: 2 } : {}),
  });
  await askMany(120, (index) =>
    askOnce(gateway.url, secret("streams"), {
      model: "gpt-4o",
      stream: true,
      ...(index % 4 === 0 ? { user: "leaves", leaveAt: "for, " } : {}),
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(await used("streams"), upstream.worth);
  assert.equal((await budgetsAt(gateway.url, "virtual-keys/vk-streams")).get("b-streams")?.reserved, 0n);
});
