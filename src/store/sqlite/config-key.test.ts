// A store opens with its own key alone, says what to do with any other, and changes it without ever losing a secret.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { StoreUnavailableError } from "../../core/config-store.ts";
import { StoreRefusedError } from "../../core/stores.ts";
import { allOf, put } from "../contract/config-store.ts";
import { keyPath, readKeyFile, waitingKeyPath } from "../vault/key-file.ts";
import { openConfigStore, type SealedConfigStore } from "./config-store.ts";
import { rotateEncryptionKey } from "./rotate-key.ts";

const CANARY = "sk-canary-31415926535";

function inFolder(title: string, run: (path: string) => Promise<void>): void {
  test(title, async () => {
    const folder = mkdtempSync(join(tmpdir(), "config-key-"));
    try {
      await run(join(folder, "config.db"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

function open(
  path: string,
  encryptionKey: string | null,
  previousKey: string | null = null,
): Promise<SealedConfigStore> {
  return openConfigStore({ path, encryptionKey, previousKey, log: () => {} });
}

/** Leaves a store with `count` secrets; returns a fingerprint. */
async function filled(path: string, encryptionKey: string | null, count = 1): Promise<string> {
  const store = await open(path, encryptionKey);
  const keys = Array.from({ length: count }, (_, n) =>
    put({ kind: "provider-key", id: `k${n}`, secrets: { "/value": `${CANARY}-${n}` } }),
  );
  await store.write([...keys, put({ kind: "provider", id: "without secrets" })]);
  const print = store.vault.fingerprint("x");
  await store.close();
  return print;
}

async function assertOpens(path: string, encryptionKey: string | null, count = 1): Promise<string> {
  const store = await open(path, encryptionKey);
  try {
    const keys = await allOf(store, "provider-key");
    assert.deepEqual(
      keys.map((key) => key.secrets),
      Array.from({ length: count }, (_, n) => ({ "/value": `${CANARY}-${n}` })),
    );
    return store.vault.fingerprint("x");
  } finally {
    await store.close();
  }
}

/** Refused with the path and every word, the files as they were, and no key told. */
async function assertRefused(path: string, key: string | null, words: RegExp[], previous: string | null = null) {
  const before = contents(path);
  await assert.rejects(open(path, key, previous), (error: Error) => {
    assert.ok(error instanceof StoreRefusedError);
    for (const word of [new RegExp(path), /Nothing was changed/, ...words]) assert.match(error.message, word);
    for (const secret of [key, previous]) if (secret !== null) assert.ok(!error.message.includes(secret));
    return true;
  });
  assert.deepEqual(contents(path), before);
}

function contents(path: string): Record<string, string> {
  const folder = join(path, "..");
  const kept = readdirSync(folder).filter((name) => !/-(wal|shm)$/.test(name));
  return Object.fromEntries(kept.map((name) => [name, readFileSync(join(folder, name), "base64")]));
}

inFolder("the secret is in none of the store's files", async (path) => {
  const store = await open(path, "configured key");
  await store.write([put({ kind: "provider-key", id: "k", secrets: { "/value": CANARY } })]);
  const files = () => readdirSync(join(path, "..")).map((name) => readFileSync(join(path, "..", name)));
  assert.ok(files().every((file) => !file.includes("canary")));
  await store.close();
  assert.ok(files().every((file) => !file.includes("canary") && !file.includes("configured key")));
});

inFolder("a wrong key is refused with the remedy, and nothing is rewritten", async (path) => {
  await filled(path, "the right key");
  await assertRefused(path, "a wrong key", [/not the one/, /DRAWBRIDGE_ENCRYPTION_KEY_PREVIOUS/]);
  await assertRefused(path, "a wrong key", [/does not open it either/], "as wrong as that");
  await assertRefused(path, null, [/none is configured now/, /DRAWBRIDGE_ENCRYPTION_KEY/]);
  await assertOpens(path, "the right key");
});

inFolder("a store with a generated key refuses a configured one and names both remedies", async (path) => {
  await filled(path, null);
  await assertRefused(path, "some key", [/config\.db\.key/, /rotate-encryption-key/, /unset/]);
  await assertOpens(path, null);
});

inFolder("a lost or foreign generated key is told by its name", async (path) => {
  await filled(path, null);
  renameSync(keyPath(path), `${path}.away`);
  await assertRefused(path, null, [/config\.db\.key is missing/, /backup/]);
  const other = `${path}.other`;
  await filled(other, null);
  copyFileSync(keyPath(other), keyPath(path));
  await assertRefused(path, null, [/config\.db\.key is not the one/]);
  renameSync(`${path}.away`, keyPath(path));
  await assertOpens(path, null);
});

inFolder("the text of the generated key, moved to the configuration, is the right key", async (path) => {
  await filled(path, null);
  const text = readKeyFile(keyPath(path)) as string;
  rmSync(keyPath(path));
  await assertOpens(path, text);
});

inFolder(
  "with the former key beside it a new key takes over at a start, and the former one is not needed again",
  async (path) => {
    const print = await filled(path, "first", 20);
    const store = await open(path, "second", "first");
    assert.equal(store.vault.fingerprint("x"), print);
    await store.close();
    assert.equal(await assertOpens(path, "second", 20), print);
    await assertRefused(path, "first", [/not the one/]);
  },
);

inFolder("the command changes between configured and generated keys in every direction", async (path) => {
  const print = await filled(path, null, 3);
  const turn = (encryptionKey: string | null, previousKey: string | null) =>
    rotateEncryptionKey({ path, encryptionKey, previousKey });
  const generated = readKeyFile(keyPath(path));
  assert.deepEqual(await turn(null, null), { isChanged: true, keyFile: keyPath(path), sealed: 3 });
  assert.notEqual(readKeyFile(keyPath(path)), generated);
  await assertOpens(path, null, 3);

  assert.deepEqual(await turn("one", null), { isChanged: true, keyFile: null, sealed: 3 });
  assert.ok(!existsSync(keyPath(path)));
  assert.equal((await turn("two", "one")).isChanged, true);
  assert.equal((await turn("two", "one")).isChanged, false);
  await assertOpens(path, "two", 3);

  await assert.rejects(turn("three", null), /DRAWBRIDGE_ENCRYPTION_KEY_PREVIOUS. Nothing was changed/);
  await assert.rejects(turn(null, "wrong"), /the one that is given is another/);
  assert.equal((await turn(null, "two")).keyFile, keyPath(path));
  assert.equal(await assertOpens(path, null, 3), print);
});

inFolder("a store that is not there is not made by changing its key", async (path) => {
  await assert.rejects(rotateEncryptionKey({ path, encryptionKey: "x", previousKey: null }), StoreRefusedError);
  assert.ok(!existsSync(path));
});

inFolder(
  "a change of keys cut off before the generated key was in its place is finished at the next start",
  async (path) => {
    await filled(path, "one");
    await rotateEncryptionKey({ path, encryptionKey: null, previousKey: "one" });
    const store = await open(path, null);
    const sealed = (await store.get("provider-key", "k0"))!;
    assert.equal(sealed.secrets["/value"], `${CANARY}-0`);
    await store.close();
    // as it is between the end of the transaction and the renaming
    const { keyId } = store.vault as unknown as { keyId: string };
    renameSync(keyPath(path), waitingKeyPath(path, keyId));
    await assertOpens(path, null);
    assert.ok(existsSync(keyPath(path)) && !existsSync(waitingKeyPath(path, keyId)));
  },
);

inFolder(
  "killed in the middle of a change of keys the store opens with the one key or the other, whole",
  async (path) => {
    const count = 800;
    await filled(path, "key 0", count);
    const whole = await changeInChild(path, "key 0", null, Number.POSITIVE_INFINITY);
    let key: string | null = null;
    for (let round = 1; round <= 10; round++) {
      const next: string | null = key === null ? `key ${round}` : null;
      // The first half goes into deriving the keys.
      await changeInChild(path, key, next, whole * (0.45 + 0.07 * round));
      key = await keyThatOpens(path, key, next);
      await assertOpens(path, key, count);
    }
  },
);

/** Kills it after so many ms; returns how long it took. */
async function changeInChild(path: string, from: string | null, to: string | null, killAfter: number): Promise<number> {
  const child = fork(new URL("./config-key-child.ts", import.meta.url), [path, to ?? "", from ?? ""]);
  await once(child, "message");
  const begun = performance.now();
  const kill = Number.isFinite(killAfter) ? setTimeout(() => child.kill("SIGKILL"), killAfter) : undefined;
  await once(child, "exit");
  clearTimeout(kill);
  return performance.now() - begun;
}

async function keyThatOpens(path: string, before: string | null, after: string | null): Promise<string | null> {
  try {
    await (await open(path, after)).close();
    return after;
  } catch (error) {
    assert.ok(error instanceof StoreRefusedError);
    return before;
  }
}

inFolder("a process whose generated key was changed by another goes on with the new one", async (path) => {
  await filled(path, null);
  const store = await open(path, null);
  await rotateEncryptionKey({ path, encryptionKey: null, previousKey: null });
  assert.equal((await store.get("provider-key", "k0"))?.secrets["/value"], `${CANARY}-0`);
  await rotateEncryptionKey({ path, encryptionKey: null, previousKey: null });
  await store.write([put({ kind: "provider-key", id: "k1", secrets: { "/value": `${CANARY}-1` } })]);
  await store.close();
  await assertOpens(path, null, 2);
});

inFolder("a process that has not the new key writes nothing any more, and says why", async (path) => {
  await filled(path, "one");
  const store = await open(path, "one");
  await rotateEncryptionKey({ path, encryptionKey: "two", previousKey: "one" });
  await assert.rejects(store.write([put({ kind: "provider-key", id: "k1" })]), (error: Error) => {
    assert.ok(error instanceof StoreUnavailableError);
    assert.match(error.reason, /changed by another process; start this one again with the new key/);
    return true;
  });
  assert.equal(store.health.ok, false);
  await assert.rejects(store.get("provider-key", "k0"), StoreUnavailableError);
  await rotateEncryptionKey({ path, encryptionKey: "one", previousKey: "two" });
  await store.close();
  await assertOpens(path, "one");
});

inFolder("processes that make the store at the same time end up with one key", async (path) => {
  const children = Array.from({ length: 4 }, (_, n) =>
    fork(new URL("./config-key-child.ts", import.meta.url), [path, "open", String(n)]),
  );
  const codes = await Promise.all(children.map(async (child) => (await once(child, "exit"))[0] as number));
  assert.deepEqual(codes, [0, 0, 0, 0]);
  const store = await open(path, null);
  assert.deepEqual((await allOf(store, "provider-key")).map((entry) => entry.secrets["/value"]).toSorted(), [
    "0",
    "1",
    "2",
    "3",
  ]);
  await store.close();
});
