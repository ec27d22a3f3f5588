// One client connection: hands its requests on one after another, keeps its deadlines, and ends it with one answer at most.
import type { Socket } from "node:net";
import { GatewayError, toGatewayError } from "../core/errors.ts";
import type { Body, Peer } from "../core/http.ts";
import { joinHead, statusLine } from "../lib/http1/write.ts";
import { adopt } from "./adopt.ts";
import { EMPTY_BODY } from "./body-buffer.ts";
import type { Door, Guest } from "./door.ts";
import { acceptSocket, loadSockets, type MessageSocket, Tunnel } from "./message-socket.ts";
import { type ReplyLine, SocketReply } from "./reply.ts";
import { DoorRequest, peerOf } from "./request.ts";
import { type InflateHandler, Inflating, isIdentity } from "./request-body.ts";
import { RequestReader } from "./request-reader.ts";

const READING = 0;
/** A request is in progress; what comes meanwhile waits. */
const BUSY = 1;
/** The last answer was given: what comes is thrown away until the client closes or its time is up. */
const LINGERING = 2;
const CLOSED = 3;
/** It speaks WebSocket from here on. */
const TUNNEL = 4;

const CONTINUE = `${statusLine(100)}\r\n`;
const NOTHING = Buffer.alloc(0);

/** While the door drains, those who are in the middle of sending a request get no more than this silence, ms. */
const DRAIN_SILENCE = 2_000;

/** An idle connection keeps the bytes of its last request for those who still look at its headers, but not longer, ms. */
const REST_AFTER = 1_000;

/** The connection of one socket; all listeners are its own and last as long as it does. */
export class Connection implements Guest, ReplyLine, InflateHandler {
  readonly socket: Socket;
  readonly door: Door;
  private readonly peer: Peer;
  private readonly reader: RequestReader;
  private state: number;
  private reply: SocketReply | null;
  private inflating: Inflating | null;
  /** Carries the bytes of a WebSocket; null = none was opened. */
  private tunnel: Tunnel | null;
  /** The connection ends with the answer in progress. */
  private last: boolean;
  /** Reads that came while a request was in progress, in order. */
  private readonly waiting: Buffer[];
  private waitingBytes: number;
  private overrun: boolean;
  private scheduled: boolean;
  /** When the present wait began: for a request, for more of a body, for the client's close. */
  private since: number;
  /** When the present body or lingering began. */
  private begun: number;
  /** Bytes that the system took of our answers, and when that number last grew. */
  private taken: number;
  private takenAt: number;

  constructor(accepted: Socket, door: Door) {
    this.door = door;
    this.peer = peerOf(accepted);
    this.reader = new RequestReader(door.gate, door.slabs);
    this.state = READING;
    this.reply = null;
    this.inflating = null;
    this.tunnel = null;
    this.last = false;
    this.waiting = [];
    this.waitingBytes = 0;
    this.overrun = false;
    this.scheduled = false;
    this.since = door.now;
    this.begun = door.now;
    this.taken = 0;
    this.takenAt = door.now;
    door.guests.add(this);
    // Last: what is read from here on finds a whole connection.
    const socket = adopt(accepted, door.readBuffer, (bytes) => this.onData(bytes));
    this.socket = socket;
    socket.on("drain", () => this.reply?.onSocketDrain());
    socket.on("end", () => this.onFinished());
    socket.on("error", ignore); // "close" follows
    socket.on("close", () => this.onClose());
  }

  // ---- bytes in

  /** The bytes stand in the buffer that all connections share: what is to outlive this call is copied. */
  private onData(bytes: Buffer): void {
    if (this.state === LINGERING) this.since = this.door.now;
    else if (this.state === TUNNEL) this.tunnel?.feed(bytes);
    else if (this.state === BUSY || this.waiting.length > 0) this.keepWaiting(Buffer.from(bytes));
    else if (this.state === READING) this.consume(bytes, false);
  }

  /** Reads one request, or a part of it; what follows a whole request waits until that is answered. */
  private consume(bytes: Buffer, lasting: boolean): void {
    const { reader } = this;
    if (reader.isIdle || reader.isInBody) this.since = this.door.now;
    const wasInBody = reader.isInBody;
    const used = reader.consume(bytes, lasting);
    if (reader.error !== null) return this.refuse(reader.error);
    if (used < bytes.length) this.putBack(lasting ? bytes.subarray(used) : Buffer.from(bytes.subarray(used)));
    if (reader.body !== null) return this.take(reader.body);
    if (wasInBody || !reader.isInBody) return;
    this.begun = this.since = this.door.now;
    if (reader.wantsContinue) this.socket.write(CONTINUE, "latin1");
  }

  private take(body: Body): void {
    this.state = BUSY;
    const { reader } = this;
    if (reader.wantsSocket) return this.whenSocketsAre(body);
    const encoding = body.bytes.length === 0 ? undefined : reader.head.get("content-encoding");
    if (encoding === undefined || isIdentity(encoding)) return this.handOver(body);
    this.inflating = new Inflating(body, reader.bodyLimit, this.door.slabs, this);
    this.inflating.start(encoding);
  }

  private whenSocketsAre(body: Body): void {
    const goOn = (): void => {
      if (this.state === BUSY) this.handOver(body);
    };
    loadSockets().then(goOn, (error: unknown) => this.refuse(toGatewayError(error)));
  }

  onInflated(body: Body): void {
    this.inflating = null;
    this.handOver(body);
  }

  onInflateError(error: GatewayError): void {
    this.inflating = null;
    this.refuse(error);
  }

  private handOver(body: Body): void {
    const { head, method, target } = this.reader;
    const reply = new SocketReply(this, method, head.http10);
    this.reply = reply;
    try {
      this.door.gate.handle(new DoorRequest(method, target, head, body, this.peer), reply);
    } catch (error) {
      body.release();
      if (reply.started) return reply.fail();
      reply.cancel();
      this.refuse(toGatewayError(error), true);
    }
  }

  // ---- what waits behind a request in progress

  private putBack(bytes: Buffer): void {
    this.waiting.unshift(bytes);
    this.count(bytes.length);
  }

  /**
   * The socket is never paused: a paused one does not tell that its client left. A client that sends far more than one
   * request ahead gets the answer in progress, then the close that tells it to send the rest again.
   */
  private keepWaiting(bytes: Buffer): void {
    const { limits, readAhead } = this.door;
    if (this.overrun) return;
    this.waiting.push(bytes);
    this.count(bytes.length);
    if (this.waitingBytes <= limits.readAhead && readAhead <= limits.readAheadTotal) return;
    this.overrun = true;
    this.last = true;
    this.dropWaiting();
    if (this.state !== BUSY) this.endAfterAnswer();
  }

  private count(bytes: number): void {
    this.waitingBytes += bytes;
    this.door.readAhead += bytes;
  }

  private dropWaiting(): void {
    this.waiting.length = 0;
    this.count(-this.waitingBytes);
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    // Not at once: whoever answered may look at the headers until its turn is over.
    setImmediate(readWaiting, this);
  }

  /** Goes on with what waited, up to the end of the next request. */
  readWaiting(): void {
    this.scheduled = false;
    while (this.state === READING && !this.scheduled) {
      const bytes = this.waiting.shift();
      if (bytes === undefined) return;
      this.count(-bytes.length);
      this.consume(bytes, true);
    }
  }

  // ---- answers

  isLastAnswer(): boolean {
    if (this.reader.head.close || this.reader.wantsSocket || this.door.draining) this.last = true;
    return this.last;
  }

  openSocket(closed: () => void): MessageSocket | null {
    if (this.state !== BUSY || !this.reader.wantsSocket) return null;
    this.state = TUNNEL;
    this.reply = null;
    const tunnel = new Tunnel(this.socket);
    this.tunnel = tunnel;
    const early = Buffer.concat(this.waiting);
    this.dropWaiting();
    return acceptSocket(this.reader.head, tunnel, early, closed);
  }

  onAnswered(): void {
    this.reply = null;
    if (this.state !== BUSY) return;
    if (this.last || this.door.draining) return this.endAfterAnswer();
    this.state = READING;
    this.since = this.door.now;
    this.reader.next();
    if (this.waiting.length > 0) this.schedule();
  }

  onBrokenOff(reset: boolean): void {
    this.reply = null;
    if (!reset) return this.endAfterAnswer();
    this.linger();
    this.socket.write(NOTHING, () => this.socket.resetAndDestroy()); // behind what is still to be taken
  }

  private endAfterAnswer(): void {
    this.linger();
    this.socket.end();
  }

  /** Answers a request that goes no further, and ends the connection: nobody knows where the next message would begin. */
  private refuse(error: GatewayError, recorded = false): void {
    if (this.state > BUSY) return;
    const { method, path, target, head } = this.reader;
    const isKnown = method !== "" && !recorded;
    const request = isKnown ? new DoorRequest(method, target, head, EMPTY_BODY, this.peer) : null;
    this.reply = null;
    this.linger();
    const { status, headers, body } = this.door.gate.refuse(error, path, request);
    const framing = `connection: close\r\ncontent-length: ${body.length}\r\n\r\n`;
    this.socket.end(
      joinHead(`${statusLine(status)}${headers}${this.door.dateLine}${framing}`, method === "HEAD" ? [] : [body]),
    );
  }

  /** From here on bytes are thrown away, so that the client reads our answer rather than a reset. */
  private linger(): void {
    this.state = LINGERING;
    this.since = this.begun = this.door.now;
    this.reader.discard();
    this.dropWaiting();
  }

  // ---- the end, and deadlines

  /**
   * The client sent its FIN. One that only shuts its writing side cannot be told from one that left (a closed socket
   * answers with a reset only when it is written to), so with a request in progress it counts as gone.
   */
  private onFinished(): void {
    if (this.state === BUSY || this.state === TUNNEL) this.socket.destroy();
    else if (this.state === READING) this.linger(); // the socket closes by itself once our answers are taken
    this.reply?.onGone();
  }

  private onClose(): void {
    this.state = CLOSED;
    this.inflating?.stop();
    this.inflating = null;
    this.reader.discard();
    this.dropWaiting();
    this.tunnel?.destroy();
    this.door.leave(this);
    const { reply } = this;
    this.reply = null;
    reply?.onClosed();
  }

  sweep(now: number): void {
    if (this.isStalled(now)) return this.destroy();
    const { limits, draining } = this.door;
    const waited = now - this.since;
    if (this.state === LINGERING) {
      if (this.socket.writableLength > 0) this.since = this.begun = now;
      else if (waited >= limits.lingerSilence || now - this.begun >= limits.lingerTotal) this.destroy();
    } else if (this.state === READING && this.reader.isIdle) {
      if (waited >= limits.idle) this.destroy();
      else if (waited >= REST_AFTER) this.reader.rest();
    } else if (this.state === READING) {
      const inBody = this.reader.isInBody;
      const silence = inBody ? limits.bodySilence : limits.head;
      if (waited >= (draining ? Math.min(DRAIN_SILENCE, silence) : silence)) this.refuseSlow(inBody ? "body" : "head");
      else if (inBody && now - this.begun >= limits.bodyTotal) this.refuseSlow("body");
    }
  }

  private refuseSlow(what: string): void {
    this.refuse(new GatewayError("request_timeout", `the request's ${what} did not come in time`));
  }

  /** True when the client has taken nothing of what waits for it for too long. */
  private isStalled(now: number): boolean {
    const { socket } = this;
    const taken = socket.writableLength === 0 ? -1 : socket.bytesWritten - socket.writableLength;
    if (taken < 0 || taken !== this.taken) {
      this.taken = taken;
      this.takenAt = now;
      return false;
    }
    return now - this.takenAt >= this.door.limits.writeStall;
  }

  drain(): void {
    if (this.state !== READING || !this.reader.isIdle || this.waiting.length > 0) return;
    if (this.socket.writableLength > 0) this.endAfterAnswer();
    else this.destroy();
  }

  destroy(): void {
    this.socket.destroy();
  }
}

function ignore(): void {}

function readWaiting(connection: Connection): void {
  connection.readWaiting();
}
