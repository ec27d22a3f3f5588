// POST /v1/chat/completions and its drop-in spellings: reads the body, patches it, words errors.
import type { Endpoint } from "../../core/endpoint.ts";
import type { Exchange } from "../../core/exchange.ts";
import { openaiFormat } from "../../formats/openai/format.ts";
import { holdsMark } from "../../formats/signatures.ts";
import { JSON_TYPE } from "../../lib/json-scan.ts";
import { AnswerSize } from "../kit/answer-size.ts";
import { BodyReader, type ModelPlace } from "../kit/body-reader.ts";
import { readUser, USER_FIELDS } from "../kit/body-user.ts";
import { canonicalBody } from "../kit/extra-params.ts";
import type { Field } from "../kit/fields.ts";
import { readOutline } from "../kit/outline.ts";
import { patchBody } from "../kit/patch-body.ts";
import { encodeError, encodeStreamError } from "./error.ts";
import { type Place, readPlace } from "./place.ts";
import { wantsUsage } from "./wants-usage.ts";

const FIELDS: readonly Field[] = [
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
  { name: "service_tier", kind: "string" },
  ...USER_FIELDS,
];
const MESSAGES = { array: "messages", fields: ["role", "content"], mark: "user" };
const READERS: Readonly<Record<ModelPlace, BodyReader>> = {
  body: new BodyReader(FIELDS, MESSAGES),
  path: new BodyReader(FIELDS, MESSAGES, "path"),
};
const SIZE = new AnswerSize(READERS.body, ["max_tokens", "max_completion_tokens"], ["n"], "service_tier");
const STREAM = READERS.body.indexOf("stream");
const STREAM_OPTIONS = READERS.body.indexOf("stream_options");
const SAFETY_IDENTIFIER = READERS.body.indexOf("safety_identifier");
const USER = READERS.body.indexOf("user");

function decode(exchange: Exchange, reader: BodyReader, place: Place): void {
  reader.read(exchange);
  readPlace(exchange, place);
  const { scan } = reader;
  exchange.stream = scan.types[STREAM] === JSON_TYPE.true;
  SIZE.read(exchange, reader);
  exchange.includeUsage = wantsUsage(exchange, reader, STREAM_OPTIONS);
  exchange.mustTranslate = holdsMark(exchange.request.body.bytes);
  readUser(exchange, reader, SAFETY_IDENTIFIER, USER);
  readOutline(exchange, scan);
  exchange.inputFrom = scan.markedStart;
  exchange.inputTo = scan.markedEnd;
}

/** The chat operation in OpenAI's dialect. */
export function chatEndpoint(place: Place): Endpoint {
  const reader = READERS[place.model ?? "body"];
  return {
    operation: "chat",
    dialect: "openai",
    format: openaiFormat,
    extraFields: place.extraFields,
    ownProvider: place.ownProvider,
    decode: (exchange) => decode(exchange, reader, place),
    canonical: (exchange) => openaiFormat.decodeRequest(canonicalBody(exchange)),
    patch: (exchange, patch) => patchBody(exchange, reader, patch, STREAM_OPTIONS),
    inspect: (bytes) => openaiFormat.inspect(bytes),
    encodeError,
    encodeStreamError,
  };
}
