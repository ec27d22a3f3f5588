// The bytes of one small request, head and body, copied out of the shared read buffer into memory that the next one uses again.
import type { Body } from "../core/http.ts";

/** Larger requests have their body in a slab. */
export const SMALL_REQUEST = 16 * 1024;
const FIRST = 4096;

/** The memory of one connection. A body that is not released when the next request comes keeps it, and that one gets another. */
export class RequestBytes {
  #bytes: Buffer | null = null;
  #body: OwnedBody | null = null;

  /** A copy of bytes[from, end), valid until the next one. */
  copy(bytes: Buffer, from: number, end: number): Buffer {
    const length = end - from;
    const own = this.#room(length);
    bytes.copy(own, 0, from, end);
    return own.subarray(0, length);
  }

  /** A body that stands in the last copy. */
  body(bytes: Buffer): Body {
    this.#body = new OwnedBody(bytes);
    return this.#body;
  }

  /** An idle connection keeps no memory. */
  clear(): void {
    this.#bytes = null;
  }

  #room(length: number): Buffer {
    if (this.#body !== null && !this.#body.released) this.#bytes = null;
    this.#body = null;
    if (this.#bytes === null || this.#bytes.length < length)
      this.#bytes = Buffer.allocUnsafeSlow(length <= FIRST ? FIRST : Math.max(length, SMALL_REQUEST));
    return this.#bytes;
  }
}

class OwnedBody implements Body {
  readonly bytes: Buffer;
  released: boolean;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.released = false;
  }

  release(): void {
    this.released = true;
  }
}
