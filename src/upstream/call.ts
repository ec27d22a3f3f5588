// One call: what its caller may do with it, its deadlines, and the only place that speaks to its handler.
import type { HeaderView, OutboundCall, TransportFailureKind, UpstreamCall, UpstreamHandler } from "../core/http.ts";
import type { Head } from "../lib/http1/head.ts";
import type { Listed } from "../lib/roster.ts";
import { Inflater, type InflateSink, readCoding } from "./inflate.ts";
import { InflatedHead } from "./inflated-head.ts";

/** The connection as its call sees it. */
export interface CallLink {
  /** From the pool, and no byte of the answer has come: the server had given it up. */
  readonly stale: boolean;
  setReading(on: boolean): void;
  destroy(): void;
}

/** Who started the call and must know that it is over. */
export interface CallOwner {
  now(): number;
  forget(call: Call): void;
  log(level: "warn" | "error", text: string): void;
}

/** Made by the door for each `send`. */
export class Call implements UpstreamCall, InflateSink, Listed {
  /** In the owner's list of calls under way. */
  place: number;
  readonly request: OutboundCall;
  /** The whole request was written to the kernel. */
  sent: boolean;
  flushed: boolean;
  /** A byte of the answer was seen. */
  answered: boolean;
  over: boolean;
  link: CallLink | null;
  private readonly handler: UpstreamHandler;
  private readonly owner: CallOwner;
  private readonly connectBy: number;
  private totalBy: number;
  private idle: number;
  private quietSince: number;
  private connected: boolean;
  private paused: boolean;
  private received: number;
  private inflater: Inflater | null;
  private inflaterFull: boolean;
  private inflated: boolean;

  constructor(request: OutboundCall, handler: UpstreamHandler, owner: CallOwner) {
    const { connect, total, idle } = request.deadlines;
    const now = owner.now();
    this.place = -1;
    this.request = request;
    this.sent = false;
    this.flushed = false;
    this.answered = false;
    this.over = false;
    this.link = null;
    this.handler = handler;
    this.owner = owner;
    this.connectBy = connect > 0 ? now + connect : Number.POSITIVE_INFINITY;
    this.totalBy = total > 0 ? now + total : Number.POSITIVE_INFINITY;
    this.idle = idle;
    this.quietSince = now;
    this.connected = false;
    this.paused = false;
    this.received = 0;
    this.inflater = null;
    this.inflaterFull = false;
    this.inflated = false;
  }

  pause(): void {
    if (this.over || this.paused) return;
    this.paused = true;
    this.inflater?.pause();
    this.link?.setReading(false);
  }

  resume(): void {
    if (this.over || !this.paused) return;
    this.paused = false;
    this.touch();
    this.inflater?.resume();
    if (!this.inflaterFull) this.link?.setReading(true);
  }

  release(idle: number): void {
    this.totalBy = Number.POSITIVE_INFINITY;
    this.idle = idle;
    this.touch();
  }

  abort(): void {
    if (!this.over) this.drop();
  }

  /** Something moved: the silence begins anew. */
  touch(): void {
    this.quietSince = this.owner.now();
  }

  /** Fails the call when a deadline has passed. A paused call is its caller's silence, not the provider's. */
  checkDeadlines(now: number): void {
    const { idle } = this;
    if (!this.connected && now >= this.connectBy) this.fail("connect-timeout", "no connection in time");
    else if (now >= this.totalBy) this.fail("total-timeout", "the whole time is over");
    else if (this.connected && !this.paused && idle > 0 && now - this.quietSince >= idle)
      this.fail("idle-timeout", `silent for ${idle} ms`);
  }

  /** A connection takes the call; `notifyConnected` follows, at once or after `send` has returned. */
  attach(link: CallLink): void {
    this.link = link;
    this.connected = true;
    this.touch();
    if (this.paused) link.setReading(false);
  }

  notifyConnected(): void {
    if (this.over) return;
    try {
      this.handler.onConnected();
    } catch (error) {
      this.broken(error);
    }
  }

  takeHead(head: Head, hasBody: boolean): void {
    const { maxBytes } = this.request;
    const coding = hasBody ? readCoding(head.get("content-encoding")) : "identity";
    if (coding === null) return this.fail("invalid-answer", "the content-encoding is not understood");
    let view: HeaderView = head;
    if (coding !== "identity") {
      this.inflater = new Inflater(coding, this);
      view = new InflatedHead(head);
    } else if (maxBytes > 0 && hasBody && head.contentLength > maxBytes)
      return this.fail("too-large", `content-length ${head.contentLength}, at most ${maxBytes} are taken`);
    try {
      this.handler.onHead(head.status, view);
    } catch (error) {
      this.broken(error);
    }
  }

  takeBytes(bytes: Buffer): void {
    if (this.inflater === null) this.deliver(bytes);
    else if (!this.inflated && !this.inflater.feed(bytes)) {
      this.inflaterFull = true;
      this.link?.setReading(false);
    }
  }

  /** The framing is complete and the connection is free of this call. */
  takeEnd(): void {
    this.link = null;
    if (this.inflater === null || this.inflated) this.end();
    else this.inflater.finish();
  }

  onInflated(bytes: Buffer): void {
    if (this.over) return;
    this.touch();
    this.deliver(bytes);
  }

  onInflateDrain(): void {
    this.inflaterFull = false;
    if (!this.paused) this.link?.setReading(true);
  }

  onInflateEnd(): void {
    if (this.link === null) return this.end();
    // Bytes follow the compressed stream within the body: they are passed over, the framing says when the call is over.
    this.inflated = true;
    this.onInflateDrain();
  }

  onInflateFailure(unfinished: boolean, detail: string): void {
    this.fail(unfinished ? "truncated" : "invalid-answer", detail);
  }

  /** Ends the call as failed and closes its connection. `detail` is for the process log. */
  fail(kind: TransportFailureKind, detail: string): void {
    if (this.over) return;
    const { answered, sent } = this;
    const stale = kind === "reset" && this.link !== null && this.link.stale;
    this.drop();
    try {
      this.handler.onFailure({ kind, answered, stale, sent, detail });
    } catch (error) {
      this.report(error);
    }
  }

  private deliver(bytes: Buffer): void {
    const { maxBytes } = this.request;
    const room = maxBytes > 0 ? maxBytes - this.received : bytes.length;
    this.received += bytes.length;
    try {
      if (bytes.length <= room) this.handler.onBytes(bytes);
      else if (room > 0) this.handler.onBytes(bytes.subarray(0, room));
    } catch (error) {
      return this.broken(error);
    }
    if (bytes.length > room) this.fail("too-large", `more than ${maxBytes} bytes of body`);
  }

  private end(): void {
    if (this.over) return;
    this.over = true;
    this.owner.forget(this);
    try {
      this.handler.onEnd();
    } catch (error) {
      this.report(error);
    }
  }

  /** The handler threw: it gets no further call, and the connection is not in a state to be used again. */
  private broken(error: unknown): void {
    this.report(error);
    this.abort();
  }

  private drop(): void {
    const { link, inflater } = this;
    this.over = true;
    this.link = null;
    this.inflater = null;
    inflater?.stop();
    link?.destroy();
    // Without a connection nothing holds the body any more.
    if (link === null) this.flushed = true;
    this.owner.forget(this);
  }

  private report(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.owner.log("error", `a handler of an upstream answer threw; its call was aborted: ${text}`);
  }
}
