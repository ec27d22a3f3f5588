// The request log as CSV (RFC 4180): its columns, and cells that no spreadsheet takes for a formula.
import type { LogRow } from "../core/stores.ts";

type Cell = string | number | boolean | null;

/** Content, decision and costs of attempts are in the JSON lines: cells are for what fits into one. */
const COLUMNS: readonly (readonly [name: string, cell: (row: LogRow) => Cell])[] = [
  ["id", (row) => row.id],
  ["timestamp", (row) => row.timestamp],
  ["status", (row) => row.status],
  ["status_code", (row) => row.status_code],
  ["object", (row) => row.object],
  ["stream", (row) => row.stream],
  ["requested_model", (row) => row.requested_model],
  ["provider", (row) => row.provider],
  ["model", (row) => row.model],
  ["selected_key_id", (row) => row.selected_key_id],
  ["selected_key_name", (row) => row.selected_key_name],
  ["virtual_key_id", (row) => row.virtual_key_id],
  ["virtual_key_name", (row) => row.virtual_key_name],
  ["team_id", (row) => row.team_id],
  ["team_name", (row) => row.team_name],
  ["customer_id", (row) => row.customer_id],
  ["customer_name", (row) => row.customer_name],
  ["user_id", (row) => row.user_id],
  ["app", (row) => row.app],
  ["session_id", (row) => row.session_id],
  ["latency_ms", (row) => row.latency],
  ["time_to_first_token_ms", (row) => row.time_to_first_token],
  ["overhead_us", (row) => row.overhead_us],
  ["prompt_tokens", (row) => row.token_usage?.prompt_tokens ?? null],
  ["completion_tokens", (row) => row.token_usage?.completion_tokens ?? null],
  ["total_tokens", (row) => row.token_usage?.total_tokens ?? null],
  ["cached_read_tokens", (row) => row.token_usage?.prompt_tokens_details.cached_read_tokens ?? null],
  ["reasoning_tokens", (row) => row.token_usage?.completion_tokens_details.reasoning_tokens ?? null],
  ["cost_usd", (row) => row.cost],
  ["stop_reason", (row) => row.stop_reason],
  ["number_of_retries", (row) => row.number_of_retries],
  ["fallback_index", (row) => row.fallback_index],
  ["attempts", (row) => row.attempts.length],
  ["routing_engines_used", (row) => row.routing_engines_used.join(" ")],
  ["routing_rule_id", (row) => row.routing_rule_id],
  ["routing_rule_name", (row) => row.routing_rule_name],
  ["error_type", (row) => row.error_details?.type ?? null],
  ["error_code", (row) => row.error_details?.code ?? null],
  ["error_message", (row) => row.error_details?.message ?? null],
  ["client_request_id", (row) => row.client_request_id],
  ["user_agent", (row) => row.user_agent],
  ["metadata", (row) => JSON.stringify(row.metadata)],
];

const LINE_END = "\r\n";

/** The line of names. */
export const CSV_HEAD = COLUMNS.map(([name]) => name).join(",") + LINE_END;

/** One request. */
export function csvLine(row: LogRow): string {
  return COLUMNS.map(([, cell]) => csvCell(cell(row))).join(",") + LINE_END;
}

/** Null is empty. Text that a spreadsheet would calculate begins with an apostrophe instead. */
export function csvCell(value: Cell): string {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  const harmless = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
