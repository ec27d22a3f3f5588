// Reads raw bytes with the codec, in any pieces, as a door would do it: the measure that the codec's tests hold to the corpus.
import { answerBodyLength, CHUNKED, requestBodyLength, UNTIL_CLOSE } from "../body-length.ts";
import { ChunkedDecoder } from "../chunked.ts";
import { findHeadEnd, Head, REQUEST_LIMITS, unfinishedHeadError } from "../head.ts";

/** One whole message. */
export interface ReadMessage {
  readonly start: string;
  readonly fields: readonly (readonly [string, string])[];
  readonly body: string;
  /** Index behind its last byte, counted over all bytes given. */
  readonly end: number;
}

export interface Outcome {
  readonly messages: readonly ReadMessage[];
  /** Status of the refusal, or null. */
  readonly error: number | null;
  /** Nothing of an unfinished message is held. */
  readonly atRest: boolean;
}

const HEAD = 0;
const BODY = 1;
const CHUNKS = 2;
const DONE = 3;

/** Feed it pieces; `finish` tells what they were. Answers are read as those to `method`, requests with null. */
export class MessageReader {
  private readonly method: string | null;
  private readonly head: Head;
  private readonly decoder: ChunkedDecoder;
  private readonly messages: ReadMessage[];
  private error: number | null;
  private state: number;
  private held: Buffer;
  private body: Buffer[];
  private left: number;
  private read: number;

  constructor(method: string | null) {
    this.method = method;
    this.head = new Head(REQUEST_LIMITS);
    this.decoder = new ChunkedDecoder();
    this.messages = [];
    this.error = null;
    this.state = HEAD;
    this.held = Buffer.alloc(0);
    this.body = [];
    this.left = 0;
    this.read = 0;
  }

  push(piece: Buffer): void {
    let bytes = piece;
    while (bytes.length > 0 && this.state !== DONE) {
      const used = this.step(bytes);
      this.read += used;
      bytes = bytes.subarray(used);
    }
  }

  /** No more will come: for an answer without a length this is its end. */
  finish(): Outcome {
    if (this.state === BODY && this.left === Infinity) this.complete();
    const atRest = this.state === DONE || (this.state === HEAD && this.held.length === 0);
    return { messages: this.messages, error: this.error, atRest };
  }

  onData(bytes: Buffer, from: number, end: number): void {
    this.body.push(Buffer.from(bytes.subarray(from, end)));
  }

  private step(bytes: Buffer): number {
    if (this.state === HEAD) return this.stepHead(bytes);
    if (this.state === CHUNKS) {
      const complete = this.decoder.feed(bytes, 0, bytes.length, this);
      const used = this.decoder.consumed;
      if (this.decoder.error !== null) this.refuse(this.method === null ? 400 : 502);
      else if (complete) this.complete(used);
      return used;
    }
    const used = Math.min(this.left, bytes.length);
    this.onData(bytes, 0, used);
    this.left -= used;
    if (this.left === 0) this.complete(used);
    return used;
  }

  private stepHead(bytes: Buffer): number {
    const before = this.held.length;
    const all = Buffer.concat([this.held, bytes]);
    const end = findHeadEnd(all, Math.max(0, before - 3));
    if (end < 0) {
      this.held = all;
      const error = unfinishedHeadError(all, 0, all.length, REQUEST_LIMITS);
      if (error !== null) this.refuse(this.method === null ? error.status : 502);
      return bytes.length;
    }
    this.held = Buffer.alloc(0);
    const { head, method } = this;
    const good = method === null ? head.readRequest(all, 0, end) : head.readResponse(all, 0, end);
    if (!good) this.refuse(head.error?.status ?? 0);
    else if (method !== null && head.status < 200 && head.status !== 101) this.state = HEAD;
    else this.beginBody(end - before);
    return end - before;
  }

  private beginBody(used: number): void {
    const length = this.method === null ? requestBodyLength(this.head) : answerBodyLength(this.method, this.head);
    if (length === 0) return this.complete(used);
    this.state = length === CHUNKED ? CHUNKS : BODY;
    this.left = length === UNTIL_CLOSE ? Infinity : length;
    if (length === CHUNKED) this.decoder.reset();
  }

  private complete(used = 0): void {
    const { head } = this;
    const start = this.method === null ? `${head.method()} ${head.target()}` : String(head.status);
    const body = Buffer.concat(this.body).toString("latin1");
    this.messages.push({ start, fields: head.entries(), body, end: this.read + used });
    this.body = [];
    this.state = this.method !== null || head.close ? DONE : HEAD;
  }

  private refuse(status: number): void {
    this.error = status;
    this.state = DONE;
  }
}

/** What these pieces are, as requests (method null) or as the answer to `method`. */
export function readMessages(pieces: readonly Buffer[], method: string | null): Outcome {
  const reader = new MessageReader(method);
  for (const piece of pieces) reader.push(piece);
  return reader.finish();
}
