// What error answers of every dialect have in common: retry headers, and the facts of how far the request came.
import { ERROR_CODES, type GatewayError } from "../../core/errors.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { HeaderBlock } from "../../core/http.ts";
import { requestType } from "../../core/operations.ts";

/** A refusal that lasts longer is not worth an SDK's repeats, seconds. */
const WORTH_WAITING = 60;

/** Clients repeat these by themselves unless they are told not to; of a budget that is used up some do. */
function isRepeated(status: number): boolean {
  return status >= 500 || status === 429 || status === 408 || status === 409 || status === 402;
}

/** Header lines of an error answer: JSON, when to come back, and whether to come back at all. */
export function errorHeaders(error: GatewayError, status: number): HeaderBlock {
  let lines = "content-type: application/json\r\n";
  const wait = error.retryAfter;
  const waits = wait !== undefined && Number.isFinite(wait);
  if (waits) lines += `retry-after: ${Math.max(1, Math.ceil(wait))}\r\n`;
  const isHopeless = waits ? wait > WORTH_WAITING : !error.isUpstream && !ERROR_CODES[error.code].retryable;
  if (isHopeless && isRepeated(status)) lines += "x-should-retry: false\r\n";
  return lines as HeaderBlock;
}

/** What was asked for, told apart: the provider is null for a bare model. */
function asked(exchange: Exchange): { provider: string | null; model: string } {
  const { model, snapshot } = exchange;
  const slash = model.indexOf("/");
  const provider = model.slice(0, Math.max(0, slash));
  const isProvider = snapshot.providers.has(provider) || snapshot.knownProviders.has(provider);
  return isProvider ? { provider, model: model.slice(slash + 1) } : { provider: null, model };
}

/** `extra_fields` of an error: what was asked, who was tried last. Without an exchange there is nothing to tell. */
export function errorFacts(error: GatewayError, exchange: Exchange | null): Record<string, unknown> {
  if (exchange === null) return {};
  const last = exchange.attempts.at(-1);
  const primary = exchange.decision?.order[0];
  const { provider, model } = asked(exchange);
  return {
    provider: last?.provider ?? primary?.provider.name ?? provider ?? "",
    original_model_requested: primary?.askedModel ?? model,
    ...(last === undefined ? {} : { resolved_model_used: last.model }),
    request_type: requestType(exchange.endpoint.operation, exchange.stream),
    ...(last === undefined ? {} : { routing_info: routingInfo(exchange) }),
    ...(error.code === "upstream_credentials_exhausted" ? { key_statuses: keyStatuses(exchange) } : {}),
    latency: Math.round(exchange.elapsed()),
  };
}

function routingInfo(exchange: Exchange): Record<string, unknown> {
  const last = exchange.attempts.at(-1);
  const primary = exchange.decision?.order[0];
  return {
    provider: last?.provider,
    model: last?.model,
    key: last?.keyName,
    is_fallback: (last?.fallbackIndex ?? 0) > 0,
    primary_provider: primary?.provider.name ?? last?.provider,
    primary_model: primary?.model ?? last?.model,
  };
}

/** What each key that was tried answered. */
function keyStatuses(exchange: Exchange): Record<string, unknown>[] {
  return exchange.attempts.map((attempt) => ({
    key_id: attempt.keyId,
    key_name: attempt.keyName,
    provider: attempt.provider,
    status: attempt.status,
    error: attempt.error,
  }));
}
