// Decodes an OpenAI chat stream to canonical events.
import type { ChatEvent } from "../../core/events.ts";
import { InvalidAnswerError, ProviderStreamError, type StreamDecoder } from "../../core/formats.ts";
import { errorOfJson } from "../decode-error.ts";
import { isObject, type JsonObject } from "../read.ts";
import { decodeContent, tellsError } from "./decode-response.ts";
import { decodeStopReason } from "./stop-reasons.ts";
import { ToolCallDeltas } from "./tool-call-deltas.ts";
import { usageIn } from "./usage.ts";

/** What is known of one choice while it streams. */
interface ChoiceState {
  readonly calls: ToolCallDeltas;
  /** Thinking was told and its block is not ended. */
  thinking: boolean;
  /** The open block as the plain text told it: a detail may say it once more, beside the signature. */
  plain: string;
  ended: boolean;
}

interface State {
  readonly issuer: string;
  readonly choices: Map<number, ChoiceState>;
  started: boolean;
  done: boolean;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function stateOf(state: State, choice: number): ChoiceState {
  let known = state.choices.get(choice);
  if (known === undefined) {
    known = { calls: new ToolCallDeltas(choice), thinking: false, plain: "", ended: false };
    state.choices.set(choice, known);
  }
  return known;
}

/** Ends an open thinking block; one without a signature tells at least its issuer. */
function endThinking(state: State, choice: number, events: ChatEvent[], signature = ""): void {
  const known = stateOf(state, choice);
  if (known.thinking || signature !== "")
    events.push({ type: "thinking-signature", choice, signature, issuer: state.issuer });
  known.thinking = false;
  known.plain = "";
}

function thinkingDelta(state: State, choice: number, piece: string, events: ChatEvent[]): void {
  if (piece === "") return;
  stateOf(state, choice).thinking = true;
  events.push({ type: "thinking-delta", choice, text: piece });
}

function detailDeltas(state: State, choice: number, details: readonly unknown[], events: ChatEvent[]): void {
  for (const detail of details) {
    if (!isObject(detail)) continue;
    if (detail["type"] === "reasoning.encrypted") {
      endThinking(state, choice, events);
      events.push({ type: "redacted-thinking", choice, data: text(detail["data"]), issuer: state.issuer });
      continue;
    }
    const piece = text(detail["text"]) + text(detail["summary"]);
    if (piece !== stateOf(state, choice).plain) thinkingDelta(state, choice, piece, events);
    if (text(detail["signature"]) !== "") endThinking(state, choice, events, text(detail["signature"]));
  }
}

type Handler = (state: State, choice: number, delta: JsonObject, events: ChatEvent[]) => void;

/** The jobs of one delta, in the order in which its fields follow each other in an answer. */
const HANDLERS: readonly Handler[] = [
  function reasoning(state, choice, delta, events) {
    const details = delta["reasoning_details"];
    // The plain text beside details says the same again.
    if (Array.isArray(details) && details.length > 0) return detailDeltas(state, choice, details, events);
    const piece = text(delta["reasoning_content"]) || text(delta["reasoning"]);
    stateOf(state, choice).plain += piece;
    thinkingDelta(state, choice, piece, events);
  },
  function content(state, choice, delta, events) {
    for (const part of decodeContent(delta["content"], state.issuer)) {
      if (part.type === "thinking") thinkingDelta(state, choice, part.text, events);
      if (part.type !== "text") continue;
      endThinking(state, choice, events);
      events.push({ type: "text-delta", choice, text: part.text });
    }
  },
  function refusal(state, choice, delta, events) {
    if (text(delta["refusal"]) === "") return;
    endThinking(state, choice, events);
    events.push({ type: "refusal-delta", choice, text: text(delta["refusal"]) });
  },
  function toolCalls(state, choice, delta, events) {
    const legacy = delta["function_call"];
    const calls = isObject(legacy) ? [{ index: 0, function: legacy }] : delta["tool_calls"];
    if (!Array.isArray(calls) || calls.length === 0) return;
    endThinking(state, choice, events);
    for (const call of calls) if (isObject(call)) stateOf(state, choice).calls.push(call, events);
  },
];

function endChoice(state: State, choice: number, value: JsonObject, events: ChatEvent[]): void {
  const word = value["finish_reason"];
  const known = stateOf(state, choice);
  if (typeof word !== "string" || known.ended) return;
  if (word === "error")
    throw new ProviderStreamError(errorOfJson(value) ?? { message: "the provider ended the stream with an error" });
  endThinking(state, choice, events);
  known.calls.finish(events);
  known.ended = true;
  events.push({ type: "choice-end", choice, stopReason: decodeStopReason(word, known.calls.count > 0) });
}

function start(state: State, chunk: JsonObject, events: ChatEvent[]): void {
  if (state.started) return;
  state.started = true;
  const created = typeof chunk["created"] === "number" ? Math.trunc(chunk["created"]) : 0;
  events.push({ type: "response-start", id: text(chunk["id"]), model: text(chunk["model"]), created });
}

function parseChunk(data: string): JsonObject {
  let chunk: unknown;
  try {
    chunk = JSON.parse(data);
  } catch {
    throw new InvalidAnswerError("an event of the stream is no JSON");
  }
  if (!isObject(chunk)) throw new InvalidAnswerError("an event of the stream is no JSON object");
  return chunk;
}

function decodeChunk(state: State, chunk: JsonObject, events: ChatEvent[]): void {
  const choices = Array.isArray(chunk["choices"]) ? (chunk["choices"] as unknown[]) : [];
  // Azure's first chunk has no choices and no id yet.
  if (choices.length > 0) start(state, chunk, events);
  for (const [n, value] of choices.entries()) {
    if (!isObject(value)) throw new InvalidAnswerError("a choice of the stream is no object");
    const choice = typeof value["index"] === "number" ? value["index"] : n;
    // A whole answer sent as one event has a message where a delta belongs.
    const delta = value["delta"] ?? value["message"];
    const before = events.length;
    if (isObject(delta)) for (const handle of HANDLERS) handle(state, choice, delta, events);
    if (stateOf(state, choice).ended && events.length > before)
      throw new InvalidAnswerError("the stream goes on with a choice that it has ended");
    endChoice(state, choice, value, events);
  }
  const told = usageIn(chunk);
  if (told === null) return;
  start(state, chunk, events);
  events.push({ type: "usage", ...told });
}

/** A new decoder; `issuer` names the provider type that signs reasoning. */
export function streamDecoder(issuer: string): StreamDecoder {
  const state: State = { issuer, choices: new Map(), started: false, done: false };
  return {
    push(name, data) {
      const events: ChatEvent[] = [];
      if (data.trim() === "[DONE]") {
        if (!state.done) events.push({ type: "response-end" });
        state.done = true;
        return events;
      }
      const chunk = parseChunk(data);
      if (tellsError(chunk["error"]) || name === "error")
        throw new ProviderStreamError(
          errorOfJson(chunk) ?? { message: "the provider broke the stream off with an error" },
        );
      decodeChunk(state, chunk, events);
      return events;
    },
    get complete() {
      const choices = [...state.choices.values()];
      return state.done || (choices.length > 0 && choices.every((choice) => choice.ended));
    },
  };
}
