// Nebius Token Factory: OpenAI's form, served by vLLM.
import { openaiLike } from "../kit/openai-like.ts";

export const nebius = openaiLike({
  name: "nebius",
  label: "Nebius Token Factory",
  baseUrl: "https://api.tokenfactory.nebius.com",
  environment: ["NEBIUS_API_KEY"],
  operations: ["chat", "completions", "embeddings", "models"],
});
