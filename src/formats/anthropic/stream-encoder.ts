// Encodes canonical events as an Anthropic stream.

import type { StopReason } from "../../core/chat.ts";
import type { ChatEvent } from "../../core/events.ts";
import type { AnswerContext, StreamEncoder } from "../../core/formats.ts";
import { emptyUsage, type Usage } from "../../core/usage.ts";
import { markSignature } from "../signatures.ts";
import { BlockQueue } from "./block-queue.ts";
import { OWN_ISSUER } from "./decode-blocks.ts";
import { encodeStopReason } from "./stop-reasons.ts";
import { encodeUsage } from "./usage.ts";

interface State {
  readonly context: AnswerContext;
  readonly blocks: BlockQueue;
  usage: Usage;
  stopReason: StopReason;
  stopSequence: string | null;
  refused: boolean;
  started: boolean;
  done: boolean;
}

function sse(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

/** The counts so far; the input is an estimate until the provider tells it. */
function usageOf(state: State): object {
  const { usage, context } = state;
  return encodeUsage(usage.inputTokens === null ? { ...usage, inputTokens: context.inputEstimate } : usage);
}

function start(state: State, id: string): string {
  if (state.started) return "";
  state.started = true;
  const message = {
    id,
    type: "message",
    role: "assistant",
    model: state.context.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: usageOf(state),
  };
  return sse("message_start", { message });
}

const TEXT = { type: "text", text: "" };
const THINKING = { type: "thinking", thinking: "", signature: "" };

/** A signature ends its block; one that comes without any text makes a block of its own. */
function signature(state: State, text: string): string {
  const out = state.blocks.add("thinking", THINKING, { type: "signature_delta", signature: text });
  state.blocks.end("thinking");
  return out;
}

function finish(state: State): string {
  if (state.done) return "";
  state.done = true;
  const delta = {
    stop_reason: encodeStopReason(state.stopReason, state.refused),
    stop_sequence: state.stopSequence,
  };
  return (
    start(state, "") +
    state.blocks.finish() +
    sse("message_delta", { delta, usage: usageOf(state) }) +
    sse("message_stop", {})
  );
}

type Handlers = {
  readonly [Type in ChatEvent["type"]]: (state: State, event: Extract<ChatEvent, { type: Type }>) => string;
};

const HANDLERS: Handlers = {
  "response-start": (state, event) => {
    if (event.usage !== undefined) state.usage = event.usage;
    return start(state, event.id);
  },
  "text-delta": (state, event) => state.blocks.add("text", TEXT, { type: "text_delta", text: event.text }),
  "refusal-delta": (state, event) => {
    state.refused = true;
    return state.blocks.add("text", TEXT, { type: "text_delta", text: event.text });
  },
  "thinking-delta": (state, event) =>
    state.blocks.add("thinking", THINKING, { type: "thinking_delta", thinking: event.text }),
  "thinking-signature": (state, event) => signature(state, markSignature(event.signature, event.issuer, OWN_ISSUER)),
  "redacted-thinking": (state, event) =>
    state.blocks.whole({ type: "redacted_thinking", data: markSignature(event.data, event.issuer, OWN_ISSUER) }),
  "tool-call-start": (state, event) =>
    state.blocks.tool(event.index, { type: "tool_use", id: event.id, name: event.name, input: {} }),
  "tool-call-delta": (state, event) => state.blocks.toolDelta(event.index, event.arguments),
  "choice-end": (state, event) => {
    state.stopReason = event.stopReason;
    state.stopSequence = event.stopSequence ?? null;
    return state.blocks.finish();
  },
  usage: (state, event) => {
    state.usage = event.usage;
    return "";
  },
  "response-end": finish,
};

/** A new encoder. This dialect knows one choice: events of others are not told. */
export function streamEncoder(context: AnswerContext): StreamEncoder {
  const state: State = {
    context,
    blocks: new BlockQueue(),
    usage: emptyUsage(),
    stopReason: "stop",
    stopSequence: null,
    refused: false,
    started: false,
    done: false,
  };
  return {
    encode(event) {
      if ("choice" in event && event.choice !== 0) return "";
      const handle = HANDLERS[event.type] as (state: State, event: ChatEvent) => string;
      return handle(state, event);
    },
  };
}
