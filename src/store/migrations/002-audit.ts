// The audit of management: one row for each thing that was done or refused, in the order in which it was written.
import type { ConfigMigration } from "./config-migration.ts";

/** `actor` is a login's name or empty; `detail` is JSON: what was before and after, and why it was refused. */
export const audit: ConfigMigration = {
  name: "002-audit",
  async up({ schema }) {
    await schema
      .createTable("audit")
      .addColumn("seq", "integer", (column) => column.primaryKey())
      .addColumn("at", "bigint", (column) => column.notNull())
      .addColumn("actor", "text", (column) => column.notNull())
      .addColumn("address", "text", (column) => column.notNull())
      .addColumn("method", "text", (column) => column.notNull())
      .addColumn("path", "text", (column) => column.notNull())
      .addColumn("entity", "text", (column) => column.notNull())
      .addColumn("entity_id", "text", (column) => column.notNull())
      .addColumn("entity_name", "text", (column) => column.notNull())
      .addColumn("outcome", "text", (column) => column.notNull())
      .addColumn("status", "integer", (column) => column.notNull())
      .addColumn("detail", "text", (column) => column.notNull())
      .execute();
    await schema.createIndex("audit_entity").on("audit").columns(["entity", "entity_id", "seq"]).execute();
    await schema.createIndex("audit_actor").on("audit").columns(["actor", "seq"]).execute();
    await schema.createIndex("audit_time").on("audit").column("at").execute();
  },
};
