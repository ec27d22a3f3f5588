// Turns the bytes of one connection into requests, one at a time: knows framing and bounds, but no socket and no answer.
import { type ErrorCode, GatewayError } from "../core/errors.ts";
import type { Body } from "../core/http.ts";
import { CHUNKED, requestBodyLength } from "../lib/http1/body-length.ts";
import { ChunkedDecoder, type ChunkSink } from "../lib/http1/chunked.ts";
import { findHeadEnd, Head, type HeadError, REQUEST_LIMITS, unfinishedHeadError } from "../lib/http1/head.ts";
import { BodyBuffer, EMPTY_BODY } from "./body-buffer.ts";
import type { Gate } from "./gate.ts";
import { PartialHead } from "./partial-head.ts";
import { pathOf } from "./request.ts";
import { noMemory, tooLarge } from "./request-body.ts";
import { RequestBytes, SMALL_REQUEST } from "./request-bytes.ts";
import type { Slabs } from "./slabs.ts";

const HEAD = 0;
const LENGTH_BODY = 1;
const CHUNKED_BODY = 2;
/** A request is complete or refused: nothing is read until `next`. */
const DONE = 3;

/** One byte more than a head may have, so that a longer one shows. */
const PARTIAL_LIMIT = REQUEST_LIMITS.maxBytes + 1;

/** What is not named here is `malformed_http` under the status that the codec gave. */
const CODES: Readonly<Record<number, ErrorCode>> = { 414: "target_too_long", 431: "head_too_large" };

/** Feed it reads; after each look at `body` (a whole request) and `error` (the connection is to end). */
export class RequestReader implements ChunkSink {
  readonly head: Head;
  /** Empty until the head is read. */
  method: string;
  target: string;
  bodyLimit: number;
  /** The body of a complete request, the taker's to release; null before. */
  body: Body | null;
  error: GatewayError | null;
  /** The client waits for a 100 before it sends the body. Cleared by who sends it. */
  wantsContinue: boolean;
  /** The request asks for a WebSocket where one may be had: behind it comes no other request. */
  wantsSocket: boolean;
  private readonly gate: Gate;
  private readonly slabs: Slabs;
  private readonly partial: PartialHead;
  private readonly own: RequestBytes;
  /** Made with the first chunked body of the connection. */
  private chunked: ChunkedDecoder | null;
  private state: number;
  private bodyLength: number;
  private buffer: BodyBuffer | null;

  constructor(gate: Gate, slabs: Slabs) {
    this.head = new Head(REQUEST_LIMITS);
    this.method = "";
    this.target = "";
    this.bodyLimit = 0;
    this.body = null;
    this.error = null;
    this.wantsContinue = false;
    this.wantsSocket = false;
    this.gate = gate;
    this.slabs = slabs;
    this.partial = new PartialHead(PARTIAL_LIMIT);
    this.own = new RequestBytes();
    this.chunked = null;
    this.state = HEAD;
    this.bodyLength = 0;
    this.buffer = null;
  }

  /** Not a byte of the next request has come. */
  get isIdle(): boolean {
    return this.state === HEAD && this.partial.length === 0;
  }

  get isInBody(): boolean {
    return this.state === LENGTH_BODY || this.state === CHUNKED_BODY;
  }

  /** The path of the request in progress, or null while none is known. */
  get path(): string | null {
    return this.target === "" ? null : pathOf(this.target);
  }

  /**
   * Reads on and returns the index behind what it used: less than all only behind a whole request or an error. Without `lasting` the bytes
   * hold only until it returns, and what the request keeps of them is copied.
   */
  consume(bytes: Buffer, lasting: boolean): number {
    if (lasting || this.state !== HEAD || bytes.length > SMALL_REQUEST) return this.read(bytes, lasting);
    return this.read(this.own.copy(bytes, 0, bytes.length), true);
  }

  private read(bytes: Buffer, lasting: boolean): number {
    let at = 0;
    if (this.state === HEAD) at = this.readHead(bytes, lasting);
    if (this.state === LENGTH_BODY) return this.readLengthBody(bytes, at, lasting);
    if (this.state === CHUNKED_BODY) return this.readChunkedBody(bytes, at);
    return at;
  }

  /** Makes it ready for the next request. */
  next(): void {
    this.state = HEAD;
    this.method = "";
    this.target = "";
    this.body = null;
    this.wantsContinue = false;
  }

  /** Lets go of the last request's bytes: an idle connection holds none. */
  rest(): void {
    this.head.clear();
    this.own.clear();
  }

  /** Gives back what an unfinished body holds. Nothing is read after it. */
  discard(): void {
    this.state = DONE;
    this.buffer?.discard();
    this.buffer = null;
    this.partial.clear();
  }

  /** Payload of a chunked body. */
  onData(bytes: Buffer, from: number, end: number): void {
    if (this.state !== CHUNKED_BODY) return;
    const buffer = this.buffer as BodyBuffer;
    if (buffer.length + end - from > this.bodyLimit) this.refuse(tooLarge(this.bodyLimit));
    else if (!buffer.append(bytes, from, end)) this.refuse(noMemory());
  }

  private readHead(bytes: Buffer, lasting: boolean): number {
    const { partial, head } = this;
    if (partial.length > 0) return this.readPartialHead(bytes);
    const end = findHeadEnd(bytes, 0);
    if (end >= 0) {
      const kept = lasting ? bytes : this.own.copy(bytes, 0, end);
      if (!head.readRequest(kept, 0, end)) this.refuseHead(head.error as HeadError);
      else this.beginBody(bytes.length - end);
      return end;
    }
    partial.append(bytes);
    this.checkUnfinished();
    return bytes.length;
  }

  private readPartialHead(bytes: Buffer): number {
    const { partial, head } = this;
    const before = partial.length;
    partial.append(bytes);
    const end = findHeadEnd(partial.bytes.subarray(0, partial.length), Math.max(0, before - 3));
    if (end < 0) {
      this.checkUnfinished();
      return bytes.length;
    }
    const used = end - before;
    const whole = partial.bytes;
    partial.clear();
    if (!head.readRequest(whole, 0, end)) this.refuseHead(head.error as HeadError);
    else this.beginBody(bytes.length - used);
    return used;
  }

  private checkUnfinished(): void {
    const { partial } = this;
    const error = unfinishedHeadError(partial.bytes, 0, partial.length, REQUEST_LIMITS);
    if (error !== null) this.refuseHead(error);
  }

  /** The head is good: what follows? `there` bytes behind it have come already. */
  private beginBody(there: number): void {
    const { head } = this;
    this.method = head.method();
    this.target = head.target();
    this.wantsSocket = head.upgrade && this.takesSocket();
    if (head.upgrade && !this.wantsSocket) {
      const advice = "switch the client's HTTP/2 or WebSocket upgrade off";
      return this.refuse(
        new GatewayError("malformed_http", `upgrades of the connection are not taken here; ${advice}`),
      );
    }
    const length = requestBodyLength(head);
    if (length === 0) return this.finish(EMPTY_BODY);
    this.bodyLimit = this.gate.bodyLimit(this.method, pathOf(this.target), head);
    if (length > this.bodyLimit) return this.refuse(tooLarge(this.bodyLimit));
    this.bodyLength = length;
    this.wantsContinue = head.expectContinue && there === 0;
    this.state = length === CHUNKED ? CHUNKED_BODY : LENGTH_BODY;
    if (length !== CHUNKED) return;
    this.chunked ??= new ChunkedDecoder();
    this.chunked.reset();
  }

  private takesSocket(): boolean {
    const { head, gate } = this;
    if (head.get("upgrade")?.toLowerCase() !== "websocket" || requestBodyLength(head) !== 0) return false;
    return gate.takesSocket?.(this.method, pathOf(this.target)) === true;
  }

  private readLengthBody(bytes: Buffer, from: number, lasting: boolean): number {
    const { buffer, bodyLength } = this;
    const missing = bodyLength - (buffer === null ? 0 : buffer.length);
    const end = Math.min(bytes.length, from + missing);
    if (lasting && buffer === null && end - from === bodyLength) {
      this.finish(this.own.body(bytes.subarray(from, end)));
      return end;
    }
    this.buffer ??= new BodyBuffer(this.slabs, bodyLength);
    if (end > from && !this.buffer.append(bytes, from, end)) this.refuse(noMemory());
    else if (this.buffer.length === bodyLength) this.finish(this.buffer.finish());
    return end;
  }

  private readChunkedBody(bytes: Buffer, from: number): number {
    this.buffer ??= new BodyBuffer(this.slabs, -1);
    const chunked = this.chunked as ChunkedDecoder;
    const complete = chunked.feed(bytes, from, bytes.length, this);
    if (this.state !== CHUNKED_BODY) return bytes.length; // refused on the way
    if (chunked.error !== null) this.refuse(new GatewayError("malformed_http", chunked.error));
    else if (complete) this.finish(this.buffer.finish());
    return chunked.consumed;
  }

  private finish(body: Body): void {
    this.state = DONE;
    this.buffer = null;
    this.body = body;
  }

  private refuseHead(error: HeadError): void {
    if (this.head.hasTarget) {
      this.method = this.head.method();
      this.target = this.head.target();
    }
    this.refuse(new GatewayError(CODES[error.status] ?? "malformed_http", error.reason, { status: error.status }));
  }

  private refuse(error: GatewayError): void {
    this.discard();
    this.error = error;
  }
}
