// What a wire format offers: pure functions between bytes or JSON and the canonical chat form, implemented in `formats/`.
import type { ChatRequest, ChatResponse, Dialect, StopReason, Translated } from "./chat.ts";
import type { ChatEvent } from "./events.ts";
import type { ToldUsage, Usage, UsageReport } from "./usage.ts";

/** A provider's error as its body tells it. */
export interface ProviderError {
  readonly message: string;
  readonly type?: string | undefined;
  readonly code?: string | undefined;
  readonly param?: string | undefined;
}

/** A whole answer looked at without being translated: what the raw lane needs to pass it on or to refuse it. */
export type AnswerView =
  | {
      readonly type: "answer";
      readonly usage: Usage;
      /** Null: `usage` says all. */
      readonly report: UsageReport | null;
      readonly stopReason: StopReason | null;
      readonly model: string | null;
      /** Index of the closing brace of the top-level object: where extra_fields are put. */
      readonly spliceAt: number;
    }
  | { readonly type: "error"; readonly error: ProviderError }
  | { readonly type: "invalid"; readonly reason: string };

/**
 * One event of a provider's stream, parsed. `preface`: comes before content and commits nothing. `content`: commits.
 * `finish`: carries the stop reason (and commits). `usage`: only counts. `end`: the dialect's end marker.
 * All of them may bring counts too.
 */
export interface EventView {
  readonly type: "preface" | "content" | "finish" | "usage" | "end" | "error" | "invalid";
  /** All that the stream has told so far. */
  readonly usage?: Usage;
  /** Absent or null, with `usage`: that says all. */
  readonly report?: UsageReport | null;
  readonly stopReason?: StopReason | null;
  readonly error?: ProviderError;
}

/** One event looked at in its bytes. Positions are indexes into the bytes given; -1 = there is none. */
export interface EventGlance extends EventView {
  /** UTF-8 bytes of what the model writes in it; -1 = the look does not tell. */
  readonly textBytes: number;
  /** The text, without its quotes, of an event that brings one text and nothing else. */
  readonly textFrom: number;
  readonly textTo: number;
  /** The usage object. */
  readonly usageFrom: number;
  readonly usageTo: number;
}

/** Looks at the events of one raw stream; knows the dialect's bytes. A new one per stream. */
export interface StreamWatch {
  /** What stands before the text of an event that brings text, up to its opening quote: `"content":"`. */
  readonly textName: string;
  /**
   * Cheap look at the data of one event, bytes[from, to): true when it must be parsed by `view` (a finish, usage, error
   * or end event, or data that neither begins and ends as a JSON object nor is the end marker); false: plain content.
   */
  isNotable(bytes: Buffer, from: number, to: number): boolean;
  /** UTF-8 bytes of what the model writes in the event whose data is bytes[from, to): text, refusal, reasoning, names and arguments of calls. */
  textBytes(bytes: Buffer, from: number, to: number): number;
  /** Parses one event. `name` is the SSE event field, or empty. */
  view(name: string, data: string): EventView;
  /** The same for an event without a name whose data is bytes[from, to), without parsing; null: it must be parsed. Absent: always. */
  glance?(bytes: Buffer, from: number, to: number): EventGlance | null;
}

/** Decodes a provider's stream to canonical events. A new one per stream. */
export interface StreamDecoder {
  /** The events that one SSE event stands for. Throws ProviderStreamError when it tells an error, InvalidAnswerError when it makes no sense. */
  push(name: string, data: string): ChatEvent[];
  /** After the last event: true when the stream ended as the dialect ends. */
  readonly complete: boolean;
}

/** Encodes canonical events for a client. A new one per stream. */
export interface StreamEncoder {
  /** SSE text for the event, ready to send; empty when it is told later or not at all. */
  encode(event: ChatEvent): string;
}

/** What the encoders for clients need to know beside the answer. */
export interface AnswerContext {
  /** The model as the client named it, without provider. */
  readonly model: string;
  /** The client asked for a usage chunk (OpenAI). */
  readonly includeUsage: boolean;
  /** JSON object text to ride along as `extra_fields` (last chunk of a stream); null: none. Called when it is needed. */
  readonly extraFields: (() => string) | null;
  /** An estimate of the input tokens, for dialects that tell it first. */
  readonly inputEstimate: number;
}

/** What the encoders for providers need to know of the target. */
export interface TargetContext {
  /** The provider type (adapter name), e.g. `groq`. */
  readonly provider: string;
  readonly model: string;
  /** `stream_options` may be sent. */
  readonly takesStreamOptions: boolean;
  /** Output limit to send where the dialect demands one and the caller gave none. */
  readonly defaultMaxOutputTokens: number;
}

/** The answers of one wire, both directions. */
export interface AnswerFormat {
  readonly dialect: Dialect;
  /** Reads a provider's answer. `issuer` marks signatures. Throws InvalidAnswerError. */
  decodeResponse(body: unknown, issuer: string): ChatResponse;
  encodeResponse(response: ChatResponse, context: AnswerContext): Record<string, unknown>;
  streamDecoder(issuer: string): StreamDecoder;
  streamEncoder(context: AnswerContext): StreamEncoder;
  watch(): StreamWatch;
  /** Looks at a whole answer in its bytes. */
  inspect(bytes: Buffer): AnswerView;
  /** What a whole answer or event of any kind, an error too, tells of its usage; null: nothing. Never throws. */
  findUsage(body: Buffer): ToldUsage | null;
  /** Reads a provider's error body, whatever it is; never throws. */
  decodeError(status: number, body: Buffer): ProviderError;
}

/** One dialect's chat, both directions. */
export interface ChatFormat extends AnswerFormat {
  /** Reads a client's body. Throws GatewayError (invalid_request, missing_field) naming the field. */
  decodeRequest(body: Record<string, unknown>): Translated<ChatRequest>;
  /** Makes the body for a provider, to be sent as JSON. */
  encodeRequest(request: ChatRequest, target: TargetContext): Translated<Record<string, unknown>>;
}

/** The provider told an error inside its stream or its 200 answer. */
export class ProviderStreamError extends Error {
  readonly error: ProviderError;
  constructor(error: ProviderError) {
    super(error.message);
    this.name = "ProviderStreamError";
    this.error = error;
  }
}

/** The provider's answer is none in its dialect; the message says what is wrong, without quoting content. */
export class InvalidAnswerError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "InvalidAnswerError";
  }
}
