// When everything failed: which of the failures the caller is told, and in which code.
import { type ErrorCode, GatewayError } from "../core/errors.ts";
import type { AttemptFailure, FailureKind } from "../core/failure.ts";
import type { TransportFailureKind } from "../core/http.ts";

/** A target's last failure. */
export interface TargetFailure {
  readonly provider: string;
  readonly model: string;
  readonly failure: AttemptFailure;
}

/** What the caller can act on comes first; within a rank the first target's failure. */
const RANK: Record<FailureKind, number> = {
  "context-length": 0,
  rejected: 0,
  "signature-rejected": 0,
  "rate-limited": 1,
  "model-not-found": 2,
  "key-rejected": 3,
  "server-error": 4,
  timeout: 5,
  transport: 6,
};

export function mostUseful(failures: readonly TargetFailure[]): TargetFailure | null {
  let best: TargetFailure | null = null;
  for (const one of failures) if (best === null || RANK[one.failure.kind] < RANK[best.failure.kind]) best = one;
  return best;
}

const CODES: Record<FailureKind, ErrorCode> = {
  "context-length": "upstream_rejected",
  rejected: "upstream_rejected",
  "signature-rejected": "upstream_rejected",
  "rate-limited": "upstream_rate_limited",
  "model-not-found": "upstream_rejected",
  "key-rejected": "upstream_credentials_exhausted",
  "server-error": "upstream_error",
  timeout: "upstream_timeout",
  transport: "upstream_error",
};

const TRANSPORT_CODES: Partial<Record<TransportFailureKind, ErrorCode>> = {
  truncated: "upstream_truncated",
  reset: "upstream_error",
  "invalid-answer": "upstream_invalid_answer",
  "too-large": "upstream_invalid_answer",
};

/** Whose failure it was, and what broke: one sentence, whether or not the provider's own words end with a stop. */
export function failureText(provider: string, model: string, what: string): string {
  return `Provider '${provider}' failed for model '${model}': ${what.replace(/\.$/, "")}.`;
}

/** One failure as an error for the caller: the provider's own status, message, type and code where it gave any. */
export function toError(told: TargetFailure): GatewayError {
  const { failure, provider, model } = told;
  const code = (failure.transport === null ? undefined : TRANSPORT_CODES[failure.transport]) ?? CODES[failure.kind];
  const own = failure.body !== null;
  const message = own ? failure.error.message : failureText(provider, model, failure.error.message);
  return new GatewayError(failure.kind === "timeout" ? "upstream_timeout" : code, message, {
    status: failure.status >= 400 ? failure.status : undefined,
    type: failure.error.type,
    provider,
    providerCode: failure.error.code,
    param: failure.error.param,
    retryAfter: failure.restHint === null ? undefined : Math.max(1, Math.ceil(failure.restHint / 1000)),
  });
}
