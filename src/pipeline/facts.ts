// What every answer tells of its own way: provider, model, key, fallback, as extra_fields and as x-bifrost-* headers.
import type { Attempt, Exchange } from "../core/exchange.ts";
import type { HeaderBlock } from "../core/http.ts";
import { requestType } from "../core/operations.ts";
import { isHeaderValue } from "../lib/header-block.ts";
import { splitModel } from "../routing/candidates.ts";

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
  const { decision, model, snapshot } = exchange;
  if (decision?.engine === "routing-rule") return splitModel(model, snapshot).model;
  return decision?.order[0]?.askedModel ?? model;
}

/** What stays the same from answer to answer of one key: text around the few numbers that change. */
interface Constant {
  readonly asked: string;
  readonly attempt: Attempt;
  readonly primaryProvider: string;
  readonly primaryModel: string;
  readonly jsonHead: string;
  readonly jsonTail: string;
  readonly headerHead: string;
  readonly headerTail: string;
}

/** By request type, then by key id; the newest constellation of each. */
const constants = new Map<string, Map<string, Constant>>();
const MAX_CONSTANTS = 5_000;

function makeConstant(
  type: string,
  asked: string,
  attempt: Attempt,
  primaryProvider: string,
  primaryModel: string,
): Constant {
  const isFallback = attempt.fallbackIndex > 0;
  const provider = json.get(attempt.provider);
  const model = json.get(attempt.model);
  const name = json.get(asked);
  return {
    asked,
    attempt,
    primaryProvider,
    primaryModel,
    jsonHead:
      `{"request_type":"${type}","provider":${provider},"original_model_requested":${name},"resolved_model_used":${model},` +
      `"model_requested":${name},"model_deployment":${model},"latency":`,
    jsonTail:
      `,"routing_info":{"provider":${provider},"model":${model},"key":${json.get(attempt.keyName)},"is_fallback":${isFallback},` +
      `"primary_provider":${json.get(primaryProvider)},"primary_model":${json.get(primaryModel)}}}`,
    headerHead:
      `x-bifrost-provider: ${header.get(attempt.provider)}\r\nx-bifrost-original-model: ${header.get(asked)}\r\n` +
      `x-bifrost-resolved-model: ${header.get(attempt.model)}\r\nx-bifrost-fallback-index: ${attempt.fallbackIndex}\r\n` +
      `x-bifrost-request-type: ${type}\r\nx-bifrost-upstream-latency-ms: `,
    headerTail:
      `\r\nx-bifrost-routing-info-provider: ${header.get(attempt.provider)}\r\n` +
      `x-bifrost-routing-info-model: ${header.get(attempt.model)}\r\nx-bifrost-routing-info-key: ${header.get(attempt.keyName)}\r\n` +
      `x-bifrost-routing-info-is-fallback: ${isFallback}\r\nx-bifrost-routing-info-primary-provider: ${header.get(primaryProvider)}\r\n` +
      `x-bifrost-routing-info-primary-model: ${header.get(primaryModel)}\r\n`,
  };
}

function isSame(constant: Constant, asked: string, attempt: Attempt, provider: string, model: string): boolean {
  const known = constant.attempt;
  return (
    constant.asked === asked &&
    known.model === attempt.model &&
    known.fallbackIndex === attempt.fallbackIndex &&
    known.provider === attempt.provider &&
    known.keyName === attempt.keyName &&
    constant.primaryProvider === provider &&
    constant.primaryModel === model
  );
}

function constantOf(exchange: Exchange, attempt: Attempt): Constant {
  const type = requestType(exchange.endpoint.operation, exchange.stream);
  const primary = exchange.decision?.order[0];
  const provider = primary?.provider.name ?? attempt.provider;
  const model = primary?.model ?? attempt.model;
  const asked = askedModel(exchange);
  let byKey = constants.get(type);
  if (byKey === undefined || byKey.size > MAX_CONSTANTS) {
    byKey = new Map();
    constants.set(type, byKey);
  }
  const known = byKey.get(attempt.keyId);
  if (known !== undefined && isSame(known, asked, attempt, provider, model)) return known;
  const { provider: name, model: wire, keyId, keyName, fallbackIndex } = attempt;
  const made = makeConstant(
    type,
    asked,
    { provider: name, model: wire, keyId, keyName, fallbackIndex } as Attempt,
    provider,
    model,
  );
  byKey.set(attempt.keyId, made);
  return made;
}

/** The JSON object for `extra_fields`, as text. */
export function extraFields(exchange: Exchange, attempt: Attempt): string {
  const constant = constantOf(exchange, attempt);
  const now = exchange.elapsed();
  const { losses } = exchange;
  const dropped = losses.length === 0 ? "" : `,"dropped_params":${JSON.stringify(losses.map((loss) => loss.field))}`;
  const converted = exchange.convertedType === null ? "" : `,"converted_request_type":"${exchange.convertedType}"`;
  return `${constant.jsonHead}${Math.round(now)},"upstream_latency":${Math.round(now - attempt.startedAt)},"chunk_index":${exchange.chunks}${dropped}${converted}${constant.jsonTail}`;
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
  const constant = constantOf(exchange, attempt);
  const latency = Math.round(exchange.elapsed() - attempt.startedAt);
  return `${requestIdLine(exchange)}${constant.headerHead}${latency}${constant.headerTail}${attemptSummary(exchange)}` as HeaderBlock;
}
