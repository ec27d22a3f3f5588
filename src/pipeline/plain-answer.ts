// A whole answer: held, looked at, and only then given to the client, so that a bad one can still fail over.
import { answerEvents } from "../core/answer-events.ts";
import type { ChatResponse } from "../core/chat.ts";
import { contentLevelOf } from "../core/content-level.ts";
import { InvalidAnswerError, type ProviderError, ProviderStreamError } from "../core/formats.ts";
import type { HeaderBlock, TransportFailure } from "../core/http.ts";
import { answerContext } from "./answer-context.ts";
import { extraFields, factHeaders } from "./facts.ts";
import { HeldBody } from "./held-body.ts";
import type { AttemptLine, Sink } from "./sink.ts";
import { textOfResponse } from "./usage.ts";

const JSON_TYPE = "content-type: application/json\r\n";
const SSE_TYPE = "content-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n";

/** The head of an answer to the client. */
export function answerHead(line: AttemptLine, stream: boolean): HeaderBlock {
  return ((stream ? SSE_TYPE : JSON_TYPE) + line.passedOn + factHeaders(line.exchange, line.record)) as HeaderBlock;
}

export class PlainAnswer implements Sink {
  readonly #line: AttemptLine;
  readonly #raw: boolean;
  readonly #body: HeldBody;

  constructor(line: AttemptLine, raw: boolean) {
    this.#line = line;
    this.#raw = raw;
    this.#body = new HeldBody(line.held, line.announced);
  }

  bytes(chunk: Buffer): void {
    if (this.#body.append(chunk)) return;
    this.#body.release();
    this.#line.fail({ message: "this gateway holds too many large answers at the moment" }, false);
  }

  broken(failure: TransportFailure): void {
    this.#body.release();
    this.#line.failTransport(failure);
  }

  end(): void {
    const bytes = this.#body.take();
    this.#body.release();
    const { exchange } = this.#line;
    exchange.answerEndedAt = exchange.elapsed();
    const problem = this.#raw && !exchange.stream ? this.#forward(bytes) : this.#translate(bytes);
    if (problem !== null) this.#line.fail(problem.error, problem.told);
  }

  /** The raw lane: the provider's bytes, with extra_fields put in where the route has them. */
  #forward(bytes: Buffer): { error: ProviderError; told: boolean } | null {
    const line = this.#line;
    const { exchange, record } = line;
    const view = exchange.endpoint.inspect(bytes);
    if (view.type !== "answer") {
      line.told(line.format.findUsage(bytes));
      return view.type === "error"
        ? { error: view.error, told: true }
        : { error: { message: view.reason }, told: false };
    }
    line.commit();
    line.told(view);
    exchange.measureText = () => this.#textOf(bytes);
    this.#keep(bytes);
    exchange.stopReason = view.stopReason;
    const parts: Uint8Array[] = [bytes];
    if (exchange.endpoint.extraFields) {
      const splice = Buffer.from(`,"extra_fields":${extraFields(exchange, record)}`);
      parts.splice(0, 1, bytes.subarray(0, view.spliceAt), splice, bytes.subarray(view.spliceAt));
    }
    this.#answer(parts);
    return null;
  }

  /** Another dialect, or a whole answer to a streamed request: through the canonical form. */
  #translate(bytes: Buffer): { error: ProviderError; told: boolean } | null {
    const line = this.#line;
    const { adapter, format } = line;
    let response: ChatResponse;
    try {
      const view = format.inspect(bytes);
      if (view.type !== "answer") line.told(format.findUsage(bytes));
      if (view.type === "error") return { error: view.error, told: true };
      response = format.decodeResponse(JSON.parse(bytes.toString("utf8")), adapter.name);
    } catch (error) {
      if (error instanceof ProviderStreamError) return { error: error.error, told: true };
      const reason = error instanceof InvalidAnswerError ? error.message : "its answer is not valid JSON";
      return { error: { message: reason }, told: false };
    }
    line.commit();
    line.told(response);
    line.exchange.textOut = textOfResponse(response);
    this.#keep(bytes);
    this.#line.exchange.stopReason = response.choices[0]?.stopReason ?? null;
    this.#encode(response);
    return null;
  }

  #encode(response: ChatResponse): void {
    const { exchange } = this.#line;
    const format = exchange.endpoint.format;
    if (format === null) throw new Error("an operation without a canonical form cannot be translated");
    const context = answerContext(this.#line);
    if (!exchange.stream) {
      const body = format.encodeResponse(response, context);
      if (context.extraFields !== null) body["extra_fields"] = JSON.parse(context.extraFields());
      return this.#answer([Buffer.from(JSON.stringify(body))]);
    }
    const encoder = format.streamEncoder(context);
    const text = answerEvents(response)
      .map((event) => encoder.encode(event))
      .join("");
    exchange.status = 200;
    exchange.chunks++;
    const bytes = Buffer.from(text);
    exchange.bytesOut += bytes.length;
    exchange.reply.start(200, answerHead(this.#line, true), [bytes]);
    exchange.reply.end();
    this.#line.answered();
  }

  /** Bytes of the text of an answer that goes through as it is; 0 where it has none that we know. */
  #textOf(bytes: Buffer): number {
    const { adapter, exchange, format } = this.#line;
    if (exchange.endpoint.format === null) return 0;
    try {
      return textOfResponse(format.decodeResponse(JSON.parse(bytes.toString("utf8")), adapter.name));
    } catch {
      return 0;
    }
  }

  #keep(bytes: Buffer): void {
    const { exchange, adapter } = this.#line;
    exchange.answer = contentLevelOf(exchange) === "off" ? null : bytes;
    exchange.answerDialect = adapter.dialect;
  }

  #answer(parts: readonly Uint8Array[]): void {
    const { exchange } = this.#line;
    exchange.status = 200;
    for (const part of parts) exchange.bytesOut += part.length;
    exchange.reply.answer(200, answerHead(this.#line, false), parts);
    this.#line.answered();
  }
}
