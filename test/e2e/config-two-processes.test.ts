// Two gateways on one configuration store: each serves what the other changed, and neither loses what it was answered.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import { call, change, chat, makeKey } from "../support/admin-calls.ts";
import { startTestGateway, type TestGateway, temporaryFolder } from "../support/gateway.ts";

/** The promise is 500 ms; a busy machine gets some more. */
const PATIENCE = 5000;

const shared = temporaryFolder("shared-store");
let one: TestGateway;
let other: TestGateway;

before(async () => {
  const config_store = { enabled: true, type: "sqlite", config: { path: path.join(shared, "config.db") } };
  one = await startTestGateway({ config: { config_store } });
  other = await startTestGateway({ config: { config_store } });
});
after(async () => {
  await one.stop();
  await other.stop();
});

async function becomes(url: string, secret: string, status: number): Promise<void> {
  const end = performance.now() + PATIENCE;
  for (;;) {
    const answer = await chat(url, secret);
    if (answer.status === status) return;
    assert.ok(performance.now() < end, `${answer.status} in place of ${status}: ${answer.text}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("a key that one makes, changes and removes is served, changed and refused by the other", async () => {
  const key = await makeKey(one.url, "shared");
  await becomes(other.url, key.value, 200);
  const at = `/api/governance/virtual-keys/${key.id}`;
  await change(other.url, "PUT", at, { is_active: false });
  await becomes(one.url, key.value, 403);
  await change(one.url, "PUT", at, { is_active: true });
  await becomes(other.url, key.value, 200);
  await change(other.url, "DELETE", at);
  await becomes(one.url, key.value, 401);
});

test("providers and settings travel too", async () => {
  const body = {
    provider: "elsewhere",
    custom_provider_config: { base_provider_type: "openai" },
    network_config: { base_url: "http://127.0.0.1:9" },
    keys: [{ name: "k", value: "sk-shared-0123456789" }],
  };
  await change(one.url, "POST", "/api/providers", body);
  const end = performance.now() + PATIENCE;
  while ((await call(other.url, "GET", "/api/providers/elsewhere")).status !== 200) assert.ok(performance.now() < end);
  await change(other.url, "DELETE", "/api/providers/elsewhere");
  while ((await call(one.url, "GET", "/api/providers/elsewhere")).status !== 404) assert.ok(performance.now() < end);
});

test("of two that take one name at once only one gets it, and both agree on whose it is", async () => {
  for (let round = 0; round < 5; round++) {
    const body = { name: `contested ${round}`, provider_configs: [{ provider: "demo" }] };
    const target = "/api/governance/virtual-keys";
    const answers = await Promise.all([one, other].map((gateway) => call(gateway.url, "POST", target, body)));
    assert.deepEqual(answers.map((answer) => answer.status).toSorted(), [200, 409]);
    const made = answers.find((answer) => answer.status === 200);
    const value: string = made?.json.virtual_key.value;
    await becomes(one.url, value, 200);
    await becomes(other.url, value, 200);
  }
});

test("changes of both at once all hold in both", async () => {
  const made = await Promise.all(
    [one, other].flatMap((gateway, index) =>
      Array.from({ length: 20 }, (_, n) => makeKey(gateway.url, `from ${index}, ${n}`)),
    ),
  );
  for (const { value } of made) {
    await becomes(one.url, value, 200);
    await becomes(other.url, value, 200);
  }
});
