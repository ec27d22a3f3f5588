// Stores that are locked, full, read-only, damaged or moved: requests are served, the state is told once, and writes resume by themselves.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, describe, test } from "node:test";
import { change, makeKey } from "../support/admin-calls.ts";
import { ask } from "../support/conversation.ts";
import { post, startTestGateway, type TestGateway } from "../support/gateway.ts";
import { until } from "../support/rig.ts";
import { mountSmallDisk, noSmallDisk } from "../support/small-disk.ts";
import { configOf, removeTemplates, storeOf, used } from "../support/used-app-dir.ts";

after(removeTemplates);

async function health({ url }: TestGateway): Promise<{ status: number; problems: Record<string, string> }> {
  const answer = await fetch(`${url}/health`);
  const { problems = {} } = (await answer.json()) as { problems?: Record<string, string> };
  return { status: answer.status, problems };
}

const providersOf = async ({ url }: TestGateway): Promise<string[]> =>
  (await change(url, "GET", "/api/providers")).json.providers.map(({ name }: { name: string }) => name);

/** It serves, from what is stored and what the file says; it tells why nothing is written, once; changes are 503. */
async function assertDegraded(gateway: TestGateway, reason: RegExp): Promise<void> {
  assert.equal((await ask(gateway.url, { model: "demo/echo" })).status, 200);
  const { status, problems } = await health(gateway);
  assert.equal(status, 503);
  assert.match(problems["config_store"] ?? "", reason);
  const refused = await post(`${gateway.url}/api/governance/virtual-keys`, { name: "refused" });
  assert.equal(refused.status, 503, refused.text);
  assert.match(refused.text, reason);
  const page = await (await fetch(gateway.url)).text();
  assert.match(page, /The configuration cannot be written: /);
  assert.match(page, reason);
  assert.equal(toldIn(gateway).length, 1, gateway.output());
  assert.match(toldIn(gateway)[0] ?? "", reason);
  assert.match(toldIn(gateway)[0] ?? "", /"level":"error"/);
}

/** The lines of the process log that tell of the configuration store's trouble. */
const toldIn = (gateway: TestGateway): string[] =>
  gateway
    .output()
    .split("\n")
    .filter((line) => /configuration store cannot/.test(line));

async function assertHealed(gateway: TestGateway): Promise<void> {
  await until("it is healthy again", async () => (await health(gateway)).status === 200, 20_000);
  await until(
    "changes are stored again",
    async () => {
      const { status } = await post(`${gateway.url}/api/governance/virtual-keys`, { name: "after" });
      assert.ok([200, 503].includes(status));
      return status === 200;
    },
    20_000,
  );
  assert.equal((await ask(gateway.url, { model: "demo/echo" })).status, 200);
}

/** What was served from the file meanwhile is in the store now: the next start has it, and what was there before too. */
async function assertKept(appDir: string): Promise<void> {
  const again = await startTestGateway({ appDir });
  try {
    for (const provider of ["openai", "groq"]) assert.ok((await providersOf(again)).includes(provider), provider);
    const { json } = await change(again.url, "GET", "/api/governance/virtual-keys");
    const names = json.virtual_keys.map(({ name }: { name: string }) => name);
    for (const name of ["kept", "after"]) assert.ok(names.includes(name), names.join());
  } finally {
    await again.stop();
  }
}

describe("degraded at the start: it serves on and writes when it can", () => {
  test("while another process holds the store, with a file that changed", { timeout: 60_000 }, async () => {
    const appDir = await used();
    const holder = new DatabaseSync(storeOf(appDir));
    holder.exec("BEGIN IMMEDIATE");
    const before = readFileSync(storeOf(appDir));
    const gateway = await startTestGateway({ appDir, config: configOf("groq") });
    try {
      await assertDegraded(gateway, /locked/);
      assert.ok((await providersOf(gateway)).includes("groq"), "what the file says is not served");
      assert.deepEqual(readFileSync(storeOf(appDir)), before);
      holder.exec("ROLLBACK");
      holder.close();
      await assertHealed(gateway);
      // what was served without the store has to be stored: that is said, and alarms nobody
      assert.match(gateway.output(), /the configuration store can be used again.*starts anew/);
      assert.doesNotMatch(gateway.output(), /plane ended/);
    } finally {
      await gateway.stop();
    }
    await assertKept(appDir);
    rmSync(appDir, { recursive: true });
  });

  for (const [name, reason, harm, heal] of [
    ["full", /disk is full/, "fill", "empty"],
    ["read-only", /read-only file system/i, "lock", "unlock"],
  ] as const)
    test(`on a ${name} disk, with a file that changed`, { skip: noSmallDisk(), timeout: 60_000 }, async () => {
      const disk = mountSmallDisk(6_000);
      const appDir = path.join(disk.folder, "app");
      const acts = {
        fill: disk.fill,
        empty: disk.empty,
        lock: () => disk.setReadOnly(true),
        unlock: () => disk.setReadOnly(false),
      };
      let gateway: TestGateway | null = null;
      try {
        const first = await startTestGateway({ appDir, config: configOf("openai") });
        await makeKey(first.url, "kept");
        await first.stop();
        writeFileSync(path.join(appDir, "config.json"), configOf("groq"));
        acts[harm]();
        const before = readFileSync(storeOf(appDir));
        gateway = await startTestGateway({ appDir });
        await assertDegraded(gateway, reason);
        assert.ok((await providersOf(gateway)).includes("groq"), "what the file says is not served");
        assert.deepEqual(readFileSync(storeOf(appDir)), before);
        acts[heal]();
        await assertHealed(gateway);
        await gateway.stop();
        gateway = null;
        await assertKept(appDir);
      } finally {
        await gateway?.stop();
        disk.dispose();
      }
    });
});

test("a store that is damaged while it is used is told and never replaced, and is taken again when it is restored", {
  timeout: 60_000,
}, async () => {
  const appDir = await used();
  const first = await startTestGateway({ appDir });
  // more than SQLite keeps in memory: what was read before is not read again
  for (let n = 0; n < 12; n++) await makeKey(first.url, `large ${n}`, { description: "x".repeat(1_000_000) });
  await first.stop();
  const gateway = await startTestGateway({ appDir });
  try {
    const good = readFileSync(storeOf(appDir));
    const bad = Buffer.from(good);
    bad.fill("damaged ", 16 * 4096);
    writeFileSync(storeOf(appDir), bad);
    const list = await fetch(`${gateway.url}/api/governance/virtual-keys?export=true`);
    assert.equal(list.status, 503, await list.text());
    await assertDegraded(gateway, /malformed|damaged/);
    assert.ok(readFileSync(storeOf(appDir)).equals(bad), "a damaged store was replaced");
    writeFileSync(storeOf(appDir), good);
    await assertHealed(gateway);
    const { json } = await change(gateway.url, "GET", "/api/governance/virtual-keys?export=true");
    assert.equal(json.total_count, 14);
  } finally {
    await gateway.stop();
  }
  rmSync(appDir, { recursive: true });
});

test("a store that is moved away while it is used is told, not begun anew, and taken again when it is back", async () => {
  const appDir = await used();
  const gateway = await startTestGateway({ appDir });
  try {
    renameSync(storeOf(appDir), `${storeOf(appDir)}.away`);
    await until("it is told", async () => (await health(gateway)).problems["config_store"] !== undefined);
    await assertDegraded(gateway, /moved or deleted; put it back/);
    assert.ok(!readdirSync(appDir).includes("config.db"), "a moved store was begun anew");
    renameSync(`${storeOf(appDir)}.away`, storeOf(appDir));
    await assertHealed(gateway);
  } finally {
    await gateway.stop();
  }
  rmSync(appDir, { recursive: true });
});
