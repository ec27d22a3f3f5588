// The Anthropic dialect's chat, both directions.
import type { ChatFormat } from "../../core/formats.ts";
import { decodeError } from "../decode-error.ts";
import { decodeRequest } from "./decode-request.ts";
import { decodeResponse } from "./decode-response.ts";
import { encodeRequest } from "./encode-request.ts";
import { encodeResponse } from "./encode-response.ts";
import { inspect } from "./inspect.ts";
import { streamDecoder } from "./stream-decoder.ts";
import { streamEncoder } from "./stream-encoder.ts";
import { findUsage } from "./usage.ts";
import { watch } from "./watch.ts";

/** `/v1/messages` and all providers that speak it. */
export const anthropicFormat: ChatFormat = {
  dialect: "anthropic",
  decodeRequest,
  encodeRequest,
  decodeResponse,
  encodeResponse,
  streamDecoder,
  streamEncoder,
  watch,
  findUsage,
  inspect,
  decodeError,
};
