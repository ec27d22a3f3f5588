// The rows of the audit in the configuration store: written with the changes that they tell of, read newest first, forgotten in time.
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { AUDIT_LIMITS, type AuditPage, type AuditQuery, type AuditRow, type StoredAuditRow } from "../../core/audit.ts";
import type { JsonValue } from "../../core/config-store.ts";
import type { ConfigStatements } from "./config-statements.ts";
import type { Condition } from "./text-search.ts";

/** In the order of `insertAudit` and `readRow`. */
export const AUDIT_COLUMNS =
  "seq, at, actor, address, method, path, entity, entity_id, entity_name, outcome, status, detail";

type Row = readonly [
  seq: number,
  at: number,
  actor: string,
  address: string,
  method: string,
  path: string,
  entity: string,
  entityId: string,
  entityName: string,
  outcome: AuditRow["outcome"],
  status: number,
  detail: string,
];

interface Detail {
  readonly before: JsonValue;
  readonly after: JsonValue;
  readonly reason: string;
}

/** Inside a transaction of the caller. */
export function insertAudit(statements: ConfigStatements, rows: readonly AuditRow[]): void {
  for (const row of rows) {
    const { before, after, reason } = row;
    const [seq] = statements.insertAudit.get(
      row.at,
      row.actor,
      row.address,
      row.method,
      row.path,
      row.entity,
      row.entityId,
      row.entityName,
      row.outcome,
      row.status,
      JSON.stringify({ before, after, reason } satisfies Detail),
    ) as unknown as [number];
    statements.forgetAudit.run(row.at - AUDIT_LIMITS.age, seq - AUDIT_LIMITS.rows);
  }
}

export function readAudit(database: DatabaseSync, query: AuditQuery): AuditPage {
  const conditions = conditionsOf(query);
  const where = conditions.length === 0 ? "" : `WHERE ${conditions.map(({ sql }) => sql).join(" AND ")}`;
  const values: SQLInputValue[] = conditions.flatMap((condition) => condition.values);
  const { total } = database.prepare(`SELECT count(*) AS total FROM audit ${where}`).get(...values) as {
    total: number;
  };
  const statement = database.prepare(`SELECT ${AUDIT_COLUMNS} FROM audit ${where} ORDER BY seq DESC LIMIT ? OFFSET ?`);
  statement.setReturnArrays(true);
  const rows = statement.all(...values, query.limit, query.offset) as unknown as Row[];
  return { rows: rows.map(readRow), total };
}

function conditionsOf({ entity, entityId, actor, since, until }: AuditQuery): Condition[] {
  const conditions: Condition[] = [];
  if (entity !== undefined) conditions.push({ sql: "entity = ?", values: [entity] });
  if (entityId !== undefined) conditions.push({ sql: "entity_id = ?", values: [entityId] });
  if (actor !== undefined) conditions.push({ sql: "(actor = ? OR address = ?)", values: [actor, actor] });
  if (since !== undefined) conditions.push({ sql: "at >= ?", values: [since] });
  if (until !== undefined) conditions.push({ sql: "at <= ?", values: [until] });
  return conditions;
}

function readRow(row: Row): StoredAuditRow {
  const [id, at, actor, address, method, path, entity, entityId, entityName, outcome, status, detail] = row;
  const told = { id, at, actor, address, method, path, entity, entityId, entityName, outcome, status };
  return { ...told, ...(JSON.parse(detail) as Detail) };
}
