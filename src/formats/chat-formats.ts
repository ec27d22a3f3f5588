// The chat formats by dialect: whoever is given a dialect finds its reader and writer here.
import type { Dialect } from "../core/chat.ts";
import type { ChatFormat } from "../core/formats.ts";
import { anthropicFormat } from "./anthropic/format.ts";
import { openaiFormat } from "./openai/format.ts";

/** A line for each; a dialect without one is not spoken yet. */
export const CHAT_FORMATS: Partial<Readonly<Record<Dialect, ChatFormat>>> = {
  openai: openaiFormat,
  anthropic: anthropicFormat,
};
