// Search in the stored content of the request log.
import { type Condition, textContains } from "./text-search.ts";

/** Rows whose input or output holds the text. */
export function contentContains(text: string): Condition {
  const [input, output] = [textContains("content.input", text), textContains("content.output", text)];
  return {
    sql: `EXISTS (SELECT 1 FROM log_content AS content WHERE content.seq = request_log.seq
      AND (${input.sql} OR ${output.sql}))`,
    values: [...input.values, ...output.values],
  };
}
