// One request from accept to settle, every phase with fields of its own; and what the endpoint it came in at gives the corridor.
import type { ChatRequest, Dialect, Loss, StopReason, Translated } from "./chat.ts";
import type { Decision } from "./decision.ts";
import type { GatewayError } from "./errors.ts";
import type { AnswerFormat, AnswerView } from "./formats.ts";
import type { HeaderBlock, InboundRequest, Reply } from "./http.ts";
import type { MessageOutline } from "./message-outline.ts";
import type { Operation } from "./operations.ts";
import type { Cost } from "./price.ts";
import type { RequestSize } from "./request-size.ts";
import type { Snapshot, VirtualKey } from "./snapshot.ts";
import { emptyUsage, type RawUsage, type Usage } from "./usage.ts";

/** One try at one provider with one key. Times are ms since the exchange started; -1 = did not happen. */
export interface Attempt {
  readonly provider: string;
  readonly model: string;
  readonly keyId: string;
  readonly keyName: string;
  /** 0 = the first target, 1 = the first fallback … */
  readonly fallbackIndex: number;
  readonly startedAt: number;
  connectedAt: number;
  /** First byte of the answer. */
  headAt: number;
  /** First content of a stream. */
  firstTokenAt: number;
  endedAt: number;
  /** The provider's status; 0 = no answer. */
  status: number;
  /** Empty when it answered; else a FailureKind or `cancelled`. */
  outcome: string;
  /** What broke, in one sentence; empty when nothing did. */
  error: string;
  /** Why this try was made: `planned`, `same key again`, `other key`, `next provider`, `without signatures`, `fresh connection`. */
  readonly reason: string;
  possiblyBilled: boolean;
  /** Tokens of this attempt, when it told any. */
  usage: Usage | null;
  /** What its price needs, as the provider reported it or as it was counted; null = neither. */
  rawUsage: RawUsage | null;
  /** `reported`: by the provider. `counted`: by the documented rule, for there was no (usable) report. `none`: nothing is known, or nothing was used. */
  usageOrigin: "reported" | "counted" | "none";
  /** What it is charged; null = nothing was used, or it is not known. */
  cost: Cost | null;
}

const NO_TAGS: readonly (readonly [name: string, value: string])[] = [];

export type Outcome = "success" | "error" | "cancelled";

/** Options that the caller set by header. */
export interface CallerOptions {
  /** Refuse what a translation would lose. */
  strict: boolean;
  /** A text completion may be told to a provider that only chats as a chat (x-bf-compat). */
  convertText: boolean;
  /** ms for the whole request; 0 = only by its attempts. */
  timeout: number;
  clientRequestId: string | null;
  userAgent: string | null;
  /** `x-bf-max-cost` in nano-dollars; null = not given. */
  maxCost: number | null;
}

export class Exchange {
  // accept
  readonly id: string;
  /** Unix ms. */
  readonly acceptedAt: number;
  /** performance.now() at accept: the zero of all times below. */
  readonly startedAt: number;
  readonly endpoint: Endpoint;
  readonly request: InboundRequest;
  readonly reply: Reply;
  readonly snapshot: Snapshot;
  readonly options: CallerOptions = {
    strict: false,
    convertText: false,
    timeout: 0,
    clientRequestId: null,
    userAgent: null,
    maxCost: null,
  };
  // decode
  /** The model as the caller named it, with provider where he named one. */
  model = "";
  stream = false;
  /** The caller asked for usage in the stream. */
  includeUsage = false;
  fallbacks: readonly string[] = [];
  /** The longest answer that the caller allows, in tokens, however it is spelled; null = not given. */
  maxTokens: number | null = null;
  /** How many answers are asked for. */
  n = 1;
  /** Bytes of text and media of the body: measured when it is first asked for (core/measure-body.ts). */
  size: RequestSize | null = null;
  /** `service_tier` as the caller wrote it; null = not given. */
  serviceTier: string | null = null;
  /** The provider that a bare model means here: the endpoint's, unless the request itself tells another. */
  ownProvider: string | null;
  /** Byte range of the last user text or message in the body, for the record; -1 = none. */
  inputFrom = -1;
  inputTo = -1;
  /** The messages without what they say, for the record; null where there is one at most, or no content is logged. */
  outline: MessageOutline | null = null;
  /** Who it is for, as headers or body tell it, within RECORD_LIMITS; null = not told. */
  userId: string | null = null;
  app: string | null = null;
  sessionId: string | null = null;
  tags: readonly (readonly [name: string, value: string])[] = NO_TAGS;
  /** The body holds what only a translation can carry (a reasoning signature with its issuer's mark): no raw lane. */
  mustTranslate = false;
  /** Made from the body when a target of another dialect needs it, and kept. */
  canonical: ChatRequest | null = null;
  // identify
  /** The id of the virtual key that the operator makes this request as, null = as nobody; undefined: its credentials tell. */
  actsAs: string | null | undefined = undefined;
  virtualKey: VirtualKey | null = null;
  // plan
  decision: Decision | null = null;
  /** ms that it waited for leases or room before its first attempt. */
  waited = 0;
  /** performance.now() - startedAt when the first attempt was sent. */
  dispatchedAt = -1;
  /** ms since accept when the first call had been handed to the outbound door; -1 = there was none. */
  sentAt = -1;
  // dispatch and relay
  readonly attempts: Attempt[] = [];
  /** The attempt that answered, or null. */
  answeredBy: Attempt | null = null;
  losses: readonly Loss[] = [];
  /** The request type that it was sent as, where that is another than the one that was asked. */
  convertedType: string | null = null;
  /** The status that the client saw; 0 = none. */
  status = 0;
  error: GatewayError | null = null;
  /** Lines of a head that tell a refused caller how his own rate limits stand; empty = none. */
  limitLines = "";
  outcome: Outcome = "success";
  usage: Usage = emptyUsage();
  /** Bytes of text that the attempt under way has brought so far: what its output is counted from where no usage is told. */
  textOut = 0;
  /** Finds what `textOut` would be where that was not counted on the way; null = it was. Asked only where no usable report came. */
  measureText: (() => number) | null = null;
  stopReason: StopReason | null = null;
  firstTokenAt = -1;
  chunks = 0;
  /** Bytes of answer body given to the client. */
  bytesOut = 0;
  /** The answer as the provider sent it (whole JSON, or SSE bytes up to the cap), for the record; null = not kept. */
  answer: Buffer | null = null;
  /** A stream went on beyond what was kept of it. */
  answerCut = false;
  answerIsStream = false;
  /** What the memory of `answer` goes back to once it is recorded; null: to the collector. */
  answerOwner: { release(): void } | null = null;
  answerDialect: "openai" | "anthropic" = "openai";
  /** ms since accept when the answer that is given had come in whole; -1 = there was none. */
  answerEndedAt = -1;
  // settle
  endedAt = -1;
  settled = false;

  constructor(
    id: string,
    acceptedAt: number,
    startedAt: number,
    endpoint: Endpoint,
    request: InboundRequest,
    reply: Reply,
    snapshot: Snapshot,
  ) {
    this.id = id;
    this.acceptedAt = acceptedAt;
    this.startedAt = startedAt;
    this.endpoint = endpoint;
    this.ownProvider = endpoint.ownProvider;
    this.request = request;
    this.reply = reply;
    this.snapshot = snapshot;
  }

  /** ms since the exchange started. */
  elapsed(): number {
    return performance.now() - this.startedAt;
  }
}

/** A request refused or failed, as the client's dialect words it. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: HeaderBlock;
  readonly body: Buffer;
}

/** How the raw lane changes a body for one target. */
export interface RawPatch {
  readonly model: string;
  /** Ask for usage in the stream although the caller did not. */
  readonly addStreamOptions: boolean;
  readonly renames: readonly (readonly [string, string])[];
}

export interface Endpoint {
  readonly operation: Operation;
  readonly dialect: Dialect;
  /** The answers that the client is given. Null where an operation has no canonical form and only the raw lane serves it (embeddings). */
  readonly format: AnswerFormat | null;
  /** JSON answers and last chunks carry `extra_fields` (the /v1 routes). */
  readonly extraFields: boolean;
  /** A drop-in route's own provider for bare models; null on /v1. */
  readonly ownProvider: string | null;
  /** Reads the body's top-level fields into the exchange. Throws GatewayError. */
  decode(exchange: Exchange): void;
  /** The body as canonical request. Throws GatewayError. */
  canonical(exchange: Exchange): Translated<ChatRequest>;
  /** The body's bytes with only the touched fields changed; unchanged bytes are views of the original. */
  patch(exchange: Exchange, patch: RawPatch): Uint8Array[];
  /** Looks at a whole raw answer. */
  inspect(bytes: Buffer): AnswerView;
  /** `exchange` is null when the request could not be read. */
  encodeError(error: GatewayError, exchange: Exchange | null): ErrorAnswer;
  /** The one error event that ends a stream which had begun: SSE bytes. */
  encodeStreamError(error: GatewayError, exchange: Exchange): Buffer;
}
