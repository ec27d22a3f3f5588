// The generated key is made once, private and whole, and a change of keys cut off at any point leaves one that opens the store.
import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { StoreRefusedError } from "../../core/stores.ts";
import {
  adoptWaitingKey,
  ensureKeyFile,
  keyPath,
  newKeyText,
  readKeyFile,
  waitingKeyPath,
  writeWaitingKey,
} from "./key-file.ts";

function inFolder(title: string, run: (store: string, folder: string) => void): void {
  test(title, () => {
    const folder = mkdtempSync(join(tmpdir(), "key-file-"));
    try {
      run(join(folder, "config.db"), folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

inFolder(
  "it is generated once and stays, readable by its owner alone, and nothing else is left behind",
  (store, folder) => {
    const umask = process.umask(0o022);
    const text = ensureKeyFile(keyPath(store));
    process.umask(umask);
    assert.equal(Buffer.from(text, "base64").length, 32);
    assert.equal(ensureKeyFile(keyPath(store)), text);
    assert.equal(statSync(keyPath(store)).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder), ["config.db.key"]);
  },
);

inFolder("a key file that others may read is made private when it is read", (store) => {
  ensureKeyFile(keyPath(store));
  chmodSync(keyPath(store), 0o644);
  readKeyFile(keyPath(store));
  assert.equal(statSync(keyPath(store)).mode & 0o777, 0o600);
});

inFolder("a file that holds no key is refused by name and left as it is, and its content is not told", (store) => {
  for (const content of ["", "sk-something", "a".repeat(44)]) {
    writeFileSync(keyPath(store), content);
    assert.throws(
      () => ensureKeyFile(keyPath(store)),
      (error) => error instanceof StoreRefusedError && error.path === keyPath(store) && !/sk-/.test(error.message),
    );
    assert.equal(readFileSync(keyPath(store), "utf8"), content);
  }
});

inFolder(
  "the next key waits under its own name, takes the place of the old one, and older waiting ones are dropped",
  (store, folder) => {
    ensureKeyFile(keyPath(store));
    writeWaitingKey(store, "0".repeat(16), newKeyText());
    const next = newKeyText();
    writeWaitingKey(store, "1".repeat(16), next);
    assert.deepEqual(readdirSync(folder), ["config.db.key", `config.db.key.${"1".repeat(16)}`]);
    assert.equal(statSync(waitingKeyPath(store, "1".repeat(16))).mode & 0o777, 0o600);
    adoptWaitingKey(store, "1".repeat(16));
    adoptWaitingKey(store, "1".repeat(16));
    assert.equal(readKeyFile(keyPath(store)), next);
    assert.ok(!existsSync(waitingKeyPath(store, "1".repeat(16))));
  },
);
