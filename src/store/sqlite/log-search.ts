// Search in the stored content: literal text, without regard to case.
import type { DatabaseSync } from "node:sqlite";
import type { LogValue } from "./log-columns.ts";

/** A condition on rows, with the values for its places. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly LogValue[];
}

/** Registers what the search needs on a connection. */
export function addSearchFunction(database: DatabaseSync): void {
  const options = { deterministic: true, directOnly: true };
  database.function("contains_folded", options, (text: unknown, folded: unknown) =>
    typeof text === "string" && text.toLowerCase().includes(String(folded)) ? 1 : 0,
  );
}

/** Rows whose input or output holds the text. */
export function contentContains(text: string): Condition {
  // LIKE folds ASCII alone, and does it natively; everything else is folded by the runtime, row by row.
  // oxlint-disable-next-line no-control-regex
  const isAscii = /^[\x00-\x7f]*$/.test(text);
  const value = isAscii ? `%${text.replace(/[\\%_]/g, "\\$&")}%` : text.toLowerCase();
  const test = (column: string): string => (isAscii ? `${column} LIKE ? ESCAPE '\\'` : `contains_folded(${column}, ?)`);
  return {
    sql: `EXISTS (SELECT 1 FROM log_content AS content WHERE content.seq = request_log.seq
      AND (${test("content.input")} OR ${test("content.output")}))`,
    values: [value, value],
  };
}
