// The schema of the stores: where configuration and records are kept.
import type { Static } from "typebox";
import { block, choice, count, flag, later, text } from "./kinds.ts";

const sqliteConfig = block(
  "Where the store is.",
  { path: text("File of the store, absolute or relative to the app dir.") },
  // the members of other store types are named with their type
  { open: true },
);

export const configStoreSchema = block("Store of configuration.", {
  enabled: flag("Off: the file is the only state.", true),
  type: choice("Kind of store.", ["sqlite", "postgres"], { default: "sqlite" }),
  config: sqliteConfig,
  vault_store: later("vault stores"),
});

export const logsStoreSchema = block("Store of records.", {
  enabled: flag("Off: no record is kept.", true),
  type: choice("Kind of store.", ["sqlite", "postgres", "clickhouse"], { default: "sqlite" }),
  config: sqliteConfig,
  retention_days: count("Days that records are kept.", 365, { minimum: 1, maximum: 36_500 }),
  writer: later("logs_store.writer"),
  object_storage: later("object storage of content"),
});

export type ConfigStoreConfig = Static<typeof configStoreSchema>;
export type LogsStoreConfig = Static<typeof logsStoreSchema>;
