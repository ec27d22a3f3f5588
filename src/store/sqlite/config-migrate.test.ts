// A new store begins with generated SQL, an older one is brought up step by step, and both end the same.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { CONFIG_MIGRATIONS } from "../migrations/config-migrations.ts";
import { configSchemaText } from "../migrations/config-schema-text.ts";
import { builderDatabase, CONFIG_VERSION, migrateConfig, runConfigMigrations } from "./config-migrate.ts";
import { APPLICATION_IDS, pragma } from "./file.ts";

function schemaOf(database: DatabaseSync): unknown[] {
  return database.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name").all();
}

test("the generated schema is that of the migrations", async () => {
  const file = fileURLToPath(new URL("./config-schema.generated.ts", import.meta.url));
  const advice = "run `node scripts/generate-config-schema.ts`";
  assert.equal(readFileSync(file, "utf8"), await configSchemaText(), advice);
  assert.equal(CONFIG_VERSION, CONFIG_MIGRATIONS.length, advice);
});

test("a store that went through every migration is the same as a new one", async () => {
  const stepwise = new DatabaseSync(":memory:");
  await runConfigMigrations(builderDatabase(stepwise), CONFIG_MIGRATIONS);
  const fresh = new DatabaseSync(":memory:");
  await migrateConfig(fresh, ":memory:");
  assert.deepEqual(schemaOf(stepwise), schemaOf(fresh));
  assert.deepEqual(
    stepwise.prepare("SELECT * FROM store_state").all(),
    fresh.prepare("SELECT * FROM store_state").all(),
  );
  assert.equal(pragma(fresh, "user_version"), CONFIG_VERSION);
  assert.equal(pragma(fresh, "application_id"), APPLICATION_IDS.configuration);
});

test("migrations are numbered in order and each is named once", () => {
  const names = CONFIG_MIGRATIONS.map((migration) => migration.name);
  for (const [index, name] of names.entries())
    assert.match(name, new RegExp(`^${String(index + 1).padStart(3, "0")}-`));
});

test("a store that cannot be brought up to date is left as it was", async () => {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE sessions (other TEXT)");
  const before = schemaOf(database);
  await assert.rejects(migrateConfig(database, ":memory:"), /already exists/);
  assert.deepEqual(schemaOf(database), before);
  assert.equal(database.isTransaction, false);
});

test("no start loads the query builder: neither of a new store nor of one that is up to date", () => {
  const folder = mkdtempSync(join(tmpdir(), "config-migrate-"));
  const script = `
    import { registerHooks } from "node:module";
    registerHooks({ load(url, context, next) {
      if (url.includes("/node_modules/")) throw new Error("loaded " + url);
      return next(url, context);
    } });
    const { openConfigStore } = await import(${JSON.stringify(new URL("./config-store.ts", import.meta.url).href)});
    for (let n = 0; n < 2; n++) {
      const store = await openConfigStore({ path: process.argv[1], encryptionKey: null, log() {} });
      await store.close();
    }`;
  execFileSync(process.execPath, ["--input-type=module", "-e", script, join(folder, "config.db")]);
  rmSync(folder, { recursive: true });
});
