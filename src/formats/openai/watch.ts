// Looks at the events of a raw OpenAI chat stream.
import type { StopReason } from "../../core/chat.ts";
import type { EventGlance, EventView, StreamWatch } from "../../core/formats.ts";
import type { ToldUsage } from "../../core/usage.ts";
import { latin1 } from "../../lib/latin1.ts";
import { errorOfJson } from "../decode-error.ts";
import { isObject, type JsonObject } from "../read.ts";
import { tellsError } from "./decode-response.ts";
import { CONTENT_FIELDS, type EventFacts, scanEvent } from "./scan-event.ts";
import { decodeStopReason } from "./stop-reasons.ts";
import { chatTextBytes } from "./text-bytes.ts";
import { usageIn } from "./usage.ts";

/**
 * A finish_reason that is not null, a usage object, an error. In content these words stand with escaped quotes
 * (`finish_reason\":`), which none of the three matches; a match too many costs a parse, no more.
 */
const NOTABLE = ['finish_reason"', '"usage"', '"error"'] as const;
const COLON = 58;
const SMALL_N = 110;

/** The first character of the value behind a name that ends at `at`; 0 where no value follows. */
function valueAt(text: string, at: number): number {
  let i = at;
  let colon = false;
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === COLON && !colon) colon = true;
    else if (code > 32) break;
  }
  return colon && i < text.length ? text.charCodeAt(i) : 0;
}

/** Whether the event holds one of the names with a value that is not null. Plain searches: a regular expression costs thrice as much. */
function holdsNotable(text: string): boolean {
  for (const name of NOTABLE) {
    for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + name.length)) {
      const value = valueAt(text, at + name.length);
      if (value !== 0 && value !== SMALL_N) return true;
    }
  }
  return false;
}

function holdsContent(choice: JsonObject): boolean {
  const delta = choice["delta"] ?? choice["message"];
  if (!isObject(delta)) return false;
  return CONTENT_FIELDS.some((field) => {
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

const NO_USAGE: Partial<ToldUsage> = {};
const OPEN = 123;
const DONE = Buffer.from("[DONE]");
const NOWHERE = { textBytes: 0, textFrom: -1, textTo: -1, usageFrom: -1, usageTo: -1 } as const;
const END: EventGlance = { type: "end", ...NOWHERE };
const INVALID: EventGlance = { type: "invalid", ...NOWHERE };

function isDone(bytes: Buffer, from: number, to: number): boolean {
  return to - from === DONE.length && bytes.compare(DONE, 0, DONE.length, from, to) === 0;
}

function glanceOf(type: EventView["type"], facts: EventFacts, stopReason: StopReason | null): EventGlance {
  const { usage, textBytes, textFrom, textTo, usageFrom, usageTo } = facts;
  if (usage === null) return { type, stopReason, textBytes, textFrom, textTo, usageFrom, usageTo };
  return {
    type,
    stopReason,
    textBytes,
    textFrom,
    textTo,
    usageFrom,
    usageTo,
    usage: usage.usage,
    report: usage.report,
  };
}

/** What a kind of stream brings where. */
interface Content {
  /** Whether a choice of an event brings content. */
  readonly holds: (choice: JsonObject) => boolean;
  readonly textBytes: StreamWatch["textBytes"];
}

const CHAT: Content = { holds: holdsContent, textBytes: chatTextBytes };

class OpenAiWatch implements StreamWatch {
  readonly textName = '"content":"';
  readonly textBytes: StreamWatch["textBytes"];
  readonly #holdsContent: Content["holds"];
  /** Content was seen: what the first chunks need to be parsed for (role only, empty choices) is over. */
  #content = false;
  #toolCalls = false;
  /** Choices whose finish was seen: nothing more can come of them. */
  #ended: Set<unknown> | null = null;

  constructor({ holds, textBytes }: Content) {
    this.#holdsContent = holds;
    this.textBytes = textBytes;
  }

  isNotable(bytes: Buffer, from: number, to: number): boolean {
    if (!this.#content || this.#ended !== null || bytes[from] !== 123 || bytes[to - 1] !== 125) return true;
    return holdsNotable(latin1(bytes, from, to));
  }

  glance(bytes: Buffer, from: number, to: number): EventGlance | null {
    if (bytes[from] !== OPEN) return isDone(bytes, from, to) ? END : null;
    const facts = this.#holdsContent === holdsContent ? scanEvent(bytes, from, to) : null;
    if (facts === null || facts.finish === "error") return null;
    if (!facts.hasChoice) return glanceOf(facts.usage === null ? "preface" : "usage", facts, null);
    if (facts.content) {
      if (this.#ended?.has(facts.index) === true) return INVALID;
      this.#content = true;
    }
    if (facts.toolCalls) this.#toolCalls = true;
    if (facts.finish === null) return glanceOf(facts.content ? "content" : "preface", facts, null);
    this.#end(facts.index);
    return glanceOf("finish", facts, decodeStopReason(facts.finish, this.#toolCalls));
  }

  #end(choice: unknown): void {
    this.#ended ??= new Set();
    this.#ended.add(choice);
  }

  view(name: string, data: string): EventView {
    if (data.trim() === "[DONE]") return { type: "end" };
    const chunk = parse(data);
    if (chunk === null) return { type: "invalid" };
    if (tellsError(chunk["error"]) || name === "error")
      return {
        type: "error",
        error: errorOfJson(chunk) ?? { message: "the provider told an error without a message" },
        ...usageIn(chunk),
      };
    const choices = Array.isArray(chunk["choices"]) ? chunk["choices"].filter(isObject) : [];
    if (choices.some((choice) => this.#holdsContent(choice))) {
      const ended = this.#ended;
      if (ended !== null && choices.some((choice) => ended.has(choice["index"]) && this.#holdsContent(choice)))
        return { type: "invalid" };
      this.#content = true;
    }
    if (choices.some((choice) => isObject(choice["delta"]) && Array.isArray(choice["delta"]["tool_calls"])))
      this.#toolCalls = true;
    return this.#classify(chunk, choices);
  }

  #classify(chunk: JsonObject, choices: readonly JsonObject[]): EventView {
    const usage: Partial<ToldUsage> = usageIn(chunk) ?? NO_USAGE;
    for (const choice of choices) {
      const word = choice["finish_reason"];
      if (typeof word !== "string") continue;
      if (word === "error")
        return {
          type: "error",
          error: errorOfJson(choice) ?? { message: "the provider ended the stream with an error" },
          ...usage,
        };
      this.#end(choice["index"]);
      return { type: "finish", stopReason: decodeStopReason(word, this.#toolCalls), ...usage };
    }
    if (choices.some((choice) => this.#holdsContent(choice))) return { type: "content", ...usage };
    return choices.length === 0 && usage.usage !== undefined
      ? { type: "usage", ...usage }
      : { type: "preface", ...usage };
  }
}

/** A new watch, for one stream of chat. */
export function watch(): StreamWatch {
  return new OpenAiWatch(CHAT);
}

/** A new watch for one stream whose choices have their content elsewhere. */
export function watchContent(content: Content): StreamWatch {
  return new OpenAiWatch(content);
}
