// Words errors for clients of the Anthropic dialect: a type by status, a message, the id of the request.
import type { ErrorAnswer } from "../../core/endpoint.ts";
import type { ErrorCode, GatewayError } from "../../core/errors.ts";
import type { Exchange } from "../../core/exchange.ts";
import { errorHeaders } from "../kit/error-facts.ts";
import { foreignMeaning, isNativeError, type Meaning } from "../kit/meaning.ts";

const BY_STATUS: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  408: "timeout_error",
  413: "request_too_large",
  429: "rate_limit_error",
  500: "api_error",
  504: "timeout_error",
  529: "overloaded_error",
};

const TYPES: ReadonlySet<string> = new Set(Object.values(BY_STATUS));

/** Our own 503s that say: not now. */
const OVERLOADS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["overloaded", "shutting_down", "store_unavailable"]);

/** The status under which Anthropic tells what a provider of another dialect said. */
const STATUSES: Partial<Record<Meaning, number>> = {
  "context-length": 400,
  overloaded: 529,
  billing: 402,
  "rate-limit": 429,
};

function typeOf(error: GatewayError, exchange: Exchange | null, status: number): string {
  // Told inside a good answer or in a stream, where no status says it.
  if (TYPES.has(error.type) && isNativeError(error, exchange, "anthropic")) return error.type;
  if (OVERLOADS.has(error.code)) return "overloaded_error";
  return BY_STATUS[status] ?? (status >= 500 ? "api_error" : "invalid_request_error");
}

/** Clients look for these words to shorten a conversation that has grown too long. */
function tooLong(message: string): string {
  if (/prompt is too long/i.test(message)) return message;
  // Only the beginning is searched: a provider's message may be of any length.
  const head = message.slice(0, 1_000);
  const counts = /maximum context length is (\d+) tokens.*?(?:resulted in|requested) (\d+) tokens/is.exec(head);
  return counts === null
    ? `prompt is too long: ${message}`
    : `prompt is too long: ${counts[2]} tokens > ${counts[1]} maximum`;
}

/** The answer to a request that failed. `exchange` is null when it could not be read. */
export function encodeError(error: GatewayError, exchange: Exchange | null): ErrorAnswer {
  const meaning = foreignMeaning(error, exchange, "anthropic");
  const status = (meaning === null ? undefined : STATUSES[meaning]) ?? error.status;
  return {
    status,
    headers: errorHeaders(error, status),
    body: Buffer.from(errorText(error, exchange, status, meaning)),
  };
}

/** The one event that ends a stream which had begun. */
export function encodeStreamError(error: GatewayError, exchange: Exchange): Buffer {
  const meaning = foreignMeaning(error, exchange, "anthropic");
  const status = (meaning === null ? undefined : STATUSES[meaning]) ?? error.status;
  return Buffer.from(`event: error\ndata: ${errorText(error, exchange, status, meaning)}\n\n`);
}

function errorText(error: GatewayError, exchange: Exchange | null, status: number, meaning: Meaning | null): string {
  return JSON.stringify({
    type: "error",
    error: {
      type: typeOf(error, exchange, status),
      message: meaning === "context-length" ? tooLong(error.message) : error.message,
    },
    request_id: exchange?.options.clientRequestId ?? exchange?.id ?? null,
  });
}
