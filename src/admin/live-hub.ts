// Brings what the loop tells of running requests, and what else changes, to those who watch; with nobody there it asks for nothing.
import { GatewayError } from "../core/errors.ts";
import type { LiveEvent, LiveTopic } from "../core/live.ts";
import type { LiveFilter, LiveMessage, LiveNews, LiveRequestType, LiveSum, LiveWatch } from "../core/live-watch.ts";
import { LiveLenses } from "./live-lenses.ts";
import { LiveRing } from "./live-ring.ts";
import { LiveViewer, type ViewerParts } from "./live-viewer.ts";

/** Something that changes and is looked at while somebody has its topic. */
export interface LiveSource {
  readonly topic: LiveTopic;
  /** ms between two looks. */
  readonly every: number;
  /** What changed since the last look. */
  look(): Promise<readonly LiveEvent[]>;
  /** How all of it stands, for a viewer who comes new. */
  standing(): readonly LiveEvent[];
  /** Nobody looks any more. */
  forget(): void;
}

export interface LiveHubParts {
  send(message: LiveWatch): void;
  readonly sources: readonly LiveSource[];
  /** Unix ms. */
  now(): number;
  readonly ringSize?: number;
  /** ms; for tests. */
  readonly batch?: number;
}

export interface Watch {
  readonly topics: ReadonlySet<LiveTopic>;
  readonly filter: LiveFilter;
  /** The last event that the viewer has; null = it comes new. */
  readonly since: number | null;
  readonly encode: ViewerParts["encode"];
  readonly heartbeat: string;
}

const MOST_VIEWERS = 64;
/** Events of this time go out together, those of one request merged; ms. */
const BATCH = 40;
const SECOND = 1000;
/** Seconds between two signs of life. */
const BEAT = 15;

export class LiveHub {
  readonly #parts: LiveHubParts;
  readonly #ring: LiveRing;
  readonly #viewers = new Set<LiveViewer>();
  readonly #lenses: LiveLenses;
  /** By request, in the order of their first event. */
  #news = new Map<string, LiveNews>();
  #batch: NodeJS.Timeout | null = null;
  #second: NodeJS.Timeout | null = null;
  #seconds = 0;
  readonly #looks = new Map<LiveSource, NodeJS.Timeout>();

  constructor(parts: LiveHubParts) {
    this.#parts = parts;
    this.#ring = new LiveRing(parts.now(), parts.ringSize);
    this.#lenses = new LiveLenses((lenses) => parts.send({ type: "live-watch", lenses }));
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  get lastId(): number {
    return this.#ring.lastId;
  }

  /** Throws GatewayError when there are too many. The viewer is to be left with `leave`. */
  join({ topics, filter, since, encode, heartbeat }: Watch): LiveViewer {
    if (this.#viewers.size >= MOST_VIEWERS)
      throw new GatewayError(
        "overloaded",
        `${MOST_VIEWERS} viewers watch live already; close a page or a terminal that does, and try again`,
        { retryAfter: 5 },
      );
    const lens = topics.has("requests") ? this.#lenses.open(filter, this.#ring.lastId) : null;
    const viewer = new LiveViewer({ topics, lens: lens?.id ?? null, encode, heartbeat, now: monotonic });
    this.#viewers.add(viewer);
    this.#begin(viewer, since, lens?.since ?? null);
    this.#second ??= setInterval(() => this.#tick(), SECOND).unref();
    for (const source of this.#parts.sources) if (topics.has(source.topic)) this.#lookAt(source);
    return viewer;
  }

  leave(viewer: LiveViewer): void {
    viewer.close();
    if (!this.#viewers.delete(viewer)) return;
    if (viewer.lens !== null) this.#lenses.close(viewer.lens);
    const others = [...this.#viewers];
    for (const [source, timer] of this.#looks) {
      if (others.some((other) => other.has(source.topic))) continue;
      clearInterval(timer);
      this.#looks.delete(source);
      source.forget();
    }
  }

  /** A message of the loop. */
  receive({ news, sums, lost }: LiveMessage): void {
    this.#parts.send({ type: "live-taken" });
    // the last of a request says all that those before it said
    for (const one of news) this.#news.set(one.request.id, one);
    for (const sum of sums) this.#sum(sum);
    if (lost > 0) this.#add("requests", { type: "gap" }, null);
    if (this.#news.size > 0 && this.#batch === null)
      this.#batch = setTimeout(() => this.#flush(), this.#parts.batch ?? BATCH);
  }

  /** The configuration in force is another one. */
  configChanged(version: number, kinds: readonly string[]): void {
    if (this.#viewers.size > 0) this.#add("config", { type: "config.changed", version, kinds }, null);
  }

  #begin(viewer: LiveViewer, since: number | null, lensSince: number | null): void {
    const missed = since === null || (lensSince !== null && since < lensSince) ? null : this.#ring.after(since);
    if (missed !== null) for (const entry of missed) if (viewer.wants(entry)) viewer.show(entry);
    if (missed !== null) return;
    // What it would have seen before is gone, or there is nothing that it could lack.
    if (since !== null) viewer.show(this.#ring.unnumbered({ type: "gap" }));
    for (const source of this.#parts.sources)
      if (viewer.has(source.topic))
        for (const event of source.standing()) viewer.show(this.#ring.unnumbered(event, source.topic));
  }

  #flush(): void {
    this.#batch = null;
    const news = [...this.#news.values()];
    this.#news = new Map();
    for (const { type, request, lenses } of news) this.#add("requests", { type, request } as RequestEvent, lenses);
  }

  #sum({ lens, byProvider, success, error, cancelled, from, to }: LiveSum): void {
    const requests = success + error + cancelled;
    const summary = { from, to, requests, success, error, cancelled, by_provider: byProvider };
    this.#add("requests", { type: "requests.summary", summary }, [lens]);
  }

  #add(topic: LiveTopic, event: LiveEvent, lenses: readonly number[] | null): void {
    const entry = this.#ring.add(topic, event, lenses);
    for (const viewer of this.#viewers) if (viewer.wants(entry)) viewer.show(entry);
  }

  #lookAt(source: LiveSource): void {
    if (this.#looks.has(source)) return;
    let isLooking = false;
    const look = async (): Promise<void> => {
      if (isLooking) return;
      isLooking = true;
      try {
        for (const event of await source.look()) if (this.#looks.has(source)) this.#add(source.topic, event, null);
      } catch {
        // the next look tells it
      } finally {
        isLooking = false;
      }
    };
    this.#looks.set(source, setInterval(() => void look(), source.every).unref());
    void look();
  }

  #tick(): void {
    this.#seconds++;
    for (const viewer of this.#viewers) {
      if (viewer.look()) this.leave(viewer);
      else if (this.#seconds % BEAT === 0) viewer.beat();
    }
    this.#lenses.tick();
    if (this.#viewers.size > 0 || this.#lenses.size > 0 || this.#second === null) return;
    clearInterval(this.#second);
    this.#second = null;
  }
}

type RequestEvent = Extract<LiveEvent, { readonly type: LiveRequestType }>;

const monotonic = (): number => performance.now();
