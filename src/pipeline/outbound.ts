// Describes the HTTP call for one attempt: body in the provider's dialect, path, headers, deadlines.
import type { ChatRequest, Loss } from "../core/chat.ts";
import type { PlannedTarget } from "../core/decision.ts";
import { GatewayError } from "../core/errors.ts";
import type { Exchange } from "../core/exchange.ts";
import type { OutboundCall } from "../core/http.ts";
import { tokenLine } from "../core/key-tokens.ts";
import { type Operation, requestType } from "../core/operations.ts";
import { wayOf } from "../core/provider.ts";
import type { ProviderKey } from "../core/snapshot.ts";
import { joinBlocks } from "../lib/header-block.ts";
import { outboundHeaders } from "./outbound-headers.ts";
import { stripReasoning } from "./strip-reasoning.ts";

/** Whole answers larger than this are refused, bytes. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** Longest wait for a connection, ms; never longer than the attempt. */
const CONNECT_TIMEOUT = 10_000;

export interface Prepared {
  readonly body: readonly Uint8Array[];
  /** As the provider is asked: a text completion may go as a chat. */
  readonly operation: Operation;
  /** The provider speaks the caller's dialect: bytes go through. */
  readonly raw: boolean;
  readonly losses: readonly Loss[];
}

/** True when the bytes can be forwarded: client and provider speak the same dialect, and the provider has the operation. */
export function isRawLane(exchange: Exchange, target: PlannedTarget, model: string): boolean {
  const { operation, format } = exchange.endpoint;
  if (format === null) return true;
  if (operation !== "chat")
    return wayOf(target.provider.adapter, operation, model, exchange.options.convertText) !== "chat";
  return !exchange.mustTranslate && exchange.endpoint.dialect === target.provider.adapter.dialect;
}

function rawBody(exchange: Exchange, target: PlannedTarget, model: string): Prepared {
  const { adapter } = target.provider;
  const addStreamOptions = exchange.stream && !exchange.includeUsage && adapter.takesStreamOptions;
  const body = exchange.endpoint.patch(exchange, { model, addStreamOptions, renames: adapter.renames(model) });
  return { body, operation: exchange.endpoint.operation, raw: true, losses: [] };
}

function translatedBody(exchange: Exchange, target: PlannedTarget, model: string, stripped: boolean): Prepared {
  const { adapter } = target.provider;
  const decoded = exchange.endpoint.canonical(exchange);
  const request: ChatRequest = { ...decoded.value, model };
  const encoded = adapter.format.encodeRequest(request, {
    provider: adapter.name,
    model,
    takesStreamOptions: adapter.takesStreamOptions,
    defaultMaxOutputTokens: adapter.defaultMaxOutputTokens,
  });
  const body = encoded.value;
  const losses = [...decoded.losses, ...encoded.losses, ...adapter.adjust(body, model)];
  if (stripped) losses.push(...stripReasoning(body));
  const lost = losses.find((loss) => loss.kind === "loss");
  if (exchange.options.strict && lost !== undefined)
    throw new GatewayError(
      "lossy_translation",
      `'${lost.field}' cannot be carried over to provider '${target.provider.name}' and x-bf-strict is set. Remove the field, the header, or name a provider of the same dialect.`,
      { param: lost.field },
    );
  return { body: [Buffer.from(JSON.stringify(body))], operation: "chat", raw: false, losses };
}

/** The same bytes without reasoning blocks: parsed, since a provider has refused them as they were. */
function strippedRawBody(exchange: Exchange, target: PlannedTarget, model: string): Prepared {
  const prepared = rawBody(exchange, target, model);
  const body: unknown = JSON.parse(Buffer.concat(prepared.body).toString("utf8"));
  const losses = stripReasoning(body as Record<string, unknown>);
  return { ...prepared, body: [Buffer.from(JSON.stringify(body))], losses };
}

/** The body for one target. Throws GatewayError when the request cannot be told in the provider's dialect. */
export function prepareBody(exchange: Exchange, target: PlannedTarget, model: string, stripped: boolean): Prepared {
  if (!isRawLane(exchange, target, model)) return translatedBody(exchange, target, model, stripped);
  return stripped ? strippedRawBody(exchange, target, model) : rawBody(exchange, target, model);
}

/** `remaining` is what is left of the request's own deadline, ms; 0 = it has none. `token` null: the key's own headers are its credential. */
export function describeCall(
  exchange: Exchange,
  target: PlannedTarget,
  key: ProviderKey,
  prepared: Prepared,
  options: { model: string; fresh: boolean; remaining: number; token: string | null },
): OutboundCall {
  const { provider } = target;
  const { network, pathOverrides } = provider.entity;
  const { operation } = prepared;
  const total = options.remaining > 0 ? Math.min(network.requestTimeout, options.remaining) : network.requestTimeout;
  const override =
    pathOverrides[requestType(operation, exchange.stream)] ?? pathOverrides[requestType(operation, false)];
  return {
    origin: key.origin,
    method: "POST",
    path: key.basePath + (override ?? provider.adapter.path(operation, options.model, key.entity)),
    headers: joinBlocks(
      outboundHeaders(exchange.request.headers, exchange.endpoint.dialect, { provider, key }, exchange.snapshot),
      tokenLine(options.token),
    ),
    body: prepared.body,
    // Up to the first content only the total counts: a model may think for longer than a stream may be silent.
    deadlines: { connect: Math.min(CONNECT_TIMEOUT, total), total, idle: 0 },
    fresh: options.fresh,
    maxBytes: exchange.stream ? 0 : MAX_ANSWER_BYTES,
  };
}
