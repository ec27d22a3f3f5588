// Hands management requests over to another thread and writes its answer to the client, at the client's pace.

import { GatewayError, toGatewayError } from "../core/errors.ts";
import type { HeaderBlock, InboundRequest, Reply } from "../core/http.ts";
import { type Caller, LOGIN_HEADERS } from "../core/login.ts";
import type { BridgeAnswer, BridgeControl, BridgeRequest } from "../core/plane-messages.ts";
import type { ControlPlane } from "../core/ports.ts";
import { answerError, BridgedAnswer, type BridgeEnd } from "./bridged-answer.ts";

/** How messages reach a thread: the sending half of a channel. False = it is gone. */
export interface BridgeLine {
  send(message: BridgeRequest | BridgeControl, transfer?: readonly ArrayBuffer[]): boolean;
}

export interface BridgeOptions {
  /** Who makes a request: asked for a thread that checks no credentials itself. May reject with GatewayError. */
  readonly callerOf?: (request: InboundRequest) => Promise<Caller>;
  /** ms until the head of an answer must have come. */
  readonly headTimeout?: number;
  /** Requests under way at once; beyond, the caller is asked to come back. */
  readonly maxPending?: number;
  /** Longest body, bytes. */
  readonly maxBody?: number;
}

const HEAD_TIMEOUT = 10_000;
const MAX_PENDING = 256;
const MAX_BODY = 10 * 1024 * 1024;

/** The port `ControlPlane` of the loop. The composition root connects the threads and passes `bridge-*` messages in. */
export class Bridge implements ControlPlane {
  readonly #callerOf: BridgeOptions["callerOf"];
  readonly #headTimeout: number;
  readonly #maxPending: number;
  readonly #maxBody: number;
  readonly #lines: Record<BridgeEnd, BridgeLine | null> = { control: null, query: null };
  readonly #pending = new Map<number, BridgedAnswer>();
  #lastId = 0;
  #isDraining = false;

  constructor(options: BridgeOptions = {}) {
    this.#callerOf = options.callerOf;
    this.#headTimeout = options.headTimeout ?? HEAD_TIMEOUT;
    this.#maxPending = options.maxPending ?? MAX_PENDING;
    this.#maxBody = options.maxBody ?? MAX_BODY;
  }

  /** A thread was started, or started again. */
  connect(end: BridgeEnd, line: BridgeLine): void {
    this.disconnect(end);
    this.#lines[end] = line;
  }

  /** A thread is gone: what it had not begun to answer is answered 503, what it had begun breaks off. */
  disconnect(end: BridgeEnd): void {
    this.#lines[end] = null;
    for (const answer of this.#pending.values()) if (answer.end === end) answer.lost();
  }

  /** The gateway stops: answers that would never end by themselves end now. */
  drain(): void {
    this.#isDraining = true;
    for (const answer of this.#pending.values()) answer.drain();
  }

  /** Requests under way. */
  get pending(): number {
    return this.#pending.size;
  }

  /**
   * Takes a request over: reads its headers and body before it returns and gives the body back. `common` are header
   * lines that every answer of this door begins with.
   */
  handle(request: InboundRequest, reply: Reply, common: HeaderBlock): void {
    const end = bridgeEnd(request);
    const line = this.#lines[end];
    const refusal = this.#refusal(request, line);
    if (refusal !== null || line === null) {
      request.body.release();
      answerError(reply, common, refusal ?? unavailable());
      return;
    }
    const message = this.#message(request);
    // asked before the body goes back: what is looked at is read at once
    const caller = end === "query" ? this.#callerOf?.(request) : undefined;
    request.body.release();
    const answer = new BridgedAnswer(message.id, end, line, reply, common, (id) => this.#pending.delete(id));
    this.#pending.set(message.id, answer);
    answer.expectHead(this.#headTimeout);
    if (this.#isDraining) answer.drain();
    if (caller === undefined) return send(line, message, answer);
    caller.then(
      (who) => send(line, { ...withoutCredentials(message), caller: who }, answer),
      (error: unknown) => answer.refuse(toGatewayError(error)),
    );
  }

  /** A message from the thread that `connect` connected. */
  receive(end: BridgeEnd, message: BridgeAnswer): void {
    const answer = this.#pending.get(message.id);
    if (answer?.end === end) answer.receive(message);
  }

  #refusal(request: InboundRequest, line: BridgeLine | null): GatewayError | null {
    if (line === null) return unavailable();
    if (request.body.bytes.length > this.#maxBody)
      return new GatewayError(
        "body_too_large",
        `the body of a management request may have ${this.#maxBody} bytes at most`,
      );
    if (this.#pending.size >= this.#maxPending)
      return new GatewayError("overloaded", "too many management requests at once; try again in a second", {
        retryAfter: 1,
      });
    return null;
  }

  #message(request: InboundRequest): BridgeRequest {
    const { address, loopback, secure } = request.peer;
    const body = new Uint8Array(request.body.bytes.length);
    body.set(request.body.bytes);
    return {
      type: "bridge-request",
      id: ++this.#lastId,
      method: request.method,
      target: request.target,
      headers: request.headers.entries(),
      peer: { address, loopback, secure },
      body,
    };
  }
}

function send(line: BridgeLine, message: BridgeRequest, answer: BridgedAnswer): void {
  if (answer.isOver) return;
  if (!line.send(message, [message.body.buffer as ArrayBuffer])) answer.lost();
}

/** Whoever is told who calls needs no proof of it. */
function withoutCredentials(message: BridgeRequest): BridgeRequest {
  return { ...message, headers: message.headers.filter(([name]) => !LOGIN_HEADERS.has(name)) };
}

function bridgeEnd(request: InboundRequest): BridgeEnd {
  const isRead = request.method === "GET" || request.method === "HEAD";
  const isLogs = request.path === "/api/logs" || request.path.startsWith("/api/logs/");
  // The control plane, which writes rows, prices them anew too, and tells how far it is and what it left out.
  const isWork = request.path.startsWith("/api/logs/recalculate-cost") || request.path === "/api/logs/dropped";
  return isRead && isLogs && !isWork ? "query" : "control";
}

function unavailable(): GatewayError {
  return new GatewayError(
    "control_plane_unavailable",
    "the management part of the gateway is starting; inference is not affected. Try again in a second",
    { retryAfter: 1 },
  );
}
