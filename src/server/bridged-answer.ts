// One management answer on its way from another thread to the client: collected when small, else streamed with credit.

import { errorHeaders, errorObject } from "../core/error-object.ts";
import { GatewayError } from "../core/errors.ts";
import type { HeaderBlock, Reply, ReplyListener } from "../core/http.ts";
import type { BridgeAnswer, BridgeControl } from "../core/plane-messages.ts";
import { BRIDGE_CREDIT } from "../lib/channel/credit.ts";
import { headerBlock, joinBlocks } from "../lib/header-block.ts";
import { BridgedSocket } from "./bridged-socket.ts";
import type { SocketAnswer } from "./message-socket.ts";

/** The threads that answer: log queries have one of their own. */
export type BridgeEnd = "control" | "query";

interface Line {
  send(message: BridgeControl): boolean;
}

/** Longest silence within an answer, ms. */
const SILENCE = 60_000;

type Head = Extract<BridgeAnswer, { type: "bridge-head" }>;

/** Lives from the hand-over to the last byte, the client's leaving or the thread's death. */
export class BridgedAnswer implements ReplyListener {
  readonly id: number;
  readonly end: BridgeEnd;
  readonly #line: Line;
  readonly #reply: Reply;
  readonly #common: HeaderBlock;
  readonly #onDone: (id: number) => void;
  #timer: NodeJS.Timeout | null = null;
  #done = false;
  #status = 0;
  #headers: HeaderBlock | null = null;
  /** A small answer is collected here; null = it is streamed. */
  #collected: Uint8Array[] | null = null;
  /** Bytes given to the reply that the client has not taken yet. */
  #owed = 0;
  #blocked = false;
  /** Events that go on for as long as the client listens. */
  #isEndless = false;
  #isDraining = false;
  #socket: BridgedSocket | null = null;

  constructor(id: number, end: BridgeEnd, line: Line, reply: Reply, common: HeaderBlock, onDone: (id: number) => void) {
    this.id = id;
    this.end = end;
    this.#line = line;
    this.#reply = reply;
    this.#common = common;
    this.#onDone = onDone;
    reply.listener = this;
  }

  /** The head must have come `ms` from now. */
  expectHead(ms: number): void {
    if (!this.#done) this.#expect(ms);
  }

  receive(message: BridgeAnswer): void {
    if (!this.#done && this.#socket === null) this.#expect(SILENCE);
    switch (message.type) {
      case "bridge-head":
        this.#onHead(message);
        break;
      case "bridge-chunk":
        this.#onChunk(message.bytes);
        break;
      case "bridge-end":
        this.#onEnd();
        break;
      case "bridge-fail":
        this.lost();
        break;
    }
  }

  /** The thread died or gave up. */
  lost(): void {
    if (!this.#finish()) return;
    if (this.#socket !== null) this.#socket.cut();
    else if (!this.#reply.started) answerError(this.#reply, this.#common, broken());
    else if (this.#blocked && this.#reply.abandon !== undefined) this.#reply.abandon();
    else this.#reply.fail();
  }

  /** The gateway stops: what has no end of its own ends here, and its client may come back to the next one. */
  drain(): void {
    this.#isDraining = true;
    if (!this.#isEndless || !this.#finish()) return;
    this.#line.send({ type: "bridge-cancel", id: this.id });
    if (this.#socket !== null) this.#socket.end();
    else if (this.#blocked && this.#reply.abandon !== undefined) this.#reply.abandon();
    else if (this.#reply.started) this.#reply.end();
    else answerError(this.#reply, this.#common, broken());
  }

  /** Nothing was handed over: the answer is this error. */
  refuse(error: GatewayError): void {
    if (this.#finish()) answerError(this.#reply, this.#common, error);
  }

  /** Answered, broken off, or nobody waits for it any more. */
  get isOver(): boolean {
    return this.#done;
  }

  onGone(): void {
    if (this.#finish()) this.#line.send({ type: "bridge-cancel", id: this.id });
  }

  onDrain(): void {
    this.#blocked = false;
    if (!this.#done) this.#expect(SILENCE);
    this.#returnCredit();
  }

  #onHead(head: Head): void {
    this.#status = head.status;
    if (head.status === 101) return this.#openSocket();
    let length = Number.POSITIVE_INFINITY;
    const fields: [string, string][] = [];
    for (const [name, value] of head.headers) {
      if (name === "content-type") this.#isEndless = value === "text/event-stream";
      if (name === "content-length") length = Number(value);
      else fields.push([name, value]);
    }
    try {
      this.#headers = joinBlocks(this.#common, headerBlock(fields));
    } catch {
      this.lost();
      this.#line.send({ type: "bridge-cancel", id: this.id });
      return;
    }
    if (length <= BRIDGE_CREDIT) this.#collected = [];
    if (this.#isDraining) this.drain();
  }

  /** The other thread takes the WebSocket that was asked for: its answer are messages, a line each. */
  #openSocket(): void {
    const socket = (this.#reply as SocketAnswer).openSocket?.(() => this.onGone()) ?? null;
    if (socket === null) {
      this.#line.send({ type: "bridge-cancel", id: this.id });
      this.#finish();
      return;
    }
    // pings tell whether the client is there
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#socket = new BridgedSocket(socket, (bytes) => {
      if (!this.#done) this.#line.send({ type: "bridge-credit", id: this.id, bytes });
    });
    this.#isEndless = true;
    if (this.#isDraining) this.drain();
  }

  #onChunk(bytes: Uint8Array): void {
    if (this.#done) return;
    if (this.#socket !== null) return this.#socket.receive(bytes);
    if (this.#headers === null) return;
    if (this.#collected !== null) {
      this.#collected.push(bytes);
      return;
    }
    this.#owed += bytes.length;
    const goesOn = this.#reply.started
      ? this.#reply.write([bytes])
      : this.#reply.start(this.#status, this.#headers, [bytes]);
    // to HEAD the head is all that there is to say
    if (this.#isEndless && (this.#reply as SocketAnswer).silent === true) return this.drain();
    this.#blocked = !goesOn;
    this.#returnCredit();
  }

  #onEnd(): void {
    if ((this.#headers === null && this.#socket === null) || !this.#finish()) return;
    if (this.#socket !== null) this.#socket.end();
    else if (this.#reply.started) this.#reply.end();
    else this.#reply.answer(this.#status, this.#headers as HeaderBlock, this.#collected ?? []);
  }

  #returnCredit(): void {
    if (this.#blocked || this.#done || this.#owed === 0) return;
    this.#line.send({ type: "bridge-credit", id: this.id, bytes: this.#owed });
    this.#owed = 0;
  }

  /** Management traffic is low: a timer each is fine here. */
  #expect(ms: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#late(), ms);
    this.#timer.unref();
  }

  #late(): void {
    // While the client takes nothing the other thread has nothing to send: the door's limits are for such a client.
    if (this.#blocked) return;
    if (!this.#finish()) return;
    this.#line.send({ type: "bridge-cancel", id: this.id });
    if (this.#reply.started) this.#reply.fail();
    else answerError(this.#reply, this.#common, tooLate());
  }

  /** False when it was over before. */
  #finish(): boolean {
    if (this.#done) return false;
    this.#done = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#reply.listener = null;
    this.#onDone(this.id);
    return true;
  }
}

/** Answers with an error object; for requests that never reached the other thread too. */
export function answerError(reply: Reply, common: HeaderBlock, error: GatewayError): void {
  if (reply.gone) return;
  const headers = joinBlocks(common, headerBlock(errorHeaders(error)));
  reply.answer(error.status, headers, [Buffer.from(errorObject(error))]);
}

function tooLate(): GatewayError {
  return new GatewayError(
    "control_plane_unavailable",
    "the management part of the gateway is busy and did not answer in time; inference is not affected. Try again later",
    { retryAfter: 5 },
  );
}

function broken(): GatewayError {
  return new GatewayError(
    "control_plane_unavailable",
    "the management part of the gateway stopped while it answered and is being started again. Try again in a second",
    { retryAfter: 1 },
  );
}
