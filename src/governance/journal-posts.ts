// Entries on their way to the journal: packed, never dropped, kept until they are durable.
import { ENTRY, type EntryLevel, type EntryType, EntryWriter } from "../core/counter-entries.ts";
import type { CounterPost } from "../core/counters.ts";
import type { CountersPort } from "../core/leases.ts";

/** A post of this many bytes goes at once. */
const FULL_BYTES = 64 * 1024;

export interface PostLimits {
  /** ms after which entries that are not durable stop this loop from spending its leases. */
  readonly overdue: number;
  /** Bytes not durable from which admission goes by `on_store_down`. */
  readonly mostBytes: number;
}

export const POST_LIMITS: PostLimits = { overdue: 200, mostBytes: 64 * 1024 * 1024 };

interface Untaken {
  readonly post: CounterPost;
  /** Monotonic ms of its oldest entry. */
  readonly since: number;
  /** In the loop's own time. */
  readonly waitsSince: number;
}

export class JournalPosts {
  readonly #port: CountersPort;
  readonly #loop: string;
  readonly #limits: PostLimits;
  readonly #writer = new EntryWriter();
  #since = 0;
  #waitsSince = 0;
  /** The loop's own time, which stands still while the loop is held up; ms. */
  heard = 0;
  #seq = 0;
  #posted = 0;
  #untaken: Untaken[] = [];
  #untakenBytes = 0;

  constructor(port: CountersPort, loop: string, limits: PostLimits) {
    this.#port = port;
    this.#loop = loop;
    this.#limits = limits;
  }

  /** The number of the post that is being written. */
  get writing(): number {
    return this.#seq + 1;
  }

  /** Every post up to this one is durable. */
  get posted(): number {
    return this.#posted;
  }

  add(type: EntryType, request: number, levels: readonly EntryLevel[], monotonic: number): void {
    if (levels.length === 0 && type !== ENTRY.settle) return;
    if (this.#writer.size === 0) {
      this.#since = monotonic;
      this.#waitsSince = this.heard;
    }
    this.#writer.add(type, request, levels);
    if (this.#writer.size >= FULL_BYTES) this.flush();
  }

  /** Sends what is written. */
  flush(): void {
    if (this.#writer.size === 0) return;
    const post: CounterPost = { loop: this.#loop, seq: ++this.#seq, entries: this.#writer.take() };
    this.#untaken.push({ post, since: this.#since, waitsSince: this.#waitsSince });
    this.#untakenBytes += post.entries.length;
    this.#port.send({ type: "counter-post", post });
  }

  /** This post and all before it are durable. */
  taken(seq: number): void {
    this.#posted = Math.max(this.#posted, Math.min(seq, this.#seq));
    let count = 0;
    for (const { post } of this.#untaken) {
      if (post.seq > seq) break;
      this.#untakenBytes -= post.entries.length;
      count++;
    }
    if (count > 0) this.#untaken.splice(0, count);
  }

  /** After a restart of the other side: everything that is not durable again. */
  resend(): void {
    for (const { post } of this.#untaken) this.#port.send({ type: "counter-post", post });
  }

  get untakenBytes(): number {
    return this.#untakenBytes + this.#writer.size;
  }

  /** ms since the oldest entry that is not durable was written. */
  lag(monotonic: number): number {
    const oldest = this.#untaken[0];
    if (oldest !== undefined) return monotonic - oldest.since;
    return this.#writer.size > 0 ? monotonic - this.#since : 0;
  }

  /** Entries of before `since`, in the loop's own time, are not durable, or there are too many: the store does not answer. */
  isStuck(since: number): boolean {
    if (this.untakenBytes > this.#limits.mostBytes) return true;
    const oldest = this.#untaken[0];
    if (oldest !== undefined) return oldest.waitsSince <= since;
    return this.#writer.size > 0 && this.#waitsSince <= since;
  }

  /** Entries lie untaken for too long, or there are too many: leases are not spent meanwhile. */
  isOverdue(monotonic: number): boolean {
    return this.lag(monotonic) > this.#limits.overdue || this.untakenBytes > this.#limits.mostBytes;
  }
}
