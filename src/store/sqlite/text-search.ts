// Search in stored text: literal, without regard to case.
import type { DatabaseSync } from "node:sqlite";

/** A condition on rows, with the values for its places. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly (string | number | null)[];
}

/** Registers what the search needs on a connection. */
export function addSearchFunction(database: DatabaseSync): void {
  const options = { deterministic: true, directOnly: true };
  database.function("contains_folded", options, (text: unknown, folded: unknown) =>
    typeof text === "string" && text.toLowerCase().includes(String(folded)) ? 1 : 0,
  );
}

/** Rows whose column or expression holds the text. */
export function textContains(column: string, text: string): Condition {
  // LIKE folds ASCII alone, and does it natively; everything else is folded by the runtime, row by row.
  // oxlint-disable-next-line no-control-regex
  const isAscii = /^[\x00-\x7f]*$/.test(text);
  if (!isAscii) return { sql: `contains_folded(${column}, ?)`, values: [text.toLowerCase()] };
  return { sql: `${column} LIKE ? ESCAPE '\\'`, values: [`%${text.replace(/[\\%_]/g, "\\$&")}%`] };
}
