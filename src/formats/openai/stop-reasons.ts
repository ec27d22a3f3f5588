// Why an answer ended: OpenAI's words, and those of the providers that speak its dialect, to ours and back.
import type { StopReason } from "../../core/chat.ts";

const DECODE: Record<string, StopReason> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool-use",
  function_call: "tool-use",
  content_filter: "content-filter",
  // not OpenAI's own: mistral, vertex, bedrock and small servers behind this dialect
  model_length: "length",
  max_tokens: "length",
  tool_use: "tool-use",
  end_turn: "stop",
  eos: "stop",
  stop_sequence: "stop-sequence",
  safety: "content-filter",
  recitation: "content-filter",
  refusal: "refusal",
  // deepseek: stopped for want of capacity, so the text is cut
  insufficient_system_resource: "length",
};

const ENCODE: Record<StopReason, string> = {
  stop: "stop",
  "stop-sequence": "stop",
  pause: "stop",
  length: "length",
  "tool-use": "tool_calls",
  "content-filter": "content_filter",
  refusal: "content_filter",
};

/**
 * Ours for a finish_reason; an unknown word is a plain stop. An answer with tool calls that says `stop` (a forced
 * function, or a careless server) ended for the tools: other dialects' clients act on it.
 */
export function decodeStopReason(word: string, hasToolCalls: boolean): StopReason {
  const reason = Object.hasOwn(DECODE, word) ? (DECODE[word] as StopReason) : "stop";
  return reason === "stop" && hasToolCalls ? "tool-use" : reason;
}

export function encodeStopReason(reason: StopReason): string {
  return ENCODE[reason];
}
