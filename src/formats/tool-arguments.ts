// The arguments of a tool call between JSON text (OpenAI, canonical) and a JSON object (Anthropic).
import { isObject, type JsonObject } from "./read.ts";

/**
 * Where the text of arguments that are no JSON object is kept when a dialect demands one: half a call of a cut stream,
 * or a list. Nothing is lost, the model sees what it wrote, and on the way back it becomes the text again.
 */
const UNPARSED = "_unparsed_arguments";

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The object for arguments in text; no text at all is an empty object. */
export function argumentsToObject(text: string): JsonObject {
  if (text.trim() === "") return {};
  return parseObject(text) ?? { [UNPARSED]: text };
}

/** The text for arguments as an object, or as whatever stands in its place. */
export function argumentsToText(input: unknown): string {
  if (typeof input === "string") return input;
  if (isObject(input)) {
    const kept = input[UNPARSED];
    if (typeof kept === "string" && Object.keys(input).length === 1 && parseObject(kept) === undefined) return kept;
  }
  return JSON.stringify(input ?? {});
}
