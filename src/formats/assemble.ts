// The text of an answer as the request log keeps it, from the raw bytes of a whole answer or of a stream that may be cut.
import type { Part } from "../core/chat.ts";
import type { ChatEvent } from "../core/events.ts";
import type { ChatFormat } from "../core/formats.ts";
import { SseReader } from "../lib/sse.ts";

/** Answers of tool calls alone are told by what they call. */
function callText(name: string, text: string): string {
  return `${name}(${text})`;
}

function partText(part: Part): string {
  return part.type === "text" || part.type === "refusal" ? part.text : "";
}

/** The text of a whole answer; empty where it cannot be read. */
export function wholeText(bytes: Buffer, decode: ChatFormat["decodeResponse"]): string {
  try {
    const parts = decode(JSON.parse(bytes.toString("utf8")), "").choices.flatMap((choice) => choice.content);
    const text = parts.map(partText).join("");
    if (text !== "") return text;
    return parts.map((part) => (part.type === "tool-call" ? callText(part.name, part.arguments) : "")).join("\n");
  } catch {
    return "";
  }
}

/** The tool calls of a stream, as far as it goes; for streams that bring no text. */
export function streamedCalls(bytes: Buffer, makeDecoder: ChatFormat["streamDecoder"]): string {
  const calls = new Map<string, { name: string; text: string }>();
  const take = (event: ChatEvent) => {
    if (event.type === "tool-call-start") calls.set(`${event.choice}/${event.index}`, { name: event.name, text: "" });
    else if (event.type === "tool-call-delta") {
      const call = calls.get(`${event.choice}/${event.index}`);
      if (call !== undefined) call.text += event.arguments;
    }
  };
  try {
    const decoder = makeDecoder("");
    for (const { name, data } of new SseReader().push(bytes)) decoder.push(name, data).forEach(take);
  } catch {
    // cut or broken: what came before counts
  }
  return [...calls.values()].map(({ name, text }) => callText(name, text)).join("\n");
}
