// The one error class and the one table of codes: what a code means as HTTP status, type and retry advice.

/** One line per code. `type` is what governance and OpenAI clients read; `retryable` is advice for the caller. */
export const ERROR_CODES = {
  // what the caller sent
  invalid_json: { status: 400, type: "invalid_request_error", retryable: false },
  invalid_request: { status: 400, type: "invalid_request_error", retryable: false },
  missing_field: { status: 400, type: "invalid_request_error", retryable: false },
  duplicate_field: { status: 400, type: "invalid_request_error", retryable: false },
  invalid_fallback: { status: 400, type: "invalid_request_error", retryable: false },
  lossy_translation: { status: 400, type: "invalid_request_error", retryable: false },
  unsupported_operation: { status: 400, type: "invalid_request_error", retryable: false },
  unsupported_media_type: { status: 415, type: "invalid_request_error", retryable: false },
  body_too_large: { status: 413, type: "invalid_request_error", retryable: false },
  head_too_large: { status: 431, type: "invalid_request_error", retryable: false },
  target_too_long: { status: 414, type: "invalid_request_error", retryable: false },
  malformed_http: { status: 400, type: "invalid_request_error", retryable: false },
  request_timeout: { status: 408, type: "invalid_request_error", retryable: true },
  not_found: { status: 404, type: "not_found_error", retryable: false },
  conflict: { status: 409, type: "conflict_error", retryable: false },
  method_not_allowed: { status: 405, type: "invalid_request_error", retryable: false },
  foreign_host: { status: 421, type: "invalid_request_error", retryable: false },
  foreign_origin: { status: 403, type: "permission_error", retryable: false },
  // who the caller is
  missing_required_headers: { status: 400, type: "missing_required_headers", retryable: false },
  virtual_key_required: { status: 401, type: "virtual_key_required", retryable: false },
  virtual_key_not_found: { status: 401, type: "virtual_key_not_found", retryable: false },
  virtual_key_blocked: { status: 403, type: "virtual_key_blocked", retryable: false },
  unauthorized: { status: 401, type: "authentication_error", retryable: false },
  forbidden: { status: 403, type: "permission_error", retryable: false },
  too_many_attempts: { status: 429, type: "rate_limit_error", retryable: true },
  // what the caller may use
  provider_blocked: { status: 403, type: "provider_blocked", retryable: false },
  model_blocked: { status: 403, type: "model_blocked", retryable: false },
  model_not_found: { status: 404, type: "not_found_error", retryable: false },
  provider_not_found: { status: 404, type: "not_found_error", retryable: false },
  budget_exceeded: { status: 402, type: "budget_exceeded", retryable: false },
  max_cost: { status: 402, type: "budget_exceeded", retryable: false },
  budget_contended: { status: 429, type: "budget_contended", retryable: true },
  rate_limited: { status: 429, type: "rate_limited", retryable: true },
  token_limited: { status: 429, type: "token_limited", retryable: true },
  request_limited: { status: 429, type: "request_limited", retryable: true },
  model_unpriced: { status: 403, type: "model_blocked", retryable: false },
  no_eligible_keys: { status: 503, type: "no_eligible_keys", retryable: false },
  // what became of the call
  upstream_error: { status: 502, type: "upstream_error", retryable: true },
  upstream_timeout: { status: 504, type: "upstream_timeout", retryable: true },
  upstream_invalid_answer: { status: 502, type: "upstream_error", retryable: true },
  upstream_truncated: { status: 502, type: "upstream_error", retryable: true },
  upstream_rate_limited: { status: 429, type: "rate_limit_error", retryable: true },
  upstream_credentials_exhausted: { status: 401, type: "upstream_credentials_exhausted", retryable: false },
  upstream_rejected: { status: 400, type: "invalid_request_error", retryable: false },
  request_timed_out: { status: 504, type: "request_timed_out", retryable: true },
  request_cancelled: { status: 499, type: "request_cancelled", retryable: false },
  // ourselves
  overloaded: { status: 503, type: "overloaded_error", retryable: true },
  shutting_down: { status: 503, type: "overloaded_error", retryable: true },
  store_unavailable: { status: 503, type: "overloaded_error", retryable: true },
  control_plane_unavailable: { status: 503, type: "overloaded_error", retryable: true },
  internal: { status: 500, type: "internal_error", retryable: false },
} as const satisfies Record<string, { status: number; type: string; retryable: boolean }>;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorDetails {
  /** Overrides the table's status: a provider's own, passed on. */
  readonly status?: number | undefined;
  /** Overrides the table's type. */
  readonly type?: string | undefined;
  /** What the provider called it; takes the place of our code on the wire. */
  readonly providerCode?: string | undefined;
  /** Name of the provider at fault. */
  readonly provider?: string | undefined;
  /** The field at fault, as the caller spells it. */
  readonly param?: string | undefined;
  /** Seconds, for the Retry-After header. */
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
}

/** What went wrong, told so that the reader knows what to do. The message never holds a secret or an address. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly type: string;
  readonly providerCode: string | undefined;
  readonly provider: string | undefined;
  readonly param: string | undefined;
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "GatewayError";
    this.code = code;
    this.status = details.status ?? ERROR_CODES[code].status;
    this.type = details.type ?? ERROR_CODES[code].type;
    this.providerCode = details.providerCode;
    this.provider = details.provider;
    this.param = details.param;
    this.retryAfter = details.retryAfter;
  }

  /** Whether the fault lies with a provider rather than with the gateway or the caller. */
  get isUpstream(): boolean {
    return this.code.startsWith("upstream_");
  }
}

/** Any thrown value as a GatewayError; what is none becomes `internal` without its text. */
export function toGatewayError(error: unknown): GatewayError {
  return error instanceof GatewayError
    ? error
    : new GatewayError("internal", "internal server error", { cause: error });
}
