// Node's own HTTP parser on an in-memory pair of streams: what it makes of raw bytes, to be held against what we make of them.
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { type Duplex, duplexPair } from "node:stream";

/** A message as Node read it. `complete`: its end was seen. */
export interface NodeMessage {
  readonly start: string;
  readonly fields: readonly (readonly [string, string])[];
  readonly body: string;
  readonly complete: boolean;
}

const MAX_HEADER = 256 * 1024;

function fieldsOf(message: IncomingMessage): [string, string][] {
  const list: [string, string][] = [];
  const { rawHeaders } = message;
  for (let i = 0; i < rawHeaders.length; i += 2)
    list.push([(rawHeaders[i] as string).toLowerCase(), rawHeaders[i + 1] as string]);
  return list;
}

interface Seen {
  message: IncomingMessage;
  start: string;
  body: string;
}

function watch(message: IncomingMessage, start: string): Seen {
  const seen = { message, start, body: "" };
  message.on("data", (bytes: Buffer) => {
    seen.body += bytes.toString("latin1");
  });
  message.on("error", () => {});
  return seen;
}

function told(seen: Seen): NodeMessage {
  return { start: seen.start, fields: fieldsOf(seen.message), body: seen.body, complete: seen.message.complete };
}

/** Node as a server, strict; one for all runs. */
export class NodeServer {
  private readonly server: Server;
  private readonly seen: WeakMap<object, Seen[]>;

  constructor() {
    this.seen = new WeakMap();
    this.server = createServer({ insecureHTTPParser: false, maxHeaderSize: MAX_HEADER }, (message, response) => {
      const list = this.seen.get(message.socket) ?? [];
      list.push(watch(message, `${message.method} ${message.url}`));
      message.on("end", () => response.end());
    });
    this.server.on("clientError", (_error, socket) => socket.destroy());
  }

  /** The requests that Node finds in these bytes. */
  async read(raw: Buffer): Promise<NodeMessage[]> {
    const [near, far] = duplexPair();
    const list: Seen[] = [];
    this.seen.set(far, list);
    near.on("error", () => {});
    far.on("error", () => {});
    near.resume();
    this.server.emit("connection", far);
    near.write(raw);
    await settle(far);
    const messages = list.map(told);
    near.destroy();
    far.destroy();
    return messages;
  }
}

/** The answer that Node finds in these bytes, or null. `close`: the connection ends behind them. */
export async function nodeAnswer(raw: Buffer, method: string, close: boolean): Promise<NodeMessage | null> {
  const [near, far] = duplexPair();
  near.on("error", () => {});
  far.on("error", () => {});
  far.resume();
  let seen: Seen | null = null;
  const call = request({
    method,
    createConnection: () => near,
    insecureHTTPParser: false,
    maxHeaderSize: MAX_HEADER,
  });
  call.on("error", () => {});
  call.on("response", (message) => {
    seen = watch(message, String(message.statusCode));
  });
  call.end();
  far.write(raw);
  if (close) far.end();
  await settle(near);
  const message = seen === null ? null : told(seen);
  near.destroy();
  far.destroy();
  return message;
}

/** Everything happens in this process: after some turns of the loop there is nothing left to happen. */
async function settle(stream: Duplex): Promise<void> {
  for (let turn = 0; turn < 12 && !stream.destroyed; turn++) await new Promise((resolve) => setImmediate(resolve));
}
