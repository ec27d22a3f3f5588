// What a provider's refusal or a broken transport is, in the words of the failover table.
import type { AttemptFailure, FailureKind } from "../core/failure.ts";
import type { ProviderError } from "../core/formats.ts";
import type { TransportFailure, TransportFailureKind } from "../core/http.ts";
import type { FailureHint, ProviderAdapter } from "../core/provider.ts";
import { maskBytes, maskText } from "../lib/mask.ts";

const TIMEOUTS: ReadonlySet<TransportFailureKind> = new Set(["connect-timeout", "idle-timeout", "total-timeout"]);

/** What broke, for the caller: no address, port, path or library text. */
const TRANSPORT_WORDS: Record<TransportFailureKind, string> = {
  dns: "its host name could not be resolved",
  connect: "the connection was refused or could not be made",
  tls: "the TLS handshake failed",
  proxy: "the proxy did not let the connection through",
  "address-refused":
    "its address is one that this gateway may not reach (private ones need network_config.allow_private_network, link-local and metadata addresses are never reached)",
  reset: "the connection was reset before the answer was complete",
  truncated: "the answer ended before it was complete",
  "invalid-answer": "the answer was not valid HTTP",
  "too-large": "the answer is larger than this gateway holds",
  "connect-timeout": "the connection took too long",
  "idle-timeout": "it was silent for too long",
  "total-timeout": "it did not answer within the time limit",
};

const BY_STATUS: Record<number, FailureKind> = {
  401: "key-rejected",
  402: "key-rejected",
  403: "key-rejected",
  404: "model-not-found",
  408: "server-error",
  429: "rate-limited",
};

const BY_HINT: Record<Exclude<FailureHint, null>, FailureKind> = {
  "rate-limited": "rate-limited",
  "key-rejected": "key-rejected",
  "context-length": "context-length",
  "content-policy": "rejected",
  "signature-rejected": "signature-rejected",
  "model-not-found": "model-not-found",
};

/** What an error inside a good answer would have had as its status. */
const STATUS_OF: Partial<Record<FailureKind, number>> = {
  "rate-limited": 429,
  "key-rejected": 401,
  "context-length": 400,
  rejected: 400,
  "signature-rejected": 400,
  "model-not-found": 404,
};

function kindOf(status: number, hint: FailureHint): FailureKind {
  if (hint !== null) return BY_HINT[hint];
  return BY_STATUS[status] ?? (status >= 400 && status < 500 ? "rejected" : "server-error");
}

export interface Refusal {
  readonly status: number;
  readonly body: Buffer;
  readonly contentType: string | null;
  readonly restHint: number | null;
}

/** A provider's answer with a status that is none of success. */
export function classifyRefusal(
  refusal: Refusal,
  adapter: ProviderAdapter,
  secrets: readonly string[],
): AttemptFailure {
  const body = maskBytes(refusal.body, secrets);
  // masked again: what the body escaped is plain now
  const error = masked(adapter.readError(refusal.status, body), secrets);
  const redirect = refusal.status >= 300 && refusal.status < 400;
  return {
    kind: redirect ? "server-error" : kindOf(refusal.status, adapter.hint(refusal.status, error)),
    status: redirect ? 502 : refusal.status,
    error: redirect ? { message: "answered with a redirect, which is not followed" } : error,
    transport: null,
    stale: false,
    restHint: refusal.restHint,
    body: redirect ? null : body,
    contentType: refusal.contentType,
    possiblyBilled: false,
  };
}

/** An answer with a good status that is none: an error body, no choices, truncated JSON, an error before content. */
export function classifyBadAnswer(
  error: ProviderError,
  told: boolean,
  adapter: ProviderAdapter,
  secrets: readonly string[],
): AttemptFailure {
  const shown = masked(error, secrets);
  const hint = told ? adapter.hint(200, shown) : null;
  const kind = hint === null ? "server-error" : BY_HINT[hint];
  return {
    kind,
    status: STATUS_OF[kind] ?? 502,
    error: shown,
    transport: null,
    stale: false,
    restHint: null,
    body: null,
    contentType: null,
    possiblyBilled: true,
  };
}

/** Providers put the key that they refuse into any part of their error. */
function masked({ message, type, code, param }: ProviderError, secrets: readonly string[]): ProviderError {
  const without = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : maskText(text, secrets);
  return { message: maskText(message, secrets), type: without(type), code: without(code), param: without(param) };
}

/** The transport broke or a deadline passed. A truncated or invalid answer counts as a server error. */
export function classifyTransport(failure: TransportFailure): AttemptFailure {
  const timeout = TIMEOUTS.has(failure.kind);
  const answered = failure.answered && !timeout;
  return {
    kind: timeout ? "timeout" : answered ? "server-error" : "transport",
    status: 0,
    error: { message: TRANSPORT_WORDS[failure.kind] },
    transport: failure.kind,
    stale: failure.stale,
    restHint: null,
    body: null,
    contentType: null,
    possiblyBilled: failure.sent && (timeout || failure.answered),
  };
}

/** The key could not be traded for a token: nothing was sent to the provider. */
export function classifyNoToken(message: string, isRefused: boolean): AttemptFailure {
  return {
    kind: isRefused ? "key-rejected" : "transport",
    status: isRefused ? 401 : 0,
    error: { message },
    transport: null,
    stale: false,
    restHint: null,
    body: null,
    contentType: null,
    possiblyBilled: false,
  };
}
