// A WebSocket on a connection of the inbound door: the handshake, text messages out, and a client that has nothing to say.
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { WebSocket, WebSocketServer } from "ws";
import type { HeaderView } from "../core/http.ts";

/** What the rest of the door may do with a WebSocket. */
export interface MessageSocket {
  /** `taken` is called when the message has left. */
  send(text: string, taken: () => void): void;
  /** Says that the gateway goes away, and hangs up soon after. */
  close(): void;
  /** Hangs up at once. */
  terminate(): void;
}

/** What the reply of a connection can do besides answering. */
export interface SocketAnswer {
  /** See SocketReply. */
  readonly silent?: boolean;
  /** See SocketReply. */
  openSocket?(closed: () => void): MessageSocket | null;
}

/** Longest message that a client may send, bytes. */
const LONGEST_MESSAGE = 4096;
/** Bytes of a client that nobody has looked at yet. */
const MOST_WAITING = 64 * 1024;
/** A client that does not answer a ping within this time is gone, ms. */
const PING_EVERY = 30_000;
/** A client that does not say goodbye in return is left, ms. */
const GOODBYE = 300;
const GOING_AWAY = 1001;

let server: WebSocketServer | null = null;

/** Reads the package, once: a gateway that nobody opens a WebSocket to starts without it. */
export async function loadSockets(): Promise<void> {
  if (server !== null) return;
  const ws = await import("ws");
  server ??= new ws.WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: LONGEST_MESSAGE,
  });
}

/** The connection as a stream, for those who speak another protocol on it. */
export class Tunnel extends Duplex {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
  }

  /** Bytes of the client; they are copied. One that sends more than is looked at is cut off. */
  feed(bytes: Buffer): void {
    if (this.destroyed) return;
    this.push(Buffer.from(bytes));
    if (this.readableLength > MOST_WAITING) this.destroy();
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#socket.end();
    done();
  }

  override _destroy(_error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(null);
  }
}

/** Answers the handshake, once the package is there; null when it was a wrong one, which is answered too. `early`: what the client sent behind it. */
export function acceptSocket(
  head: HeaderView,
  tunnel: Tunnel,
  early: Buffer,
  closed: () => void,
): MessageSocket | null {
  let opened: WebSocket | null = null;
  // The package looks at the method and at headers, nothing else.
  const request = { method: "GET", url: "/", headers: Object.fromEntries(head.entries()) };
  server?.handleUpgrade(request as unknown as IncomingMessage, tunnel, early, (socket) => {
    opened = socket;
  });
  return opened === null ? null : new Line(opened, closed);
}

class Line implements MessageSocket {
  readonly #socket: WebSocket;
  #isAlive = true;

  constructor(socket: WebSocket, closed: () => void) {
    this.#socket = socket;
    const timer = setInterval(() => this.#ping(), PING_EVERY);
    timer.unref();
    socket.on("error", ignore); // "close" follows
    socket.on("pong", () => {
      this.#isAlive = true;
    });
    socket.once("close", () => {
      clearInterval(timer);
      closed();
    });
  }

  send(text: string, taken: () => void): void {
    this.#socket.send(text, (error) => {
      if (error === undefined || error === null) taken();
    });
  }

  close(): void {
    this.#socket.close(GOING_AWAY, "the gateway stops");
    setTimeout(() => this.#socket.terminate(), GOODBYE).unref();
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #ping(): void {
    if (!this.#isAlive) return this.#socket.terminate();
    this.#isAlive = false;
    this.#socket.ping();
  }
}

function ignore(): void {}
