// The text of an Anthropic answer from its raw bytes, for the request log.
import { streamedCalls, wholeText } from "../assemble.ts";
import { joinStrings, looksLikeJson } from "../assemble-stream.ts";
import { decodeResponse } from "./decode-response.ts";
import { streamDecoder } from "./stream-decoder.ts";

/** Never throws; empty where nothing can be read. */
export function assembleText(bytes: Buffer): string {
  if (looksLikeJson(bytes)) return wholeText(bytes, decodeResponse);
  // Only text blocks have a field of this name; thinking and arguments have their own.
  const text = joinStrings(bytes, "text");
  return text === "" ? streamedCalls(bytes, streamDecoder) : text;
}
