// The record of one request as it travels from the loop to the log store: what it holds, and how much of it at most.
import type { Dialect } from "./chat.ts";
import type { ContentLevel } from "./entities.ts";
import type { Outcome } from "./exchange.ts";
import type { MessageKind, MessageRole } from "./message-outline.ts";
import type { PricedPart } from "./price.ts";
import type { RawUsage, Usage, UsageKey } from "./usage.ts";

/** Bounds of a record. What is longer is cut, so that every record fits into an empty buffer. */
export const RECORD_LIMITS = {
  /** Of more, the first 63 and the last are kept. */
  attempts: 64,
  candidates: 64,
  targets: 64,
  losses: 64,
  rules: 64,
  tags: 16,
  /** Of more, the first ones are listed. */
  messages: 2000,
  /** Of an attempt: kinds of usage, parts of a cost, kinds without a price. */
  kinds: 24,
  /** Of an attempt: members of a provider's report that were no counts. */
  refused: 8,
  /** UTF-16 units of a tag's name and of its value, and of user, app and session. */
  tagName: 64,
  tagValue: 256,
  /** UTF-16 units of a name: provider, model, key, virtual key, reason, field, id. */
  name: 512,
  /** Of an error message. */
  message: 1024,
  /** Of all text of a record that is in no dictionary. */
  text: 65_536,
  /** Bytes of stored input, of a plain answer, of a stream. */
  input: 8 * 1024,
  plainOutput: 16 * 1024,
  streamOutput: 32 * 1024,
  /** Of a whole request and its whole answer together. */
  whole: 16 * 1024 * 1024,
} as const;

/** Size of the buffers that records travel in. */
export const RECORD_BUFFER_BYTES = 1 << 20;

/** What an attempt is charged; as Cost of core/price.ts. */
export interface CostRecord {
  /** Nano-dollars. */
  readonly nano: number;
  readonly origin: "computed" | "reported";
  /** By our prices, where the provider's own figure is another. */
  readonly computedNano: number;
  readonly reportedNano: number | null;
  readonly priceVersion: string | null;
  readonly source: string | null;
  readonly parts: readonly PricedPart[];
  readonly unpriced: readonly UsageKey[];
}

/** One try; as Attempt of core/exchange.ts. */
export interface AttemptRecord {
  readonly provider: string;
  readonly model: string;
  readonly keyId: string;
  readonly keyName: string;
  readonly fallbackIndex: number;
  readonly startedAt: number;
  readonly connectedAt: number;
  readonly headAt: number;
  readonly firstTokenAt: number;
  readonly endedAt: number;
  readonly status: number;
  readonly outcome: string;
  readonly error: string;
  readonly reason: string;
  readonly possiblyBilled: boolean;
  readonly usage: Usage | null;
  /** The model as this target was asked for it, without provider; null = not known. */
  readonly askedModel: string | null;
  readonly rawUsage: RawUsage | null;
  readonly usageOrigin: "reported" | "counted" | "none";
  readonly cost: CostRecord | null;
}

export interface CandidateRecord {
  readonly provider: string;
  readonly model: string;
  readonly weight: number | null;
  readonly share: number;
  readonly health: number;
  readonly removed: string | null;
}

export interface TargetRecord {
  readonly provider: string;
  readonly model: string;
  readonly keyName: string;
  readonly reason: string;
}

/** A routing rule that was looked at. */
export interface RuleRecord {
  readonly id: string;
  readonly name: string;
  readonly matched: boolean;
  readonly why: string;
}

export interface DecisionRecord {
  readonly seed: number;
  readonly draw: number | null;
  readonly engine: string;
  readonly snapshotVersion: number;
  readonly candidates: readonly CandidateRecord[];
  readonly order: readonly TargetRecord[];
  readonly rules: readonly RuleRecord[];
}

/** One message of a request, without what it says. */
export interface MessageRecord {
  readonly role: MessageRole;
  readonly kind: MessageKind;
  /** Of its content as it was sent; of a text without its quotes. */
  readonly bytes: number;
}

export interface ErrorRecord {
  readonly code: string;
  readonly type: string;
  readonly status: number;
  readonly message: string;
}

/** Bytes of content as they were sent; a view of the buffer that the record came in. */
export interface ContentRecord {
  readonly bytes: Buffer;
  /** Cut off at its limit. */
  readonly cut: boolean;
}

export interface RequestRecord {
  readonly id: string;
  /** Unix ms. */
  readonly acceptedAt: number;
  /** ms since accept; -1 = did not happen. */
  readonly endedAt: number;
  readonly dispatchedAt: number;
  readonly firstTokenAt: number;
  readonly requestType: string;
  readonly stream: boolean;
  readonly requestedModel: string;
  readonly virtualKeyId: string | null;
  readonly virtualKeyName: string | null;
  readonly teamId: string | null;
  readonly teamName: string | null;
  /** The key's own customer, or its team's. */
  readonly customerId: string | null;
  readonly customerName: string | null;
  /** Nano-dollars of all attempts together, those included that are not kept; null = none of what was used has a price. */
  readonly costNano: number | null;
  /** Something that was used has no price. */
  readonly isUnpriced: boolean;
  readonly snapshotVersion: number;
  readonly clientRequestId: string | null;
  readonly userAgent: string | null;
  readonly outcome: Outcome;
  /** The status that the client saw; 0 = none. */
  readonly status: number;
  readonly error: ErrorRecord | null;
  readonly stopReason: string | null;
  readonly usage: Usage;
  readonly chunks: number;
  readonly bytesOut: number;
  readonly attempts: readonly AttemptRecord[];
  /** Index in `attempts` of the one that answered; -1 = none. */
  readonly answeredBy: number;
  readonly decision: DecisionRecord | null;
  /** Fields that a translation lost. */
  readonly losses: readonly string[];
  /** Content logging is off, for all or for this request. */
  readonly contentHidden: boolean;
  /** What should be kept. In `redacted` input and output are still as they were sent: whoever writes them blots them. */
  readonly contentLevel: ContentLevel;
  /** What should be kept was given up for want of room: with `full` the whole, or all of it where there is no input and output either. */
  readonly contentDropped: boolean;
  /** Who it is for: `x-bf-dim-user`, else what the body says (safety_identifier, user, metadata.user_id). */
  readonly userId: string | null;
  /** The application: `playground`, `x-bf-dim-app`, else told from the user agent. */
  readonly app: string | null;
  readonly sessionId: string | null;
  /** Other `x-bf-dim-*`, and headers that the settings name. */
  readonly tags: readonly (readonly [name: string, value: string])[];
  /** What the gateway itself took: identify to dispatch and settling, µs; -1 = not known. */
  readonly overheadUs: number;
  /** The routing rule that chose; null = none. */
  readonly ruleId: string | null;
  readonly ruleName: string | null;
  /** The request's messages in their order, where there are more than one; empty with content level `off`. */
  readonly messages: readonly MessageRecord[];
  /** How many there were, also those that are not listed. */
  readonly messageCount: number;
  /** Which of `messages` is the one in `input`; -1 = none of them. */
  readonly inputMessage: number;
  readonly input: ContentRecord | null;
  readonly output: ContentRecord | null;
  readonly outputIsStream: boolean;
  readonly outputDialect: Dialect;
}
