// The text of an OpenAI answer from its raw bytes, for the request log.
import { streamedCalls, wholeText } from "../assemble.ts";
import { joinStrings, looksLikeJson } from "../assemble-stream.ts";
import { decodeResponse } from "./decode-response.ts";
import { streamDecoder } from "./stream-decoder.ts";
import { assembleTextAnswer, isTextAnswer } from "./text-assemble.ts";

/** Never throws; empty where nothing can be read. */
export function assembleText(bytes: Buffer): string {
  if (isTextAnswer(bytes)) return assembleTextAnswer(bytes);
  if (looksLikeJson(bytes)) return wholeText(bytes, decodeResponse);
  const text = joinStrings(bytes, "content") || joinStrings(bytes, "refusal");
  return text === "" ? streamedCalls(bytes, streamDecoder) : text;
}
