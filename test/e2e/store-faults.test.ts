// Full, locked and damaged stores of a running gateway: requests are served on, the state is told, and it ends by itself.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { post, startTestGateway, type TestGateway, temporaryFolder } from "../support/gateway.ts";
import { until } from "../support/rig.ts";
import { runToEnd } from "../support/run-gateway.ts";
import { mountSmallDisk, noSmallDisk } from "../support/small-disk.ts";

interface Health {
  readonly status: string;
  readonly components: Readonly<Record<string, string>>;
  readonly problems?: Readonly<Record<string, string>>;
}

async function health(gateway: TestGateway): Promise<Health & { readonly code: number }> {
  const answer = await fetch(`${gateway.url}/health`);
  return { code: answer.status, ...((await answer.json()) as Health) };
}

async function assertServes(gateway: TestGateway, text: string): Promise<void> {
  const body = { model: "demo/echo", messages: [{ role: "user", content: text }] };
  assert.equal((await post(`${gateway.url}/v1/chat/completions`, body)).status, 200);
}

/** A change by the API, as large as one is allowed to be useful. */
function addVirtualKey(
  gateway: TestGateway,
  name: string,
  size = 100,
): Promise<{ readonly status: number; readonly text: string }> {
  return post(`${gateway.url}/api/governance/virtual-keys`, { name, description: "x".repeat(size) });
}

test("on a full disk it serves on, tells so, refuses changes with 503, and goes on by itself", {
  skip: noSmallDisk(),
}, async () => {
  const disk = mountSmallDisk(2048);
  const at = (name: string) => ({ enabled: true, type: "sqlite", config: { path: path.join(disk.folder, name) } });
  const config = { config_store: at("config.db"), logs_store: at("logs.db") };
  const gateway = await startTestGateway({ config });
  try {
    assert.equal((await addVirtualKey(gateway, "before")).status, 200);
    disk.fill();
    let refused = { status: 0, text: "" };
    for (let n = 0; n < 40 && refused.status !== 503; n++) refused = await addVirtualKey(gateway, `full ${n}`, 100_000);
    assert.equal(refused.status, 503, refused.text);
    assert.match(refused.text, /full/);
    await until("the log is full too", async () => {
      await assertServes(gateway, "x".repeat(8000));
      return (await health(gateway)).components["logs_store"] === "error";
    });
    const told = await health(gateway);
    assert.deepEqual([told.code, told.components["config_store"]], [503, "error"]);
    assert.match(told.problems?.["config_store"] ?? "", /full/);
    assert.match(told.problems?.["logs_store"] ?? "", /full/);
    assert.equal((await fetch(`${gateway.url}/api/governance/virtual-keys`)).status, 200);
    await assertServes(gateway, "while it is full");

    disk.empty();
    await until("it is healthy again", async () => (await health(gateway)).code === 200);
    assert.equal((await addVirtualKey(gateway, "after")).status, 200);
    await gateway.logs(1, "content_search=while%20it%20is%20full");
    const lines = gateway
      .output()
      .split("\n")
      .filter((line) => /configuration store/.test(line));
    assert.equal(lines.length, 2, lines.join("\n"));
    assert.match(lines[0] ?? "", /error.*disk is full/);
  } finally {
    await gateway.stop();
    disk.dispose();
  }
});

test("while another process holds the stores it serves on and waits for them", async () => {
  const gateway = await startTestGateway({});
  try {
    assert.equal((await addVirtualKey(gateway, "before")).status, 200);
    const others = ["config.db", "logs.db"].map((name) => new DatabaseSync(path.join(gateway.appDir, name)));
    for (const other of others) other.exec("BEGIN IMMEDIATE");
    const refused = await addVirtualKey(gateway, "locked");
    assert.equal(refused.status, 503, refused.text);
    assert.match(refused.text, /locked/);
    await assertServes(gateway, "while it is locked");
    await until("it is told", async () => (await health(gateway)).components["logs_store"] === "error");
    assert.match((await health(gateway)).problems?.["config_store"] ?? "", /locked/);
    for (const other of others) other.exec("COMMIT");
    for (const other of others) other.close();
    await until("it is healthy again", async () => (await health(gateway)).code === 200);
    assert.equal((await addVirtualKey(gateway, "locked")).status, 200);
    await gateway.logs(1, "content_search=while%20it%20is%20locked");
  } finally {
    await gateway.stop();
  }
});

/** Starts on a harmed store: refused with its path and the words, the file left as it is. */
async function assertStartRefused(harm: (file: string) => void, words: RegExp): Promise<void> {
  const appDir = temporaryFolder("harmed");
  const first = await startTestGateway({ appDir });
  await addVirtualKey(first, "kept");
  await first.stop();
  const file = path.join(appDir, "config.db");
  harm(file);
  const before = readFileSync(file);
  const { code, output } = await runToEnd({ appDir, flags: ["-port", "0"] });
  assert.equal(code, 1, output);
  assert.match(output, words);
  assert.ok(output.includes(file), output);
  assert.deepEqual(readFileSync(file), before);
}

test("a damaged configuration store refuses the start with its path and the remedy", async () => {
  await assertStartRefused(
    (file) => writeFileSync(file, "no database at all ".repeat(500)),
    /restore it from a backup/,
  );
  await assertStartRefused((file) => truncateSync(file, 9000), /restore it from a backup/);
});

test("a configuration store of a newer version refuses the start with its path and the remedy", async () => {
  await assertStartRefused((file) => {
    const database = new DatabaseSync(file);
    database.exec("PRAGMA user_version = 7");
    database.close();
  }, /newer version/);
});

test("a damaged request log keeps nobody from being served, and is told", async () => {
  const appDir = temporaryFolder("harmed");
  mkdirSync(appDir, { recursive: true });
  const file = path.join(appDir, "logs.db");
  writeFileSync(file, "no database at all ".repeat(500));
  const before = readFileSync(file);
  const gateway = await startTestGateway({ appDir });
  try {
    await assertServes(gateway, "hello");
    await until("it is told", async () => (await health(gateway)).components["logs_store"] === "error");
    assert.match((await health(gateway)).problems?.["logs_store"] ?? "", /not a database.*left as it is/);
  } finally {
    await gateway.stop();
  }
  assert.deepEqual(readFileSync(file), before);
});
