// config.json beside the store: who wins at a start, what deletions mean, and what cannot be changed where the file rules alone.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { call, change, chat } from "../support/admin-calls.ts";
import { startTestGateway, type TestGateway, temporaryFolder } from "../support/gateway.ts";

const KEY = { name: "prod", value: "vk-prod-of-the-file", provider_configs: [{ provider: "demo" }] };

function fileWith(more: object = {}, key: object = KEY): object {
  return { ...more, governance: { virtual_keys: [key] } };
}

async function idOf(gateway: TestGateway, name: string): Promise<string> {
  const { json } = await change(gateway.url, "GET", `/api/governance/virtual-keys?search=${name}`);
  return json.virtual_keys[0].id;
}

/** Starts with this file, does the work, and stops. */
async function withFile(appDir: string, config: object, work: (gateway: TestGateway) => Promise<void>): Promise<void> {
  writeFileSync(path.join(appDir, "config.json"), JSON.stringify(config, null, 2));
  const gateway = await startTestGateway({ appDir });
  try {
    await work(gateway);
  } finally {
    await gateway.stop();
  }
}

test("what the API changed and deleted stays so until the file's own entry changes", async () => {
  const appDir = temporaryFolder("split");
  await withFile(appDir, fileWith(), async (gateway) => {
    assert.equal((await chat(gateway.url, KEY.value)).status, 200);
    const id = await idOf(gateway, "prod");
    await change(gateway.url, "PUT", `/api/governance/virtual-keys/${id}`, { is_active: false });
    assert.equal((await chat(gateway.url, KEY.value)).status, 403);
  });
  await withFile(appDir, fileWith({ client: { enable_logging: true } }), async (gateway) => {
    assert.equal((await chat(gateway.url, KEY.value)).status, 403, "another entry of the file changed");
    await change(gateway.url, "DELETE", `/api/governance/virtual-keys/${await idOf(gateway, "prod")}`);
  });
  await withFile(appDir, fileWith(), async (gateway) => {
    assert.equal((await chat(gateway.url, KEY.value)).status, 401, "deleted through the API");
  });
  await withFile(appDir, fileWith({}, { ...KEY, description: "changed" }), async (gateway) => {
    assert.equal((await chat(gateway.url, KEY.value)).status, 200, "its own entry changed");
  });
});

function openaiWith(retries: number): object {
  const keys = [{ name: "k", value: "sk-of-the-file-0123456789" }];
  return { providers: { openai: { keys, network_config: { max_retries: retries } } } };
}

async function retriesOf(gateway: TestGateway): Promise<number> {
  return (await change(gateway.url, "GET", "/api/providers/openai")).json.network_config.max_retries;
}

test("a change of a provider by the API outlives a start, and gives way to a changed file", async () => {
  const appDir = temporaryFolder("split-provider");
  await withFile(appDir, openaiWith(1), async (gateway) => {
    await change(gateway.url, "PUT", "/api/providers/openai", { network_config: { max_retries: 7 } });
  });
  await withFile(appDir, openaiWith(1), async (gateway) => assert.equal(await retriesOf(gateway), 7));
  await withFile(appDir, openaiWith(2), async (gateway) => assert.equal(await retriesOf(gateway), 2));
  await withFile(appDir, {}, async (gateway) => assert.equal(await retriesOf(gateway), 2, "the store keeps it"));
});

test("where the file is the source of truth it always wins, and what it lacks goes", async () => {
  const appDir = temporaryFolder("truth");
  const truth = { source_of_truth: "config.json" };
  await withFile(appDir, fileWith(truth), async (gateway) => {
    const id = await idOf(gateway, "prod");
    await change(gateway.url, "PUT", `/api/governance/virtual-keys/${id}`, { is_active: false });
    const body = { name: "by the API", value: "vk-by-the-api", provider_configs: [{ provider: "demo" }] };
    await change(gateway.url, "POST", "/api/governance/virtual-keys", body);
    assert.equal((await chat(gateway.url, "vk-by-the-api")).status, 200);
  });
  await withFile(appDir, fileWith(truth), async (gateway) => {
    assert.equal((await chat(gateway.url, KEY.value)).status, 200);
    assert.equal((await chat(gateway.url, "vk-by-the-api")).status, 401);
  });
});

test("where the file rules alone every change is refused with its file and line, and nothing is stored", async () => {
  const appDir = temporaryFolder("alone");
  const config = fileWith({
    config_store: { enabled: false },
    providers: { openai: { keys: [{ name: "k", value: "sk-of-the-file-0123456789" }] } },
  });
  await withFile(appDir, config, async (gateway) => {
    assert.equal((await chat(gateway.url, KEY.value)).status, 200);
    const id = await idOf(gateway, "prod");
    const declared = [
      await call(gateway.url, "PUT", `/api/governance/virtual-keys/${id}`, { is_active: false }),
      await call(gateway.url, "DELETE", `/api/governance/virtual-keys/${id}`),
      await call(gateway.url, "PUT", "/api/providers/openai", {}),
      await call(gateway.url, "DELETE", "/api/providers/openai"),
    ];
    for (const answer of declared) {
      assert.equal(answer.status, 409, answer.text);
      assert.match(answer.text, /config\.json:\d+/);
    }
    const made = await call(gateway.url, "POST", "/api/governance/virtual-keys", { name: "new" });
    assert.equal(made.status, 409);
    assert.match(made.text, /config\.json/);
    assert.equal((await chat(gateway.url, KEY.value)).status, 200);
    assert.equal((await change(gateway.url, "GET", "/health")).json.components.config_store, "disabled");
  });
});

test("the meaning of version 1 stays with what it declared, whatever version the file has later", async () => {
  const appDir = temporaryFolder("version-1");
  const key = { name: "old", value: "vk-of-version-1" };
  await withFile(appDir, { version: 1, governance: { virtual_keys: [key] } }, async (gateway) => {
    assert.equal((await chat(gateway.url, key.value)).status, 200);
    const answer = await change(gateway.url, "GET", `/api/governance/virtual-keys/${await idOf(gateway, "old")}`);
    assert.equal(answer.json.virtual_key.provider_configs[0].provider, "*");
  });
  await withFile(appDir, { version: 2 }, async (gateway) => {
    assert.equal((await chat(gateway.url, key.value)).status, 200);
  });
});

test("a variable that is not set at a start switches its keys off by name, and on again when it is set", async () => {
  const appDir = temporaryFolder("references");
  const config = fileWith({}, { ...KEY, value: "env.VK_OF_THE_TEST" });
  await withFile(appDir, config, async (gateway) => {
    assert.match(gateway.output(), /VK_OF_THE_TEST/);
    assert.equal((await chat(gateway.url, "vk-in-a-variable")).status, 401);
  });
  const gateway = await startTestGateway({ appDir, environment: { VK_OF_THE_TEST: "vk-in-a-variable" } });
  assert.equal((await chat(gateway.url, "vk-in-a-variable")).status, 200);
  await gateway.stop();
});

test("a large file is served before its keys are stored, and kill -9 in between loses nothing", async () => {
  const appDir = temporaryFolder("large-file");
  const count = 6000;
  const virtual_keys = Array.from({ length: count }, (_, n) => ({
    name: `key-${n}`,
    value: `vk-of-a-large-file-${n}`,
    description: "x".repeat(200),
    provider_configs: [{ provider: "demo" }],
  }));
  writeFileSync(path.join(appDir, "config.json"), JSON.stringify({ governance: { virtual_keys } }));
  const first = await startTestGateway({ appDir });
  const statuses = await Promise.all([
    chat(first.url, "vk-of-a-large-file-0"),
    chat(first.url, `vk-of-a-large-file-${count - 1}`),
  ]);
  process.kill(first.pid, "SIGKILL");
  assert.deepEqual(
    statuses.map(({ status }) => status),
    [200, 200],
  );
  const second = await startTestGateway({ appDir });
  try {
    const { json } = await change(second.url, "GET", "/api/governance/virtual-keys?limit=1");
    assert.equal(json.total_count, count);
    const id = await idOf(second, `key-${count - 1}`);
    await change(second.url, "PUT", `/api/governance/virtual-keys/${id}`, { is_active: false });
    assert.equal((await chat(second.url, `vk-of-a-large-file-${count - 1}`)).status, 403);
    assert.equal((await chat(second.url, "vk-of-a-large-file-1")).status, 200);
  } finally {
    await second.stop();
  }
});
