// What every answer tells of its own way: provider, model, key, fallback, as extra_fields and as x-bifrost-* headers.
import type { Attempt, Exchange } from "../core/exchange.ts";
import type { HeaderBlock } from "../core/http.ts";
import { requestType } from "../core/operations.ts";
import { isHeaderValue } from "../lib/header-block.ts";

/** JSON text and header text of names that come again and again, bounded. */
class TextCache {
  readonly #texts = new Map<string, string>();
  readonly #make: (value: string) => string;
  constructor(make: (value: string) => string) {
    this.#make = make;
  }
  get(value: string): string {
    let text = this.#texts.get(value);
    if (text === undefined) {
      if (this.#texts.size > 5_000) this.#texts.clear();
      text = this.#make(value);
      this.#texts.set(value, text);
    }
    return text;
  }
}

const json = new TextCache((value) => JSON.stringify(value));
/** Names may hold any character: what no header can carry is percent-encoded. */
const header = new TextCache((value) => (isHeaderValue(value) ? value : encodeURIComponent(value)));

/** The model as it was asked, without the provider that stood before it. */
export function askedModel(exchange: Exchange): string {
  return exchange.decision?.order[0]?.askedModel ?? exchange.model;
}

/** The JSON object for `extra_fields`, as text. */
export function extraFields(exchange: Exchange, attempt: Attempt): string {
  const primary = exchange.decision?.order[0];
  const now = exchange.elapsed();
  const asked = json.get(askedModel(exchange));
  const provider = json.get(attempt.provider);
  const model = json.get(attempt.model);
  const losses = exchange.losses;
  const dropped = losses.length === 0 ? "" : `,"dropped_params":${JSON.stringify(losses.map((loss) => loss.field))}`;
  return (
    `{"request_type":"${requestType(exchange.endpoint.operation, exchange.stream)}","provider":${provider},` +
    `"original_model_requested":${asked},"resolved_model_used":${model},"model_requested":${asked},"model_deployment":${model},` +
    `"latency":${Math.round(now)},"upstream_latency":${Math.round(now - attempt.startedAt)},"chunk_index":${exchange.chunks}${dropped},` +
    `"routing_info":{"provider":${provider},"model":${model},"key":${json.get(attempt.keyName)},` +
    `"is_fallback":${attempt.fallbackIndex > 0},"primary_provider":${json.get(primary?.provider.name ?? attempt.provider)},` +
    `"primary_model":${json.get(primary?.model ?? attempt.model)}}}`
  );
}

/** `provider/model:what` for each attempt that failed before the answer, for the header that sums them up. */
function attemptSummary(exchange: Exchange): string {
  if (exchange.attempts.length < 2 && exchange.error === null) return "";
  const list = exchange.attempts.map(
    (a) => `${a.provider}/${a.model}:${a.status === 0 ? a.outcome || "none" : a.status}`,
  );
  return list.length === 0 ? "" : `x-bifrost-attempts: ${header.get(list.slice(0, 20).join(","))}\r\n`;
}

/** The id by which the caller finds the request again: his own, else ours. */
export function requestIdLine(exchange: Exchange): string {
  const id = exchange.options.clientRequestId ?? exchange.id;
  // Anthropic's SDKs read the second spelling.
  return exchange.endpoint.dialect === "anthropic"
    ? `x-request-id: ${id}\r\nrequest-id: ${id}\r\n`
    : `x-request-id: ${id}\r\n`;
}

/** Header lines for an answer that came from `attempt`; null: none was made. */
export function factHeaders(exchange: Exchange, attempt: Attempt | null): HeaderBlock {
  if (attempt === null) return requestIdLine(exchange) as HeaderBlock;
  const primary = exchange.decision?.order[0];
  const provider = header.get(attempt.provider);
  const model = header.get(attempt.model);
  return (requestIdLine(exchange) +
    `x-bifrost-provider: ${provider}\r\nx-bifrost-original-model: ${header.get(askedModel(exchange))}\r\n` +
    `x-bifrost-resolved-model: ${model}\r\nx-bifrost-fallback-index: ${attempt.fallbackIndex}\r\n` +
    `x-bifrost-request-type: ${requestType(exchange.endpoint.operation, exchange.stream)}\r\n` +
    `x-bifrost-upstream-latency-ms: ${Math.round(exchange.elapsed() - attempt.startedAt)}\r\n` +
    `x-bifrost-routing-info-provider: ${provider}\r\nx-bifrost-routing-info-model: ${model}\r\n` +
    `x-bifrost-routing-info-key: ${header.get(attempt.keyName)}\r\n` +
    `x-bifrost-routing-info-is-fallback: ${attempt.fallbackIndex > 0}\r\n` +
    `x-bifrost-routing-info-primary-provider: ${header.get(primary?.provider.name ?? attempt.provider)}\r\n` +
    `x-bifrost-routing-info-primary-model: ${header.get(primary?.model ?? attempt.model)}\r\n` +
    attemptSummary(exchange)) as HeaderBlock;
}
