// The encryption key of a gateway's store: refused when it is wrong, changed by command or at a start, and nothing in the clear.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { post, startTestGateway, temporaryFolder } from "../support/gateway.ts";
import { type Ended, runToEnd } from "../support/run-gateway.ts";

const CANARY = "sk-canary-27182818284590";
let appDir = "";

before(() => {
  appDir = temporaryFolder("key");
});
after(() => rmSync(appDir, { recursive: true, force: true }));

/** Starts it with a key, asks for the stored provider, and stops it. */
async function shownKey(environment: Record<string, string>): Promise<string> {
  const gateway = await startTestGateway({ appDir, environment });
  try {
    return await (await fetch(`${gateway.url}/api/providers/openai`)).text();
  } finally {
    await gateway.stop();
  }
}

function run(command: string, environment: Record<string, string>): Promise<Ended> {
  const exports = Object.entries(environment).map(([name, value]) => `export ${name}='${value}'`);
  const flags = command === "serve" ? ["-port", "0"] : [];
  return runToEnd({ appDir, command, flags, shell: [":", ...exports].join("; ") });
}

const KEY = "DRAWBRIDGE_ENCRYPTION_KEY";
const PREVIOUS = "DRAWBRIDGE_ENCRYPTION_KEY_PREVIOUS";

test("a key given by API is in none of the files, and the files are private", async () => {
  const gateway = await startTestGateway({ appDir });
  const body = { provider: "openai", keys: [{ name: "main", value: CANARY, models: ["*"], weight: 1 }] };
  const made = await post(`${gateway.url}/api/providers`, body);
  assert.equal(made.status, 200, made.text);
  assert.ok(!made.text.includes(CANARY));
  for (const name of readdirSync(appDir)) {
    assert.equal(statSync(path.join(appDir, name)).mode & 0o777, 0o600, name);
    assert.ok(!readFileSync(path.join(appDir, name)).includes("canary"), name);
  }
  await gateway.stop();
  assert.ok(!gateway.output().includes("canary"));
});

test("another key at the start is refused with the remedy, and the command changes to it", async () => {
  const refused = await run("serve", { [KEY]: "the first key" });
  assert.equal(refused.code, 1);
  assert.match(refused.output, /config\.db.*generated key.*rotate-encryption-key.*Nothing was changed/s);
  assert.ok(!refused.output.includes("the first key"));

  const changed = await run("rotate-encryption-key", { [KEY]: "the first key" });
  assert.deepEqual(
    [changed.code, /sealed with the configured key now, the secrets of 1 entry/.test(changed.output)],
    [0, true],
    changed.output,
  );
  assert.ok(!readdirSync(appDir).includes("config.db.key"));
  assert.match(await shownKey({ [KEY]: "the first key" }), /sk-c/);
});

test("with the former key beside it a new one takes over at a start", async () => {
  const refused = await run("serve", { [KEY]: "the second key" });
  assert.equal(refused.code, 1);
  assert.match(refused.output, /not the one its secrets were sealed with.*DRAWBRIDGE_ENCRYPTION_KEY_PREVIOUS/s);
  assert.match(await shownKey({ [KEY]: "the second key", [PREVIOUS]: "the first key" }), /sk-c/);
  assert.match(await shownKey({ [KEY]: "the second key" }), /sk-c/);
});

test("the command says what is wrong with what it is given", async () => {
  const same = await run("rotate-encryption-key", { [KEY]: "the second key" });
  assert.deepEqual([same.code, /nothing was changed/.test(same.output)], [0, true], same.output);
  const lacking = await run("rotate-encryption-key", { [KEY]: "the third key" });
  assert.equal(lacking.code, 1);
  assert.match(lacking.output, /DRAWBRIDGE_ENCRYPTION_KEY_PREVIOUS/);
  const back = await run("rotate-encryption-key", { [PREVIOUS]: "the second key" });
  assert.equal(back.code, 0, back.output);
  assert.match(back.output, /new generated key in .*config\.db\.key/);
  assert.match(await shownKey({}), /sk-c/);
});

test("two gateways that start on one new store at the same time share it and its key", async () => {
  const folder = temporaryFolder("shared");
  const file = path.join(folder, "shared.db");
  const config = { config_store: { enabled: true, type: "sqlite", config: { path: file } } };
  const gateways = await Promise.all([startTestGateway({ config }), startTestGateway({ config })]);
  const [first, second] = gateways;
  try {
    const body = { provider: "groq", keys: [{ name: "main", value: CANARY, models: ["*"], weight: 1 }] };
    assert.equal((await post(`${first.url}/api/providers`, body)).status, 200);
    const changed = performance.now();
    for (;;) {
      const answer = await fetch(`${second.url}/api/providers/groq`);
      const text = await answer.text();
      if (answer.status === 200 && text.includes("main")) break;
      assert.ok(performance.now() - changed < 2000, "the other process has not heard of it");
    }
  } finally {
    for (const gateway of gateways) await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
