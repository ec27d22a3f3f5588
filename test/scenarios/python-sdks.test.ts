// The official Python SDKs against the gateway, on each route and across the dialects. The checks stand in test/python.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { post } from "../support/gateway.ts";
import { ALL_PROVIDERS } from "./support/all-providers.ts";
import { ANTHROPIC_WAYS, question } from "./support/anthropic-ways.ts";
import { BASE, type House, openHouse } from "./support/house.ts";
import { WAYS } from "./support/openai-ways.ts";
import { runChecks } from "./support/python-checks.ts";

let house: House;
before(async () => {
  house = await openHouse(ALL_PROVIDERS);
});
after(() => house.close());
/** The checks of errors leave resting keys behind; a success makes each whole, so that bare models go where they should. */
async function heal(): Promise<void> {
  for (const { model } of ANTHROPIC_WAYS.slice(1)) {
    const answer = await post(`${BASE}/v1/chat/completions`, { model, messages: question("Hello!") });
    assert.equal(answer.status, 200);
  }
  house.reset();
}

function assertAsked(player: string): void {
  assert.deepEqual([...new Set(house.calls().map((call) => call.provider))], [player]);
}

for (const [base, model] of [
  ["/v1", "openai/text-embedding-3-small"],
  ["/openai", "text-embedding-3-small"],
  ["/openai/v1", "text-embedding-3-small"],
] as const)
  test(`openai: embeddings and models on ${base}`, (t) => runChecks(t, "openai_lists.py", BASE + base, model));

for (const way of WAYS)
  test(`openai: ${way.name}`, async (t) => {
    await heal();
    await runChecks(t, "openai_checks.py", BASE + way.base, way.model, way.unified ? "unified" : "drop-in");
    assertAsked(way.player);
  });

for (const way of ANTHROPIC_WAYS)
  test(`anthropic: ${way.name}`, async (t) => {
    await heal();
    await runChecks(t, "anthropic_checks.py", `${BASE}/anthropic`, way.model);
    assertAsked(way.player);
  });
