// Keeps the beginning of a head that comes in several reads, in one buffer that grows to the head's limit and no further.

const FIRST = 2048;

/** At most one unfinished head. */
export class PartialHead {
  bytes: Buffer;
  length: number;
  private readonly limit: number;

  constructor(limit: number) {
    this.bytes = Buffer.alloc(0);
    this.length = 0;
    this.limit = limit;
  }

  /** Takes the beginning of `chunk`, as much as the limit leaves room for. */
  append(chunk: Buffer): void {
    const taken = Math.min(chunk.length, this.limit - this.length);
    const needed = this.length + taken;
    if (needed > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(this.limit, Math.max(FIRST, needed, this.bytes.length * 2)));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    this.bytes.set(taken === chunk.length ? chunk : chunk.subarray(0, taken), this.length);
    this.length = needed;
  }

  /** Lets the bytes go: a finished head keeps them, the next one begins in a buffer of its own. */
  clear(): void {
    this.length = 0;
    this.bytes = Buffer.alloc(0);
  }
}
