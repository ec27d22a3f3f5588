// GET /api/logs/export: every row that fits, as CSV or as JSON lines, in a stream that holds one page at a time.
import { setImmediate as turn } from "node:timers/promises";
import type { LogPage, LogQuery, LogRow } from "../core/stores.ts";
import type { PlaneAnswer, PlaneRequest } from "../lib/channel/bridge-responder.ts";
import { CSV_HEAD, csvLine } from "./log-csv.ts";
import { choice, refuse, wholeNumber } from "./log-parameters.ts";
import { readLogQuery } from "./log-query.ts";
import { wholeRow } from "./log-shape.ts";
import { ask, type LogDesk } from "./log-source.ts";
import type { Route } from "./router.ts";

interface Form {
  readonly contentType: string;
  readonly head: string;
  readonly line: (row: LogRow) => string;
}

const FORMS: Readonly<Record<"csv" | "jsonl", Form>> = {
  csv: { contentType: "text/csv; charset=utf-8; header=present", head: CSV_HEAD, line: csvLine },
  jsonl: { contentType: "application/x-ndjson", head: "", line: (row) => `${JSON.stringify(wholeRow(row))}\n` },
};
/** Rows read at once: other questions to this thread are answered between two pages. */
const PAGE = 500;
/** Rows in one piece of text. */
const PIECE = 50;

export function exportRoute(desk: LogDesk): Route {
  return { method: "GET", path: "/api/logs/export", demands: "read", handle: (request) => exportAnswer(desk, request) };
}

/** The first page is read before the head goes: what is wrong is said by a status. */
function exportAnswer(desk: LogDesk, request: PlaneRequest): PlaneAnswer {
  const { query: parameters } = request;
  const format = choice(parameters.get("format") || "jsonl", "format", ["csv", "jsonl"] as const);
  const most = readMost(parameters);
  const read = readLogQuery(parameters, desk.now(), { own: ["format", "limit"] }).query;
  if (read.sortBy !== "timestamp") refuse("sort_by", read.sortBy, "timestamp: an export goes along the time");
  if (read.offset > 0) refuse("offset", String(read.offset), "0: an export begins with the first row");
  // rows that come meanwhile are not part of it, in either order
  const query: LogQuery = { ...read, endTime: read.endTime ?? desk.now(), light: format === "csv" };
  const pages = new ExportPages(desk, query, most);
  const first = request.method === "HEAD" ? null : pages.next();
  const headers: (readonly [string, string])[] = [
    ["content-type", FORMS[format].contentType],
    ["cache-control", "no-store"],
    ["content-disposition", `attachment; filename="${fileName(desk.now(), format)}"`],
  ];
  if (pages.total !== null) headers.push(["x-total-count", String(Math.min(pages.total, most))]);
  return { status: 200, headers, body: first === null ? "" : exported(pages, first, FORMS[format], request.signal) };
}

/** `limit`: the most rows; none given = all. */
function readMost(parameters: URLSearchParams): number {
  const value = parameters.get("limit") ?? "";
  return value === "" ? Number.POSITIVE_INFINITY : wholeNumber(value, "limit", 1);
}

function fileName(now: number, format: string): string {
  const time = new Date(now).toISOString().slice(0, 19).replaceAll(":", "-");
  return `drawbridge-requests-${time}Z.${format}`;
}

/** Goes from page to page by the cursor, so that rows deleted or added meanwhile shift nothing. */
class ExportPages {
  readonly #desk: LogDesk;
  readonly #query: LogQuery;
  #left: number;
  #after: string | undefined;
  #isOver = false;
  /** Rows that fit; null: not known. */
  total: number | null = null;

  constructor(desk: LogDesk, query: LogQuery, most: number) {
    this.#desk = desk;
    this.#query = query;
    this.#left = most;
    this.#after = query.after;
  }

  /** Null after the last page. */
  next(): readonly LogRow[] | null {
    if (this.#isOver) return null;
    const isFirst = this.total === null && this.#after === this.#query.after;
    const limit = Math.min(PAGE, this.#left);
    const page = ask(
      this.#desk.source,
      (reader) => reader.list({ ...this.#query, limit, after: this.#after, rowsOnly: !isFirst }),
      null,
    );
    if (isFirst) this.total = totalOf(page, this.#query);
    const logs = page?.logs ?? [];
    this.#left -= logs.length;
    this.#after = page?.pagination.next ?? undefined;
    this.#isOver = this.#after === undefined || this.#left <= 0;
    return logs;
  }
}

/** A search that stopped for want of time, or a cursor that begins in the middle, knows no number. */
function totalOf(page: LogPage | null, query: LogQuery): number | null {
  if (page === null) return 0;
  const { total_count: count, total_count_at_least: atLeast, searched_until: until } = page.pagination;
  return atLeast === null && until === null && query.after === undefined ? count : null;
}

async function* exported(
  pages: ExportPages,
  first: readonly LogRow[],
  form: Form,
  signal: AbortSignal,
): AsyncGenerator<string> {
  if (form.head !== "") yield form.head;
  let page: readonly LogRow[] | null = first;
  while (page !== null && !signal.aborted) {
    yield* linesOf(page, form);
    await turn();
    page = signal.aborted ? null : pages.next();
  }
}

/** In pieces that are neither many nor large. */
function* linesOf(page: readonly LogRow[], { line }: Form): Generator<string> {
  for (let at = 0; at < page.length; at += PIECE) {
    const rows = page.slice(at, at + PIECE);
    yield rows.map(line).join("");
  }
}
