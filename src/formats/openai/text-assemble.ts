// The text of a text completion from its raw bytes, for the request log.
import { SseReader } from "../../lib/sse.ts";
import { joinStrings, looksLikeJson } from "../assemble-stream.ts";
import { decodeTextResponse } from "./text-response.ts";
import { textStreamDecoder } from "./text-stream.ts";

/** Of "text": a search looks for the first byte first, and this one is rare. */
const TEXT = Buffer.from('xt"');
const MESSAGE = Buffer.from('"message"');
const DELTAS = [Buffer.from('"delta"'), Buffer.from('"role"')];
const SECOND_CHOICE = Buffer.from('"index":1');

/** Choices with a text, and no message or delta of a chat: inside content these names stand with escaped quotes. */
export function isTextAnswer(bytes: Buffer): boolean {
  if (!bytes.includes(TEXT) || !bytes.includes('"text"')) return false;
  return looksLikeJson(bytes) ? !bytes.includes(MESSAGE) : !DELTAS.some((name) => bytes.includes(name));
}

/** The first choice of a whole answer. */
function wholeChoice(bytes: Buffer): string {
  try {
    const [first] = decodeTextResponse(JSON.parse(bytes.toString("utf8")), "").choices;
    return (first?.content ?? []).map((part) => (part.type === "text" ? part.text : "")).join("");
  } catch {
    return "";
  }
}

/** The first choice of a stream with several, as far as it goes. */
function firstChoice(bytes: Buffer): string {
  const decoder = textStreamDecoder("");
  const reader = new SseReader();
  let text = "";
  try {
    for (const { name, data } of [...reader.push(bytes), ...reader.finish()])
      for (const event of decoder.push(name, data))
        if (event.type === "text-delta" && event.choice === 0) text += event.text;
  } catch {
    // An error event, or the last event cut in the middle.
  }
  return text;
}

/** Never throws; empty where nothing can be read. */
export function assembleTextAnswer(bytes: Buffer): string {
  if (looksLikeJson(bytes)) return wholeChoice(bytes);
  return bytes.includes(SECOND_CHOICE) ? firstChoice(bytes) : joinStrings(bytes, "text");
}
