// One connection to an origin: a stream, the reader of its answers, the writer of its requests, and the call it serves.
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TransportFailureKind } from "../core/http.ts";
import type { Head } from "../lib/http1/head.ts";
import type { Turn, TurnTask } from "../lib/turn.ts";
import { AnswerReader, type AnswerSink } from "./answer-reader.ts";
import type { Call, CallLink } from "./call.ts";
import { Dial, type DialListener, type DialPlan } from "./dial.ts";
import { RequestWriter, type Scratch, type WriterSink } from "./request-writer.ts";

/** Where connections live: their pool. */
export interface ConnectionHome {
  readonly plan: DialPlan;
  readonly scratch: Scratch;
  readonly turn: Turn;
  /** The whole head of the request that this call makes. */
  headOf(call: Call): string;
  /** The answer is complete and the server keeps the connection. */
  onRest(connection: Connection): void;
  /** It is no use any more. Called once. */
  onGone(connection: Connection): void;
}

/** TCP probes of a silent connection begin after this many ms. */
const PROBE_AFTER = 30_000;

/** Made for one call; when the server allows it, it serves others afterwards. */
export class Connection implements CallLink, DialListener, AnswerSink, WriterSink, TurnTask {
  /** When it came to rest, monotonic ms. */
  idleSince: number;
  gone: boolean;
  private readonly home: ConnectionHome;
  private readonly reader: AnswerReader;
  private readonly dial: Dial;
  private stream: Duplex | null;
  private writer: RequestWriter | null;
  private call: Call | null;
  /** The call whose body may still be under way to the kernel. */
  private sending: Call | null;
  /** Given in this turn of the loop, not yet written. */
  private unwritten: Call | null;
  private secure: boolean;
  private inMemory: boolean;
  private reading: boolean;
  private served: number;

  constructor(home: ConnectionHome, call: Call) {
    this.idleSince = 0;
    this.gone = false;
    this.home = home;
    this.reader = new AnswerReader(this);
    this.dial = new Dial(home.plan, this);
    this.stream = null;
    this.writer = null;
    this.call = call;
    this.sending = null;
    this.unwritten = null;
    this.secure = false;
    this.inMemory = false;
    this.reading = true;
    this.served = 0;
    call.link = this;
    this.dial.start();
  }

  get stale(): boolean {
    return this.served > 0 && this.call !== null && !this.call.answered;
  }

  /** Takes the call and writes its request. `later`: its handler hears of the connection only in the next tick. */
  serve(call: Call, later: boolean): void {
    this.call = call;
    this.reader.begin(call.request.method);
    call.attach(this);
    // Memory may answer within the write, which would be before the caller has its call in hand.
    if (later && this.inMemory) return process.nextTick(begin, this, call);
    if (later) {
      this.unwritten = call;
      return this.home.turn.add(this);
    }
    call.notifyConnected();
    if (this.call === call) this.write(call);
  }

  /** The request leaves with all others of this turn of the loop. */
  endTurn(): void {
    const call = this.unwritten;
    this.unwritten = null;
    if (call !== null && this.call === call) this.begin(call);
  }

  /** The tick after `serve`, where that had to wait. */
  begin(call: Call): void {
    call.notifyConnected();
    if (this.call === call) this.write(call);
  }

  setReading(on: boolean): void {
    if (on === this.reading || this.stream === null) return;
    this.reading = on;
    if (on) this.stream.resume();
    else this.stream.pause();
  }

  destroy(): void {
    // Nothing of its body was handed to the stream.
    if (this.call !== null && this.call !== this.sending) this.call.flushed = true;
    this.call = null;
    this.reader.stop();
    if (this.gone) return;
    this.gone = true;
    this.dial.abort();
    this.stream?.destroy();
    this.home.onGone(this);
  }

  onDialed(stream: Duplex, how: "plain" | "tls" | "memory"): void {
    const { call } = this;
    this.stream = stream;
    this.secure = how === "tls";
    this.inMemory = how === "memory";
    this.writer = new RequestWriter(stream, this, how === "plain" ? this.home.scratch : null, this.inMemory);
    if (this.inMemory) stream.on("data", (bytes: Buffer) => this.onRead(Buffer.from(bytes)));
    else {
      if (this.secure) stream.on("data", (bytes: Buffer) => this.onRead(bytes));
      (stream as Socket).setKeepAlive(true, PROBE_AFTER);
    }
    stream.on("end", () => this.onFin());
    stream.on("error", (error: NodeJS.ErrnoException) => this.onError(error));
    stream.on("close", () => this.onClose());
    if (call !== null) this.serve(call, false);
  }

  onDialFailed(kind: TransportFailureKind, detail: string): void {
    this.call?.fail(kind, detail);
  }

  onRead(bytes: Buffer): void {
    const { call, reader } = this;
    // Bytes that nobody asked for: whatever they are, they are no answer to a later request.
    if (call === null) return this.destroy();
    if (this.unwritten !== null) return call.fail("reset", "the server sent bytes before it was asked");
    call.answered = true;
    call.touch();
    reader.feed(bytes);
    if (this.call !== call) return;
    if (reader.complete) this.finishAnswer(call);
    else if (reader.error !== null) call.fail("invalid-answer", reader.error);
  }

  onAnswerHead(head: Head): void {
    const { route } = this.home.plan;
    // From a forwarding proxy itself: an origin has no business with this status.
    if (head.status === 407 && route.proxy !== null && !route.secure)
      return this.call?.fail("proxy", "the proxy answered 407");
    this.call?.takeHead(head, !this.reader.complete);
  }

  onAnswerBytes(bytes: Buffer): void {
    this.call?.takeBytes(bytes);
  }

  onWriteProgress(): void {
    this.call?.touch();
  }

  onSent(): void {
    const { sending } = this;
    this.sending = null;
    if (sending === null) return;
    sending.sent = true;
    sending.flushed = true;
  }

  private write(call: Call): void {
    this.sending = call;
    (this.writer as RequestWriter).write(this.home.headOf(call), call.request.body);
  }

  private finishAnswer(call: Call): void {
    const isReusable = this.reader.keepsAlive && !this.reader.surplus && call.sent;
    if (isReusable) {
      this.call = null;
      this.served++;
      this.setReading(true);
      this.home.onRest(this);
    } else this.destroy();
    call.takeEnd();
  }

  private onFin(): void {
    const { call, reader } = this;
    if (call === null) return this.destroy();
    if (!reader.untilClose) {
      call.fail(call.answered ? "truncated" : "reset", "the server closed the connection before the answer's end");
    } else if (this.secure) {
      // Node does not tell a TLS end (close_notify) from a cut connection, and a cut body must not pass for a whole one.
      call.fail("truncated", "a TLS answer without a length has no end that can be trusted");
    } else if (reader.finish()) this.finishAnswer(call);
  }

  private onError(error: NodeJS.ErrnoException): void {
    const kind = error.code?.startsWith("ERR_SSL") === true ? "tls" : "reset";
    if (this.call === null) this.destroy();
    else this.call.fail(kind, `${error.code ?? error.name}: ${error.message}`);
  }

  private onClose(): void {
    if (this.call !== null) this.call.fail("reset", "the connection was closed");
    this.destroy();
    if (this.sending !== null) this.sending.flushed = true;
    this.sending = null;
  }
}

function begin(connection: Connection, call: Call): void {
  connection.begin(call);
}
