// The configuration: its entries, what was removed, sessions of the login, the revision, and what tells the right key from a wrong one.
import { type Kysely, sql } from "kysely";
import type { ConfigMigration } from "./config-migration.ts";

/*
 * `seq` is the order of creation and is given by the store. `revision` is that of the last change of an entry; a removed one is
 * remembered in a table of its own, so that every other process learns of it. Single rows stand in store_state and store_key.
 */
export const configuration: ConfigMigration = {
  name: "001-configuration",
  async up(database) {
    await createEntries(database);
    await createRemoved(database);
    await createSessions(database);
    await createState(database);
  },
};

async function createEntries({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("entries")
    .addColumn("seq", "integer", (column) => column.primaryKey())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("owner", "text", (column) => column.notNull())
    .addColumn("body", "text", (column) => column.notNull())
    .addColumn("secrets", "text")
    .addColumn("lookup", "text", (column) => column.notNull())
    .addColumn("source", "text", (column) => column.notNull())
    .addColumn("file_hash", "text")
    .addColumn("deleted", "integer", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .addColumn("revision", "bigint", (column) => column.notNull())
    .execute();
  await schema.createIndex("entries_id").unique().on("entries").columns(["kind", "id"]).execute();
  await schema
    .createIndex("entries_name")
    .unique()
    .on("entries")
    .columns(["kind", "owner", "name"])
    .where(sql.ref("deleted"), "=", 0)
    .execute();
  await schema
    .createIndex("entries_lookup")
    .unique()
    .on("entries")
    .column("lookup")
    .where("lookup", "<>", "")
    .execute();
  await schema.createIndex("entries_order").on("entries").columns(["kind", "seq"]).execute();
  await schema.createIndex("entries_revision").on("entries").column("revision").execute();
}

async function createRemoved({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("removed")
    .addColumn("revision", "bigint", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("removed_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("removed_order", ["revision", "kind", "id"])
    .execute();
}

async function createSessions({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("sessions")
    .addColumn("token_hash", "text", (column) => column.primaryKey())
    .addColumn("user_name", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .execute();
}

async function createState(database: Kysely<unknown>): Promise<void> {
  const { schema } = database;
  await schema
    .createTable("store_state")
    .addColumn("one", "integer", (column) => column.primaryKey())
    .addColumn("revision", "bigint", (column) => column.notNull())
    .execute();
  await sql`insert into store_state (one, revision) values (1, 0)`.execute(database);
  await schema
    .createTable("store_key")
    .addColumn("one", "integer", (column) => column.primaryKey())
    .addColumn("key_id", "text", (column) => column.notNull())
    .addColumn("source", "text", (column) => column.notNull())
    .addColumn("derivation", "text", (column) => column.notNull())
    .addColumn("salt", "text", (column) => column.notNull())
    .addColumn("sealed_root", "text", (column) => column.notNull())
    .execute();
}
