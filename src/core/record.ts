// The record of one request as it travels from the loop to the log store: what it holds, and how much of it at most.
import type { Dialect } from "./chat.ts";
import type { Outcome } from "./exchange.ts";
import type { Usage } from "./usage.ts";

/** Bounds of a record. What is longer is cut, so that every record fits into an empty buffer. */
export const RECORD_LIMITS = {
  /** Of more, the first 63 and the last are kept. */
  attempts: 64,
  candidates: 64,
  targets: 64,
  losses: 64,
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
} as const;

/** Size of the buffers that records travel in. */
export const RECORD_BUFFER_BYTES = 1 << 20;

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

export interface DecisionRecord {
  readonly seed: number;
  readonly draw: number | null;
  readonly engine: string;
  readonly snapshotVersion: number;
  readonly candidates: readonly CandidateRecord[];
  readonly order: readonly TargetRecord[];
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
  /** Content logging is off. */
  readonly contentHidden: boolean;
  readonly input: ContentRecord | null;
  readonly output: ContentRecord | null;
  readonly outputIsStream: boolean;
  readonly outputDialect: Dialect;
}
