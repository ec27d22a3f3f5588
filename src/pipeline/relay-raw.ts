// Relays a stream whose dialect the client speaks: whole events go on as they came, the last one waits for its end.
import type { EventView, StreamWatch } from "../core/formats.ts";
import type { TransportFailure } from "../core/http.ts";
import { EventFrame } from "../lib/event-frame.ts";
import { JSON_TYPE, JsonScan } from "../lib/json-scan.ts";
import { SseSplitter } from "../lib/sse.ts";
import { extraFields } from "./facts.ts";
import { Capture } from "./held-body.ts";
import { answerHead } from "./plain-answer.ts";
import { type AttemptLine, brokenWords, type Sink } from "./sink.ts";

/** Of a stream so much is kept for the record, bytes. */
export const CAPTURE_BYTES = 32 * 1024;
/** Events before the first content may take so much, bytes. */
const MAX_PREFACE = 1024 * 1024;
const DONE = Buffer.from("data: [DONE]\n\n");
const BRACE = 125;
const OPEN = 123;
const NOTHING = Buffer.alloc(0);

export class RawRelay implements Sink {
  readonly #line: AttemptLine;
  readonly #splitter = new SseSplitter();
  readonly #watch: StreamWatch;
  readonly #frame: EventFrame;
  readonly #capture: Capture | null;
  #committed = false;
  #over = false;
  #finished = false;
  /** Events before the commit point; copies. */
  #preface: Buffer[] = [];
  #prefaceBytes = 0;
  /** The event that may be the last: the finish, or the usage that the caller asked for; a copy. */
  #last: Buffer | null = null;
  /** JSON text of a usage that the caller did not ask for: rides on the last event where the route has extra_fields. */
  #usage: string | null = null;
  /** What goes out with this read. */
  #out: Uint8Array[] = [];
  /** Events that stand one behind the other go out as one piece: runBytes[runFrom, runTo). */
  #runBytes: Buffer = NOTHING;
  #runFrom = 0;
  #runTo = 0;

  constructor(line: AttemptLine, watch: StreamWatch) {
    this.#line = line;
    this.#watch = watch;
    this.#frame = new EventFrame(watch.textName);
    this.#capture = line.exchange.snapshot.settings.contentLogging ? new Capture(CAPTURE_BYTES) : null;
  }

  bytes(chunk: Buffer): void {
    if (this.#over) return;
    this.#capture?.append(chunk);
    this.#splitter.feed(chunk);
    while (!this.#over) {
      if (this.#committed && !this.#finished) this.#passRepeats();
      if (!this.#splitter.next()) break;
      this.#event();
    }
    if (!this.#over && this.#splitter.tooLong)
      this.#stop({ message: "an event of the stream is longer than this gateway takes" }, false);
    this.#flush();
  }

  end(): void {
    if (this.#over) return;
    if (this.#splitter.finish()) this.#event();
    if (this.#over) return this.#flush();
    // A finish reason and a well-ended body are an end too: some providers send no marker.
    if (this.#finished && this.#line.adapter.dialect === "openai")
      return this.#committed ? this.#complete() : this.#completeEmpty();
    this.#stop({ message: "the stream ended without its end marker" }, false);
  }

  broken(failure: TransportFailure): void {
    if (this.#over) return;
    if (!this.#committed) {
      this.#over = true;
      return this.#line.failTransport(failure);
    }
    this.#stop({ message: brokenWords(failure) }, false);
  }

  #event(): void {
    const s = this.#splitter;
    if (s.dataLines === 0) return;
    if (this.#committed && s.dataLines === 1 && !this.#watch.isNotable(s.bytes, s.dataStart, s.dataEnd)) {
      if (this.#frame.isOpen) this.#frame.learn(s.bytes, s.eventStart, s.eventEnd);
      this.#line.exchange.textOut += this.#watch.textBytes(s.bytes, s.dataStart, s.dataEnd);
      return this.#pass();
    }
    const view = this.#glance() ?? this.#watch.view(s.name(), s.data());
    this.#line.told(view);
    if (view.type === "content" || view.type === "finish" || view.type === "preface") this.#countText();
    if (this.#committed) this.#after(view);
    else this.#before(view);
  }

  #countText(): void {
    const s = this.#splitter;
    const isOneLine = s.dataLines === 1;
    const data = isOneLine ? s.bytes : Buffer.from(s.data());
    const [from, to] = isOneLine ? [s.dataStart, s.dataEnd] : [0, data.length];
    this.#line.exchange.textOut += this.#watch.textBytes(data, from, to);
  }

  #glance(): EventView | null {
    const s = this.#splitter;
    if (s.dataLines !== 1 || s.nameStart >= 0) return null;
    return this.#watch.glance?.(s.bytes, s.dataStart, s.dataEnd) ?? null;
  }

  /** Before the commit point nothing has been sent, and everything can still fail over. */
  #before(view: EventView): void {
    switch (view.type) {
      case "preface":
        return this.#hold();
      case "usage":
        return this.#finished && !this.#line.exchange.includeUsage ? this.#usageEvent() : this.#hold();
      case "content":
        this.#commit();
        return this.#pass();
      case "finish":
        this.#finished = true;
        this.#line.exchange.stopReason = view.stopReason ?? null;
        return this.#hold();
      case "end":
        return this.#completeEmpty();
      case "error":
        return this.#stop(view.error ?? { message: "the stream told an error" }, true);
      case "invalid":
        return this.#stop({ message: "an event of the stream is not valid or out of its order" }, false);
    }
  }

  #after(view: EventView): void {
    switch (view.type) {
      case "preface":
      case "content":
        return this.#pass();
      case "finish":
        return this.#finish(view);
      case "usage":
        return this.#usageEvent();
      case "end":
        return this.#complete();
      case "error":
        return this.#stop(view.error ?? { message: "the stream told an error" }, true);
      case "invalid":
        return this.#stop({ message: "an event of the stream is not valid or out of its order" }, false);
    }
  }

  /** A finish and no content before it: an answer that says nothing is one too, and only its end shows that it is. */
  #completeEmpty(): void {
    if (!this.#finished) return this.#stop({ message: "the stream ended without an answer" }, false);
    this.#commit();
    this.#endRun();
    if (this.#line.adapter.dialect === "openai") this.#last = (this.#out.pop() as Buffer | undefined) ?? null;
    this.#complete();
  }

  #hold(): void {
    const event = this.#copy();
    this.#preface.push(event);
    this.#prefaceBytes += event.length;
    if (this.#prefaceBytes > MAX_PREFACE)
      this.#stop({ message: "the stream brought no content within its first megabyte" }, false);
  }

  #commit(): void {
    this.#committed = true;
    this.#line.commit();
    this.#out = this.#preface;
    this.#preface = [];
  }

  /** The current event goes out with this read. */
  #pass(): void {
    this.#releaseLast();
    const s = this.#splitter;
    this.#line.exchange.chunks++;
    this.#extendRun(s.eventStart, s.eventEnd);
  }

  /** The usual events of a read, text and nothing else, go out without being looked at one by one. */
  #passRepeats(): void {
    const from = this.#splitter.boundary;
    const count = from < 0 ? 0 : this.#frame.run(this.#splitter.bytes, from);
    if (count === 0) return;
    const to = this.#frame.end;
    this.#releaseLast();
    this.#line.exchange.chunks += count;
    this.#line.exchange.textOut += this.#frame.textBytes(this.#splitter.bytes, from);
    this.#extendRun(from, to);
    this.#splitter.jump(to);
  }

  #extendRun(from: number, to: number): void {
    const { bytes } = this.#splitter;
    if (this.#runTo !== from || this.#runBytes !== bytes) {
      this.#endRun();
      this.#runBytes = bytes;
      this.#runFrom = from;
    }
    this.#runTo = to;
  }

  #endRun(): void {
    if (this.#runTo > this.#runFrom) this.#out.push(this.#runBytes.subarray(this.#runFrom, this.#runTo));
    this.#runBytes = NOTHING;
    this.#runFrom = this.#runTo = 0;
  }

  #finish(view: EventView): void {
    this.#finished = true;
    this.#line.exchange.stopReason = view.stopReason ?? null;
    // Only where something may ride on it is the last event kept back.
    if (this.#line.adapter.dialect === "openai") this.#keepBack();
    else this.#pass();
  }

  #keepBack(): void {
    this.#releaseLast();
    this.#line.exchange.chunks++;
    this.#last = this.#copy();
  }

  /** Counts that only we asked for do not go on: they ride on the finish where the route has extra_fields. */
  #usageEvent(): void {
    const { exchange } = this.#line;
    if (exchange.includeUsage) return this.#keepBack();
    if (!exchange.endpoint.extraFields) return;
    this.#usage = usageText(this.#splitter);
  }

  #releaseLast(): void {
    if (this.#last === null) return;
    this.#endRun();
    this.#out.push(this.#last);
    this.#last = null;
  }

  /** The last event with what rides on it, the end marker, and the end. */
  #complete(): void {
    this.#over = true;
    const { exchange, adapter } = this.#line;
    const last = this.#last;
    this.#last = null;
    this.#endRun();
    if (last !== null) this.#out.push(...this.#laden(last));
    if (adapter.dialect === "openai") this.#out.push(DONE);
    else this.#out.push(this.#splitter.bytes.subarray(this.#splitter.eventStart, this.#splitter.eventEnd));
    this.#flush();
    this.#save();
    exchange.reply.end();
    this.#line.answered();
  }

  #laden(last: Buffer): Uint8Array[] {
    const { exchange, record } = this.#line;
    if (!exchange.endpoint.extraFields) return [last];
    const rider = `,"extra_fields":${extraFields(exchange, record)}`;
    const brace = last.lastIndexOf(BRACE);
    const usage = this.#usage;
    if (
      usage === null ||
      !usageScan.read(last, last.indexOf(OPEN), brace + 1) ||
      usageScan.types[0] === JSON_TYPE.object
    )
      return [last.subarray(0, brace), Buffer.from(rider), last.subarray(brace)];
    // Chunks of a stream that was asked for usage carry an empty one: it is filled.
    const [from, to] = [usageScan.starts[0] as number, usageScan.ends[0] as number];
    if (usageScan.types[0] === JSON_TYPE.absent)
      return [last.subarray(0, brace), Buffer.from(`,"usage":${usage}${rider}`), last.subarray(brace)];
    return [
      last.subarray(0, from),
      Buffer.from(usage),
      last.subarray(to, brace),
      Buffer.from(rider),
      last.subarray(brace),
    ];
  }

  /** It is no good stream: a failed attempt before the commit point, an error event after it. */
  #stop(error: { message: string }, told: boolean): void {
    this.#over = true;
    if (!this.#committed) return this.#line.fail(error, told);
    this.#last = null;
    this.#flush();
    this.#save();
    this.#line.breakOff(error);
  }

  #save(): void {
    const { exchange, adapter } = this.#line;
    exchange.answer = this.#capture?.take() ?? null;
    exchange.answerOwner = this.#capture;
    exchange.answerIsStream = true;
    exchange.answerDialect = adapter.dialect;
  }

  /** One write for all that this read brought. */
  #flush(): void {
    this.#endRun();
    const out = this.#out;
    if (out.length === 0) return;
    this.#out = [];
    const { exchange } = this.#line;
    for (const part of out) exchange.bytesOut += part.length;
    const flows = exchange.reply.started
      ? exchange.reply.write(out)
      : exchange.reply.start(200, answerHead(this.#line, true), out);
    exchange.status = 200;
    if (!flows) this.#line.pause();
  }

  #copy(): Buffer {
    const s = this.#splitter;
    return Buffer.from(s.bytes.subarray(s.eventStart, s.eventEnd));
  }
}

const usageScan = new JsonScan(["usage"]);

/** The usage of an event as it was written. */
function usageText(splitter: SseSplitter): string {
  const { bytes, dataLines, dataStart, dataEnd } = splitter;
  if (dataLines === 1 && usageScan.read(bytes, dataStart, dataEnd) && usageScan.types[0] !== JSON_TYPE.absent)
    return bytes.toString("utf8", usageScan.starts[0], usageScan.ends[0]);
  const parsed = JSON.parse(splitter.data()) as { usage?: unknown };
  return JSON.stringify(parsed.usage ?? null);
}
