// Streams of text completions: watched, decoded to canonical events, and encoded from them.
import type { ChatEvent } from "../../core/events.ts";
import {
  type AnswerContext,
  InvalidAnswerError,
  ProviderStreamError,
  type StreamDecoder,
  type StreamEncoder,
  type StreamWatch,
} from "../../core/formats.ts";
import { emptyUsage } from "../../core/usage.ts";
import { errorOfJson } from "../decode-error.ts";
import { isObject, type JsonObject } from "../read.ts";
import { tellsError } from "./decode-response.ts";
import { decodeStopReason, encodeStopReason } from "./stop-reasons.ts";
import { type Ending, finish, sse } from "./stream-encoder.ts";
import { completionTextBytes } from "./text-bytes.ts";
import { usageIn } from "./usage.ts";
import { watchContent } from "./watch.ts";

function hasText(choice: JsonObject): boolean {
  return typeof choice["text"] === "string" && choice["text"] !== "";
}

/** A new watch, for one stream. */
export function watchText(): StreamWatch {
  return watchContent({ holds: hasText, textBytes: completionTextBytes });
}

interface Progress {
  started: boolean;
  done: boolean;
  /** Choice → whether it has ended. */
  readonly choices: Map<number, boolean>;
}

function parseChunk(name: string, data: string): JsonObject {
  let chunk: unknown;
  try {
    chunk = JSON.parse(data);
  } catch {
    throw new InvalidAnswerError("an event of the stream is no JSON");
  }
  if (!isObject(chunk)) throw new InvalidAnswerError("an event of the stream is no JSON object");
  if (tellsError(chunk["error"]) || name === "error")
    throw new ProviderStreamError(errorOfJson(chunk) ?? { message: "the provider broke the stream off with an error" });
  return chunk;
}

function start(progress: Progress, chunk: JsonObject): ChatEvent[] {
  if (progress.started) return [];
  progress.started = true;
  const { id, model, created } = chunk;
  return [
    {
      type: "response-start",
      id: typeof id === "string" ? id : "",
      model: typeof model === "string" ? model : "",
      created: typeof created === "number" ? Math.trunc(created) : 0,
    },
  ];
}

function decodeChoice(progress: Progress, value: unknown, n: number): ChatEvent[] {
  if (!isObject(value)) throw new InvalidAnswerError("a choice of the stream is no object");
  const choice = typeof value["index"] === "number" ? value["index"] : n;
  const events: ChatEvent[] = [];
  if (hasText(value)) {
    if (progress.choices.get(choice) === true)
      throw new InvalidAnswerError("the stream goes on with a choice that it has ended");
    events.push({ type: "text-delta", choice, text: value["text"] as string });
  }
  const word = value["finish_reason"];
  const ends = typeof word === "string" && progress.choices.get(choice) !== true;
  if (ends) events.push({ type: "choice-end", choice, stopReason: decodeStopReason(word, false) });
  progress.choices.set(choice, ends || progress.choices.get(choice) === true);
  return events;
}

export function textStreamDecoder(_issuer: string): StreamDecoder {
  const progress: Progress = { started: false, done: false, choices: new Map() };
  return {
    push(name, data) {
      if (data.trim() === "[DONE]") {
        if (progress.done) return [];
        progress.done = true;
        return [{ type: "response-end" }];
      }
      const chunk = parseChunk(name, data);
      const events = start(progress, chunk);
      const choices = Array.isArray(chunk["choices"]) ? chunk["choices"] : [];
      for (const [n, value] of choices.entries()) events.push(...decodeChoice(progress, value, n));
      const told = usageIn(chunk);
      if (told !== null) events.push({ type: "usage", ...told });
      return events;
    },
    get complete() {
      const ends = [...progress.choices.values()];
      return progress.done || (ends.length > 0 && ends.every((ended) => ended));
    },
  };
}

function choiceJson(index: number, text: string, reason: string | null): string {
  return JSON.stringify({ text, index, logprobs: null, finish_reason: reason });
}

function headOf(id: string, created: number, model: string): string {
  const head = { id, object: "text_completion", created, model };
  return `${JSON.stringify(head).slice(0, -1)},"choices":`;
}

/** Tells a chat's events as a stream of text; reasoning and tools have no place in it. */
export function textStreamEncoder(context: AnswerContext): StreamEncoder {
  const state: Ending = {
    context,
    head: headOf("", 0, context.model),
    usage: emptyUsage(),
    finishes: [],
    done: false,
  };
  return {
    encode(event) {
      switch (event.type) {
        case "response-start":
          state.head = headOf(event.id, event.created, context.model);
          state.usage = event.usage ?? state.usage;
          return "";
        case "text-delta":
        case "refusal-delta":
          return sse(`${state.head}[${choiceJson(event.choice, event.text, null)}]}`);
        case "choice-end":
          state.finishes.push(choiceJson(event.choice, "", encodeStopReason(event.stopReason)));
          return "";
        case "usage":
          state.usage = event.usage;
          return "";
        case "response-end":
          return finish(state);
        default:
          return "";
      }
    },
  };
}
