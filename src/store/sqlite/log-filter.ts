// Turns a query of the request log into SQL: conditions with their values, and the order.

import type { LogQuery } from "../../core/stores.ts";
import type { LogColumn, LogValue } from "./log-columns.ts";
import { contentContains } from "./log-search.ts";
import type { Condition } from "./text-search.ts";

/** The conditions that a query's filters stand for; none = every row. The cursor is not among them. */
export function filterConditions(query: LogQuery): Condition[] {
  return [
    ...oneOf("provider", query.providers),
    ...oneOf("model", query.models),
    ...oneOf("status", query.status),
    ...oneOf("virtual_key_id", query.virtualKeyIds),
    ...oneOf("selected_key_id", query.selectedKeyIds),
    ...oneOf("stop_reason", query.stopReasons),
    ...oneOf("object", query.objects),
    ...compare("timestamp", ">=", query.startTime),
    ...compare("timestamp", "<=", query.endTime),
    ...compare("latency", ">=", query.minLatency),
    ...compare("latency", "<=", query.maxLatency),
    ...compare("total_tokens", ">=", query.minTokens),
    ...compare("total_tokens", "<=", query.maxTokens),
    ...compare("cost_nano", ">=", query.minCost),
    ...compare("cost_nano", "<=", query.maxCost),
    ...(query.missingCostOnly === true ? [{ sql: "unpriced = 1", values: [] }] : []),
    ...oneOf("team_id", query.teamIds),
    ...oneOf("customer_id", query.customerIds),
    ...compare("stream", "=", query.stream === undefined ? undefined : Number(query.stream)),
    ...compare("client_request_id", "=", query.clientRequestId),
    ...(query.contentSearch ? [contentContains(query.contentSearch)] : []),
  ];
}

function oneOf(column: LogColumn, values: readonly string[] | undefined): Condition[] {
  if (values === undefined) return [];
  return [{ sql: `${column} IN (${values.map(() => "?").join(", ")})`, values }];
}

function compare(column: LogColumn, operator: string, value: LogValue | undefined): Condition[] {
  return value === undefined ? [] : [{ sql: `${column} ${operator} ?`, values: [value] }];
}

/** `WHERE …`, or nothing. */
export function whereClause(conditions: readonly Condition[]): string {
  return conditions.length === 0 ? "" : `WHERE ${conditions.map((condition) => condition.sql).join(" AND ")}`;
}

/** The place behind the last row of a page sorted by timestamp. */
export function encodeCursor(row: { readonly timestamp: LogValue; readonly seq: number }): string {
  return `${row.timestamp}.${row.seq}`;
}

/** The place that a query's cursor names; null when there is none of ours. */
export function readCursor(query: LogQuery): { timestamp: number; seq: number } | null {
  const match = /^(\d{1,15})\.(\d{1,15})$/.exec(query.after ?? "");
  if (match === null || query.sortBy !== "timestamp") return null;
  return { timestamp: Number(match[1]), seq: Number(match[2]) };
}
