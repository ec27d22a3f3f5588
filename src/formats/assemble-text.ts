// Puts the readable text of an answer together for the record: from whole JSON or from the bytes of a stream.

import type { ChatResponse, Dialect, Part } from "../core/chat.ts";
import type { ChatEvent } from "../core/events.ts";
import type { ChatFormat } from "../core/formats.ts";
import { SseReader } from "../lib/sse.ts";
import { assembleText as anthropicText } from "./anthropic/assemble.ts";
import { anthropicFormat } from "./anthropic/format.ts";
import { assembleText as openaiText } from "./openai/assemble.ts";
import { openaiFormat } from "./openai/format.ts";
import { plainText } from "./openai/plain-text.ts";
import { assembleTextAnswer, isTextAnswer } from "./openai/text-assemble.ts";

const FORMATS: Readonly<Record<Dialect, ChatFormat>> = { openai: openaiFormat, anthropic: anthropicFormat };

/**
 * What the events of a stream hold when it makes calls ("tool_calls", "tool_use"), or answers more than once ("index":1). A search looks
 * for the first byte first: these begin with one that is rare in events, where every name begins with a quote.
 */
const CALLS: Readonly<Record<Dialect, Buffer>> = {
  openai: Buffer.from('_calls"'),
  anthropic: Buffer.from('_use"'),
};
const SECOND_CHOICE = Buffer.from('x":1');
const TEXTS: Readonly<Record<Dialect, (bytes: Buffer) => string>> = {
  openai: openaiText,
  anthropic: anthropicText,
};

/** Texts of the first choice, and the calls it makes, a line each. Throws when whole JSON is no answer of the dialect. */
export function assembleText(bytes: Buffer, dialect: Dialect, isStream: boolean): string {
  if (dialect === "openai" && !isStream) {
    const text = plainText(bytes);
    if (text !== null) return text;
  }
  if (dialect === "openai" && isTextAnswer(bytes)) return assembleTextAnswer(bytes);
  const format = FORMATS[dialect];
  // The usual stream brings text and no calls: its strings are joined without parsing each event.
  if (isStream && !bytes.includes(CALLS[dialect]) && !(dialect === "openai" && bytes.includes(SECOND_CHOICE)))
    return TEXTS[dialect](bytes);
  if (isStream) return streamText(bytes, format);
  return responseText(format.decodeResponse(JSON.parse(bytes.toString("utf8")), dialect));
}

function responseText(response: ChatResponse): string {
  const parts = response.choices[0]?.content ?? [];
  return joined(parts.map(partText));
}

function partText(part: Part): string {
  if (part.type === "text" || part.type === "refusal") return part.text;
  return part.type === "tool-call" ? `${part.name}(${part.arguments})` : "";
}

/** A stream may be cut off at its cap or broken: what was understood until then is told. */
function streamText(bytes: Buffer, format: ChatFormat): string {
  const reader = new SseReader();
  const decoder = format.streamDecoder(format.dialect);
  const pieces = new Pieces();
  try {
    for (const { name, data } of [...reader.push(bytes), ...reader.finish()])
      for (const event of decoder.push(name, data)) pieces.add(event);
  } catch {
    // An error event, or the last event cut in the middle.
  }
  return pieces.text();
}

/** The text so far and the calls by their index. */
class Pieces {
  #text = "";
  readonly #calls: string[] = [];

  add(event: ChatEvent): void {
    if (!("choice" in event) || event.choice !== 0) return;
    if (event.type === "text-delta" || event.type === "refusal-delta") this.#text += event.text;
    else if (event.type === "tool-call-start") this.#calls[event.index] = `${event.name}(`;
    else if (event.type === "tool-call-delta") this.#calls[event.index] += event.arguments;
  }

  text(): string {
    return joined([this.#text, ...this.#calls.filter((call) => call !== undefined).map((call) => `${call})`)]);
  }
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n");
}
