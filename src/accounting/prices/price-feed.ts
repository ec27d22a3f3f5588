// The price sheet of a control plane: follows the configuration and the clock, brings each good sheet to the loop.
import type { Clock } from "../../core/ports.ts";
import type { SheetFacts } from "../../core/price.ts";
import { PriceSource, type PriceSourceOptions, type RefreshResult } from "./price-source.ts";
import type { CompactSheet } from "./sheet-reading.ts";

/** What the configuration says of the sheet. */
export interface FeedSettings {
  /** Null = there is none. */
  readonly url: string | null;
  /** ms */
  readonly interval: number;
}

export interface PriceFeedOptions extends Pick<PriceSourceOptions, "fetch" | "read" | "keep"> {
  /** Brings prices to the loop, which answers with `applied`; null = no sheet any more. False: the loop is gone. */
  readonly send: (version: number, sheet: Uint8Array | null) => boolean;
  readonly log: (level: "info" | "warn", text: string, fields?: Readonly<Record<string, string | number>>) => void;
  readonly clock: Clock;
  /** The loop answers within this time, ms. */
  readonly patience?: number;
}

/** How often it is looked whether a check is due, ms. */
const LOOK = 15_000;
const PATIENCE = 10_000;

interface Pending {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class PriceFeed {
  readonly #options: PriceFeedOptions;
  #settings: FeedSettings = { url: null, interval: 86_400_000 };
  #source: PriceSource | null = null;
  /** What the loop has, for this thread's own look-ups. */
  #sheet: CompactSheet | null = null;
  #version = 0;
  readonly #pending = new Map<number, Pending>();
  #timer: NodeJS.Timeout | null = null;
  #told: string | null = null;

  constructor(options: PriceFeedOptions) {
    this.#options = options;
  }

  /** The sheet in force; null = none. */
  get sheet(): CompactSheet | null {
    return this.#sheet;
  }

  get status(): SheetFacts {
    const { url, interval } = this.#settings;
    const none = { version: null, entries: 0, fetchedAt: null, checkedAt: null, error: null, nextAt: 0 };
    const status = this.#source?.status ?? none;
    // after a change of its address the sheet of the one before stays until there is another
    const inForce = { version: this.#sheet?.version ?? null, entries: this.#sheet?.entries ?? 0 };
    return { url: shownAddress(url), interval, ...status, ...inForce };
  }

  /**
   * From now on the sheet is kept fresh. `isAgain`: the loop was there before this thread, and may hold a sheet that is
   * configured no more.
   */
  begin(settings: FeedSettings, isAgain: boolean): void {
    this.#timer = setInterval(() => this.#look(), LOOK);
    this.#timer.unref();
    this.#settings = settings;
    if (settings.url !== null) this.#follow(settings.url);
    else if (isAgain) void this.#drop();
  }

  /** Takes over what the configuration says now. A new address is asked at once, beside everything else. */
  configure(settings: FeedSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    if (this.#timer === null || settings.url === before.url) return;
    this.#source = null;
    if (settings.url === null) void this.#drop();
    else this.#follow(settings.url);
  }

  /** Asks the source now, whenever it was asked last; resolves when what came is in force. Null: there is none. */
  async sync(): Promise<RefreshResult | null> {
    const source = this.#source;
    if (source === null) return null;
    // an answer that is under way may be older than what the caller has just changed
    if (source.isBusy) await source.refresh();
    const result = await source.refresh();
    this.#tell(source, result);
    return result;
  }

  /** The loop serves this version. */
  applied(version: number): void {
    this.#pending.get(version)?.resolve();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#source = null;
    for (const { reject } of this.#pending.values()) reject(new Error("the gateway is stopping"));
  }

  #follow(url: string): void {
    const { fetch, read, keep, clock } = this.#options;
    const source: PriceSource = new PriceSource({
      url,
      interval: () => this.#settings.interval,
      fetch,
      read,
      keep,
      clock,
      onSheet: (sheet) => this.#bring(source, sheet),
    });
    this.#source = source;
    void this.#open(source);
  }

  /** What was good last time is in force at once; then the source is asked. */
  async #open(source: PriceSource): Promise<void> {
    await source.restore().catch((error: unknown) => {
      this.#options.log("warn", "the kept price sheet could not be taken", { reason: String(error) });
    });
    if (this.#source === source) await this.sync();
  }

  #look(): void {
    if (this.#source?.isDue === true) void this.sync();
  }

  async #bring(source: PriceSource, sheet: CompactSheet): Promise<void> {
    if (this.#source !== source) throw new Error("another price sheet was configured meanwhile");
    await this.#send(sheet.catalogue);
    this.#sheet = sheet;
  }

  async #drop(): Promise<void> {
    this.#sheet = null;
    await this.#send(null).catch((error: unknown) => {
      this.#options.log("warn", "the price sheet could not be taken out of force", { reason: String(error) });
    });
  }

  async #send(bytes: Uint8Array | null): Promise<void> {
    const version = ++this.#version;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#pending.set(version, { resolve, reject });
    const late = (): void => reject(new Error("the data plane did not take the price sheet in time"));
    const timer = setTimeout(late, this.#options.patience ?? PATIENCE);
    try {
      if (!this.#options.send(version, bytes)) throw new Error("the data plane cannot be reached");
      await promise;
    } finally {
      clearTimeout(timer);
      this.#pending.delete(version);
    }
  }

  /** Each trouble once, and its end. */
  #tell(source: PriceSource, result: RefreshResult): void {
    if (this.#source !== source) return;
    const { log } = this.#options;
    const { error, entries } = source.status;
    if (result.type === "taken") log("info", "a price sheet is in force", { version: result.version, entries });
    if (error !== null && error !== this.#told)
      log("warn", "the price sheet could not be refreshed; the last good prices stay in force", { reason: error });
    this.#told = error;
  }
}

/** Without credentials, and without a query, which may hold one. */
export function shownAddress(url: string | null): string | null {
  const parsed = url === null ? null : URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return url;
  return `${parsed.origin}${parsed.pathname}${parsed.search === "" ? "" : "?…"}`;
}
