// The prepared statements of the configuration store that are used all the time.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { ENTRY_COLUMNS } from "./config-rows.ts";

export interface ConfigStatements {
  /** (kind, behind this seq, at most) → rows in the order of creation */
  readonly page: StatementSync;
  readonly get: StatementSync;
  readonly byLookup: StatementSync;
  readonly count: StatementSync;
  /** → revision, key id */
  readonly state: StatementSync;
  readonly dataVersion: StatementSync;
  readonly nextRevision: StatementSync;
  readonly lastPlace: StatementSync;
  readonly takeOut: StatementSync;
  readonly insert: StatementSync;
  readonly remember: StatementSync;
  readonly forget: StatementSync;
  readonly changed: StatementSync;
  readonly nameHolder: StatementSync;
  readonly lookupHolder: StatementSync;
  readonly saveSession: StatementSync;
  readonly dropExpired: StatementSync;
  readonly findSession: StatementSync;
  readonly extendSession: StatementSync;
  readonly removeSession: StatementSync;
  readonly removeSessions: StatementSync;
  /** → its place */
  readonly insertAudit: StatementSync;
  /** (older than, up to this place) */
  readonly forgetAudit: StatementSync;
}

/** A removed entry is remembered for so long: no process sleeps longer and wakes with old keys. ms */
export const REMEMBERED = 90 * 24 * 60 * 60 * 1000;

export function prepareStatements(database: DatabaseSync): ConfigStatements {
  const rows = (sql: string): StatementSync => {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  };
  const entries = (rest: string): StatementSync => rows(`SELECT ${ENTRY_COLUMNS} FROM entries ${rest}`);
  return {
    page: entries("WHERE kind = ? AND seq > ? ORDER BY seq LIMIT ?"),
    get: entries("WHERE kind = ? AND id = ?"),
    byLookup: entries("WHERE lookup = ? AND lookup <> '' AND deleted = 0"),
    count: rows("SELECT count(*) FROM entries WHERE kind = ? AND deleted = 0"),
    state: rows("SELECT revision, (SELECT key_id FROM store_key) FROM store_state"),
    dataVersion: rows("PRAGMA data_version"),
    nextRevision: rows("UPDATE store_state SET revision = revision + 1 RETURNING revision"),
    lastPlace: rows("SELECT coalesce(max(seq), 0) FROM entries"),
    takeOut: rows("DELETE FROM entries WHERE kind = ? AND id = ? RETURNING seq"),
    insert: database.prepare(
      `INSERT INTO entries (${ENTRY_COLUMNS}, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    remember: database.prepare("INSERT INTO removed (revision, kind, id, removed_at) VALUES (?, ?, ?, ?)"),
    // The oldest first and only a few at once: a removal costs the same whatever is remembered.
    forget: database.prepare(
      "DELETE FROM removed WHERE rowid IN (SELECT rowid FROM removed ORDER BY revision LIMIT 8) AND removed_at < ?",
    ),
    changed: rows(`SELECT kind, id, max(revision) FROM (
        SELECT kind, id, revision FROM entries WHERE revision > ?1
        UNION ALL SELECT kind, id, revision FROM removed WHERE revision > ?1
      ) GROUP BY kind, id ORDER BY max(revision), kind, id`),
    nameHolder: rows("SELECT id FROM entries WHERE kind = ? AND owner = ? AND name = ? AND deleted = 0"),
    lookupHolder: rows("SELECT kind, id, name FROM entries WHERE lookup = ? AND lookup <> ''"),
    saveSession: database.prepare(
      "INSERT INTO sessions (token_hash, user_name, created_at, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT (token_hash) " +
        "DO UPDATE SET user_name = excluded.user_name, created_at = excluded.created_at, expires_at = excluded.expires_at",
    ),
    dropExpired: database.prepare("DELETE FROM sessions WHERE expires_at < ?"),
    findSession: rows("SELECT user_name, created_at, expires_at FROM sessions WHERE token_hash = ?"),
    extendSession: database.prepare("UPDATE sessions SET expires_at = ? WHERE token_hash = ?"),
    removeSession: database.prepare("DELETE FROM sessions WHERE token_hash = ?"),
    removeSessions: database.prepare("DELETE FROM sessions"),
    insertAudit: rows(
      "INSERT INTO audit (seq, at, actor, address, method, path, entity, entity_id, entity_name, outcome, status, detail) " +
        "VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM audit), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq",
    ),
    // A few at once, so that every row costs the same.
    forgetAudit: database.prepare(
      "DELETE FROM audit WHERE seq IN (SELECT seq FROM audit ORDER BY seq LIMIT 8) AND (at < ? OR seq <= ?)",
    ),
  };
}
