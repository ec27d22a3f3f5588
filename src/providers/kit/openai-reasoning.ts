// What OpenAI's reasoning models take differently from the rest; shared by the providers that serve them.
import type { Loss } from "../../core/chat.ts";
import { dropFields } from "./openai-like.ts";

/** Models that reason: o1, o3-mini, gpt-5 and what follows, with or without a fine-tune's `ft:` before. */
const REASONS = /^(ft:)?(o\d|gpt-([5-9]|\d\d)|codex-mini|computer-use)/;
/** Members of those families that only chat, and take every sampling parameter. */
const ONLY_CHATS = /-chat(-|$)/;
const SAMPLING = ["top_p", "presence_penalty", "frequency_penalty", "logprobs", "top_logprobs", "logit_bias"];
const NO_RENAMES: readonly (readonly [string, string])[] = [];
const NEW_LIMIT: readonly (readonly [string, string])[] = [["max_tokens", "max_completion_tokens"]];

/** The fields to rename in a body for this model: the reasoning families refuse `max_tokens`. */
export function reasoningRenames(model: string): readonly (readonly [string, string])[] {
  return REASONS.test(model) ? NEW_LIMIT : NO_RENAMES;
}

/** Takes the sampling parameters out that a reasoning model answers with a 400, unless reasoning is switched off. */
export function adjustForReasoning(body: Record<string, unknown>, model: string): Loss[] {
  if (!REASONS.test(model) || ONLY_CHATS.test(model) || body["reasoning_effort"] === "none") return [];
  const isDefault = body["temperature"] === undefined || body["temperature"] === 1;
  return dropFields(body, isDefault ? SAMPLING : [...SAMPLING, "temperature"]);
}
