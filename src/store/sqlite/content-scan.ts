// Searches the stored content of the rows that a query asks for, the newest first, for as long as it may take.
import type { DatabaseSync } from "node:sqlite";
import type { LogQuery } from "../../core/stores.ts";
import { type Place, placesByTime } from "./log-page.ts";
import { textContains } from "./text-search.ts";

/** ms that a page may take; the rest of its time is for its rows. */
const MOST_TIME = 350;
const SLICE = 2000;

export interface Found {
  readonly places: readonly Place[];
  /** The last row that was looked at, where the search stopped for want of time or of room; null = it came to its end. */
  readonly stopped: Place | null;
  /** It stopped for want of time. */
  readonly isLate: boolean;
}

/** The places of rows whose input or output holds the text of the query. */
export function searchContent(
  database: DatabaseSync,
  query: LogQuery,
  cursor: { timestamp: number; seq: number } | null,
  now: () => number,
): Found {
  const until = now() + MOST_TIME;
  const text = query.contentSearch ?? "";
  const [input, output] = [textContains("input", text), textContains("output", text)];
  const holds = database.prepare(`SELECT 1 FROM log_content WHERE seq = ? AND (${input.sql} OR ${output.sql})`);
  const values = [...input.values, ...output.values];
  const places: Place[] = [];
  let left = cursor === null ? Math.max(0, query.offset) : 0;
  let behind = cursor;
  for (;;) {
    const slice = placesByTime(database, { ...query, contentSearch: undefined, limit: SLICE, offset: 0 }, behind);
    for (const place of slice) {
      behind = place;
      if (holds.get(place.seq, ...values) !== undefined && --left < 0) places.push(place);
      if (places.length >= query.limit) return { places, stopped: place, isLate: false };
      if (now() > until) return { places, stopped: place, isLate: true };
    }
    if (slice.length < SLICE) return { places, stopped: null, isLate: false };
  }
}
