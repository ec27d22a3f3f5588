// A step of the schema of the configuration store: written once with the schema builder, for every database that may hold it.
import type { Kysely } from "kysely";

/** Never changed after a release. Its place in the list is its number. */
export interface ConfigMigration {
  readonly name: string;
  /** Runs inside a transaction. */
  up(database: Kysely<unknown>): Promise<void>;
}
