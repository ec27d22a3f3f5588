// POST /v1/embeddings and its drop-in spellings: served by the raw lane alone.
import type { Endpoint } from "../../core/endpoint.ts";
import { GatewayError } from "../../core/errors.ts";
import type { Exchange } from "../../core/exchange.ts";
import { inspectEmbeddings } from "../../formats/openai/embeddings.ts";
import { JSON_TYPE } from "../../lib/json-scan.ts";
import { BodyReader } from "../kit/body-reader.ts";
import { patchBody } from "../kit/patch-body.ts";
import type { Place } from "./chat.ts";
import { encodeError, encodeStreamError } from "./error.ts";

const reader = new BodyReader([
  { name: "input", kind: "string or list", required: "a text or a list of texts" },
  { name: "dimensions", kind: "positive" },
  { name: "encoding_format", kind: "string" },
]);
const INPUT = reader.indexOf("input");

function decode(exchange: Exchange): void {
  reader.read(exchange);
  const { scan } = reader;
  const from = scan.starts[INPUT] as number;
  const to = scan.ends[INPUT] as number;
  const isList = scan.types[INPUT] === JSON_TYPE.array;
  if (isList ? isEmptyList(exchange.request.body.bytes, from, to) : to - from === 2)
    throw new GatewayError("invalid_request", "input must not be empty", { param: "input" });
  exchange.inputFrom = from;
  exchange.inputTo = to;
}

/** Nothing but white space between the brackets. */
function isEmptyList(bytes: Buffer, from: number, to: number): boolean {
  for (let i = from + 1; i < to - 1; i++) if ((bytes[i] as number) > 32) return false;
  return true;
}

function canonical(): never {
  throw new GatewayError("unsupported_operation", "embeddings are served only by providers of the OpenAI dialect");
}

/** The embeddings operation in OpenAI's dialect. */
export function embeddingsEndpoint(place: Place): Endpoint {
  return {
    operation: "embeddings",
    dialect: "openai",
    format: null,
    extraFields: place.extraFields,
    ownProvider: place.ownProvider,
    decode,
    canonical,
    patch: (exchange, patch) => patchBody(exchange, reader, patch, -1),
    inspect: inspectEmbeddings,
    encodeError,
    encodeStreamError,
  };
}
