// Changes of the configuration by API: in force when they are answered, there after any end, and no request fails for them.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { call, change, chat, makeKey } from "../support/admin-calls.ts";
import { type FaultUpstream, startFaultUpstream } from "../support/fault-upstream.ts";
import { startTestGateway, type TestGateway, temporaryFolder } from "../support/gateway.ts";

let upstream: FaultUpstream;
let gateway: TestGateway;
const appDir = temporaryFolder("config-changes");

before(async () => {
  upstream = await startFaultUpstream({ behaviour: () => null });
  gateway = await startTestGateway({ appDir });
});
after(async () => {
  await gateway.stop();
  await upstream.close();
});

const CANARY = "sk-canary-of-the-api-0123456789";

function custom(more: object = {}): object {
  return {
    provider: "mine",
    custom_provider_config: { base_provider_type: "openai" },
    network_config: { base_url: upstream.url },
    keys: [{ name: "first", value: CANARY }],
    ...more,
  };
}

describe("a change is in force when it is answered", () => {
  it("as a new provider, another key of it, and its end", async () => {
    await change(gateway.url, "POST", "/api/providers", custom());
    const key = await makeKey(gateway.url, "for mine", { provider_configs: [{ provider: "mine" }] });
    assert.equal((await chat(gateway.url, key.value, "mine/gpt-4o")).status, 200);
    assert.equal(upstream.requests.at(-1)?.key, CANARY);
    const [first] = (await change(gateway.url, "GET", "/api/providers/mine/keys")).json.keys;
    const body = { ...first, value: "sk-another-secret-0123456789" };
    await change(gateway.url, "PUT", `/api/providers/mine/keys/${first.id}`, body);
    assert.equal((await chat(gateway.url, key.value, "mine/gpt-4o")).status, 200);
    assert.equal(upstream.requests.at(-1)?.key, "sk-another-secret-0123456789");
    await change(gateway.url, "DELETE", "/api/providers/mine");
    assert.notEqual((await chat(gateway.url, key.value, "mine/gpt-4o")).status, 200);
  });

  it("as a virtual key: made, switched off, on, rotated, removed", async () => {
    const key = await makeKey(gateway.url, "tenant");
    assert.equal((await chat(gateway.url, key.value)).status, 200);
    const at = `/api/governance/virtual-keys/${key.id}`;
    for (const [isActive, status] of [
      [false, 403],
      [true, 200],
      [false, 403],
      [true, 200],
    ] as const) {
      await change(gateway.url, "PUT", at, { is_active: isActive });
      assert.equal((await chat(gateway.url, key.value)).status, status);
    }
    const rotated = (await change(gateway.url, "POST", `${at}/rotate`)).json.virtual_key.value;
    assert.equal((await chat(gateway.url, key.value)).status, 401);
    assert.equal((await chat(gateway.url, rotated)).status, 200);
    await change(gateway.url, "DELETE", at);
    assert.equal((await chat(gateway.url, rotated)).status, 401);
  });

  it("and for simulations and model lists with that key too", async () => {
    const key = await makeKey(gateway.url, "simulated");
    const body = { body: { model: "demo/echo" }, headers: { "x-bf-vk": key.value } };
    const { json } = await change(gateway.url, "POST", "/api/routing/simulate", body);
    assert.equal(json.decision.order[0].provider, "demo");
    const named = await change(gateway.url, "POST", "/api/routing/simulate", {
      body: { model: "demo/echo" },
      virtual_key: "simulated",
    });
    assert.equal(named.json.decision.order[0].provider, "demo");
    const models = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${key.value}` } });
    assert.equal(models.status, 200);
    await change(gateway.url, "DELETE", `/api/governance/virtual-keys/${key.id}`);
    const gone = await change(gateway.url, "POST", "/api/routing/simulate", body);
    assert.equal(gone.json.decision.refusal.code, "virtual_key_not_found");
  });

  it("or refused by name, and then nothing has changed", async () => {
    const before = (await change(gateway.url, "GET", "/api/providers")).text;
    const wrong = [
      [custom({ network_config: { base_url: upstream.url, max_retrys: 3 } }), /max_retries/],
      [custom({ network_config: { base_url: "http://169.254.169.254/latest" } }), /never reached/],
      [custom({ network_config: { base_url: "http://10.0.0.1" } }), /allow_private_network/],
      [custom({ provider: "demo" }), /configured already/],
    ] as const;
    for (const [body, expected] of wrong) {
      const answer = await call(gateway.url, "POST", "/api/providers", body);
      assert.ok(answer.status === 400 || answer.status === 409, answer.text);
      assert.match(answer.text, expected);
    }
    assert.equal((await change(gateway.url, "GET", "/api/providers")).text, before);
  });
});

describe("what was answered", () => {
  it("is there after an orderly end and after kill -9", async () => {
    await change(gateway.url, "POST", "/api/providers", custom({ provider: "kept" }));
    const key = await makeKey(gateway.url, "kept", { provider_configs: [{ provider: "kept" }] });
    await gateway.stop();
    gateway = await startTestGateway({ appDir });
    assert.equal((await chat(gateway.url, key.value, "kept/gpt-4o")).status, 200);
    const last = await makeKey(gateway.url, "in the last moment", { provider_configs: [{ provider: "kept" }] });
    process.kill(gateway.pid, "SIGKILL");
    await gateway.stop();
    gateway = await startTestGateway({ appDir });
    assert.equal((await chat(gateway.url, last.value, "kept/gpt-4o")).status, 200);
    assert.equal(upstream.requests.at(-1)?.key, CANARY);
  });

  it("holds no secret in clear, on the disk or in what the process says", async () => {
    const key = await makeKey(gateway.url, "canary", { value: "vk-canary-0123456789-of-the-api" });
    assert.equal((await chat(gateway.url, key.value)).status, 200);
    const read = [
      `/api/governance/virtual-keys/${key.id}`,
      "/api/governance/virtual-keys",
      "/api/providers",
      "/api/keys",
    ];
    const answers = await Promise.all(read.map(async (target) => (await change(gateway.url, "GET", target)).text));
    const files = readdirSync(appDir).map((name) => readFileSync(path.join(appDir, name), "latin1"));
    for (const text of [gateway.output(), ...answers, ...files])
      for (const secret of [CANARY, key.value]) assert.equal(text.includes(secret), false);
  });
});

describe("two thousand changes under load", () => {
  it("fail no request, and the last one holds", async () => {
    const steady = await makeKey(gateway.url, "steady");
    const turning = await makeKey(gateway.url, "turning");
    const load = new AbortController();
    const turned = (n: number): object =>
      custom({ provider: "turned", network_config: { base_url: upstream.url, max_retries: n % 100 } });
    const failed: string[] = [];
    let asked = 0;
    const traffic = Array.from({ length: 4 }, async () => {
      while (!load.signal.aborted) {
        const answer = await chat(gateway.url, steady.value);
        asked++;
        if (answer.status !== 200) failed.push(answer.text);
      }
    });
    await change(gateway.url, "POST", "/api/providers", custom({ provider: "turned" }));
    // four callers at once: the book makes one change after another
    const changes = Array.from({ length: 4 }, async (_, caller) => {
      for (let n = 0; n < 500; n++) {
        if (caller === 0) await change(gateway.url, "PUT", "/api/providers/turned", turned(n));
        else
          await change(gateway.url, "PUT", `/api/governance/virtual-keys/${turning.id}`, {
            description: `${caller} ${n}`,
          });
      }
    });
    await Promise.all(changes);
    load.abort();
    await Promise.all(traffic);
    assert.deepEqual(failed.slice(0, 3), []);
    assert.ok(asked > 100, `only ${asked} requests`);
    const { json } = await change(gateway.url, "GET", "/api/providers/turned");
    assert.equal(json.network_config.max_retries, 499 % 100);
    assert.equal((await chat(gateway.url, turning.value)).status, 200);
  });
});
