// The way back to one client: frames whole and streamed answers and writes each with as few system calls as it can.
import type { Socket } from "node:net";
import type { HeaderBlock, Reply, ReplyListener } from "../core/http.ts";
import { isBodiless } from "../lib/http1/body-length.ts";
import { frameChunk, joinHead, joinHeadAndChunk, LAST_CHUNK, statusLine, totalLength } from "../lib/http1/write.ts";
import type { TurnTask } from "../lib/turn.ts";
import type { Door } from "./door.ts";
import { LargeAnswer } from "./large-answer.ts";
import type { MessageSocket } from "./message-socket.ts";

/** What a reply needs of its connection. */
export interface ReplyLine {
  readonly socket: Socket;
  readonly door: Door;
  /** Asked once, when the head is written: whether the connection ends with this answer. */
  isLastAnswer(): boolean;
  /** The answer was handed to the socket whole. */
  onAnswered(): void;
  /** The answer broke off on purpose; `reset` where a plain close would look like a good end. */
  onBrokenOff(reset: boolean): void;
  /** See SocketReply. */
  openSocket?(closed: () => void): MessageSocket | null;
}

/** Answers up to this size are copied behind their head and written at once. */
const COPY_LIMIT = 64 * 1024;
const LAST_PARTS = [LAST_CHUNK];

/** The reply to one request. After its end, or once the client is gone, every call does nothing. */
export class SocketReply implements Reply, TurnTask {
  listener: ReplyListener | null;
  gone: boolean;
  started: boolean;
  private readonly line: ReplyLine;
  private readonly method: string;
  private readonly http10: boolean;
  private ended: boolean;
  /** Of a streamed answer: whether its chunks are framed. */
  private framed: boolean;
  /** Of a streamed answer: it has no body, as one to HEAD. */
  silent: boolean;
  /** Written in this turn of the loop and not yet handed to the socket. */
  private pending: Buffer[];
  private pendingBytes: number;
  private scheduled: boolean;
  private blocked: boolean;
  private wantsDrain: boolean;
  private large: LargeAnswer | null;
  /** A whole answer that leaves at the end of this turn. */
  private whole: Buffer | null;
  /** The connection hears of the end when the last bytes have left. */
  private ending: boolean;

  constructor(line: ReplyLine, method: string, http10: boolean) {
    this.listener = null;
    this.gone = false;
    this.started = false;
    this.line = line;
    this.method = method;
    this.http10 = http10;
    this.ended = false;
    this.framed = false;
    this.silent = false;
    this.pending = [];
    this.pendingBytes = 0;
    this.scheduled = false;
    this.blocked = false;
    this.wantsDrain = false;
    this.large = null;
    this.whole = null;
    this.ending = false;
  }

  answer(status: number, headers: HeaderBlock, parts: readonly Uint8Array[], done?: () => void): void {
    if (this.started || this.gone) return done?.();
    this.started = true;
    this.ended = true;
    const length = totalLength(parts);
    const bodiless = isBodiless(this.method, status);
    const head = this.head(status, headers, answerLength(status, length));
    if (!bodiless && length >= COPY_LIMIT) {
      this.large = new LargeAnswer(this.line.socket, parts, () => this.line.onAnswered(), done);
      return this.large.start(head);
    }
    this.whole = joinHead(head, bodiless ? [] : parts, this.line.door.outbox.take);
    this.line.door.turn.add(this);
    done?.();
  }

  endTurn(): void {
    const { whole } = this;
    if (whole === null) {
      this.flush();
      if (this.ending && !this.gone) this.line.onAnswered();
      this.ending = false;
      return;
    }
    this.whole = null;
    if (this.gone) return;
    const { socket, door } = this.line;
    socket.write(whole);
    door.outbox.wrote(socket.writableLength);
    this.line.onAnswered();
  }

  start(status: number, headers: HeaderBlock, first: readonly Uint8Array[]): boolean {
    if (this.started || this.gone) return true;
    this.started = true;
    this.silent = isBodiless(this.method, status);
    this.framed = !this.http10 && !this.silent;
    const head = this.head(status, headers, this.framed ? "transfer-encoding: chunked\r\n" : "");
    if (this.silent) return this.enqueue(Buffer.from(head, "latin1"));
    const { take } = this.line.door.outbox;
    return this.enqueue(this.framed ? joinHeadAndChunk(head, first, take) : joinHead(head, first, take));
  }

  write(parts: readonly Uint8Array[]): boolean {
    if (!this.started || this.ended || this.gone) return true;
    if (this.silent) return true;
    const { take } = this.line.door.outbox;
    const bytes = this.framed ? frameChunk(parts, take) : joinHead("", parts, take);
    return bytes.length === 0 ? !this.blocked : this.enqueue(bytes);
  }

  end(): void {
    if (!this.started || this.ended || this.gone) return;
    this.ended = true;
    this.ending = true;
    if (this.framed) this.enqueue(joinHead("", LAST_PARTS, this.line.door.outbox.take));
    this.schedule();
  }

  fail(): void {
    if (this.ended || this.gone) return;
    this.ended = true;
    this.flush();
    // Without chunks the close itself is the end of the body: only a reset tells that it broke off.
    if (!this.gone) this.line.onBrokenOff(this.started && !this.framed);
  }

  abandon(): void {
    if (this.gone) return;
    this.ended = true;
    this.pending = [];
    this.line.socket.destroy();
  }

  /**
   * Instead of an answer: a WebSocket for a request that asked for one; null when it did not, or when its handshake was
   * answered as wrong. `closed` is called once, when the socket is gone.
   */
  openSocket(closed: () => void): MessageSocket | null {
    if (this.started || this.gone) return null;
    this.started = true;
    this.ended = true;
    return this.line.openSocket?.(closed) ?? null;
  }

  /** The connection tells that the client left before the answer was complete. */
  onGone(): void {
    if (this.gone) return;
    this.gone = true;
    this.pending = [];
    const complete = this.ended && this.large === null;
    const { listener } = this;
    if (!complete) listener?.onGone();
  }

  /** The door takes the reply back before a byte was written. */
  cancel(): void {
    this.listener = null;
    this.gone = true;
  }

  /** The socket is closed: nothing of ours is held by the system any more. */
  onClosed(): void {
    this.onGone();
    this.large?.stop();
    this.large = null;
  }

  onSocketDrain(): void {
    this.blocked = false;
    if (!this.wantsDrain || this.ended || this.gone) return;
    this.wantsDrain = false;
    this.listener?.onDrain();
  }

  private head(status: number, headers: HeaderBlock, framing: string): string {
    const close = this.line.isLastAnswer() ? "connection: close\r\n" : "";
    return `${statusLine(status)}${headers}${this.line.door.dateLine}${close}${framing}\r\n`;
  }

  /** Keeps bytes until this turn of the loop is over, so that an event and the end behind it leave together. */
  private enqueue(bytes: Buffer): boolean {
    this.pending.push(bytes);
    this.pendingBytes += bytes.length;
    if (this.pendingBytes >= COPY_LIMIT) this.flush();
    else this.schedule();
    if (this.blocked) this.wantsDrain = true;
    return !this.blocked;
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.line.door.turn.add(this);
  }

  /** Hands to the socket what waits. */
  flush(): void {
    this.scheduled = false;
    const { pending } = this;
    if (pending.length === 0 || this.gone) return;
    this.pending = [];
    this.pendingBytes = 0;
    const { socket, door } = this.line;
    const { outbox } = door;
    const bytes =
      pending.length === 1 ? (pending[0] as Buffer) : (outbox.joined(pending) ?? joinHead("", pending, outbox.take));
    if (!socket.write(bytes)) this.blocked = true;
    outbox.wrote(socket.writableLength);
  }
}

function answerLength(status: number, length: number): string {
  return status < 200 || status === 204 || status === 304 ? "" : `content-length: ${length}\r\n`;
}
