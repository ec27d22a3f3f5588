// POST /v1/completions and its drop-in spellings: text completions, raw where a provider has them, else by way of its chat.
import { allowsConversion } from "../../core/conversions.ts";
import type { Endpoint } from "../../core/endpoint.ts";
import { GatewayError } from "../../core/errors.ts";
import type { Exchange } from "../../core/exchange.ts";
import { textFormat } from "../../formats/openai/text-format.ts";
import { decodeTextRequest } from "../../formats/openai/text-request.ts";
import { JSON_TYPE } from "../../lib/json-scan.ts";
import { AnswerSize } from "../kit/answer-size.ts";
import { BodyReader, type ModelPlace } from "../kit/body-reader.ts";
import { readUser, USER_FIELDS } from "../kit/body-user.ts";
import { canonicalBody } from "../kit/extra-params.ts";
import { type Field, isEmptyList } from "../kit/fields.ts";
import { patchBody } from "../kit/patch-body.ts";
import { encodeError, encodeStreamError } from "./error.ts";
import { type Place, readPlace } from "./place.ts";
import { wantsUsage } from "./wants-usage.ts";

const FIELDS: readonly Field[] = [
  { name: "prompt", kind: "string or list", required: "a text or a list of texts" },
  { name: "stream", kind: "boolean" },
  { name: "stream_options", kind: "object" },
  { name: "max_tokens", kind: "whole" },
  { name: "n", kind: "positive" },
  { name: "best_of", kind: "positive" },
  { name: "temperature", kind: "number" },
  { name: "top_p", kind: "number" },
  { name: "frequency_penalty", kind: "number" },
  { name: "presence_penalty", kind: "number" },
  { name: "suffix", kind: "string" },
  { name: "stop", kind: "string or list" },
  { name: "service_tier", kind: "string" },
  ...USER_FIELDS,
];
const READERS: Readonly<Record<ModelPlace, BodyReader>> = {
  body: new BodyReader(FIELDS),
  path: new BodyReader(FIELDS, undefined, "path"),
};
const PROMPT = READERS.body.indexOf("prompt");
const SIZE = new AnswerSize(READERS.body, ["max_tokens"], ["n", "best_of"], "service_tier");
const STREAM = READERS.body.indexOf("stream");
const STREAM_OPTIONS = READERS.body.indexOf("stream_options");
const SAFETY_IDENTIFIER = READERS.body.indexOf("safety_identifier");
const USER = READERS.body.indexOf("user");

function decode(exchange: Exchange, reader: BodyReader, place: Place): void {
  reader.read(exchange);
  readPlace(exchange, place);
  const { scan } = reader;
  const from = scan.starts[PROMPT] as number;
  const to = scan.ends[PROMPT] as number;
  if (scan.types[PROMPT] === JSON_TYPE.array && isEmptyList(exchange.request.body.bytes, from, to))
    throw new GatewayError("invalid_request", "prompt must not be an empty list", { param: "prompt" });
  exchange.stream = scan.types[STREAM] === JSON_TYPE.true;
  SIZE.read(exchange, reader);
  if (scan.types[PROMPT] === JSON_TYPE.array) exchange.n *= promptCount(reader.value(exchange, PROMPT));
  exchange.includeUsage = wantsUsage(exchange, reader, STREAM_OPTIONS);
  readUser(exchange, reader, SAFETY_IDENTIFIER, USER);
  exchange.inputFrom = from;
  exchange.inputTo = to;
  const configured = exchange.snapshot.settings.convertTextToChat === true;
  exchange.options.convertText = allowsConversion(exchange.request.headers, "convert_text_to_chat", configured);
}

/** Each text, or list of tokens, of a list is answered; a list of tokens is one prompt. */
function promptCount(prompt: unknown): number {
  if (!Array.isArray(prompt) || typeof prompt[0] === "number") return 1;
  return Math.max(1, prompt.length);
}

/** Text completions in OpenAI's dialect. */
export function completionsEndpoint(place: Place): Endpoint {
  const reader = READERS[place.model ?? "body"];
  return {
    operation: "completions",
    dialect: "openai",
    format: textFormat,
    extraFields: place.extraFields,
    ownProvider: place.ownProvider,
    decode: (exchange) => decode(exchange, reader, place),
    canonical: (exchange) => decodeTextRequest(canonicalBody(exchange)),
    patch: (exchange, patch) => patchBody(exchange, reader, patch, STREAM_OPTIONS),
    inspect: (bytes) => textFormat.inspect(bytes),
    encodeError,
    encodeStreamError,
  };
}
