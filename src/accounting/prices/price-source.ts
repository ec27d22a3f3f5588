// Keeps the price sheet of an address or a file fresh: asks again by the clock, and never lets go of the last good one.
import { createHash } from "node:crypto";
import type { Clock } from "../../core/ports.ts";
import type { SheetStatus } from "../../core/price.ts";
import type { CompactSheet, SheetReading, SheetTask } from "./sheet-reading.ts";

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
  readonly bytes: Uint8Array;
}

/** The last good sheet as it is kept on disk. */
export interface KeptSheet {
  /** Hash of its address, which may hold a secret. */
  readonly source: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** Unix ms. */
  readonly fetchedAt: number;
  readonly bytes: Uint8Array;
}

export interface PriceSourceOptions {
  /** An address, or the path of a file: what `fetch` understands. */
  readonly url: string;
  /** ms between two checks; asked each time. */
  readonly interval: () => number;
  /** Asks the source. Rejects where it cannot be reached; bounds time and size itself. */
  readonly fetch: (request: SheetRequest) => Promise<SheetAnswer>;
  /** Reads a sheet in a thread of its own. The bytes are handed over. */
  readonly read: (task: SheetTask) => Promise<SheetReading>;
  readonly keep: { readonly read: () => Promise<KeptSheet | null>; readonly write: (kept: KeptSheet) => Promise<void> };
  readonly clock: Clock;
  /** Brings a sheet into force; rejects where that could not be done. */
  readonly onSheet: (sheet: CompactSheet) => Promise<void>;
}

export type RefreshResult =
  | { readonly type: "taken"; readonly version: string }
  | { readonly type: "unchanged"; readonly version: string }
  | { readonly type: "failed"; readonly reason: string };

/** After a failure it is asked again soon, and then ever more slowly. */
const FIRST_RETRY_MS = 60_000;
/** Bytes: LiteLLM's whole sheet has three million. */
export const LONGEST_SHEET = 32_000_000;

/** One price sheet and its life. Asks nothing by itself: whoever owns the clock calls `refresh` when `isDue`. */
export class PriceSource {
  readonly #options: PriceSourceOptions;
  readonly #source: string;
  #version: string | null = null;
  #entries = 0;
  #validators: Omit<KeptSheet, "bytes"> | null = null;
  #checkedAt: number | null = null;
  #error: string | null = null;
  #warning: string | null = null;
  #failures = 0;
  /** Unix ms of the last try. */
  #triedAt: number | null = null;
  #running: Promise<RefreshResult> | null = null;

  constructor(options: PriceSourceOptions) {
    this.#options = options;
    this.#source = createHash("sha256").update(options.url).digest("hex");
  }

  get status(): SheetStatus {
    return {
      version: this.#version,
      entries: this.#entries,
      fetchedAt: this.#validators?.fetchedAt ?? null,
      checkedAt: this.#checkedAt,
      error: this.#error,
      nextAt: this.#nextAt,
    };
  }

  /** The source is being asked. */
  get isBusy(): boolean {
    return this.#running !== null;
  }

  get isDue(): boolean {
    const now = this.#options.clock.now();
    // a clock that was set back must not put the next check off
    return now >= this.#nextAt || (this.#triedAt !== null && now < this.#triedAt);
  }

  get #nextAt(): number {
    if (this.#triedAt === null) return 0;
    const interval = this.#options.interval();
    const retry = FIRST_RETRY_MS * 2 ** Math.min(this.#failures - 1, 20);
    return this.#triedAt + (this.#failures === 0 ? interval : Math.min(interval, retry));
  }

  /** Takes the last good sheet from disk; a broken one, or one of another address, is passed over. */
  async restore(): Promise<void> {
    const kept = await this.#options.keep.read().catch(() => null);
    if (kept === null || kept.source !== this.#source || this.#version !== null) return;
    const reading = await this.#read(kept, kept.bytes);
    if (reading.type === "sheet") await this.#take(reading, kept);
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
      this.#checkedAt = this.#triedAt = this.#options.clock.now();
      return result;
    } catch (error) {
      return this.#failed(error instanceof Error ? error.message : String(error));
    }
  }

  #failed(reason: string): RefreshResult {
    this.#failures += 1;
    this.#error = reason;
    this.#triedAt = this.#options.clock.now();
    return { type: "failed", reason };
  }

  async #ask(): Promise<RefreshResult> {
    const { url, fetch, clock } = this.#options;
    const known = this.#version === null ? null : this.#validators;
    const answer = await fetch({ url, etag: known?.etag ?? null, lastModified: known?.lastModified ?? null });
    if (answer.status === 304 && this.#version !== null) return { type: "unchanged", version: this.#version };
    if (answer.status !== 200) throw new Error(`the price source answered with status ${answer.status}`);
    if (answer.bytes.length > LONGEST_SHEET) throw new Error("the price sheet is too long");
    const { etag, lastModified, bytes } = answer;
    const fresh: KeptSheet = { source: this.#source, etag, lastModified, fetchedAt: clock.now(), bytes };
    // a copy is read: these bytes go to the disk
    const reading = await this.#read(fresh, bytes.slice());
    if (reading.type === "refused") throw new Error(reading.reason);
    if (reading.type === "unchanged") {
      this.#remember(fresh);
      return { type: "unchanged", version: this.#version as string };
    }
    await this.#take(reading, fresh);
    await this.#store(fresh);
    return { type: "taken", version: reading.version };
  }

  #read({ fetchedAt }: KeptSheet, bytes: Uint8Array): Promise<SheetReading> {
    const date = new Date(fetchedAt).toISOString().slice(0, 10);
    return this.#options.read({ bytes, known: this.#version, date });
  }

  async #take(sheet: CompactSheet, kept: KeptSheet): Promise<void> {
    await this.#options.onSheet(sheet);
    this.#version = sheet.version;
    this.#entries = sheet.entries;
    this.#remember(kept);
  }

  /** The text stays on disk: it may have megabytes. */
  #remember({ bytes: _bytes, ...validators }: KeptSheet): void {
    this.#validators = validators;
  }

  /** A disk that takes nothing costs the next start its prices, not this one. */
  async #store(kept: KeptSheet): Promise<void> {
    await this.#options.keep.write(kept).catch(() => {
      this.#warning = "the price sheet could not be kept on disk";
    });
  }
}
