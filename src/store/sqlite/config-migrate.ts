// Brings the schema of a configuration store up to date: a new file by SQL made beforehand, an older one step by step.
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Kysely, SqliteDatabase } from "kysely";
import type { ConfigMigration } from "../migrations/config-migration.ts";
import { CONFIG_SCHEMA } from "./config-schema.generated.ts";
import { APPLICATION_IDS, checkVersion, pragma } from "./file.ts";

/** The version of the schema that this program knows. */
export const CONFIG_VERSION: number = CONFIG_SCHEMA.version;

/**
 * Applies what is missing, all or nothing. The query builder is loaded only when there is an older store to change: its
 * import costs 300 ms, of a start that is to take as long.
 */
export async function migrateConfig(database: DatabaseSync, path: string): Promise<void> {
  if (pragma(database, "user_version") === CONFIG_VERSION) return;
  // Another process may be at it as well: who comes second waits here and finds the work done.
  database.exec("BEGIN IMMEDIATE");
  try {
    checkVersion(database, path, CONFIG_VERSION);
    const found = pragma(database, "user_version");
    if (found === 0) database.exec(CONFIG_SCHEMA.sql);
    else if (found < CONFIG_VERSION) await runConfigMigrations(builderDatabase(database), await migrationsFrom(found));
    database.exec(`PRAGMA application_id = ${APPLICATION_IDS.configuration}; PRAGMA user_version = ${CONFIG_VERSION}`);
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

async function migrationsFrom(version: number): Promise<readonly ConfigMigration[]> {
  const { CONFIG_MIGRATIONS } = await import("../migrations/config-migrations.ts");
  return CONFIG_MIGRATIONS.slice(version);
}

/** Runs migrations over the query builder. The caller holds the transaction. */
export async function runConfigMigrations(
  database: SqliteDatabase,
  migrations: readonly ConfigMigration[],
): Promise<void> {
  const { Kysely, SqliteDialect } = await import("kysely");
  const builder: Kysely<unknown> = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) });
  for (const migration of migrations) await migration.up(builder);
}

/** The database as the query builder wants it. */
export function builderDatabase(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => {},
    prepare(sql) {
      const statement = database.prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (values) => statement.all(...bound(values)),
        run: (values) => statement.run(...bound(values)),
        iterate: (values) => statement.iterate(...bound(values)) as IterableIterator<unknown>,
      };
    },
  };
}

function bound(values: readonly unknown[]): SQLInputValue[] {
  return values as SQLInputValue[];
}
