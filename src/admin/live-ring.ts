// The last events of the live stream, with rising ids, so that a viewer who was cut off can go on where he was.
import type { LiveEvent, LiveTopic } from "../core/live.ts";

/** One event as viewers get it. */
export interface LiveEntry {
  readonly id: number;
  readonly topic: LiveTopic;
  readonly event: LiveEvent;
  /** The lenses that show it; null = whoever has its topic. */
  readonly lenses: readonly number[] | null;
  /** As it stands in the stream. */
  readonly frame: string;
}

/** So many events are kept. */
export const RING_SIZE = 5000;

/** Ids begin with the time of the start, in microseconds: those of a ring before this one are lower than all of its own. */
export class LiveRing {
  readonly #size: number;
  readonly #entries: (LiveEntry | undefined)[] = [];
  readonly #first: number;
  #lastId: number;

  constructor(now: number, size = RING_SIZE) {
    this.#size = size;
    this.#first = Math.floor(now) * 1000 + 1;
    this.#lastId = this.#first - 1;
  }

  /** Of the newest event; before the first one, of none. */
  get lastId(): number {
    return this.#lastId;
  }

  /** The id of the oldest event that is still here. */
  get oldestId(): number {
    return Math.max(this.#first, this.#lastId - this.#size + 1);
  }

  add(topic: LiveTopic, event: LiveEvent, lenses: readonly number[] | null): LiveEntry {
    const id = ++this.#lastId;
    const entry = { id, topic, event, lenses, frame: eventFrame(event, id) };
    this.#entries[(id - this.#first) % this.#size] = entry;
    return entry;
  }

  /** An event for one viewer alone: it stands at the newest id and is not kept. */
  unnumbered(event: LiveEvent, topic: LiveTopic = "requests"): LiveEntry {
    const id = this.#lastId;
    return { id, topic, event, lenses: null, frame: eventFrame(event, id) };
  }

  /** All after `id`, the oldest first; null when some of them are gone, or when `id` is none of this ring. */
  after(id: number): LiveEntry[] | null {
    if (id < this.oldestId - 1 || id > this.#lastId) return null;
    const found: LiveEntry[] = [];
    for (let at = id + 1; at <= this.#lastId; at++) {
      const entry = this.#entries[(at - this.#first) % this.#size];
      if (entry !== undefined) found.push(entry);
    }
    return found;
  }
}

/** An event as SSE. */
export function eventFrame(event: LiveEvent, id: number): string {
  const { type, ...rest } = event;
  return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(rest)}\n\n`;
}
