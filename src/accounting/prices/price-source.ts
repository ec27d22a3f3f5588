// Keeps the price sheet of an address or a file fresh: asks again by the clock, and never lets go of the last good one.
import type { Clock } from "../../core/ports.ts";
import { type PriceSheet, PriceSheetError, readSheet, sheetVersion } from "./read-sheet.ts";

/** What is asked of a source; the validators of the last good answer, where it had some. */
export interface SheetRequest {
  readonly url: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
}

export interface SheetAnswer {
  readonly status: number;
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly text: string;
}

/** The last good sheet as it is kept on disk. */
export interface KeptSheet {
  readonly url: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** Unix ms. */
  readonly fetchedAt: number;
  readonly text: string;
}

export interface SheetStatus {
  readonly url: string;
  readonly version: string | null;
  readonly entries: number;
  /** Unix ms of the last good content; null = there was none. */
  readonly fetchedAt: number | null;
  /** Unix ms of the last answer that said it is still the same, or was taken. */
  readonly checkedAt: number | null;
  /** Why the last try failed; null = it did not. */
  readonly error: string | null;
  /** Unix ms from which on it is asked again. */
  readonly nextAt: number;
}

export interface PriceSourceOptions {
  /** An address, or the path of a file: what `fetch` understands. */
  readonly url: string;
  /** ms between two checks. */
  readonly interval: number;
  /** Asks the source. Rejects where it cannot be reached; bounds time and size itself. */
  readonly fetch: (request: SheetRequest) => Promise<SheetAnswer>;
  readonly keep: { readonly read: () => Promise<KeptSheet | null>; readonly write: (kept: KeptSheet) => Promise<void> };
  readonly clock: Clock;
  /** Called with each sheet that comes into force. */
  readonly onSheet: (sheet: PriceSheet) => void;
}

export type RefreshResult =
  | { readonly type: "taken"; readonly sheet: PriceSheet }
  | { readonly type: "unchanged" }
  | { readonly type: "failed"; readonly reason: string };

/** After a failure it is asked again soon, and then ever more slowly. */
const FIRST_RETRY_MS = 60_000;
/** In UTF-16 units: LiteLLM's whole sheet has three million. */
export const LONGEST_SHEET = 32_000_000;

/** One price sheet and its life. Asks nothing by itself: whoever owns the clock calls `refresh` when `isDue`. */
export class PriceSource {
  readonly #options: PriceSourceOptions;
  #sheet: PriceSheet | null = null;
  #validators: Omit<KeptSheet, "text"> | null = null;
  #checkedAt: number | null = null;
  #error: string | null = null;
  #warning: string | null = null;
  #failures = 0;
  #nextAt: number;
  #running: Promise<RefreshResult> | null = null;

  constructor(options: PriceSourceOptions) {
    this.#options = options;
    this.#nextAt = options.clock.now();
  }

  /** The sheet in force; null = none yet. */
  get sheet(): PriceSheet | null {
    return this.#sheet;
  }

  get status(): SheetStatus {
    return {
      url: this.#options.url,
      version: this.#sheet?.version ?? null,
      entries: this.#sheet?.entries.length ?? 0,
      fetchedAt: this.#validators?.fetchedAt ?? null,
      checkedAt: this.#checkedAt,
      error: this.#error,
      nextAt: this.#nextAt,
    };
  }

  get isDue(): boolean {
    return this.#options.clock.now() >= this.#nextAt;
  }

  /** Takes the last good sheet from disk; a broken one, or one of another address, is passed over. */
  async restore(): Promise<void> {
    const kept = await this.#options.keep.read().catch(() => null);
    if (kept === null || kept.url !== this.#options.url || this.#sheet !== null) return;
    try {
      this.#take(readSheet(kept.text), kept);
    } catch (error) {
      if (!(error instanceof PriceSheetError)) throw error;
    }
  }

  /** Asks the source now; calls while one is under way share its answer. Never rejects: a failure keeps the last good sheet. */
  refresh(): Promise<RefreshResult> {
    this.#running ??= this.#refresh().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #refresh(): Promise<RefreshResult> {
    this.#warning = null;
    try {
      const result = await this.#ask();
      this.#error = this.#warning;
      this.#failures = 0;
      this.#checkedAt = this.#options.clock.now();
      this.#nextAt = this.#checkedAt + this.#options.interval;
      return result;
    } catch (error) {
      return this.#failed(error instanceof Error ? error.message : String(error));
    }
  }

  #failed(reason: string): RefreshResult {
    const wait = Math.min(this.#options.interval, FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 20));
    this.#failures += 1;
    this.#error = reason;
    this.#nextAt = this.#options.clock.now() + wait;
    return { type: "failed", reason };
  }

  async #ask(): Promise<RefreshResult> {
    const { url, fetch, clock } = this.#options;
    const known = this.#validators;
    const answer = await fetch({ url, etag: known?.etag ?? null, lastModified: known?.lastModified ?? null });
    if (answer.status === 304 && known !== null) return { type: "unchanged" };
    if (answer.status !== 200) throw new Error(`the price source answered with status ${answer.status}`);
    if (answer.text.length > LONGEST_SHEET) throw new PriceSheetError("the price sheet is too long");
    const { etag, lastModified, text } = answer;
    const fresh: KeptSheet = { url, etag, lastModified, fetchedAt: clock.now(), text };
    if (this.#sheet?.version === sheetVersion(text)) {
      this.#remember(fresh);
      return { type: "unchanged" };
    }
    const sheet = readSheet(text);
    this.#take(sheet, fresh);
    await this.#store(fresh);
    return { type: "taken", sheet };
  }

  #take(sheet: PriceSheet, kept: KeptSheet): void {
    this.#sheet = sheet;
    this.#remember(kept);
    this.#options.onSheet(sheet);
  }

  /** The text stays on disk: it may have megabytes. */
  #remember({ text: _text, ...validators }: KeptSheet): void {
    this.#validators = validators;
  }

  /** A disk that takes nothing costs the next start its prices, not this one. */
  async #store(kept: KeptSheet): Promise<void> {
    await this.#options.keep.write(kept).catch(() => {
      this.#warning = "the price sheet could not be kept on disk";
    });
  }
}
