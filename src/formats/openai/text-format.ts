// The answers of OpenAI's legacy text completions, both directions.
import type { AnswerFormat } from "../../core/formats.ts";
import { decodeError } from "../decode-error.ts";
import { decodeTextResponse, encodeTextResponse, inspectText } from "./text-response.ts";
import { textStreamDecoder, textStreamEncoder, watchText } from "./text-stream.ts";
import { findUsage } from "./usage.ts";

/** `/v1/completions` and all providers that have it. */
export const textFormat: AnswerFormat = {
  dialect: "openai",
  decodeResponse: decodeTextResponse,
  encodeResponse: encodeTextResponse,
  streamDecoder: textStreamDecoder,
  streamEncoder: textStreamEncoder,
  watch: watchText,
  findUsage,
  inspect: inspectText,
  decodeError,
};
