// What the demo server is started with and what it tells its tests about each request.
import type { Dialect } from "../../core/chat.ts";

/** A request as the demo server read it. */
export interface DemoRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly target: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The body parsed, or null when it is no JSON object. */
  readonly json: Record<string, unknown> | null;
  readonly operation: "chat" | "completions" | "embeddings" | "models" | "unknown";
  readonly dialect: Dialect;
  /** As asked, without a leading `demo/`; empty when none is named. */
  readonly model: string;
  /** The credential it came with, or empty. */
  readonly key: string;
  readonly stream: boolean;
}

/** The request with what became of it; the server goes on writing into it while it answers. */
export interface DemoRecord extends DemoRequest {
  /** Counts the requests of one server from 1. */
  readonly number: number;
  /** Counts the connections of one server from 1. */
  readonly connection: number;
  /** Name of the behaviour that was played. */
  behaviour: string;
  /** performance.now() when it was read whole. */
  readonly receivedAt: number;
  /** The answer was written to its end, as far as the behaviour has one. */
  answered: boolean;
  /** performance.now() when the other side went away before that, or null. */
  abandonedAt: number | null;
  /** Bytes handed to the connection, heads included. */
  bytesSent: number;
}

/** What the connections of one server share. */
export interface DemoState {
  requests: number;
  connections: number;
  /** Behaviour and request → how often it has failed so far. */
  readonly failures: Map<string, number>;
}

export interface DemoOptions {
  /** Called when a request was read, before it is answered. */
  readonly onRequest?: (record: DemoRecord) => void;
  /** Called when a connection is over, with the request that was then being answered, or null. */
  readonly onClosed?: (record: DemoRecord | null) => void;
  /** Names the behaviour for a request; null or undefined: its model does. */
  readonly behaviour?: (request: DemoRequest) => string | null | undefined;
  /** Models that are not in the table answer like `echo` instead of 404. */
  readonly acceptAnyModel?: boolean;
  /** Give the same one to several calls of serveDemo and they count together; default: one for the process. */
  readonly state?: DemoState;
}

export function newDemoState(): DemoState {
  return { requests: 0, connections: 0, failures: new Map() };
}
