// Raw scripted servers and a recording handler for the tests of the outbound door.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach } from "node:test";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import type {
  Deadlines,
  HeaderView,
  OriginSettings,
  OutboundCall,
  TransportFailure,
  Upstream,
  UpstreamCall,
  UpstreamHandler,
} from "../core/http.ts";
import { headerBlock } from "../lib/header-block.ts";
import { createUpstream, type UpstreamOptions } from "./client.ts";
import type { ResolveAll } from "./guarded-lookup.ts";

const fixture = (name: string): string => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");

/** The authority that signed the servers' certificate. */
export const CA_PEM: string = fixture("ca.pem");
export const CA_PATH: string = new URL("./fixtures/ca.pem", import.meta.url).pathname;
export const SERVER_TLS: TlsOptions = { cert: fixture("server.pem"), key: fixture("server-key.pem") };

/** A server that a test scripts byte by byte. */
export interface RawServer {
  readonly port: number;
  readonly sockets: Socket[];
  /** How many connections were accepted. */
  readonly accepted: () => number;
  close(): Promise<void>;
}

const cleanups: (() => void | Promise<void>)[] = [];

/** Servers and doors live for one test. */
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** Listens on loopback and hands each connection to the script. */
export async function rawServer(
  script: (socket: Socket, index: number) => void,
  options: { tls?: TlsOptions; host?: string } = {},
): Promise<RawServer> {
  const sockets: Socket[] = [];
  const accept = (socket: Socket): void => {
    socket.on("error", () => {});
    sockets.push(socket);
    script(socket, sockets.length - 1);
  };
  const server: Server = options.tls === undefined ? createServer(accept) : createTlsServer(options.tls, accept);
  server.on("tlsClientError", () => {});
  server.listen(0, options.host ?? "127.0.0.1");
  await once(server, "listening");
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) server.close();
    if (server.listening) await once(server, "close");
  };
  cleanups.push(close);
  return { port: (server.address() as AddressInfo).port, sockets, accepted: () => sockets.length, close };
}

/** Calls back for each whole request (head and content-length body) that arrives, as latin1 text. */
export function onRequest(socket: Socket, callback: (request: string, index: number) => void): void {
  let text = "";
  let index = 0;
  socket.on("data", (bytes: Buffer) => {
    text += bytes.toString("latin1");
    for (;;) {
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, end + 2))?.[1] ?? 0);
      if (text.length < end + 4 + length) return;
      const request = text.slice(0, end + 4 + length);
      text = text.slice(end + 4 + length);
      callback(request, index++);
    }
  });
}

/** A server that answers every request with these bytes. */
export function answering(answer: string | Buffer, options: { tls?: TlsOptions } = {}): Promise<RawServer> {
  return rawServer((socket) => onRequest(socket, () => socket.write(answer)), options);
}

/** An answer with a content-length. */
export function plainAnswer(body: string, extra = ""): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n${extra}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** What became of a call. */
export interface Outcome {
  connected: number;
  status: number;
  headers: [string, string][];
  body: Buffer;
  /** The sequence of handler calls, repeated ones of onBytes joined. */
  trace: string[];
  failure: TransportFailure | null;
}

/** Records everything and checks the promises of the handler's contract. */
export class Recorder implements UpstreamHandler {
  readonly outcome: Outcome = { connected: 0, status: 0, headers: [], body: Buffer.alloc(0), trace: [], failure: null };
  readonly done: Promise<Outcome>;
  readonly chunks: string[] = [];
  call: UpstreamCall | null = null;
  onEach: (bytes: Buffer) => void = () => {};
  keepBytes = true;
  received = 0;
  private over = false;
  private finish!: (outcome: Outcome) => void;

  constructor() {
    this.done = new Promise((resolve) => {
      this.finish = resolve;
    });
  }

  onConnected(): void {
    this.note("connected");
    this.outcome.connected++;
  }

  onHead(status: number, headers: HeaderView): void {
    this.note("head");
    this.outcome.status = status;
    this.outcome.headers = headers.entries();
  }

  onBytes(bytes: Buffer): void {
    if (this.outcome.trace.at(-1) !== "bytes") this.note("bytes");
    this.received += bytes.length;
    if (this.keepBytes) {
      this.outcome.body = Buffer.concat([this.outcome.body, bytes]);
      this.chunks.push(bytes.toString("latin1"));
    }
    this.onEach(bytes);
  }

  onEnd(): void {
    this.note("end");
    this.end();
  }

  onFailure(failure: TransportFailure): void {
    this.note(`failure ${failure.kind}`);
    this.outcome.failure = failure;
    this.end();
  }

  private note(word: string): void {
    if (this.call === null) throw new Error(`${word} before send returned`);
    if (this.over) throw new Error(`${word} after the call was over`);
    this.outcome.trace.push(word);
  }

  private end(): void {
    this.over = true;
    this.finish(this.outcome);
  }
}

/** Settings of an origin on loopback. */
export function originOf(url: string, changes: Partial<OriginSettings> = {}): OriginSettings {
  return {
    url,
    proxy: { type: "none" },
    caPem: undefined,
    insecureSkipVerify: false,
    keepAlive: 5000,
    maxConnections: 100,
    allowPrivateNetwork: false,
    ...changes,
  };
}

type CallChanges = Partial<Omit<OutboundCall, "deadlines">> & { deadlines?: Partial<Deadlines> };

export function callTo(origin: OriginSettings, changes: CallChanges = {}): OutboundCall {
  const { deadlines, ...rest } = changes;
  return {
    origin,
    method: "POST",
    path: "/v1/chat",
    headers: headerBlock([["content-type", "application/json"]]),
    body: [Buffer.from("{}")],
    fresh: false,
    maxBytes: 0,
    ...rest,
    deadlines: { connect: 2000, total: 5000, idle: 2000, ...deadlines },
  };
}

/** Sends and records; the recorder's `call` is set. */
export function start(upstream: Upstream, call: OutboundCall, recorder: Recorder = new Recorder()): Recorder {
  const sent = upstream.send(call, recorder);
  recorder.call = sent;
  cleanups.push(() => sent.abort());
  return recorder;
}

/** Sends and waits for what becomes of it. */
export function run(upstream: Upstream, call: OutboundCall): Promise<Outcome> {
  return start(upstream, call).done;
}

export function door(options: Partial<UpstreamOptions> = {}): Upstream {
  const upstream = createUpstream({ environment: {}, ...options });
  cleanups.push(() => upstream.close());
  return upstream;
}

/** A resolver in which every name has these addresses. */
export function resolvingTo(...addresses: string[]): ResolveAll {
  const list = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  return (_host, _options, done) => process.nextTick(() => done(null, list));
}

/** Waits until it is true, for at most two seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 2000;
  while (!condition()) {
    if (performance.now() > end) throw new Error("it did not become true");
    await pause(5);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
