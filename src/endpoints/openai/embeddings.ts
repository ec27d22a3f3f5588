// POST /v1/embeddings and its drop-in spellings: served by the raw lane alone.
import type { Endpoint } from "../../core/endpoint.ts";
import { GatewayError } from "../../core/errors.ts";
import type { Exchange } from "../../core/exchange.ts";
import { inspectEmbeddings } from "../../formats/openai/embeddings.ts";
import { JSON_TYPE } from "../../lib/json-scan.ts";
import { BodyReader, type ModelPlace } from "../kit/body-reader.ts";
import { readUser, USER_FIELDS } from "../kit/body-user.ts";
import { type Field, isEmptyList } from "../kit/fields.ts";
import { patchBody } from "../kit/patch-body.ts";
import { encodeError, encodeStreamError } from "./error.ts";
import { type Place, readPlace } from "./place.ts";

const FIELDS: readonly Field[] = [
  { name: "input", kind: "string or list", required: "a text or a list of texts" },
  { name: "dimensions", kind: "positive" },
  { name: "encoding_format", kind: "string" },
  ...USER_FIELDS,
];
const READERS: Readonly<Record<ModelPlace, BodyReader>> = {
  body: new BodyReader(FIELDS),
  path: new BodyReader(FIELDS, undefined, "path"),
};
const INPUT = READERS.body.indexOf("input");
const SAFETY_IDENTIFIER = READERS.body.indexOf("safety_identifier");
const USER = READERS.body.indexOf("user");

function decode(exchange: Exchange, reader: BodyReader, place: Place): void {
  reader.read(exchange);
  readPlace(exchange, place);
  const { scan } = reader;
  const from = scan.starts[INPUT] as number;
  const to = scan.ends[INPUT] as number;
  const isList = scan.types[INPUT] === JSON_TYPE.array;
  if (isList ? isEmptyList(exchange.request.body.bytes, from, to) : to - from === 2)
    throw new GatewayError("invalid_request", "input must not be empty", { param: "input" });
  // the answer has no tokens
  exchange.maxTokens = 0;
  readUser(exchange, reader, SAFETY_IDENTIFIER, USER);
  exchange.inputFrom = from;
  exchange.inputTo = to;
}

function canonical(): never {
  throw new GatewayError("unsupported_operation", "embeddings are served only by providers of the OpenAI dialect");
}

/** The embeddings operation in OpenAI's dialect. */
export function embeddingsEndpoint(place: Place): Endpoint {
  const reader = READERS[place.model ?? "body"];
  return {
    operation: "embeddings",
    dialect: "openai",
    format: null,
    extraFields: place.extraFields,
    ownProvider: place.ownProvider,
    decode: (exchange) => decode(exchange, reader, place),
    canonical,
    patch: (exchange, patch) => patchBody(exchange, reader, patch, -1),
    inspect: inspectEmbeddings,
    encodeError,
    encodeStreamError,
  };
}
