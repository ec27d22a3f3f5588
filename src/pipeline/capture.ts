// Keeps of a stream what its record will hold: the first bytes, or with content level `full` all of it within a limit that all share.
import { contentLevelOf } from "../core/content-level.ts";
import type { Exchange } from "../core/exchange.ts";
import { RECORD_LIMITS } from "../core/record.ts";
import { HeldBudget } from "./held-body.ts";

/** Captures that stay below this are the usual ones, bytes. */
const SMALL_CAPTURE = 8192;
/** So many buffers of captures lie idle at most: 512 KB. */
const KEPT_CAPTURES = 64;
const captures: Buffer[] = [];
/** What whole streams take together while they run. */
const wholeStreams = new HeldBudget(64 * 1024 * 1024);

/** What keeps this request's stream for its record; null: nothing of it is kept. */
export function captureFor(exchange: Exchange): Capture | null {
  const level = contentLevelOf(exchange);
  if (level === "off") return null;
  return level === "full" ? new Capture(RECORD_LIMITS.whole, wholeStreams) : new Capture(RECORD_LIMITS.streamOutput);
}

/** Keeps the first bytes of a stream for the record. `release` once nobody looks at them any more. */
export class Capture {
  /** There was more. */
  isCut = false;
  #buffer: Buffer | null = null;
  #length = 0;
  #limit: number;
  #charged = 0;
  /** Shared by all that may grow beyond the usual; null: takes `limit` at once. */
  readonly #budget: HeldBudget | null;

  constructor(limit: number, budget: HeldBudget | null = null) {
    this.#limit = limit;
    this.#budget = budget;
  }

  append(bytes: Buffer): void {
    if (this.#length + bytes.length > this.#limit) this.isCut = true;
    let take = Math.min(bytes.length, this.#limit - this.#length);
    if (take <= 0) return;
    if (this.#buffer === null || this.#length + take > this.#buffer.length) {
      this.#grow(this.#length + take);
      // the budget may have left less
      take = Math.min(take, this.#limit - this.#length);
    }
    bytes.copy(this.#buffer as unknown as Buffer, this.#length, 0, take);
    this.#length += take;
  }

  take(): Buffer | null {
    return this.#buffer?.subarray(0, this.#length) ?? null;
  }

  release(): void {
    const buffer = this.#buffer;
    this.#buffer = null;
    if (this.#budget !== null) this.#budget.used -= this.#charged;
    this.#charged = 0;
    if (buffer?.length === SMALL_CAPTURE && captures.length < KEPT_CAPTURES) captures.push(buffer);
  }

  #grow(needed: number): void {
    const old = this.#buffer;
    if (needed <= SMALL_CAPTURE) this.#buffer = captures.pop() ?? Buffer.allocUnsafeSlow(SMALL_CAPTURE);
    else if (this.#budget === null) this.#buffer = Buffer.allocUnsafeSlow(this.#limit);
    else if (!this.#growWithin(this.#budget, needed)) return;
    old?.copy(this.#buffer as unknown as Buffer, 0, 0, this.#length);
  }

  /** False: there is no room for more, and what is kept ends here. */
  #growWithin(budget: HeldBudget, needed: number): boolean {
    const size = Math.min(this.#limit, Math.max(needed, (this.#buffer?.length ?? 0) * 2));
    if (budget.used - this.#charged + size > budget.limit) {
      this.isCut = true;
      this.#buffer ??= captures.pop() ?? Buffer.allocUnsafeSlow(SMALL_CAPTURE);
      this.#limit = this.#buffer.length;
      return false;
    }
    budget.used += size - this.#charged;
    this.#charged = size;
    this.#buffer = Buffer.allocUnsafeSlow(size);
    return true;
  }
}
