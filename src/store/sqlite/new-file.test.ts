// A store's file comes whole: marked, private, alone in its folder, once; and one that was only begun is gone on with.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openConfigFile } from "./config-file.ts";
import { APPLICATION_IDS } from "./file.ts";
import { createFile, isBarelyBegun } from "./new-file.ts";

const folder = mkdtempSync(join(tmpdir(), "drawbridge-new-file-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("a new file is never empty, is private, and nothing stands beside it", () => {
  const path = join(folder, "deep", "config.db");
  assert.equal(createFile(path, APPLICATION_IDS.configuration), true);
  const { size, mode } = statSync(path);
  assert.ok(size > 0 && isBarelyBegun(size));
  assert.equal(mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(folder, "deep")), ["config.db"]);
});

test("one that is there is left as it is", () => {
  const path = join(folder, "there");
  writeFileSync(path, "");
  assert.equal(createFile(path, APPLICATION_IDS.configuration), false);
  assert.equal(readFileSync(path, "utf8"), "");
});

test("a process that ended right after it was made leaves one that the next begins, by whatever name", async () => {
  const path = join(folder, "begun.db");
  createFile(path, APPLICATION_IDS.configuration);
  for (const mayCreate of [true, false]) {
    const { database, readOnlyReason } = await openConfigFile(path, mayCreate);
    assert.equal(readOnlyReason, "");
    database.close();
  }
});
