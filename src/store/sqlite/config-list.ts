// Turns a query for entries of the configuration into SQL, and reads the page.
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { EntryKind, EntryPage, EntryQuery, Vault } from "../../core/config-store.ts";
import { ENTRY_COLUMNS, type EntryRow, readEntry } from "./config-rows.ts";
import { type Condition, textContains } from "./text-search.ts";

/** Names are put in order without regard to the case of ASCII letters. */
const SORT_COLUMNS = { name: "lower(name)", created_at: "created_at", updated_at: "updated_at" } as const;

/** Without a sort in the order of creation, which also decides between equals. */
export function listEntries(database: DatabaseSync, kind: EntryKind, query: EntryQuery, vault: Vault): EntryPage {
  const conditions = queryConditions(kind, query);
  const where = conditions.map(({ sql }) => sql).join(" AND ");
  const values: SQLInputValue[] = conditions.flatMap((condition) => condition.values);
  const count = database.prepare(`SELECT count(*) AS total FROM entries WHERE ${where}`);
  const { total } = count.get(...values) as { total: number };
  const statement = database.prepare(
    `SELECT ${ENTRY_COLUMNS} FROM entries WHERE ${where} ORDER BY ${order(query)} LIMIT ? OFFSET ?`,
  );
  statement.setReturnArrays(true);
  const rows = statement.all(...values, query.limit, query.offset) as unknown as EntryRow[];
  return { entries: rows.map((row) => readEntry(row, vault)), total };
}

function queryConditions(kind: EntryKind, query: EntryQuery): Condition[] {
  const conditions: Condition[] = [{ sql: "kind = ? AND deleted = 0", values: [kind] }];
  if (query.owner !== undefined) conditions.push({ sql: "owner = ?", values: [query.owner] });
  if (query.ids !== undefined) {
    conditions.push({ sql: "id IN (SELECT value FROM json_each(?))", values: [JSON.stringify(query.ids)] });
  }
  if (query.search !== undefined && query.search !== "") {
    const found = [textContains("name", query.search), textContains("body ->> '$.description'", query.search)];
    conditions.push({
      sql: `(${found.map(({ sql }) => sql).join(" OR ")})`,
      values: found.flatMap((one) => one.values),
    });
  }
  return conditions;
}

function order(query: EntryQuery): string {
  const direction = query.descending ? "DESC" : "ASC";
  const column = query.sort === undefined ? "" : `${SORT_COLUMNS[query.sort]} ${direction}, `;
  return `${column}seq ${direction}`;
}
