// What became of an attempt, in the words of the failover table.
import type { ProviderError } from "./formats.ts";
import type { TransportFailureKind } from "./http.ts";

/**
 * `transport`: connect, DNS, TLS, reset before an answer. `timeout`: any deadline before content. `server-error`:
 * 500 502 503 504 529, an invalid or truncated answer, 200 with an error body. `rate-limited`: 429 or a throttle signal.
 * `key-rejected`: 401 402 403. `model-not-found`: 404. `signature-rejected`: a 400 that rejects thinking signatures.
 * `context-length`: 400, prompt too long. `rejected`: 400 413 422, content policy, and every other 4xx.
 */
export type FailureKind =
  | "transport"
  | "timeout"
  | "server-error"
  | "rate-limited"
  | "key-rejected"
  | "model-not-found"
  | "signature-rejected"
  | "context-length"
  | "rejected";

export interface AttemptFailure {
  readonly kind: FailureKind;
  /** The provider's status; 0 when there was no answer. */
  readonly status: number;
  /** What the provider said, or what broke. Without secrets. */
  readonly error: ProviderError;
  readonly transport: TransportFailureKind | null;
  /** A pooled connection had gone stale: again at once on a fresh one. */
  readonly stale: boolean;
  /** ms from now that the provider asks to be left alone; null = it does not say. */
  readonly restHint: number | null;
  /** The provider's error body, for callers of its dialect; null when there is none. */
  readonly body: Buffer | null;
  readonly contentType: string | null;
  /** The request had been sent whole before it broke off: the provider may bill it. */
  readonly possiblyBilled: boolean;
}
