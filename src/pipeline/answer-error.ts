// Gives the client an error: in its dialect's words, or the provider's own bytes where both speak the same.
import type { GatewayError } from "../core/errors.ts";
import type { Exchange } from "../core/exchange.ts";
import type { HeaderBlock } from "../core/http.ts";
import { joinBlocks } from "../lib/header-block.ts";
import { factHeaders } from "./facts.ts";
import type { TargetFailure } from "./final-error.ts";

/** Our own error. The exchange remembers it. */
export function answerError(exchange: Exchange, error: GatewayError): void {
  exchange.error = error;
  if (exchange.outcome === "success") exchange.outcome = "error";
  const encoded = exchange.endpoint.encodeError(error, exchange);
  exchange.status = encoded.status;
  if (exchange.reply.gone || exchange.reply.started) return;
  exchange.bytesOut += encoded.body.length;
  exchange.reply.answer(
    encoded.status,
    joinBlocks(
      joinBlocks(encoded.headers, factHeaders(exchange, exchange.attempts.at(-1) ?? null)),
      exchange.limitLines as HeaderBlock,
    ),
    [encoded.body],
  );
}

function isOwnDialect(exchange: Exchange, told: TargetFailure): boolean {
  const provider = exchange.snapshot.providers.get(told.provider);
  return provider?.adapter.dialect === exchange.endpoint.dialect;
}

/** A provider's error: its status, and its body byte for byte where it speaks the caller's dialect. */
export function answerProviderError(exchange: Exchange, told: TargetFailure, error: GatewayError): void {
  const { body } = told.failure;
  if (body === null || !isOwnDialect(exchange, told) || exchange.endpoint.inspect(body).type !== "error")
    return answerError(exchange, error);
  exchange.error = error;
  exchange.status = error.status;
  if (exchange.reply.gone) return;
  const retry = error.retryAfter === undefined ? "" : `retry-after: ${error.retryAfter}\r\n`;
  const head = `content-type: application/json\r\n${retry}` as HeaderBlock;
  exchange.bytesOut += body.length;
  exchange.reply.answer(error.status, joinBlocks(head, factHeaders(exchange, exchange.attempts.at(-1) ?? null)), [
    body,
  ]);
}
