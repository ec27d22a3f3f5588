// Relays a stream whose dialect the client speaks: whole events go on as they came, the last one waits for its end.
import type { EventGlance, EventView, StreamWatch } from "../core/formats.ts";
import type { TransportFailure } from "../core/http.ts";
import { EventFrame } from "../lib/event-frame.ts";
import { JSON_TYPE, JsonScan } from "../lib/json-scan.ts";
import { SseSplitter } from "../lib/sse.ts";
import { type Capture, captureFor } from "./capture.ts";
import { extraFields } from "./facts.ts";
import { answerHead } from "./plain-answer.ts";
import { type AttemptLine, brokenWords, type Sink } from "./sink.ts";

/** Events before the first content may take so much, bytes. */
const MAX_PREFACE = 1024 * 1024;
const DONE = Buffer.from("data: [DONE]\n\n");
const BRACE = 125;
const OPEN = 123;
const USAGE_NAME = Buffer.from('"usage"');
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
  #prefaceBytes = 0;
  /** The event that may be the last, lastBytes[lastFrom, lastTo): the finish, the usage that the caller asked for, the last of the preface. */
  #lastBytes: Buffer | null = null;
  #lastFrom = 0;
  #lastTo = 0;
  /** JSON text of a usage that the caller did not ask for: rides on the last event where the route has extra_fields. */
  #usage: string | null = null;
  /** What goes out with this read; before the commit point it waits. */
  #out: Uint8Array[] = [];
  /** So many pieces of it are copies, which outlive the read that brought them. */
  #copied = 0;
  /** Events that stand one behind the other go out as one piece: runBytes[runFrom, runTo). */
  #runBytes: Buffer = NOTHING;
  #runFrom = 0;
  #runTo = 0;

  constructor(line: AttemptLine, watch: StreamWatch) {
    this.#line = line;
    this.#watch = watch;
    this.#frame = new EventFrame(watch.textName);
    this.#capture = captureFor(line.exchange);
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
    if (this.#over) return;
    this.#keepLast();
    if (this.#committed) this.#flush();
    else this.#keepPreface();
  }

  end(): void {
    if (this.#over) return;
    if (this.#splitter.finish()) this.#event();
    if (this.#over) return;
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
    const glance = this.#glance();
    const view = glance ?? this.#watch.view(s.name(), s.data());
    this.#line.told(view);
    if (view.type === "content" || view.type === "finish" || view.type === "preface") this.#countText(glance);
    if (glance !== null && glance.textFrom >= 0 && glance.type === "content" && glance.usage === undefined)
      this.#frame.learnAround(s.bytes, s.eventStart, s.eventEnd, glance.textFrom, glance.textTo);
    if (this.#committed) this.#after(view, glance);
    else this.#before(view, glance);
  }

  #countText(glance: EventGlance | null): void {
    if (glance !== null && glance.textBytes >= 0) {
      this.#line.exchange.textOut += glance.textBytes;
      return;
    }
    const s = this.#splitter;
    const isOneLine = s.dataLines === 1;
    const data = isOneLine ? s.bytes : Buffer.from(s.data());
    const [from, to] = isOneLine ? [s.dataStart, s.dataEnd] : [0, data.length];
    this.#line.exchange.textOut += this.#watch.textBytes(data, from, to);
  }

  #glance(): EventGlance | null {
    const s = this.#splitter;
    if (s.dataLines !== 1 || s.nameStart >= 0) return null;
    return this.#watch.glance?.(s.bytes, s.dataStart, s.dataEnd) ?? null;
  }

  /** Before the commit point nothing has been sent, and everything can still fail over. */
  #before(view: EventView, glance: EventGlance | null): void {
    switch (view.type) {
      case "preface":
        return this.#hold();
      case "usage":
        return this.#finished && !this.#line.exchange.includeUsage ? this.#usageEvent(glance) : this.#hold();
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

  #after(view: EventView, glance: EventGlance | null): void {
    switch (view.type) {
      case "preface":
      case "content":
        return this.#pass();
      case "finish":
        return this.#finish(view);
      case "usage":
        return this.#usageEvent(glance);
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
    this.#complete();
  }

  #hold(): void {
    this.#holdLast();
    this.#prefaceBytes += this.#lastTo - this.#lastFrom;
    if (this.#prefaceBytes > MAX_PREFACE)
      this.#stop({ message: "the stream brought no content within its first megabyte" }, false);
  }

  #commit(): void {
    this.#committed = true;
    this.#line.commit();
  }

  /** The events before the commit point outlive the read that brought them. */
  #keepPreface(): void {
    this.#endRun();
    const out = this.#out;
    for (; this.#copied < out.length; this.#copied++) out[this.#copied] = Buffer.from(out[this.#copied] as Uint8Array);
  }

  /** The current event goes out with this read. */
  #pass(): void {
    this.#releaseLast();
    const s = this.#splitter;
    this.#line.exchange.chunks++;
    this.#extendRun(s.bytes, s.eventStart, s.eventEnd);
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
    this.#extendRun(this.#splitter.bytes, from, to);
    this.#splitter.jump(to);
  }

  #extendRun(bytes: Buffer, from: number, to: number): void {
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
    this.#line.exchange.chunks++;
    this.#holdLast();
  }

  /** Counts that only we asked for do not go on: they ride on the finish where the route has extra_fields. */
  #usageEvent(glance: EventGlance | null): void {
    const { exchange } = this.#line;
    if (exchange.includeUsage) return this.#keepBack();
    if (!exchange.endpoint.extraFields) return;
    this.#usage =
      glance === null || glance.usageFrom < 0
        ? usageText(this.#splitter)
        : this.#splitter.bytes.toString("utf8", glance.usageFrom, glance.usageTo);
  }

  /** The current event takes the place of the one that was held as the last. */
  #holdLast(): void {
    this.#releaseLast();
    const s = this.#splitter;
    this.#lastBytes = s.bytes;
    this.#lastFrom = s.eventStart;
    this.#lastTo = s.eventEnd;
  }

  #releaseLast(): void {
    const bytes = this.#lastBytes;
    if (bytes === null) return;
    this.#lastBytes = null;
    this.#extendRun(bytes, this.#lastFrom, this.#lastTo);
  }

  /** It outlives the read that brought it. */
  #keepLast(): void {
    const bytes = this.#lastBytes;
    if (bytes === null || bytes !== this.#splitter.bytes) return;
    this.#lastBytes = Buffer.from(bytes.subarray(this.#lastFrom, this.#lastTo));
    this.#lastTo -= this.#lastFrom;
    this.#lastFrom = 0;
  }

  /** The last event with what rides on it, the end marker, and the end. */
  #complete(): void {
    this.#over = true;
    const { exchange, adapter } = this.#line;
    exchange.answerEndedAt = exchange.elapsed();
    const { bytes, eventStart, eventEnd } = this.#splitter;
    if (adapter.dialect !== "openai") {
      this.#releaseLast();
      this.#extendRun(bytes, eventStart, eventEnd);
    } else {
      if (this.#lastBytes !== null && exchange.endpoint.extraFields) this.#passLaden(this.#lastBytes);
      else this.#releaseLast();
      this.#endRun();
      this.#out.push(DONE);
    }
    this.#flush();
    this.#save();
    exchange.reply.end();
    this.#line.answered();
  }

  /** The last event with extra_fields, and with the usage that only we asked for. */
  #passLaden(bytes: Buffer): void {
    const from = this.#lastFrom;
    const to = this.#lastTo;
    this.#lastBytes = null;
    const { exchange, record } = this.#line;
    const rider = `,"extra_fields":${extraFields(exchange, record)}`;
    const usage = this.#usage;
    const brace = bytes.lastIndexOf(BRACE, to - 1);
    const type = usage === null ? JSON_TYPE.object : usageType(bytes, from, brace + 1);
    if (usage === null || type === JSON_TYPE.object) this.#passWith(bytes, from, brace, rider);
    else if (type === JSON_TYPE.absent) this.#passWith(bytes, from, brace, `,"usage":${usage}${rider}`);
    else {
      // Chunks of a stream that was asked for usage carry an empty one: it is filled.
      this.#passWith(bytes, from, usageScan.starts[0] as number, usage);
      this.#passWith(bytes, usageScan.ends[0] as number, brace, rider);
    }
    this.#extendRun(bytes, brace, to);
  }

  /** bytes[from, to), and the text behind it. */
  #passWith(bytes: Buffer, from: number, to: number, text: string): void {
    this.#extendRun(bytes, from, to);
    this.#endRun();
    this.#out.push(Buffer.from(text));
  }

  /** It is no good stream: a failed attempt before the commit point, an error event after it. */
  #stop(error: { message: string }, told: boolean): void {
    this.#over = true;
    this.#lastBytes = null;
    if (!this.#committed) return this.#line.fail(error, told);
    this.#flush();
    this.#save();
    this.#line.breakOff(error);
  }

  #save(): void {
    const { exchange, adapter } = this.#line;
    exchange.answer = this.#capture?.take() ?? null;
    exchange.answerCut = this.#capture?.isCut ?? false;
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
    this.#copied = 0;
    const { exchange } = this.#line;
    for (const part of out) exchange.bytesOut += part.length;
    const flows = exchange.reply.started
      ? exchange.reply.write(out)
      : exchange.reply.start(200, answerHead(this.#line, true), out);
    exchange.status = 200;
    if (!flows) this.#line.pause();
  }
}

const usageScan = new JsonScan(["usage"]);

/** What stands as usage in the event bytes[from, to): where it is no object the scan tells its place. One that cannot be read has one. */
function usageType(bytes: Buffer, from: number, to: number): number {
  const name = bytes.indexOf(USAGE_NAME, from);
  if (name < 0 || name >= to) return JSON_TYPE.absent;
  return usageScan.read(bytes, bytes.indexOf(OPEN, from), to) ? (usageScan.types[0] as number) : JSON_TYPE.object;
}

/** The usage of an event as it was written. */
function usageText(splitter: SseSplitter): string {
  const { bytes, dataLines, dataStart, dataEnd } = splitter;
  if (dataLines === 1 && usageScan.read(bytes, dataStart, dataEnd) && usageScan.types[0] !== JSON_TYPE.absent)
    return bytes.toString("utf8", usageScan.starts[0], usageScan.ends[0]);
  const parsed = JSON.parse(splitter.data()) as { usage?: unknown };
  return JSON.stringify(parsed.usage ?? null);
}
