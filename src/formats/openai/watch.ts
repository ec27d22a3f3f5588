// Looks at the events of a raw OpenAI chat stream.
import type { EventView, StreamWatch } from "../../core/formats.ts";
import { errorOfJson } from "../decode-error.ts";
import { isObject, type JsonObject } from "../read.ts";
import { tellsError } from "./decode-response.ts";
import { decodeStopReason } from "./stop-reasons.ts";
import { decodeUsage } from "./usage.ts";

/**
 * A finish_reason that is not null, a usage object, an error. In content these words stand with escaped quotes
 * (`finish_reason\":`), which none of the three matches; a match too many costs a parse, no more.
 */
const NOTABLE = /finish_reason"\s*:\s*[^n\s]|"usage"\s*:\s*\{|"error"\s*:\s*[^n\s]/;

/** Fields of a delta that are content when they are there and not empty. */
const CONTENT = [
  "content",
  "tool_calls",
  "reasoning_content",
  "reasoning",
  "reasoning_details",
  "refusal",
  "function_call",
  "audio",
];

function holdsContent(choice: JsonObject): boolean {
  const delta = choice["delta"] ?? choice["message"];
  if (!isObject(delta)) return false;
  return CONTENT.some((field) => {
    const value = delta[field];
    return value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
  });
}

function parse(data: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(data);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function usageOf(chunk: JsonObject): { usage?: EventView["usage"] & object } {
  const usage = chunk["usage"] ?? (isObject(chunk["x_groq"]) ? chunk["x_groq"]["usage"] : undefined);
  return isObject(usage) ? { usage: decodeUsage(usage) } : {};
}

class OpenAiWatch implements StreamWatch {
  /** Content was seen: what the first chunks need to be parsed for (role only, empty choices) is over. */
  #content = false;
  #toolCalls = false;
  /** Choices whose finish was seen: nothing more can come of them. */
  readonly #ended = new Set<unknown>();

  isNotable(bytes: Buffer, from: number, to: number): boolean {
    if (!this.#content || this.#ended.size > 0 || bytes[from] !== 123 || bytes[to - 1] !== 125) return true;
    return NOTABLE.test(bytes.toString("latin1", from, to));
  }

  view(name: string, data: string): EventView {
    if (data.trim() === "[DONE]") return { type: "end" };
    const chunk = parse(data);
    if (chunk === null) return { type: "invalid" };
    if (tellsError(chunk["error"]) || name === "error")
      return {
        type: "error",
        error: errorOfJson(chunk) ?? { message: "the provider told an error without a message" },
      };
    const choices = Array.isArray(chunk["choices"]) ? chunk["choices"].filter(isObject) : [];
    if (choices.some((choice) => holdsContent(choice))) {
      if (choices.some((choice) => this.#ended.has(choice["index"]) && holdsContent(choice)))
        return { type: "invalid" };
      this.#content = true;
    }
    if (choices.some((choice) => isObject(choice["delta"]) && Array.isArray(choice["delta"]["tool_calls"])))
      this.#toolCalls = true;
    return this.#classify(chunk, choices);
  }

  #classify(chunk: JsonObject, choices: readonly JsonObject[]): EventView {
    const usage = usageOf(chunk);
    for (const choice of choices) {
      const word = choice["finish_reason"];
      if (typeof word !== "string") continue;
      if (word === "error")
        return {
          type: "error",
          error: errorOfJson(choice) ?? { message: "the provider ended the stream with an error" },
        };
      this.#ended.add(choice["index"]);
      return { type: "finish", stopReason: decodeStopReason(word, this.#toolCalls), ...usage };
    }
    if (choices.some((choice) => holdsContent(choice))) return { type: "content", ...usage };
    return choices.length === 0 && usage.usage !== undefined
      ? { type: "usage", ...usage }
      : { type: "preface", ...usage };
  }
}

/** A new watch, for one stream. */
export function watch(): StreamWatch {
  return new OpenAiWatch();
}
