// Reads one answer after another from a connection's bytes: interim heads, the head, the body's bounds. No sockets here.
import { answerBodyLength, CHUNKED, UNTIL_CLOSE } from "../lib/http1/body-length.ts";
import { ChunkedDecoder, type ChunkSink } from "../lib/http1/chunked.ts";
import { ANSWER_LIMITS, findHeadEnd, Head, unfinishedHeadError } from "../lib/http1/head.ts";

/** Gets the answer's parts. Either call may stop the reader. */
export interface AnswerSink {
  /** The final head, valid until this returns. */
  onAnswerHead(head: Head): void;
  /** Body bytes without framing, one view a read, valid until this returns. */
  onAnswerBytes(bytes: Buffer): void;
}

const IDLE = 0;
const HEAD = 1;
const LENGTH = 2;
const IN_CHUNKS = 3;
const TO_CLOSE = 4;
const DONE = 5;
const STOPPED = 6;

/** More interim answers than this before the answer are no answer. */
const MAX_INTERIM = 16;
const PREFIX = Buffer.from("HTTP/1.", "latin1");
const FIRST_PENDING = 2048;
const NOTHING = Buffer.alloc(0);

/** A reader for the life of one connection. `feed` reads may be mutated: chunk payloads are moved together in place. */
export class AnswerReader implements ChunkSink {
  /** Why the bytes are no answer, or null. */
  error: string | null;
  /** Bytes came behind the answer: whose they are nobody knows, the connection must go. */
  surplus: boolean;
  /** After the answer the server takes another request on this connection. */
  keepsAlive: boolean;
  private readonly sink: AnswerSink;
  private readonly head: Head;
  private readonly chunks: ChunkedDecoder;
  private state: number;
  private method: string;
  private left: number;
  private interim: number;
  private pending: Buffer;
  private pendingLength: number;
  private spanStart: number;
  private spanEnd: number;

  constructor(sink: AnswerSink) {
    this.error = null;
    this.surplus = false;
    this.keepsAlive = false;
    this.sink = sink;
    this.head = new Head(ANSWER_LIMITS);
    this.chunks = new ChunkedDecoder();
    this.state = IDLE;
    this.method = "";
    this.left = 0;
    this.interim = 0;
    this.pending = NOTHING;
    this.pendingLength = 0;
    this.spanStart = -1;
    this.spanEnd = -1;
  }

  /** True once the answer's last byte was read. */
  get complete(): boolean {
    return this.state === DONE;
  }

  /** True while the body lasts until the connection closes. */
  get untilClose(): boolean {
    return this.state === TO_CLOSE;
  }

  /** Makes it ready for the answer to a request with this method. */
  begin(method: string): void {
    this.error = null;
    this.surplus = false;
    this.keepsAlive = false;
    this.state = HEAD;
    this.method = method;
    this.interim = 0;
    this.pendingLength = 0;
  }

  /** Nobody wants the rest. */
  stop(): void {
    this.state = STOPPED;
  }

  /** Reads what came. Afterwards look at `error`, then at `complete`. */
  feed(bytes: Buffer): void {
    let at = 0;
    while (this.state === HEAD && at < bytes.length && this.error === null) at = this.readHead(bytes, at);
    if (this.error !== null || at >= bytes.length) return;
    switch (this.state) {
      case LENGTH:
        at = this.readLength(bytes, at);
        break;
      case IN_CHUNKS:
        at = this.readChunks(bytes, at);
        break;
      case TO_CLOSE:
        this.sink.onAnswerBytes(at === 0 ? bytes : bytes.subarray(at));
        return;
    }
    if (this.state === DONE && at < bytes.length) this.surplus = true;
  }

  /** The server sent FIN. True: that completes the answer. */
  finish(): boolean {
    if (this.state !== TO_CLOSE) return false;
    this.state = DONE;
    return true;
  }

  /** A chunk's payload: kept in one span by moving it against the one before. */
  onData(bytes: Buffer, from: number, end: number): void {
    if (this.spanStart < 0) {
      this.spanStart = from;
      this.spanEnd = end;
      return;
    }
    if (from !== this.spanEnd) bytes.copyWithin(this.spanEnd, from, end);
    this.spanEnd += end - from;
  }

  /** Reads one head, interim or final; the index behind it, or the end while it is unfinished. */
  private readHead(bytes: Buffer, at: number): number {
    if (this.pendingLength > 0) return this.readPendingHead(bytes, at);
    const end = findHeadEnd(bytes, at);
    if (end >= 0) {
      this.takeHead(bytes, at, end);
      return end;
    }
    this.keepPending(bytes, at);
    this.checkPending();
    return bytes.length;
  }

  private readPendingHead(bytes: Buffer, at: number): number {
    const before = this.pendingLength;
    this.keepPending(bytes, at);
    const whole = this.pending.subarray(0, this.pendingLength);
    const end = findHeadEnd(whole, Math.max(0, before - 3));
    if (end < 0) {
      this.checkPending();
      return bytes.length;
    }
    this.pendingLength = 0;
    this.takeHead(whole, 0, end);
    this.pending = NOTHING;
    return at + end - before;
  }

  /** Keeps the start of a head whose end has not come, up to one byte more than a head may have. */
  private keepPending(bytes: Buffer, at: number): void {
    const take = Math.min(ANSWER_LIMITS.maxBytes + 1 - this.pendingLength, bytes.length - at);
    const needed = this.pendingLength + take;
    if (needed > this.pending.length) {
      const larger = Buffer.allocUnsafe(Math.max(FIRST_PENDING, 2 * needed));
      this.pending.copy(larger, 0, 0, this.pendingLength);
      this.pending = larger;
    }
    bytes.copy(this.pending, this.pendingLength, at, at + take);
    this.pendingLength = needed;
  }

  /** Sees early that an unfinished head will never be one. */
  private checkPending(): void {
    const length = this.pendingLength;
    const known = Math.min(length, PREFIX.length);
    if (this.pending.compare(PREFIX, 0, known, 0, known) !== 0) this.error = "the bytes are no HTTP/1 answer";
    else if (length > ANSWER_LIMITS.maxBytes) this.error = `the head is larger than ${ANSWER_LIMITS.maxBytes} bytes`;
    else {
      const start = this.pending.subarray(0, length);
      this.error = unfinishedHeadError(start, 0, length, ANSWER_LIMITS)?.reason ?? null;
    }
  }

  private takeHead(bytes: Buffer, start: number, end: number): void {
    const { head } = this;
    if (!head.readResponse(bytes, start, end)) {
      this.error = head.error?.reason ?? "the head is malformed";
      return;
    }
    if (head.status < 200) {
      if (head.status === 101) this.error = "the server switched protocols without being asked";
      else if (++this.interim > MAX_INTERIM) this.error = `more than ${MAX_INTERIM} interim answers`;
      return;
    }
    this.takeFraming(head);
    this.sink.onAnswerHead(head);
  }

  private takeFraming(head: Head): void {
    const length = answerBodyLength(this.method, head);
    // A 204 that claims a body may be followed by one: the next answer's start is then unknown.
    const isDoubtful = head.status === 204 && (head.chunked || head.contentLength > 0);
    this.keepsAlive = !head.close && !isDoubtful && length !== UNTIL_CLOSE;
    if (length === CHUNKED) {
      this.chunks.reset();
      this.state = IN_CHUNKS;
    } else if (length === UNTIL_CLOSE) this.state = TO_CLOSE;
    else {
      this.left = length;
      this.state = length === 0 ? DONE : LENGTH;
    }
  }

  private readLength(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.left);
    this.left -= end - at;
    if (this.left === 0) this.state = DONE;
    this.sink.onAnswerBytes(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    return end;
  }

  private readChunks(bytes: Buffer, at: number): number {
    this.spanStart = -1;
    const done = this.chunks.feed(bytes, at, bytes.length, this);
    if (done) this.state = DONE;
    const end = this.chunks.consumed;
    if (this.spanStart >= 0) this.sink.onAnswerBytes(bytes.subarray(this.spanStart, this.spanEnd));
    if (this.chunks.error !== null) this.error = this.chunks.error;
    return end;
  }
}
