// One buffer in which the answers of a turn of the loop are put together, used again in the next turn.

/** Answers of one turn beyond this get memory of their own. */
const SIZE = 256 * 1024;

/**
 * Memory of its own for every write is external to the heap, and much of it makes V8 mark the heap often. A socket has usually handed the
 * bytes to the system when `write` returns; where one has not, the buffer is left to it.
 */
export class Outbox {
  #bytes = Buffer.allocUnsafeSlow(SIZE);
  #at = 0;
  #isKept = false;

  /** Room for `length` bytes until the turn is over. */
  readonly take = (length: number): Buffer => {
    const from = this.#at;
    if (from + length > SIZE) return Buffer.allocUnsafe(length);
    this.#at = from + length;
    return this.#bytes.subarray(from, this.#at);
  };

  /** The parts as one piece where they stand side by side here already; else null. */
  joined(parts: readonly Buffer[]): Buffer | null {
    const first = parts[0];
    if (first === undefined || first.buffer !== this.#bytes.buffer) return null;
    let end = first.byteOffset;
    for (const part of parts) {
      if (part.buffer !== first.buffer || part.byteOffset !== end) return null;
      end += part.length;
    }
    const from = first.byteOffset - this.#bytes.byteOffset;
    return this.#bytes.subarray(from, end - this.#bytes.byteOffset);
  }

  /** A socket was given bytes of this turn; `left`: what it still has to write. */
  wrote(left: number): void {
    if (left > 0) this.#isKept = true;
  }

  /** Everything that was put together has been given to its socket. */
  empty(): void {
    if (this.#isKept) this.#bytes = Buffer.allocUnsafeSlow(SIZE);
    this.#isKept = false;
    this.#at = 0;
  }
}
