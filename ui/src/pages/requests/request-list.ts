// The list while it is shown: reads pages of the log backwards in time, and takes in what is told live.
import type { LiveEvent, LiveRequest } from "../../../../src/core/live.ts";
import { get } from "../../api/client.ts";
import { type ApiError, toApiError } from "../../api/errors.ts";
import { type Chosen, fitsAll, isLiveTold } from "./filters.ts";
import {
  EMPTY_LIST,
  type ListState,
  MOST_ROWS,
  type RequestRow,
  rowOf,
  type SummaryRow,
  showHeld,
  takeRows,
  withoutRows,
} from "./rows.ts";

/** A page of GET /api/logs?fields=summary. */
export interface SummaryPage {
  readonly logs: readonly SummaryRow[];
  readonly pagination: {
    readonly next: string | null;
    readonly searched_until: string | null;
    readonly total_count: number;
    readonly total_count_at_least: number | null;
  };
  readonly has_logs: boolean;
  readonly warnings?: readonly string[];
}

export interface ListParts {
  /** Filters and time, as the log takes them. */
  readonly query: string;
  readonly chosen: readonly Chosen[];
  /** What happens now belongs to the list. */
  readonly isLive: boolean;
  /** Requests that were told live before the list began. */
  readonly known: readonly LiveRequest[];
  /** Called when something changed. */
  tell(): void;
}

const LIMIT = 60;
/** A content search answers after half a second with what it has: so many answers without a row are taken in one go. */
const MOST_SEARCHES = 40;
/** ms between two looks at the newest page, where rows cannot be told live. */
const LOOK = 1_000;

export class RequestList {
  readonly #parts: ListParts;
  readonly #abort = new AbortController();
  #state: ListState = EMPTY_LIST;
  #isPaused = false;
  #next: string | null = null;
  #isBusy = false;
  #look = 0;
  error: ApiError | null = null;
  /** The first answer is here. */
  isReady = false;
  hasLogs = false;
  searchedUntil: string | null = null;
  warnings: readonly string[] = [];

  constructor(parts: ListParts) {
    this.#parts = parts;
  }

  get rows(): readonly RequestRow[] {
    return this.#state.rows;
  }

  /** Rows that wait until nobody looks closely. */
  get held(): number {
    return this.#state.held.length;
  }

  get hasMore(): boolean {
    return this.#next !== null;
  }

  /** As many rows as are kept: the log has more. */
  get isFull(): boolean {
    return this.#state.rows.length >= MOST_ROWS;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  start(): void {
    void this.more();
  }

  stop(): void {
    this.#abort.abort();
    clearTimeout(this.#look);
  }

  /** The next page; one at a time. */
  async more(): Promise<void> {
    if (this.#isBusy || this.isFull || (this.isReady && this.#next === null)) return;
    this.#isBusy = true;
    this.error = null;
    this.#parts.tell();
    try {
      await this.#search();
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.error = toApiError(error);
    }
    this.#isBusy = false;
    this.#parts.tell();
  }

  /** One page; of a content search as many answers as it takes to find something. */
  async #search(): Promise<void> {
    for (let asked = 0; asked < MOST_SEARCHES; asked++) {
      const page = await this.#page(this.#next);
      this.#next = page.pagination.next;
      this.searchedUntil = page.pagination.searched_until;
      this.hasLogs = page.has_logs;
      this.warnings = page.warnings ?? [];
      this.#take(page.logs.map(rowOf));
      if (!this.isReady) this.#takeKnown();
      this.isReady = true;
      if (page.logs.length > 0 || this.#next === null) return;
      this.#parts.tell();
    }
  }

  #page(after: string | null): Promise<SummaryPage> {
    const cursor = after === null ? "" : `&after=${encodeURIComponent(after)}`;
    return get(`/api/logs?fields=summary&limit=${LIMIT}&${this.#parts.query}${cursor}`, { signal: this.#abort.signal });
  }

  /** Events of the live stream. */
  takeLive(events: readonly LiveEvent[]): void {
    const { isLive, chosen } = this.#parts;
    if (!isLive || !this.isReady) return;
    const rows = events.flatMap((event) => ("request" in event ? [rowOf(event.request)] : []));
    const needsLook = events.some((event) => event.type === "gap" || event.type === "requests.summary");
    if (needsLook || (rows.some(({ status }) => status !== "processing") && !isLiveTold(chosen))) this.#lookSoon();
    if (rows.length > 0 && isLiveTold(chosen)) this.#takeFitting(rows);
  }

  #takeFitting(rows: readonly RequestRow[]): void {
    const { chosen } = this.#parts;
    const oldest = this.#next === null ? 0 : (this.#state.rows.at(-1)?.at ?? 0);
    const fits = (row: RequestRow): boolean => fitsAll(row, chosen);
    const gone = rows.filter((row) => !fits(row));
    if (gone.length > 0) this.#state = withoutRows(this.#state, new Set(gone.map(({ id }) => id)));
    this.#take(rows.filter((row) => fits(row) && row.at >= oldest));
    this.hasLogs = true;
    this.#parts.tell();
  }

  #takeKnown(): void {
    const { known, isLive, chosen } = this.#parts;
    if (isLive && isLiveTold(chosen) && known.length > 0) this.#takeFitting(known.map(rowOf));
  }

  #take(rows: readonly RequestRow[]): void {
    this.#state = takeRows(this.#state, rows, this.#isPaused);
  }

  #lookSoon(): void {
    if (this.#look !== 0) return;
    this.#look = window.setTimeout(() => {
      this.#look = 0;
      void this.lookAgain();
    }, LOOK);
  }

  /** Reads the newest page anew: what was not told is there. */
  async lookAgain(): Promise<void> {
    if (!this.isReady || this.#isBusy) return;
    try {
      const page = await this.#page(null);
      const rows = page.logs.map(rowOf);
      const known = new Set(this.#state.rows.map(({ id }) => id));
      const isJoined = known.size === 0 || rows.length < LIMIT || rows.some(({ id }) => known.has(id));
      this.hasLogs = page.has_logs;
      if (isJoined || this.#isPaused) this.#take(rows);
      else this.#startOver(rows, page.pagination.next);
      this.#parts.tell();
    } catch {
      // the next look may succeed; what is shown is still true
    }
  }

  /** So much is new that the newest page does not reach down to what is shown. */
  #startOver(rows: readonly RequestRow[], next: string | null): void {
    this.#state = takeRows(EMPTY_LIST, rows, false);
    this.#next = next;
  }

  hold(isHeld: boolean): void {
    this.#isPaused = isHeld;
    if (!isHeld) this.release();
  }

  /** Shows what waits. */
  release(): void {
    const { hasGap } = this.#state;
    this.#state = showHeld(this.#state);
    if (hasGap) void this.#rewind();
    this.#parts.tell();
  }

  /** The cursor of the rows that were let go leads nowhere that is shown. */
  async #rewind(): Promise<void> {
    const page = await this.#page(null).catch(() => null);
    if (page === null) return;
    this.#startOver(page.logs.map(rowOf), page.pagination.next);
    this.#parts.tell();
  }

  remove(ids: ReadonlySet<string>): void {
    this.#state = withoutRows(this.#state, ids);
    this.#parts.tell();
  }
}
