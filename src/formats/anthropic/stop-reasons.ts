// Why an answer ended: Anthropic's words to ours and back.
import type { StopReason } from "../../core/chat.ts";

const DECODE: Record<string, StopReason> = {
  end_turn: "stop",
  max_tokens: "length",
  // The window is full: for the reader the same as a limit that was reached.
  model_context_window_exceeded: "length",
  stop_sequence: "stop-sequence",
  tool_use: "tool-use",
  pause_turn: "pause",
  refusal: "refusal",
};

const ENCODE: Record<StopReason, string> = {
  stop: "end_turn",
  length: "max_tokens",
  "stop-sequence": "stop_sequence",
  "tool-use": "tool_use",
  pause: "pause_turn",
  refusal: "refusal",
  "content-filter": "refusal",
};

/** Ours for a stop_reason; an unknown word is a plain stop. */
export function decodeStopReason(word: string): StopReason {
  return Object.hasOwn(DECODE, word) ? (DECODE[word] as StopReason) : "stop";
}

/** Anthropic's word. `refused`: the answer holds a refusal, which OpenAI ends with a plain stop. */
export function encodeStopReason(reason: StopReason, refused: boolean): string {
  return reason === "stop" && refused ? "refusal" : ENCODE[reason];
}
