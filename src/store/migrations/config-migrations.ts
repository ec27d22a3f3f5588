// The schema of the configuration store, step by step.
import { configuration } from "./001-configuration.ts";
import { audit } from "./002-audit.ts";
import type { ConfigMigration } from "./config-migration.ts";

/** In order, only ever appended to. */
export const CONFIG_MIGRATIONS: readonly ConfigMigration[] = [configuration, audit];
