// POST /anthropic/v1/messages: reads the body, patches it, words errors, all in Anthropic's dialect.
import type { Endpoint } from "../../core/endpoint.ts";
import type { Exchange } from "../../core/exchange.ts";
import { anthropicFormat } from "../../formats/anthropic/format.ts";
import { holdsMark } from "../../formats/signatures.ts";
import { JSON_TYPE } from "../../lib/json-scan.ts";
import { AnswerSize } from "../kit/answer-size.ts";
import { BodyReader, parseBody } from "../kit/body-reader.ts";
import { readMetadataUser } from "../kit/body-user.ts";
import { withoutGatewayFields } from "../kit/extra-params.ts";
import { readOutline } from "../kit/outline.ts";
import { patchBody } from "../kit/patch-body.ts";
import { encodeError, encodeStreamError } from "./error.ts";

const reader = new BodyReader(
  [
    { name: "messages", kind: "list", required: "a list of at least one message" },
    { name: "max_tokens", kind: "whole", required: "the most tokens to generate, for example 1024" },
    { name: "stream", kind: "boolean" },
    { name: "system", kind: "string or list" },
    { name: "temperature", kind: "number" },
    { name: "top_p", kind: "number" },
    { name: "top_k", kind: "whole" },
    { name: "tools", kind: "list" },
    { name: "tool_choice", kind: "object" },
    { name: "stop_sequences", kind: "list" },
    { name: "metadata", kind: "object" },
    { name: "thinking", kind: "object" },
    { name: "service_tier", kind: "string" },
  ],
  { array: "messages", fields: ["role", "content"], mark: "user" },
);
const SIZE = new AnswerSize(reader, ["max_tokens"], [], "service_tier");
const STREAM = reader.indexOf("stream");
const METADATA = reader.indexOf("metadata");

function decode(exchange: Exchange): void {
  reader.read(exchange);
  const { scan } = reader;
  exchange.stream = scan.types[STREAM] === JSON_TYPE.true;
  SIZE.read(exchange, reader);
  // Anthropic's streams always tell their usage.
  exchange.includeUsage = exchange.stream;
  exchange.mustTranslate = holdsMark(exchange.request.body.bytes);
  readMetadataUser(exchange, reader, METADATA);
  readOutline(exchange, scan);
  exchange.inputFrom = scan.markedStart;
  exchange.inputTo = scan.markedEnd;
}

/** The chat operation in Anthropic's dialect; always a drop-in route. */
export function messagesEndpoint(): Endpoint {
  return {
    operation: "chat",
    dialect: "anthropic",
    format: anthropicFormat,
    extraFields: false,
    ownProvider: "anthropic",
    decode,
    canonical: (exchange) => anthropicFormat.decodeRequest(withoutGatewayFields(exchange, parseBody(exchange))),
    patch: (exchange, patch) => patchBody(exchange, reader, patch, -1),
    inspect: (bytes) => anthropicFormat.inspect(bytes),
    encodeError,
    encodeStreamError,
  };
}
