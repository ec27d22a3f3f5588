// Fireworks AI: OpenAI's form below /inference; models are named by account paths.
import { MAX_TOKENS_ONLY, openaiLike } from "../kit/openai-like.ts";

export const fireworks = openaiLike({
  name: "fireworks",
  label: "Fireworks AI",
  baseUrl: "https://api.fireworks.ai/inference",
  environment: ["FIREWORKS_API_KEY"],
  operations: ["chat", "completions", "embeddings", "models"],
  renames: () => MAX_TOKENS_ONLY,
});
