// Describes the HTTP call for one attempt: body in the provider's dialect, path, headers, deadlines.
import type { ChatRequest, Dialect, Loss } from "../core/chat.ts";
import type { PlannedTarget } from "../core/decision.ts";
import { GatewayError } from "../core/errors.ts";
import type { Exchange } from "../core/exchange.ts";
import type { TargetContext } from "../core/formats.ts";
import type { HeaderBlock, OutboundCall } from "../core/http.ts";
import { type Operation, requestType } from "../core/operations.ts";
import { type ProviderAdapter, type UnifiedQuestion, wayOf } from "../core/provider.ts";
import type { ProviderKey } from "../core/snapshot.ts";
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
  /** Of an operation of one question and one answer that client and provider word differently; null: no such one. */
  readonly unified: UnifiedQuestion | null;
}

/** True when the bytes can be forwarded: client and provider speak the same dialect, and the provider has the operation. */
export function isRawLane(exchange: Exchange, target: PlannedTarget, model: string): boolean {
  const { operation, format, dialect } = exchange.endpoint;
  if (format === null) return dialect === unifiedDialect(target.provider.adapter, operation);
  if (operation !== "chat")
    return wayOf(target.provider.adapter, operation, model, exchange.options.convertText) !== "chat";
  return !exchange.mustTranslate && exchange.endpoint.dialect === target.provider.adapter.dialect;
}

/** Whose words the provider takes for an operation without a canonical form. */
function unifiedDialect(adapter: ProviderAdapter, operation: Operation): Dialect {
  return adapter.wires?.[operation] === undefined ? "openai" : adapter.dialect;
}

function targetContext(adapter: ProviderAdapter, model: string): TargetContext {
  const { name: provider, takesStreamOptions, defaultMaxOutputTokens } = adapter;
  return { provider, model, takesStreamOptions, defaultMaxOutputTokens };
}

/** The question in the unified form, or as the provider's own wire has it. */
function unifiedBody(exchange: Exchange, target: PlannedTarget, model: string): Prepared {
  const { adapter } = target.provider;
  const { operation, unified } = exchange.endpoint;
  if (unified === undefined)
    throw new GatewayError(
      "unsupported_operation",
      `provider '${target.provider.name}' does not offer this operation in the form of this route`,
      { provider: target.provider.name },
    );
  const decoded = unified.decode(exchange);
  const asked = { ...decoded.value, model };
  const wire = adapter.wires?.[operation] ?? null;
  const context = targetContext(adapter, model);
  const encoded = wire?.encodeRequest(asked, context) ?? { value: asked, losses: [] };
  const losses = [...decoded.losses, ...encoded.losses];
  refuseLosses(exchange, target, losses);
  const body = [Buffer.from(JSON.stringify(encoded.value))];
  return { body, operation, raw: false, losses, unified: { asked, wire, target: context } };
}

function rawBody(exchange: Exchange, target: PlannedTarget, model: string): Prepared {
  const { adapter } = target.provider;
  const addStreamOptions = exchange.stream && !exchange.includeUsage && adapter.takesStreamOptions;
  const body = exchange.endpoint.patch(exchange, { model, addStreamOptions, renames: adapter.renames(model) });
  return { body, operation: exchange.endpoint.operation, raw: true, losses: [], unified: null };
}

function translatedBody(exchange: Exchange, target: PlannedTarget, model: string, stripped: boolean): Prepared {
  const { adapter } = target.provider;
  const decoded = exchange.endpoint.canonical(exchange);
  const request: ChatRequest = { ...decoded.value, model };
  const encoded = adapter.format.encodeRequest(request, targetContext(adapter, model));
  const body = encoded.value;
  const losses = [...decoded.losses, ...encoded.losses, ...adapter.adjust(body, model)];
  if (stripped) losses.push(...stripReasoning(body));
  refuseLosses(exchange, target, losses);
  return { body: [Buffer.from(JSON.stringify(body))], operation: "chat", raw: false, losses, unified: null };
}

/** Under `x-bf-strict` nothing may be lost that the model would have heeded. */
function refuseLosses(exchange: Exchange, target: PlannedTarget, losses: readonly Loss[]): void {
  const lost = losses.find((loss) => loss.kind === "loss");
  if (!exchange.options.strict || lost === undefined) return;
  throw new GatewayError(
    "lossy_translation",
    `'${lost.field}' cannot be carried over to provider '${target.provider.name}' and x-bf-strict is set. Remove the field, the header, or name a provider of the same dialect.`,
    { param: lost.field },
  );
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
  if (!isRawLane(exchange, target, model))
    return exchange.endpoint.format === null
      ? unifiedBody(exchange, target, model)
      : translatedBody(exchange, target, model, stripped);
  return stripped ? strippedRawBody(exchange, target, model) : rawBody(exchange, target, model);
}

export interface CallOptions {
  readonly model: string;
  readonly fresh: boolean;
  /** ms; 0 = no deadline. */
  readonly remaining: number;
  /** Null: the key's own headers are its credential. */
  readonly token: string | null;
  /** Unix ms. */
  readonly now: number;
}

/** Lines that only this very call has: its token, its signature. */
function credentialLines(
  adapter: ProviderAdapter,
  key: ProviderKey,
  options: CallOptions,
  path: string,
  body: Prepared["body"],
): string {
  let lines = options.token === null ? "" : `authorization: Bearer ${options.token}\r\n`;
  if (adapter.sign === undefined) return lines;
  const { host } = new URL(key.origin.url);
  for (const [name, value] of adapter.sign({ method: "POST", host, path, body, now: options.now }, key.entity))
    lines += `${name}: ${value}\r\n`;
  return lines;
}

/** `remaining` is what is left of the request's own deadline, ms; 0 = it has none. */
export function describeCall(
  exchange: Exchange,
  target: PlannedTarget,
  key: ProviderKey,
  prepared: Prepared,
  options: CallOptions,
): OutboundCall {
  const { provider } = target;
  const { network, pathOverrides } = provider.entity;
  const { operation } = prepared;
  const total = options.remaining > 0 ? Math.min(network.requestTimeout, options.remaining) : network.requestTimeout;
  const override =
    pathOverrides[requestType(operation, exchange.stream)] ?? pathOverrides[requestType(operation, false)];
  const { adapter } = provider;
  const path = key.basePath + (override ?? adapter.path(operation, options.model, key.entity, exchange.stream));
  const headers = outboundHeaders(
    exchange.request.headers,
    exchange.endpoint.dialect,
    { provider, key },
    exchange.snapshot,
  );
  const own = credentialLines(adapter, key, options, path, prepared.body);
  return {
    origin: key.origin,
    method: "POST",
    path,
    headers: own === "" ? headers : ((headers + own) as HeaderBlock),
    body: prepared.body,
    // Up to the first content only the total counts: a model may think for longer than a stream may be silent.
    deadlines: { connect: Math.min(CONNECT_TIMEOUT, total), total, idle: 0 },
    fresh: options.fresh,
    maxBytes: exchange.stream ? 0 : MAX_ANSWER_BYTES,
  };
}
