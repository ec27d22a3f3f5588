// One try at one provider with one key: makes the call, chooses what takes the answer, and tells how it ended.

import type { PlannedTarget } from "../core/decision.ts";
import { secretsOfKey } from "../core/entities.ts";
import { GatewayError } from "../core/errors.ts";
import type { Attempt as AttemptRecord, Exchange } from "../core/exchange.ts";
import type { AttemptFailure } from "../core/failure.ts";
import type { AnswerFormat, ProviderError } from "../core/formats.ts";
import type { HeaderBlock, HeaderView, TransportFailure, UpstreamCall, UpstreamHandler } from "../core/http.ts";
import { NoTokenError } from "../core/key-tokens.ts";
import { requestType } from "../core/operations.ts";
import type { ProviderAdapter } from "../core/provider.ts";
import type { ProviderKey } from "../core/snapshot.ts";
import { emptyUsage, type Usage, type UsageReport } from "../core/usage.ts";
import { NO_HEADERS } from "../lib/header-block.ts";
import { maskText } from "../lib/mask.ts";
import { passedOnHeaders } from "./answer-headers.ts";
import { classifyBadAnswer, classifyNoToken, classifyRefusal, classifyTransport } from "./classify.ts";
import { failureText } from "./final-error.ts";
import { HeldBody, type HeldBudget } from "./held-body.ts";
import type { RequestLedger } from "./ledger.ts";
import { describeCall, type Prepared } from "./outbound.ts";
import type { PipelineParts } from "./parts.ts";
import { PlainAnswer } from "./plain-answer.ts";
import { RawRelay } from "./relay-raw.ts";
import { TranslatedRelay } from "./relay-translated.ts";
import type { AttemptLine, Sink } from "./sink.ts";
import { mergeUsage, rawUsage } from "./usage.ts";

/** How an attempt ended. `broken`: after the commit point, the client has been told. */
export type AttemptResult =
  | { readonly type: "answered" }
  | { readonly type: "failed"; readonly failure: AttemptFailure }
  | { readonly type: "broken"; readonly error: GatewayError; readonly failure: AttemptFailure }
  | { readonly type: "gone" };

export interface AttemptSetup {
  readonly exchange: Exchange;
  readonly target: PlannedTarget;
  readonly key: ProviderKey;
  readonly model: string;
  readonly prepared: Prepared;
  readonly record: AttemptRecord;
  readonly parts: PipelineParts;
  readonly held: HeldBudget;
  readonly fresh: boolean;
  /** ms left of the request's own deadline; 0 = none. */
  readonly remaining: number;
  readonly ledger: RequestLedger;
  /** Only one provider key can serve this request: the provider's rate-limit headers mean something to the caller. */
  readonly oneKeyOnly: boolean;
}

/** Error bodies longer than this are cut, bytes. */
const MAX_ERROR_BODY = 256 * 1024;
/** A stream that goes on for so long after its end marker is closed, bytes. */
const MAX_AFTER_END = 64 * 1024;

/** A provider asked by the operation's own wire answers in it; by way of its chat, in its chat's. */
function answerFormat({ exchange, target, prepared }: AttemptSetup): AnswerFormat {
  const chat = target.provider.adapter.format;
  return prepared.operation === "chat" ? chat : (exchange.endpoint.format ?? chat);
}

export class Attempt implements UpstreamHandler, AttemptLine {
  readonly exchange: Exchange;
  readonly record: AttemptRecord;
  readonly adapter: ProviderAdapter;
  readonly format: AnswerFormat;
  readonly held: HeldBudget;
  passedOn: HeaderBlock = NO_HEADERS;
  announced = -1;
  call: UpstreamCall | null = null;
  readonly #setup: AttemptSetup;
  #secrets: readonly string[];
  #sink: Sink | null = null;
  #errorBody: HeldBody | null = null;
  #status = 0;
  #contentType: string | null = null;
  #restHint: number | null = null;
  #committed = false;
  #done = false;
  #afterEnd = 0;
  #isTold = false;
  #report: UsageReport | null = null;
  #resolve: (result: AttemptResult) => void = () => {};

  constructor(setup: AttemptSetup) {
    this.#setup = setup;
    this.exchange = setup.exchange;
    this.record = setup.record;
    this.adapter = setup.target.provider.adapter;
    this.format = answerFormat(setup);
    this.held = setup.held;
    this.#secrets = secretsOfKey(setup.key.entity);
  }

  /** Sends the call. Settles once, when the client has its answer or the attempt has failed. */
  run(): Promise<AttemptResult> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      const { key, parts } = this.#setup;
      startCounting(this.exchange);
      const token = parts.tokens.get(this.adapter, key);
      if (!(token instanceof Promise)) return this.#send(token);
      token.then((got) => this.#send(got)).catch((error: unknown) => this.#withoutToken(error));
    });
  }

  #send(token: string | null): void {
    if (this.#done) return;
    if (token !== null) this.#secrets = [...this.#secrets, token];
    const { exchange, target, key, prepared, model, fresh, remaining, parts } = this.#setup;
    const call = describeCall(exchange, target, key, prepared, { model, fresh, remaining, token });
    this.call = parts.upstream.send(call, this);
    if (exchange.sentAt < 0) exchange.sentAt = exchange.elapsed();
  }

  #withoutToken(error: unknown): void {
    if (!(error instanceof NoTokenError)) return this.#crash(error);
    this.#finish({ type: "failed", failure: classifyNoToken(error.message, error.isRefused) });
  }

  /** The client has left, or the request's own deadline has passed: the provider sees it at once. */
  abandon(): void {
    if (!this.#done && this.call?.flushed === true) this.record.possiblyBilled = true;
    this.call?.abort();
    this.#finish({ type: "gone" });
  }

  /** The client takes more again. */
  drained(): void {
    this.call?.resume();
  }

  // ---- told by the outbound door
  onConnected(): void {
    if (this.record.connectedAt < 0) this.record.connectedAt = this.exchange.elapsed();
  }

  onHead(status: number, headers: HeaderView): void {
    try {
      this.#head(status, headers);
    } catch (error) {
      this.#crash(error);
    }
  }

  onBytes(bytes: Buffer): void {
    try {
      this.#bytes(bytes);
    } catch (error) {
      this.#crash(error);
    }
  }

  onEnd(): void {
    if (this.#done) return;
    try {
      if (this.#sink !== null) this.#sink.end();
      else this.#refused();
    } catch (error) {
      this.#crash(error);
    }
  }

  #head(status: number, headers: HeaderView): void {
    this.#status = status;
    this.record.status = status;
    this.record.headAt = this.exchange.elapsed();
    const type = headers.get("content-type") ?? "";
    this.#contentType = type;
    if (status >= 200 && status < 300) {
      const { oneKeyOnly, ledger } = this.#setup;
      this.passedOn = passedOnHeaders(headers, this.adapter.dialect, { oneKeyOnly, own: ledger.limitHeaders() });
      this.announced = Number(headers.get("content-length") ?? -1);
      this.#sink = this.#chooseSink(type.toLowerCase());
      if (this.#sink === null)
        this.fail({ message: "answered with a content type that this request cannot have" }, false);
      return;
    }
    if (status === 429 || status === 503 || status === 529)
      this.#restHint = this.adapter.restHint(headers, this.#setup.parts.clock.now());
    this.#errorBody = new HeldBody(this.held, Number(headers.get("content-length") ?? 0));
  }

  #bytes(bytes: Buffer): void {
    if (this.#done) return this.#ignore(bytes);
    if (this.#sink !== null) return this.#sink.bytes(bytes);
    const body = this.#errorBody;
    if (body === null) return;
    if (body.append(bytes) && body.length <= MAX_ERROR_BODY) return;
    this.call?.abort();
    this.#refused();
  }

  onFailure(failure: TransportFailure): void {
    if (this.#done) return;
    this.#setup.parts.log("debug", "upstream call failed", {
      provider: this.record.provider,
      kind: failure.kind,
      detail: maskText(failure.detail, this.#secrets),
    });
    if (this.#sink !== null) return this.#sink.broken(failure);
    this.#errorBody?.release();
    this.failTransport(failure);
  }

  /** A fault of ours while an answer was read: the attempt ends as failed, so that nobody waits for it for ever. */
  #crash(error: unknown): void {
    this.#setup.parts.log("error", "an answer could not be handled", {
      provider: this.record.provider,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    this.call?.abort();
    const told = { message: "its answer could not be handled" };
    try {
      this.#sink?.broken({ kind: "invalid-answer", answered: true, stale: false, sent: true, detail: "" });
    } finally {
      if (this.#committed) this.breakOff(told);
      else this.fail(told, false);
    }
  }

  // ---- told by the sink
  told(told: { readonly usage?: Usage | undefined; readonly report?: UsageReport | null | undefined } | null): void {
    if (told?.usage === undefined) return;
    mergeUsage(this.exchange.usage, told.usage);
    this.#isTold = true;
    this.#report = told.report ?? null;
  }

  commit(): void {
    this.#committed = true;
    const now = this.exchange.elapsed();
    if (this.exchange.stream) {
      this.record.firstTokenAt = now;
      this.exchange.firstTokenAt = now;
      this.call?.release(this.#setup.target.provider.entity.network.streamIdle);
      this.#setup.parts.live.tap?.firstToken(this.exchange);
    }
    this.exchange.answeredBy = this.record;
    this.exchange.losses = this.#setup.prepared.losses;
    const { operation } = this.#setup.prepared;
    if (operation !== this.exchange.endpoint.operation)
      this.exchange.convertedType = requestType(operation, this.exchange.stream);
    this.#setup.parts.state.succeeded(this.#setup.key.id);
  }

  pause(): void {
    this.call?.pause();
  }

  answered(): void {
    this.#finish({ type: "answered" });
  }

  fail(error: ProviderError, told: boolean): void {
    if (this.#done) return;
    this.call?.abort();
    this.#finish({ type: "failed", failure: classifyBadAnswer(error, told, this.adapter, this.#secrets) });
  }

  failTransport(failure: TransportFailure): void {
    this.#finish({ type: "failed", failure: classifyTransport(failure) });
  }

  breakOff(error: ProviderError): void {
    if (this.#done) return;
    this.call?.abort();
    const failure = classifyBadAnswer(error, false, this.adapter, this.#secrets);
    const told = new GatewayError(
      "upstream_truncated",
      failureText(this.record.provider, this.record.model, failure.error.message),
      {
        type: failure.error.type,
        provider: this.record.provider,
        providerCode: failure.error.code,
      },
    );
    const { reply, endpoint } = this.exchange;
    reply.write([endpoint.encodeStreamError(told, this.exchange)]);
    reply.fail();
    this.#finish({ type: "broken", error: told, failure });
  }

  #chooseSink(type: string): Sink | null {
    const { exchange } = this;
    const { raw } = this.#setup.prepared;
    const events = type.startsWith("text/event-stream");
    if (!exchange.stream) return events ? null : new PlainAnswer(this, raw);
    if (!events)
      return type.includes("json") && exchange.endpoint.format !== null ? new PlainAnswer(this, false) : null;
    const { format } = exchange.endpoint;
    if (raw) return new RawRelay(this, this.format.watch());
    return format === null ? null : new TranslatedRelay(this, (context) => format.streamEncoder(context));
  }

  #refused(): void {
    const body = this.#errorBody;
    const bytes = body?.take() ?? Buffer.alloc(0);
    body?.release();
    this.told(this.format.findUsage(bytes));
    if (this.#status === 401) this.#setup.parts.tokens.refused(this.#setup.key);
    const refusal = { status: this.#status, body: bytes, contentType: this.#contentType, restHint: this.#restHint };
    this.#finish({ type: "failed", failure: classifyRefusal(refusal, this.adapter, this.#secrets) });
  }

  #ignore(bytes: Buffer): void {
    this.#afterEnd += bytes.length;
    if (this.#afterEnd > MAX_AFTER_END) this.call?.abort();
  }

  #finish(result: AttemptResult): void {
    if (this.#done) return;
    this.#done = true;
    this.record.endedAt = this.exchange.elapsed();
    try {
      this.#count(result.type === "answered");
    } finally {
      // whatever is wrong with its report, nobody waits for it for ever
      this.#resolve(result);
    }
  }

  /** What was used is the attempt's own, whatever became of it. */
  #count(isAnswered: boolean): void {
    const { record, exchange } = this;
    if (isAnswered || this.#isTold) record.usage = exchange.usage;
    if (this.#isTold) record.rawUsage = rawUsage(this.format.dialect, exchange.usage, this.#report);
  }
}

/** Nothing of an attempt before goes into the usage of this one. */
function startCounting(exchange: Exchange): void {
  exchange.usage = emptyUsage();
  exchange.textOut = 0;
  exchange.measureText = null;
  exchange.stopReason = null;
  exchange.answerEndedAt = -1;
}
