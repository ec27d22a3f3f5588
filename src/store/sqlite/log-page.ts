// One page of the log: which rows stand on it, and what all that match sum up to.
import type { DatabaseSync } from "node:sqlite";
import type { LogQuery } from "../../core/stores.ts";
import { blocksOf, type Picked, pick, rangeOf, tokensOf } from "./block-scan.ts";
import type { LogBlock } from "./log-block.ts";
import { LogTally } from "./log-tally.ts";

/** Of more rows the newest so many are counted. */
export const MOST_COUNTED = 1_000_000;

/** A row's place in the order of a page. */
export interface Place {
  readonly seq: number;
  readonly timestamp: number;
  readonly key: number;
}

/** Picks the rows of each block that a query asks for. */
export function* picked(database: DatabaseSync, query: LogQuery): Generator<Picked & { first: number; last: number }> {
  for (const stored of blocksOf(database, rangeOf(query))) yield { ...stored, rows: pick(stored.block, query) };
}

/** All that match, up to MOST_COUNTED: the newest blocks first. */
export function tallyOf(database: DatabaseSync, query: LogQuery): { tally: LogTally; isExact: boolean } {
  const tally = new LogTally();
  for (const { block, rows } of picked(database, { ...query, order: "desc" })) {
    for (const row of rows) {
      if (tally.requests >= MOST_COUNTED) return { tally, isExact: false };
      tally.addRow(block, row);
    }
  }
  return { tally, isExact: true };
}

/** The places on a page sorted by time, behind the cursor where there is one. Stops where no older block can hold more. */
export function placesByTime(
  database: DatabaseSync,
  query: LogQuery,
  cursor: { timestamp: number; seq: number } | null,
): Place[] {
  const sign = query.order === "asc" ? 1 : -1;
  const most = query.limit + (cursor === null ? Math.max(0, query.offset) : 0);
  const bounded = cursor === null ? query : narrowed(query, cursor.timestamp);
  const best = new Best(most, (a, b) => sign * (a.timestamp - b.timestamp || a.seq - b.seq));
  for (const { block, first, last } of blocksOf(database, rangeOf(bounded))) {
    if (!best.wants(sign === 1 ? first : last)) break;
    for (const row of pick(block, bounded)) {
      const timestamp = block.time[row] as number;
      const seq = block.seq[row] as number;
      if (cursor !== null && sign * (timestamp - cursor.timestamp || seq - cursor.seq) <= 0) continue;
      best.add({ timestamp, seq, key: timestamp });
    }
  }
  return best.sorted().slice(cursor === null ? Math.max(0, query.offset) : 0);
}

/** Behind a cursor nothing earlier in the order is looked at. */
function narrowed(query: LogQuery, timestamp: number): LogQuery {
  if (query.order === "asc") return { ...query, startTime: Math.max(query.startTime ?? -Infinity, timestamp) };
  return { ...query, endTime: Math.min(query.endTime ?? Infinity, timestamp) };
}

/** The places on a page that is sorted by a value; rows without one come last, the newest first among equals. */
export function placesByValue(database: DatabaseSync, query: LogQuery): Place[] {
  const sign = query.order === "asc" ? 1 : -1;
  const compare = (a: Place, b: Place): number => {
    if (Number.isNaN(a.key) !== Number.isNaN(b.key)) return Number.isNaN(a.key) ? 1 : -1;
    return (Number.isNaN(a.key) ? 0 : sign * (a.key - b.key)) || b.seq - a.seq;
  };
  const best = new Best(query.limit + Math.max(0, query.offset), compare);
  for (const { block, rows } of picked(database, query)) {
    const keyOf = VALUES[query.sortBy as keyof typeof VALUES](block);
    for (const row of rows)
      best.add({ key: keyOf(row), seq: block.seq[row] as number, timestamp: block.time[row] as number });
  }
  return best.sorted().slice(Math.max(0, query.offset));
}

const VALUES = {
  timestamp: (block: LogBlock) => (row: number) => block.time[row] as number,
  latency: (block: LogBlock) => (row: number) => block.latency[row] as number,
  cost: (block: LogBlock) => (row: number) => block.cost[row] as number,
  tokens: (block: LogBlock) => (row: number) => tokensOf(block, row),
} as const;

/** The first `most` of what is added, in an order. */
class Best {
  readonly #most: number;
  readonly #compare: (a: Place, b: Place) => number;
  #kept: Place[] = [];
  /** The last of a full list: what comes behind it is not wanted. */
  #worst: Place | null = null;

  constructor(most: number, compare: (a: Place, b: Place) => number) {
    this.#most = most;
    this.#compare = compare;
  }

  add(place: Place): void {
    if (this.#worst !== null && this.#compare(place, this.#worst) >= 0) return;
    this.#kept.push(place);
    if (this.#kept.length >= 2 * this.#most + 1000) this.#cut();
  }

  /** Whether a row of this time, whichever its number, could still be among them. */
  wants(timestamp: number): boolean {
    if (this.#kept.length >= this.#most) this.#cut();
    if (this.#worst === null) return true;
    const { compare, worst } = { compare: this.#compare, worst: this.#worst };
    return (
      compare({ timestamp, key: timestamp, seq: 0 }, worst) < 0 ||
      compare({ timestamp, key: timestamp, seq: Number.MAX_SAFE_INTEGER }, worst) < 0
    );
  }

  sorted(): Place[] {
    this.#cut();
    return this.#kept;
  }

  #cut(): void {
    this.#kept.sort(this.#compare);
    this.#kept.length = Math.min(this.#kept.length, this.#most);
    this.#worst = this.#kept.length === this.#most ? (this.#kept.at(-1) ?? null) : null;
  }
}
