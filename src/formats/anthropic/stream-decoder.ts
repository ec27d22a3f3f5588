// Decodes an Anthropic stream to canonical events.
import type { ChatEvent } from "../../core/events.ts";
import { InvalidAnswerError, ProviderStreamError, type StreamDecoder } from "../../core/formats.ts";
import { errorOfJson } from "../decode-error.ts";
import { isObject, type JsonObject } from "../read.ts";
import { argumentsToText } from "../tool-arguments.ts";
import { decodeStopReason } from "./stop-reasons.ts";
import { UsageCounts } from "./usage.ts";

/** A tool call that streams: its number, and whether any of its arguments were told. */
interface CallState {
  readonly index: number;
  readonly input: unknown;
  told: boolean;
}

interface State {
  readonly issuer: string;
  readonly counts: UsageCounts;
  /** Open tool calls by the index of their block. */
  readonly calls: Map<unknown, CallState>;
  nextCall: number;
  started: boolean;
  stopped: boolean;
  done: boolean;
}

type Handler = (state: State, event: JsonObject, events: ChatEvent[]) => void;

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function inner(event: JsonObject, field: string): JsonObject {
  const value = event[field];
  if (!isObject(value)) throw new InvalidAnswerError(`a ${text(event["type"])} event has no ${field}`);
  return value;
}

/** What blocks bring at their start; the provider's own tools have no canonical form. */
const STARTS: Record<string, Handler> = {
  text: (_state, block, events) => {
    if (text(block["text"]) !== "") events.push({ type: "text-delta", choice: 0, text: text(block["text"]) });
  },
  thinking: (_state, block, events) => {
    if (text(block["thinking"]) !== "")
      events.push({ type: "thinking-delta", choice: 0, text: text(block["thinking"]) });
  },
  redacted_thinking: (state, block, events) => {
    events.push({ type: "redacted-thinking", choice: 0, data: text(block["data"]), issuer: state.issuer });
  },
};

const DELTAS: Record<string, Handler> = {
  text_delta: (_state, delta, events) => {
    if (text(delta["text"]) !== "") events.push({ type: "text-delta", choice: 0, text: text(delta["text"]) });
  },
  thinking_delta: (_state, delta, events) => {
    if (text(delta["thinking"]) !== "")
      events.push({ type: "thinking-delta", choice: 0, text: text(delta["thinking"]) });
  },
  signature_delta: (state, delta, events) => {
    events.push({ type: "thinking-signature", choice: 0, signature: text(delta["signature"]), issuer: state.issuer });
  },
};

function argumentsDelta(call: CallState | undefined, piece: string, events: ChatEvent[]): void {
  if (call === undefined || piece === "") return;
  call.told = true;
  events.push({ type: "tool-call-delta", choice: 0, index: call.index, arguments: piece });
}

const EVENTS: Record<string, Handler> = {
  message_start: (state, event, events) => {
    const message = inner(event, "message");
    state.counts.take(message["usage"]);
    state.started = true;
    const created = Math.floor(Date.now() / 1000);
    events.push({
      type: "response-start",
      id: text(message["id"]),
      model: text(message["model"]),
      created,
      ...state.counts.told,
    });
  },
  content_block_start: (state, event, events) => {
    const block = inner(event, "content_block");
    if (block["type"] === "tool_use") {
      const call: CallState = { index: state.nextCall++, input: block["input"], told: false };
      state.calls.set(event["index"], call);
      const { index } = call;
      events.push({ type: "tool-call-start", choice: 0, index, id: text(block["id"]), name: text(block["name"]) });
      return;
    }
    const type = text(block["type"]);
    if (Object.hasOwn(STARTS, type)) STARTS[type]?.(state, block, events);
  },
  content_block_delta: (state, event, events) => {
    const delta = inner(event, "delta");
    const type = text(delta["type"]);
    if (type === "input_json_delta")
      argumentsDelta(state.calls.get(event["index"]), text(delta["partial_json"]), events);
    else if (Object.hasOwn(DELTAS, type)) DELTAS[type]?.(state, delta, events);
  },
  content_block_stop: (state, event, events) => {
    const call = state.calls.get(event["index"]);
    // A call without arguments streams none; they are an object all the same.
    if (call !== undefined && !call.told) argumentsDelta(call, argumentsToText(call.input), events);
    state.calls.delete(event["index"]);
  },
  message_delta: (state, event, events) => {
    const delta = inner(event, "delta");
    const reason = delta["stop_reason"];
    const sequence = text(delta["stop_sequence"]);
    state.counts.take(event["usage"]);
    if (typeof reason === "string" && !state.stopped) {
      state.stopped = true;
      const named = sequence === "" ? {} : { stopSequence: sequence };
      events.push({ type: "choice-end", choice: 0, stopReason: decodeStopReason(reason), ...named });
    }
    events.push({ type: "usage", ...state.counts.told });
  },
  message_stop: (state, _event, events) => {
    if (!state.stopped) events.push({ type: "choice-end", choice: 0, stopReason: "stop" });
    if (!state.done) events.push({ type: "response-end" });
    state.stopped = state.done = true;
  },
};

function parseEvent(data: string): JsonObject {
  let event: unknown;
  try {
    event = JSON.parse(data);
  } catch {
    throw new InvalidAnswerError("an event of the stream is no JSON");
  }
  if (!isObject(event)) throw new InvalidAnswerError("an event of the stream is no JSON object");
  return event;
}

/** A new decoder; `issuer` names the provider type that signs thinking. */
export function streamDecoder(issuer: string): StreamDecoder {
  const state: State = {
    issuer,
    counts: new UsageCounts(),
    calls: new Map(),
    nextCall: 0,
    started: false,
    stopped: false,
    done: false,
  };
  return {
    push(name, data) {
      const event = parseEvent(data);
      const type = text(event["type"]) || name;
      if (type === "error" || name === "error")
        throw new ProviderStreamError(
          errorOfJson(event) ?? { message: "the provider broke the stream off with an error" },
        );
      const events: ChatEvent[] = [];
      if (!Object.hasOwn(EVENTS, type) || state.done) return events;
      if (!state.started && type !== "message_start")
        throw new InvalidAnswerError(`the stream begins with a ${type} event`);
      if (state.stopped && (type === "content_block_start" || type === "content_block_delta"))
        throw new InvalidAnswerError(`the stream goes on with a ${type} event after its end`);
      EVENTS[type]?.(state, event, events);
      return events;
    },
    get complete() {
      return state.done;
    },
  };
}
