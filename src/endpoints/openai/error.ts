// Words errors for clients of the OpenAI dialect: OpenAI's error object inside the unified one.
import type { ErrorAnswer } from "../../core/endpoint.ts";
import { ERROR_CODES, type ErrorCode, type GatewayError } from "../../core/errors.ts";
import type { Exchange } from "../../core/exchange.ts";
import { errorFacts, errorHeaders } from "../kit/error-facts.ts";
import { foreignMeaning, type Meaning } from "../kit/meaning.ts";

/** Their type stands at the top too, where clients of governance look for it. */
const TOP_TYPES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "missing_required_headers",
  "virtual_key_required",
  "virtual_key_not_found",
  "virtual_key_blocked",
  "provider_blocked",
  "model_blocked",
  "model_unpriced",
  "budget_exceeded",
  "max_cost",
  "budget_contended",
  "rate_limited",
  "token_limited",
  "request_limited",
  "no_eligible_keys",
  "upstream_credentials_exhausted",
  "request_timed_out",
  "request_cancelled",
]);

/** Where the gateway itself is at fault. */
const OWN_FAULTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "internal",
  "overloaded",
  "shutting_down",
  "store_unavailable",
  "control_plane_unavailable",
]);

interface Wording {
  readonly status?: number;
  readonly type: string;
  readonly code: string;
  readonly param?: string;
}

/** How OpenAI says what a provider of another dialect said. */
const WORDINGS: Record<Meaning, Wording> = {
  "context-length": {
    status: 400,
    type: "invalid_request_error",
    code: "context_length_exceeded",
    param: "messages",
  },
  overloaded: { status: 503, type: "server_error", code: "server_is_overloaded" },
  billing: { type: "insufficient_quota", code: "insufficient_quota" },
  "rate-limit": { status: 429, type: "rate_limit_error", code: "rate_limit_exceeded" },
  "tool-input": { type: "invalid_request_error", code: "invalid_function_parameters", param: "tools" },
};

/** The answer to a request that failed. `exchange` is null when it could not be read. */
export function encodeError(error: GatewayError, exchange: Exchange | null): ErrorAnswer {
  const meaning = foreignMeaning(error, exchange, "openai");
  const status = (meaning === null ? undefined : WORDINGS[meaning].status) ?? error.status;
  return {
    status,
    headers: errorHeaders(error, status),
    body: Buffer.from(errorText(error, exchange, status, meaning)),
  };
}

/** The one event that ends a stream which had begun. */
export function encodeStreamError(error: GatewayError, exchange: Exchange): Buffer {
  const meaning = foreignMeaning(error, exchange, "openai");
  return Buffer.from(`data: ${errorText(error, exchange, error.status, meaning)}\n\n`);
}

function errorText(error: GatewayError, exchange: Exchange | null, status: number, meaning: Meaning | null): string {
  const wording = meaning === null ? null : WORDINGS[meaning];
  return JSON.stringify({
    ...(TOP_TYPES.has(error.code) ? { type: ERROR_CODES[error.code].type } : {}),
    is_bifrost_error: OWN_FAULTS.has(error.code),
    status_code: status,
    error: {
      type: wording?.type ?? error.type,
      code: wording?.code ?? error.providerCode ?? error.code,
      message: error.message,
      param: error.param ?? wording?.param ?? null,
    },
    extra_fields: errorFacts(error, exchange),
  });
}
