// Takes requests out of the bytes that arrive on a connection, one after another.
import { CHUNKED, requestBodyLength } from "../../lib/http1/body-length.ts";
import { ChunkedDecoder } from "../../lib/http1/chunked.ts";
import { findHeadEnd, Head, REQUEST_LIMITS } from "../../lib/http1/head.ts";
import type { DemoRequest } from "./options.ts";
import { readDemoRequest } from "./read-request.ts";

const MAX_BODY = 256 * 1024 * 1024;
const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

/** What can be read so far: a request, nothing yet, or an end with these bytes for the other side. */
export type Reading =
  | { readonly type: "request"; readonly request: DemoRequest; readonly close: boolean }
  | { readonly type: "more" }
  | { readonly type: "continue"; readonly bytes: string }
  | { readonly type: "broken"; readonly status: number; readonly reason: string };

/** Collects bytes and reads requests from them. */
export class MessageReader {
  private readonly head = new Head(REQUEST_LIMITS);
  private readonly chunked = new ChunkedDecoder();
  private parts: Buffer[] = [];
  private held = 0;
  /** Bytes that must be there before another look is worth it. */
  private wanted = 1;
  private continued = false;

  push(bytes: Buffer): void {
    this.parts.push(bytes);
    this.held += bytes.length;
  }

  get isEmpty(): boolean {
    return this.held === 0;
  }

  next(): Reading {
    if (this.held < this.wanted) return { type: "more" };
    const bytes = this.parts.length === 1 ? (this.parts[0] as Buffer) : Buffer.concat(this.parts, this.held);
    this.parts = [bytes];
    const end = findHeadEnd(bytes, 0);
    if (end < 0)
      return this.held > REQUEST_LIMITS.maxBytes
        ? { type: "broken", status: 431, reason: "head too large" }
        : this.wait(1);
    if (!this.head.readRequest(bytes, 0, end)) {
      const error = this.head.error ?? { status: 400, reason: "malformed" };
      return { type: "broken", ...error };
    }
    const length = requestBodyLength(this.head);
    return length === CHUNKED ? this.readChunked(bytes, end) : this.readSized(bytes, end, length);
  }

  private wait(more: number): Reading {
    this.wanted = this.held + more;
    if (!this.head.expectContinue || this.continued) return { type: "more" };
    this.continued = true;
    return { type: "continue", bytes: CONTINUE };
  }

  private readSized(bytes: Buffer, end: number, length: number): Reading {
    if (length > MAX_BODY) return { type: "broken", status: 413, reason: "body too large" };
    if (bytes.length < end + length) return this.wait(end + length - bytes.length);
    return this.take(bytes, bytes.subarray(end, end + length), end + length);
  }

  /** Chunked bodies are read again from their start with each read; only tests send them. */
  private readChunked(bytes: Buffer, end: number): Reading {
    const pieces: Buffer[] = [];
    this.chunked.reset();
    const sink = { onData: (data: Buffer, from: number, to: number) => void pieces.push(data.subarray(from, to)) };
    const whole = this.chunked.feed(bytes, end, bytes.length, sink);
    if (this.chunked.error !== null) return { type: "broken", status: 400, reason: this.chunked.error };
    return whole ? this.take(bytes, Buffer.concat(pieces), this.chunked.consumed) : this.wait(1);
  }

  private take(bytes: Buffer, body: Buffer, consumed: number): Reading {
    // Records outlive the read; what is left of the bytes must not be held by them.
    const request = readDemoRequest(this.head, Buffer.from(body));
    const close = this.head.close;
    this.parts = consumed < bytes.length ? [bytes.subarray(consumed)] : [];
    this.held = bytes.length - consumed;
    this.wanted = 1;
    this.continued = false;
    return { type: "request", request, close };
  }
}
