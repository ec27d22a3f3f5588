// Helpers for the door's tests: a client that sends raw bytes, a gate that answers what it is told to, an open port.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { GatewayError } from "../core/errors.ts";
import type { HeaderBlock, InboundRequest, Reply } from "../core/http.ts";
import { headerBlock, NO_HEADERS } from "../lib/header-block.ts";
import type { Gate, Refusal } from "./gate.ts";
import type { DoorLimits } from "./limits.ts";
import { type Listener, listen } from "./listener.ts";

/** How long a test waits for what must come soon, ms; only a failing test waits so long. */
const PATIENCE = 15_000;

type Handler = (request: InboundRequest, reply: Reply) => void;

/** Answers with what it was asked, unless a test gives it a handler; keeps count. */
export class TestGate implements Gate {
  handler: Handler;
  limit: number;
  readonly paths: string[];
  readonly refused: { error: GatewayError; path: string | null }[];

  constructor(handler: Handler = echo) {
    this.handler = handler;
    this.limit = 100 * 1024 * 1024;
    this.paths = [];
    this.refused = [];
  }

  bodyLimit(): number {
    return this.limit;
  }

  refuse(error: GatewayError, path: string | null): Refusal {
    this.refused.push({ error, path });
    const headers = headerBlock([["content-type", "application/json"]]);
    return { status: error.status, headers, body: Buffer.from(JSON.stringify({ error: error.code })) };
  }

  handle(request: InboundRequest, reply: Reply): void {
    this.paths.push(request.path);
    this.handler(request, reply);
  }
}

/** Answers at once with method, target and body; a body over 100 bytes only by its length. */
export function echo(request: InboundRequest, reply: Reply): void {
  const { bytes } = request.body;
  const body = bytes.length > 100 ? String(bytes.length) : bytes.toString("latin1");
  request.body.release();
  reply.answer(200, NO_HEADERS, [Buffer.from(`${request.method} ${request.target} ${body}`, "latin1")]);
}

/** Opens a port for one test and closes it behind it. */
export async function withDoor(
  gate: Gate,
  use: (port: number, listener: Listener) => Promise<void>,
  limits: Partial<DoorLimits> = {},
): Promise<void> {
  const listener = await listen({ host: "127.0.0.1", port: 0, gate, limits });
  try {
    await use(listener.port, listener);
  } finally {
    listener.close();
  }
}

/** A client without manners: sends any bytes and keeps what comes. */
export class RawClient {
  readonly socket: Socket;
  text: string;
  closed: boolean;
  private wake: () => void;

  constructor(port: number, host = "127.0.0.1") {
    this.text = "";
    this.closed = false;
    this.wake = () => {};
    this.socket = connect({ port, host, noDelay: true });
    this.socket.setEncoding("latin1");
    this.socket.on("data", (text: string) => {
      this.text += text;
      this.wake();
    });
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.closed = true;
      this.wake();
    });
  }

  static async open(port: number, host?: string): Promise<RawClient> {
    const client = new RawClient(port, host);
    await once(client.socket, "connect");
    return client;
  }

  send(bytes: string | Buffer): void {
    if (typeof bytes === "string") this.socket.write(bytes, "latin1");
    else this.socket.write(bytes);
  }

  /** Waits until what came holds this text; fails when the connection closes or time runs out before. */
  async until(part: string): Promise<string> {
    await waitFor(() => this.text.includes(part) || this.closed, `"${part}"`, this);
    if (!this.text.includes(part)) throw new Error(`closed before "${part}" came; got "${this.text.slice(0, 500)}"`);
    return this.text;
  }

  /** Everything that came until the other side closed. */
  async rest(): Promise<string> {
    await waitFor(() => this.closed, "the close", this);
    return this.text;
  }

  leave(): void {
    this.socket.destroy();
  }

  /** Called when something came. */
  onChange(wake: () => void): void {
    this.wake = wake;
  }
}

async function waitFor(isSo: () => boolean, what: string, client: RawClient): Promise<void> {
  if (isSo()) return;
  await new Promise<void>((resolve, reject) => {
    const late = () => reject(new Error(`${what} did not come in time; got "${client.text.slice(0, 500)}"`));
    const timer = setTimeout(late, PATIENCE);
    client.onChange(() => {
      if (!isSo()) return;
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Waits until something is so, looking every few ms. */
export async function eventually(isSo: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + PATIENCE; !isSo(); ) {
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await sleep(5);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Sends bytes on a connection of their own and gives back all that came until it closed. */
export async function exchange(port: number, bytes: string | Buffer): Promise<string> {
  const client = await RawClient.open(port);
  client.send(bytes);
  const text = await client.rest();
  return text;
}

/** How many answers stand in this text. */
export function answersIn(text: string): number {
  return text.split("HTTP/1.1 ").length - 1;
}

export function lines(fields: Record<string, string>): HeaderBlock {
  return headerBlock(Object.entries(fields));
}
