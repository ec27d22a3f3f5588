// One request from accept to settle: every phase fills its own fields and reads the others.
import type { ChatRequest, Loss, StopReason } from "./chat.ts";
import type { Decision } from "./decision.ts";
import type { Endpoint } from "./endpoint.ts";
import type { GatewayError } from "./errors.ts";
import type { InboundRequest, Reply } from "./http.ts";
import type { Snapshot, VirtualKey } from "./snapshot.ts";
import { emptyUsage, type Usage } from "./usage.ts";

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
}

export type Outcome = "success" | "error" | "cancelled";

/** Options that the caller set by header. */
export interface CallerOptions {
  /** Refuse what a translation would lose. */
  strict: boolean;
  /** ms for the whole request; 0 = only by its attempts. */
  timeout: number;
  clientRequestId: string | null;
  userAgent: string | null;
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
  readonly options: CallerOptions = { strict: false, timeout: 0, clientRequestId: null, userAgent: null };
  // decode
  /** The model as the caller named it, with provider where he named one. */
  model = "";
  stream = false;
  /** The caller asked for usage in the stream. */
  includeUsage = false;
  fallbacks: readonly string[] = [];
  /** Byte range of the last user text or message in the body, for the record; -1 = none. */
  inputFrom = -1;
  inputTo = -1;
  /** Made from the body when a target of another dialect needs it, and kept. */
  canonical: ChatRequest | null = null;
  // identify
  virtualKey: VirtualKey | null = null;
  // plan
  decision: Decision | null = null;
  /** performance.now() - startedAt when the first attempt was sent. */
  dispatchedAt = -1;
  // dispatch and relay
  readonly attempts: Attempt[] = [];
  /** The attempt that answered, or null. */
  answeredBy: Attempt | null = null;
  losses: readonly Loss[] = [];
  /** The status that the client saw; 0 = none. */
  status = 0;
  error: GatewayError | null = null;
  outcome: Outcome = "success";
  usage: Usage = emptyUsage();
  stopReason: StopReason | null = null;
  firstTokenAt = -1;
  chunks = 0;
  /** Bytes of answer body given to the client. */
  bytesOut = 0;
  /** The answer as the provider sent it (whole JSON, or SSE bytes up to the cap), for the record; null = not kept. */
  answer: Buffer | null = null;
  answerIsStream = false;
  answerDialect: "openai" | "anthropic" = "openai";
  // settle
  endedAt = -1;
  settled = false;

  constructor(id: string, acceptedAt: number, startedAt: number, endpoint: Endpoint, request: InboundRequest, reply: Reply, snapshot: Snapshot) {
    this.id = id;
    this.acceptedAt = acceptedAt;
    this.startedAt = startedAt;
    this.endpoint = endpoint;
    this.request = request;
    this.reply = reply;
    this.snapshot = snapshot;
  }

  /** ms since the exchange started. */
  elapsed(): number {
    return performance.now() - this.startedAt;
  }
}
