// The ranking as a table for spreadsheets.
import type { Ranked } from "./ranked.ts";

const COLUMNS: readonly (readonly [title: string, cell: (row: Ranked) => string | number | null])[] = [
  ["id", ({ id }) => id],
  ["name", ({ name }) => name],
  ["requests", (row) => row.total_requests],
  ["succeeded", (row) => row.success_count],
  ["failed", (row) => row.error_count],
  ["cancelled", (row) => row.cancelled_count],
  ["input_tokens", (row) => row.prompt_tokens],
  ["output_tokens", (row) => row.completion_tokens],
  ["tokens", (row) => row.total_tokens],
  ["cost_usd", (row) => row.total_cost],
  ["requests_without_price", (row) => row.unpriced_requests],
  ["mean_latency_ms", (row) => row.avg_latency],
  ["p95_latency_ms", (row) => row.p95_latency],
];

/** RFC 4180; an unknown cost is an empty cell. */
export function csvOf(rows: readonly Ranked[]): string {
  const lines = [COLUMNS.map(([title]) => title), ...rows.map((row) => COLUMNS.map(([, cell]) => cellOf(cell(row))))];
  return lines.map((line) => `${line.join(",")}\r\n`).join("");
}

/** A text that a spreadsheet would take for a formula begins with an apostrophe. */
function cellOf(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
