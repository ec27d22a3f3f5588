// One viewer of the live stream: what waits for it until it is taken, and when it is too slow to be waited for.
import type { LiveTopic } from "../core/live.ts";
import type { LiveEntry } from "./live-ring.ts";

/** A viewer that takes nothing for so long, ms, or for whom so many characters wait, is cut off. */
const PATIENCE = 5000;
const MOST_WAITING = 1024 * 1024;

export interface ViewerParts {
  readonly topics: ReadonlySet<LiveTopic>;
  /** Whose requests it is shown; null = none. */
  readonly lens: number | null;
  /** What it is sent of an event; null = nothing. */
  encode(entry: LiveEntry): string | null;
  /** Sent when nothing was for a while; empty = nothing. */
  readonly heartbeat: string;
  /** ms, monotonic. */
  now(): number;
}

export class LiveViewer {
  readonly #parts: ViewerParts;
  readonly #cut = new AbortController();
  #waiting: string[] = [];
  #size = 0;
  /** Since when something waits that nobody takes; -1 = nothing does. */
  #since = -1;
  #isOver = false;
  #wake: (() => void) | null = null;

  constructor(parts: ViewerParts) {
    this.#parts = parts;
  }

  get lens(): number | null {
    return this.#parts.lens;
  }

  /** Aborted when it is cut off. */
  get cut(): AbortSignal {
    return this.#cut.signal;
  }

  has(topic: LiveTopic): boolean {
    return this.#parts.topics.has(topic);
  }

  /** Whether the event is for it. */
  wants({ topic, lenses }: LiveEntry): boolean {
    const { lens } = this.#parts;
    return this.has(topic) && (lenses === null || (lens !== null && lenses.includes(lens)));
  }

  show(entry: LiveEntry): void {
    const text = this.#parts.encode(entry);
    if (text !== null) this.push(text);
  }

  push(text: string): void {
    if (this.#isOver || text === "") return;
    this.#waiting.push(text);
    this.#size += text.length;
    if (this.#since < 0) this.#since = this.#parts.now();
    this.#wake?.();
  }

  /** Cuts it off when it is too slow; true when it did. */
  look(): boolean {
    if (this.#isOver) return false;
    const isLate = this.#since >= 0 && this.#parts.now() - this.#since > PATIENCE;
    if (!isLate && this.#size <= MOST_WAITING) return false;
    this.close();
    this.#cut.abort();
    return true;
  }

  /** Says that the gateway is there. */
  beat(): void {
    if (this.#since < 0) this.push(this.#parts.heartbeat);
  }

  /** Nothing more is said. */
  close(): void {
    this.#isOver = true;
    this.#waiting = [];
    this.#size = 0;
    this.#wake?.();
  }

  /** What there is to say, as it comes; ends when the viewer is closed. */
  async *read(): AsyncGenerator<string> {
    while (!this.#isOver) {
      if (this.#waiting.length === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = null;
        continue;
      }
      const text = this.#waiting.join("");
      this.#waiting = [];
      this.#size = 0;
      this.#since = -1;
      yield text;
    }
  }
}
