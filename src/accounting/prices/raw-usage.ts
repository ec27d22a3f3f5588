// Raw usage by the wire that an answer came by, and from the counts that the corridor already has.
import type { RawUsage, Usage } from "../../core/usage.ts";
import { decodeMessagesUsage } from "./decode-anthropic.ts";
import { type BedrockFacts, decodeConverseUsage } from "./decode-bedrock.ts";
import { decodeCohereUsage } from "./decode-cohere.ts";
import { decodeGeminiUsage, type GeminiFacts } from "./decode-gemini.ts";
import { type AnswerFacts, decodeChatUsage, decodeResponsesUsage } from "./decode-openai.ts";
import { Report } from "./report.ts";

/** Wires whose answers carry a usage object of their own form. */
export type UsageWire = "openai" | "openai-responses" | "anthropic" | "gemini" | "bedrock" | "cohere";

/** What of an answer, besides its usage object, decides on the price; each wire reads its own. */
export type UsageFacts = AnswerFacts & GeminiFacts & BedrockFacts;

type Decode = (usage: unknown, facts: UsageFacts) => RawUsage;

const DECODERS: Readonly<Record<UsageWire, Decode>> = {
  openai: decodeChatUsage,
  "openai-responses": decodeResponsesUsage,
  anthropic: decodeMessagesUsage,
  gemini: decodeGeminiUsage,
  bedrock: decodeConverseUsage,
  cohere: decodeCohereUsage,
};

/** Reads the usage object of an answer. What is no count is left out and named in `refused`. */
export function decodeRawUsage(wire: UsageWire, usage: unknown, facts: UsageFacts = {}): RawUsage {
  return DECODERS[wire](usage, facts);
}

/** The counts that every record has, for answers whose own report was not kept. Written tokens are kept five minutes. */
export function rawUsageOf(usage: Usage): RawUsage {
  const report = new Report();
  const input = usage.inputTokens ?? 0;
  const cached = Math.min(usage.cachedTokens ?? 0, input);
  const written = Math.min(usage.cacheWriteTokens ?? 0, input - cached);
  const output = usage.outputTokens ?? 0;
  const reasoning = Math.min(usage.reasoningTokens ?? 0, output);
  report.add("input", input - cached - written);
  report.add("cached_input", cached);
  report.add("cache_write_5m", written);
  report.add("output", output - reasoning);
  report.add("reasoning", reasoning);
  return report.usage;
}
