// POST /v1/chat/completions and its drop-in spellings: reads the body, patches it, words errors.
import type { Endpoint } from "../../core/endpoint.ts";
import type { Exchange } from "../../core/exchange.ts";
import { openaiFormat } from "../../formats/openai/format.ts";
import { holdsMark } from "../../formats/signatures.ts";
import { JSON_TYPE } from "../../lib/json-scan.ts";
import { BodyReader, parseBody } from "../kit/body-reader.ts";
import { withoutGatewayFields } from "../kit/extra-params.ts";
import { patchBody } from "../kit/patch-body.ts";
import { encodeError, encodeStreamError } from "./error.ts";

/** Where an endpoint stands: what differs between the spellings of one operation. */
export interface Place {
  /** Answers carry `extra_fields` (the /v1 routes). */
  readonly extraFields: boolean;
  /** A drop-in route's own provider for bare models; null on /v1. */
  readonly ownProvider: string | null;
}

const reader = new BodyReader(
  [
    { name: "messages", kind: "list", required: "a list of at least one message" },
    { name: "stream", kind: "boolean" },
    { name: "stream_options", kind: "object" },
    { name: "max_tokens", kind: "positive" },
    { name: "max_completion_tokens", kind: "positive" },
    { name: "n", kind: "positive" },
    { name: "temperature", kind: "number" },
    { name: "top_p", kind: "number" },
    { name: "frequency_penalty", kind: "number" },
    { name: "presence_penalty", kind: "number" },
    { name: "tools", kind: "list" },
    { name: "stop", kind: "string or list" },
    { name: "response_format", kind: "object" },
  ],
  { array: "messages", fields: ["role"], mark: "user" },
);
const STREAM = reader.indexOf("stream");
const STREAM_OPTIONS = reader.indexOf("stream_options");

/** The two spellings that clients send, so that no parser is needed for them. */
const USAGE_WANTED: readonly Buffer[] = ['{"include_usage":true}', '{"include_usage": true}'].map((text) =>
  Buffer.from(text),
);

function wantsUsage(exchange: Exchange): boolean {
  const { scan } = reader;
  if (scan.types[STREAM_OPTIONS] !== JSON_TYPE.object) return false;
  const { bytes } = exchange.request.body;
  const from = scan.starts[STREAM_OPTIONS] as number;
  const to = scan.ends[STREAM_OPTIONS] as number;
  for (const known of USAGE_WANTED) if (to - from === known.length && known.compare(bytes, from, to) === 0) return true;
  const options = reader.value(exchange, STREAM_OPTIONS) as { include_usage?: unknown };
  return options.include_usage === true;
}

function decode(exchange: Exchange): void {
  reader.read(exchange);
  const { scan } = reader;
  exchange.stream = scan.types[STREAM] === JSON_TYPE.true;
  exchange.includeUsage = wantsUsage(exchange);
  exchange.mustTranslate = holdsMark(exchange.request.body.bytes);
  exchange.inputFrom = scan.markedStart;
  exchange.inputTo = scan.markedEnd;
}

/** The chat operation in OpenAI's dialect. */
export function chatEndpoint(place: Place): Endpoint {
  return {
    operation: "chat",
    dialect: "openai",
    format: openaiFormat,
    extraFields: place.extraFields,
    ownProvider: place.ownProvider,
    decode,
    canonical: (exchange) => openaiFormat.decodeRequest(withoutGatewayFields(exchange, parseBody(exchange))),
    patch: (exchange, patch) => patchBody(exchange, reader, patch, STREAM_OPTIONS),
    inspect: (bytes) => openaiFormat.inspect(bytes),
    encodeError,
    encodeStreamError,
  };
}
