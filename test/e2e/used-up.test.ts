// Why a provider is passed over: the record of the request, a simulation and the command line say the same.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { type FaultUpstream, startFaultUpstream } from "../support/fault-upstream.ts";
import { launcher, post, startTestGateway, type TestGateway } from "../support/gateway.ts";

const WHY = "budget or limit used up";
const limit = { request_max_limit: 1, request_reset_duration: "1h" };

let upstream: FaultUpstream;
let gateway: TestGateway;

before(async () => {
  upstream = await startFaultUpstream();
  const provider = (name: string, aliases = {}) => ({
    keys: [{ name, value: `sk-${name}`, aliases }],
    network_config: { base_url: upstream.url },
    custom_provider_config: { base_provider_type: "openai" },
  });
  gateway = await startTestGateway({
    config: {
      providers: { first: provider("first", { "gpt-4o": "spelled-otherwise" }), second: provider("second") },
      governance: {
        virtual_keys: [
          { name: "free", value: "vk-free", provider_configs: [{ provider: "first" }] },
          {
            name: "team",
            value: "vk-team",
            provider_configs: [
              { provider: "first", weight: 1, rate_limit: limit },
              { provider: "second", weight: 0, rate_limit: limit },
            ],
          },
        ],
      },
    },
  });
});
after(async () => {
  await gateway.stop();
  await upstream.close();
});

function chat(headers: Readonly<Record<string, string>> = {}) {
  const body = { model: "gpt-4o", messages: [{ role: "user", content: "Hello!" }] };
  return post(`${gateway.url}/v1/chat/completions`, body, { "x-bf-vk": "vk-team", ...headers });
}

type Marked = readonly (readonly [string, string | undefined])[];

async function recorded(id: string): Promise<Marked> {
  const [row] = await gateway.logs(1, `client_request_id=${id}`);
  return (row?.decision?.candidates ?? []).map(({ provider, removed }) => [provider, removed] as const);
}

async function simulated(): Promise<Marked> {
  const { json } = await post(`${gateway.url}/api/routing/simulate`, {
    virtual_key: "team",
    body: { model: "gpt-4o" },
  });
  const { candidates } = json["decision"] as { candidates: { provider: string; removed?: string }[] };
  return candidates.map(({ provider, removed }) => [provider, removed] as const);
}

/** Settled use is read from the store, where it stands within 200 ms. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 400));

test("a provider that is used up is marked in the record of the request that went past it, also under an alias", async () => {
  assert.deepEqual((await chat()).status, 200);
  await settled();
  assert.deepEqual(await simulated(), [
    ["first", WHY],
    ["second", undefined],
  ]);
  const past = await chat({ "x-request-id": "went-past" });
  assert.equal(past.status, 200);
  assert.deepEqual(await recorded("went-past"), [
    ["first", WHY],
    ["second", undefined],
  ]);
});

test("a request that is refused has every target marked, and so has a simulation", async () => {
  await settled();
  const refused = await chat({ "x-request-id": "refused" });
  assert.equal(refused.status, 429);
  const all = [
    ["first", WHY],
    ["second", WHY],
  ];
  assert.deepEqual(await recorded("refused"), all);
  assert.deepEqual(await simulated(), all);
});

test("drawbridge route says it too", async () => {
  const child = spawn(process.execPath, [launcher, "route", "gpt-4o", "-vk", "team", "-url", gateway.url]);
  let text = "";
  child.stdout.on("data", (data: Buffer) => (text += data.toString()));
  await new Promise((resolve) => child.once("close", resolve));
  assert.equal(text.split(WHY).length, 3, text);
});

test("what costs more than the caller allows is marked as that", async () => {
  const refused = await chat({ "x-request-id": "too-dear", "x-bf-vk": "vk-free", "x-bf-max-cost": "0.000001" });
  assert.equal(refused.status, 402, refused.text);
  assert.equal(refused.headers.get("x-should-retry"), "false");
  const [first] = await recorded("too-dear");
  assert.equal(first?.[1], "estimated dearer than x-bf-max-cost");
});
