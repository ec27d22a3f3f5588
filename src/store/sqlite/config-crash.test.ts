// Killed at any moment of a thousand writes, the store has every write that it acknowledged, and none by half.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { allOf } from "../contract/config-store.ts";
import { GROUP } from "./config-crash-child.ts";
import { openConfigStore, type SealedConfigStore } from "./config-store.ts";

const CHILD = fileURLToPath(new URL("./config-crash-child.ts", import.meta.url));
const ROUNDS = 20;

/** A fixed series that looks like chance (mulberry32). */
function drawer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The number of writes that were acknowledged before the kill. */
async function writeUntilKilled(path: string, killAt: number, delay: number): Promise<number> {
  const child = spawn(process.execPath, [CHILD, path], { stdio: ["ignore", "pipe", "inherit"] });
  let told = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const before = acknowledged(told);
    told += text;
    if (before < killAt && acknowledged(told) >= killAt) setTimeout(() => child.kill("SIGKILL"), delay);
  });
  await once(child, "close");
  return acknowledged(told);
}

/** A line that was cut off is no word of the child's. */
function acknowledged(told: string): number {
  return told.split("\n").length - 1;
}

/** The groups as they must be after the first `count` writes: id → number of the last write. */
function groupsAfter(count: number): Map<string, number> {
  const groups = new Map<string, number>();
  for (let n = 0; n < count; n++) groups.set(n % 3 === 2 ? `g${n - 2}` : `g${n}`, n);
  return groups;
}

async function storedGroups(store: SealedConfigStore): Promise<Map<string, number>> {
  const groups = new Map<string, number[]>();
  for (const kind of GROUP) {
    for (const { id, body, secrets } of await allOf(store, kind)) {
      assert.equal(secrets["/value"], `secret ${String(body["n"])}`);
      groups.set(id, [...(groups.get(id) ?? []), Number(body["n"])]);
    }
  }
  for (const [id, numbers] of groups) assert.deepEqual(numbers, [numbers[0], numbers[0], numbers[0]], id);
  return new Map([...groups].map(([id, numbers]) => [id, numbers[0] as number]));
}

test(`${ROUNDS} times killed among a thousand writes: every acknowledged one is there, none by half`, async () => {
  const draw = drawer(2026);
  let survived = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const folder = mkdtempSync(join(tmpdir(), "config-crash-"));
    const path = join(folder, "config.db");
    const count = await writeUntilKilled(path, 1 + Math.floor(draw() * 700), draw() * 3);
    const store = await openConfigStore({ path, encryptionKey: null, log: () => {} });
    const stored = await storedGroups(store);
    // What was under way when it was killed may be there or not.
    const isAsTold = sameGroups(stored, groupsAfter(count)) || sameGroups(stored, groupsAfter(count + 1));
    assert.ok(isAsTold, `round ${round}: ${stored.size} groups after ${count} acknowledged writes`);
    assert.deepEqual(store.health, { ok: true, reason: "" });
    await store.close();
    rmSync(folder, { recursive: true });
    survived += count;
  }
  assert.ok(survived > ROUNDS * 100, `only ${survived} writes before the kills`);
});

function sameGroups(left: ReadonlyMap<string, number>, right: ReadonlyMap<string, number>): boolean {
  return left.size === right.size && [...left].every(([id, n]) => right.get(id) === n);
}
