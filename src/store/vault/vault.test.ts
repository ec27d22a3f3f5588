// Sealed secrets open with their key and at their place alone, and a store knows its key by what it sealed.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { makeKey, openKey } from "./key-record.ts";
import { createVault, SealBrokenError } from "./vault.ts";

const root = Buffer.alloc(32, 7);
const vault = createVault(Buffer.alloc(32, 1), root);
const SECRET = "sk-canary-0123456789";

test("any secret comes back as it was, sealed for any place", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string(), (secret, context) => {
      assert.equal(vault.open(vault.seal(secret, context), context), secret);
    }),
    { seed: 3, numRuns: 200 },
  );
});

test("a sealed text names its format and key, is another one each time, and holds nothing of the secret", () => {
  const [first, second] = [vault.seal(SECRET, "a"), vault.seal(SECRET, "a")];
  assert.notEqual(first, second);
  assert.ok(first.startsWith(`1:${vault.keyId}:`));
  assert.ok(!Buffer.from(first.split(":")[2] as string, "base64").includes("canary"));
});

test("it does not open with another key, at another place, or with any of its characters changed", () => {
  const sealed = vault.seal(SECRET, "entry:provider-key:1");
  const other = createVault(Buffer.alloc(32, 2), root);
  assert.throws(() => other.open(sealed, "entry:provider-key:1"), /another key/);
  assert.throws(() => vault.open(sealed, "entry:provider-key:2"), SealBrokenError);
  const bytes = Buffer.from(sealed.split(":")[2] as string, "base64");
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] as number) ^ 1;
    const text = `1:${vault.keyId}:${changed.toString("base64")}`;
    assert.throws(() => vault.open(text, "entry:provider-key:1"), SealBrokenError);
  }
  for (const cut of [
    "",
    "1",
    "1:",
    `1:${vault.keyId}:`,
    `1:${vault.keyId}:AAAA`,
    `2${sealed.slice(1)}`,
    sealed.slice(0, -8),
  ]) {
    assert.throws(() => vault.open(cut, "entry:provider-key:1"), SealBrokenError);
  }
});

test("an error about a seal tells nothing of its content", () => {
  try {
    vault.open(vault.seal(SECRET, "a"), "b");
    assert.fail("opened");
  } catch (error) {
    assert.doesNotMatch(String((error as Error).stack), /canary/);
  }
});

test("fingerprints are keyed by the store, and stay the same when its key changes", () => {
  const later = createVault(randomBytes(32), root);
  assert.equal(later.fingerprint(SECRET), vault.fingerprint(SECRET));
  assert.notEqual(vault.fingerprint(SECRET), vault.fingerprint(`${SECRET} `));
  assert.notEqual(createVault(Buffer.alloc(32, 1), Buffer.alloc(32, 8)).fingerprint(SECRET), vault.fingerprint(SECRET));
});

test("a configured key is derived slowly, the record tells the right one from a wrong one and holds neither", async () => {
  const { record, vault: made } = await makeKey("correct horse", "configured");
  assert.match(record.derivation, /^argon2id:/);
  assert.doesNotMatch(JSON.stringify(record), /horse/);
  assert.equal(await openKey(record, "wrong horse"), null);
  const opened = await openKey(record, "correct horse");
  assert.equal(opened?.vault.open(made.seal(SECRET, "c"), "c"), SECRET);
  assert.equal(opened.vault.fingerprint("x"), made.fingerprint("x"));
  const again = await makeKey("correct horse", "configured");
  assert.notEqual(again.record.keyId, record.keyId);
});

test("a derivation of a later release, or one that would take all memory, is refused", async () => {
  const { record } = await makeKey("text", "file");
  for (const derivation of ["argon3:1:1", "argon2id:99999999:2", "argon2id:9999999:2", "argon2id:19456:99", ""]) {
    await assert.rejects(openKey({ ...record, derivation }, "text"), /derived in a way/);
  }
});
