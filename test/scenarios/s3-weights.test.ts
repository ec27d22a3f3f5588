// S3: weighted load balancing with the virtual key as it is written, through the OpenAI SDK and the command line.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI, { InternalServerError, PermissionDeniedError } from "openai";
import { post } from "../support/gateway.ts";
import { AZURE_ENDPOINT, AZURE_HOST, BASE, type House, openHouse } from "./support/house.ts";
import { drawbridge } from "./support/processes.ts";
import { HELLO } from "./support/repertoire.ts";

const VIRTUAL_KEY = `{ "virtual_key": "vk-prod-main",
  "provider_configs": [
    { "provider": "azure",  "allowed_models": ["gpt-4o"],                "weight": 0.8 },
    { "provider": "openai", "allowed_models": ["gpt-4o", "gpt-4o-mini"], "weight": 0.2 } ] }`;

const CONFIG = `{
  "providers": {
    "azure": { "keys": [ { "name": "azure-main", "value": "azure-secret", "models": ["*"], "weight": 1.0,
      "azure_key_config": { "endpoint": "${AZURE_ENDPOINT}", "api_version": "2024-10-21" } } ] },
    "openai": { "keys": [ { "name": "openai-main", "value": "sk-openai-secret", "models": ["*"], "weight": 1.0 } ] }
  },
  "governance": { "virtual_keys": [ ${VIRTUAL_KEY} ] }
}`;

let house: House;
/** The credential is the header of the scenario; the SDK's own is meaningless. */
let client: OpenAI;
before(async () => {
  house = await openHouse(CONFIG);
  client = new OpenAI({
    baseURL: `${BASE}/v1`,
    apiKey: "unused",
    defaultHeaders: { "x-bf-vk": "vk-prod-main" },
    maxRetries: 0,
  });
});
after(() => house.close());

async function askFor(model: string, times: number): Promise<void> {
  house.reset();
  const ask = async (): Promise<void> => {
    const answer = await client.chat.completions.create({ model, messages: [{ role: "user", content: "Hello!" }] });
    assert.equal(answer.choices[0]?.message.content, HELLO);
  };
  for (let done = 0; done < times; done += 20)
    await Promise.all(Array.from({ length: Math.min(20, times - done) }, ask));
}

interface Simulated {
  readonly shares: Readonly<Record<string, number>>;
  readonly decision: { readonly order: readonly { provider: string }[]; readonly candidates: readonly unknown[] };
}

async function simulate(body: Record<string, unknown>): Promise<Simulated> {
  const answer = await post(`${BASE}/api/routing/simulate`, body);
  assert.equal(answer.status, 200, answer.text);
  return answer.json as unknown as Simulated;
}

test("the object is taken as it stands, and the start says once that its name is its secret", () => {
  const start = JSON.parse(house.gateway.output().split("\n")[0] ?? "");
  assert.deepEqual(start.warnings, []);
  assert.equal(start.virtual_keys, 1);
  assert.equal(start.hints.length, 1);
  assert.match(start.hints[0], /secret/);
});

test("gpt-4o has exact shares of 80 and 20 %, gpt-4o-mini is openai's alone", async () => {
  const question = { headers: { "x-bf-vk": "vk-prod-main" } };
  const large = await simulate({ ...question, body: { model: "gpt-4o" } });
  assert.deepEqual(large.shares, { "azure/gpt-4o": 0.8, "openai/gpt-4o": 0.2 });
  const small = await simulate({ ...question, body: { model: "gpt-4o-mini" } });
  assert.deepEqual(small.shares, { "openai/gpt-4o-mini": 1 });
  assert.deepEqual(
    small.decision.order.map((target) => target.provider),
    ["openai"],
  );
  assert.match(JSON.stringify(small.decision.candidates), /azure.*model not allowed by the virtual key/);
});

test("the key may be named by its name too, and 10,000 draws come near the weights", async () => {
  const { shares } = await simulate({ virtual_key: "vk-prod-main", body: { model: "gpt-4o" }, draws: 10_000, seed: 7 });
  assert.ok(
    Math.abs((shares["azure/gpt-4o"] ?? 0) - 0.8) < 4 * Math.sqrt((0.8 * 0.2) / 10_000),
    JSON.stringify(shares),
  );
});

test("300 calls for gpt-4o go to azure and openai as 80 to 20", async () => {
  await askFor("gpt-4o", 300);
  const azure = house.azure.calls.length;
  assert.equal(azure + house.openai.calls.length, 300, "each call is one attempt");
  // Five standard errors.
  const error = Math.sqrt(300 * 0.8 * 0.2);
  assert.ok(Math.abs(azure - 240) < 5 * error, `azure was asked ${azure} times`);
  assert.equal(house.anthropic.calls.length, 0);
});

test("azure is asked at the key's own endpoint, by deployment, version and api-key", () => {
  const call = house.azure.last();
  assert.equal(call.headers["host"], AZURE_HOST);
  assert.equal(call.path, "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21");
  assert.equal(call.headers["api-key"], "azure-secret");
  assert.equal(call.headers["authorization"], undefined);
  assert.equal(call.headers["x-bf-vk"], undefined);
  assert.equal(house.openai.last().key, "sk-openai-secret");
});

test("the records of these calls hold their decisions", async () => {
  const rows = (await house.gateway.logs(300)).filter((row) => row.model === "gpt-4o");
  assert.equal(rows.length, 300);
  for (const row of rows) {
    const { decision, attempts } = row;
    assert.equal(row.virtual_key_name, "vk-prod-main");
    assert.deepEqual(
      decision?.candidates.map(({ provider, weight, share }) => [provider, weight, share]),
      [
        ["azure", 0.8, 0.8],
        ["openai", 0.2, 0.2],
      ],
    );
    const expected = (decision?.draw ?? Number.NaN) < 0.8 ? "azure" : "openai";
    assert.equal(attempts[0]?.provider, expected);
    assert.equal(row.provider, expected);
  }
});

test("gpt-4o-mini goes to openai every time", async () => {
  await askFor("gpt-4o-mini", 40);
  assert.deepEqual([house.openai.calls.length, house.azure.calls.length], [40, 0]);
});

test("openai/gpt-4o bypasses the weights and has no other target", async () => {
  await askFor("openai/gpt-4o", 40);
  assert.deepEqual([house.openai.calls.length, house.azure.calls.length], [40, 0]);
  assert.equal(house.openai.last().json.model, "gpt-4o");
  house.reset();
  house.openai.fault = () => "status-500";
  const call = client.chat.completions.create({ model: "openai/gpt-4o", messages: [{ role: "user", content: "Hi" }] });
  await assert.rejects(call, InternalServerError);
  assert.equal(house.azure.calls.length, 0);
  house.reset();
  await askFor("openai/gpt-4o", 1);
});

test("what no provider of the key allows is refused with 403", async () => {
  house.reset();
  for (const model of ["azure/gpt-4o-mini", "gpt-4-turbo", "openai/gpt-4-turbo", "demo/echo"]) {
    const call = client.chat.completions.create({ model, messages: [{ role: "user", content: "Hi" }] });
    await assert.rejects(call, PermissionDeniedError, model);
  }
  assert.equal(house.calls().length, 0);
});

test("drawbridge route tells the same decision, with azure assumed down", async () => {
  const all = await drawbridge("route", "gpt-4o", "--vk", "vk-prod-main");
  assert.equal(all.code, 0, all.err);
  assert.match(all.out, /azure\/gpt-4o +weight 0\.8 +share 80 % +healthy/);
  assert.match(all.out, /openai\/gpt-4o +weight 0\.2 +share 20 % +healthy/);
  const down = await drawbridge("route", "gpt-4o", "--vk", "vk-prod-main", "--down", "azure");
  assert.equal(down.code, 0, down.err);
  assert.match(down.out, /Tried in this order:\n +1\. +openai\/gpt-4o +key openai-main/);
  assert.doesNotMatch(down.out, /\n +2\./);
  assert.match(down.out, /azure\/gpt-4o.*assumed down/);
  assert.match(down.out, /openai\/gpt-4o +100 %/);
});

test("a draft of a configuration takes the object as well", async () => {
  const { shares } = await simulate({
    config: JSON.parse(CONFIG),
    virtual_key: "vk-prod-main",
    body: { model: "gpt-4o" },
  });
  assert.deepEqual(shares, { "azure/gpt-4o": 0.8, "openai/gpt-4o": 0.2 });
});
