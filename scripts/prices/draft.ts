// What the build of the price catalogue works on: a model's prices as one source has them.
import type { PricePeriod, Rates } from "../../src/core/price.ts";

export interface Draft {
  readonly periods: readonly PricePeriod[];
  readonly uplift: Readonly<Record<string, number>> | null;
  readonly maxInputTokens: number | null;
  readonly maxOutputTokens: number | null;
}

/** Provider as we call it → model → draft. */
export type Drafts = Map<string, Map<string, Draft>>;

/** Adapters whose prices the catalogue holds, those to come included. */
export const PROVIDERS: readonly string[] = [
  "openai",
  "azure",
  "anthropic",
  "gemini",
  "vertex",
  "bedrock",
  "bedrock_mantle",
  "mistral",
  "cohere",
  "groq",
  "cerebras",
  "deepseek",
  "xai",
  "perplexity",
  "openrouter",
  "fireworks",
  "together",
  "nebius",
  "nvidia",
  "moonshot",
  "qwen",
  "glm",
  "minimax",
  "volcengine",
  "sarvam",
  "opencode-go",
  "elevenlabs",
  "replicate",
  "runway",
  "demo",
];

export const always = (rates: Rates): PricePeriod => ({ from: null, to: null, windows: null, rates });

export function put(drafts: Drafts, provider: string, model: string, draft: Draft): void {
  let models = drafts.get(provider);
  if (models === undefined) drafts.set(provider, (models = new Map()));
  models.set(model, draft);
}
