// Relays a stream from another dialect: provider's events to canonical ones, those to the client's.
import { type ChatEvent, isContent } from "../core/events.ts";
import {
  InvalidAnswerError,
  type ProviderError,
  ProviderStreamError,
  type StreamDecoder,
  type StreamEncoder,
} from "../core/formats.ts";
import type { TransportFailure } from "../core/http.ts";
import { SseSplitter } from "../lib/sse.ts";
import { answerContext } from "./answer-context.ts";
import { type Capture, captureFor } from "./capture.ts";
import { answerHead } from "./plain-answer.ts";
import { type AttemptLine, brokenWords, type Sink } from "./sink.ts";
import { textOfEvent } from "./usage.ts";

export class TranslatedRelay implements Sink {
  readonly #line: AttemptLine;
  readonly #splitter = new SseSplitter();
  readonly #decoder: StreamDecoder;
  readonly #encoder: StreamEncoder;
  readonly #capture: Capture | null;
  #committed = false;
  #over = false;
  /** A choice has ended. */
  #finished = false;
  /** Encoded, not yet sent: before the commit point all of it, afterwards what this read brought. */
  #text = "";

  constructor(line: AttemptLine, encoder: (context: ReturnType<typeof answerContext>) => StreamEncoder) {
    this.#line = line;
    this.#decoder = line.format.streamDecoder(line.adapter.name);
    this.#encoder = encoder(answerContext(line));
    this.#capture = captureFor(line.exchange);
  }

  bytes(chunk: Buffer): void {
    if (this.#over) return;
    this.#capture?.append(chunk);
    this.#splitter.feed(chunk);
    while (!this.#over && this.#splitter.next()) this.#event();
    if (this.#splitter.tooLong)
      this.#stop({ message: "an event of the stream is longer than this gateway takes" }, false);
    this.#flush();
  }

  end(): void {
    if (this.#over) return;
    if (this.#splitter.finish()) this.#event();
    if (this.#over) return;
    if (this.#decoder.complete) {
      this.#take({ type: "response-end" });
      return;
    }
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
    try {
      for (const event of this.#decoder.push(s.name(), s.data())) {
        this.#take(event);
        if (this.#over) return;
      }
    } catch (error) {
      if (error instanceof ProviderStreamError) {
        this.#line.told(this.#line.format.findUsage(Buffer.from(s.data())));
        return this.#stop(error.error, true);
      }
      if (error instanceof InvalidAnswerError) return this.#stop({ message: error.message }, false);
      throw error;
    }
  }

  #take(event: ChatEvent): void {
    const { exchange } = this.#line;
    this.#count(event);
    if (event.type === "choice-end") {
      exchange.stopReason = event.stopReason;
      this.#finished = true;
    }
    if (!this.#committed && this.#isCommitting(event)) {
      this.#committed = true;
      this.#line.commit();
    }
    if (event.type === "response-end" && !this.#committed)
      return this.#stop({ message: "the stream ended without an answer" }, false);
    exchange.chunks++;
    this.#text += this.#encoder.encode(event);
    if (event.type === "response-end") this.#complete();
  }

  #count(event: ChatEvent): void {
    if (event.type === "usage") this.#line.told(event);
    // what is told of the output before it begins is no count of it
    else if (event.type === "response-start" && event.usage !== undefined)
      this.#line.told({ usage: { ...event.usage, outputTokens: null }, report: event.report });
    else this.#line.exchange.textOut += textOfEvent(event);
  }

  /** An answer that says nothing is one too, and only its end shows that it is. */
  #isCommitting(event: ChatEvent): boolean {
    if (event.type === "response-end") return this.#finished;
    return event.type !== "choice-end" && isContent(event);
  }

  #complete(): void {
    this.#over = true;
    this.#line.exchange.answerEndedAt = this.#line.exchange.elapsed();
    this.#flush();
    this.#save();
    this.#line.exchange.reply.end();
    this.#line.answered();
  }

  #stop(error: ProviderError, told: boolean): void {
    if (this.#over) return;
    this.#over = true;
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

  #flush(): void {
    if (!this.#committed || this.#text === "") return;
    const bytes = Buffer.from(this.#text);
    this.#text = "";
    const { exchange } = this.#line;
    exchange.status = 200;
    exchange.bytesOut += bytes.length;
    const flows = exchange.reply.started
      ? exchange.reply.write([bytes])
      : exchange.reply.start(200, answerHead(this.#line, true), [bytes]);
    if (!flows) this.#line.pause();
  }
}
