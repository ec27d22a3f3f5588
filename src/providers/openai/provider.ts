// OpenAI: the dialect's own provider; only its reasoning models differ from the rest.
import { openaiLike } from "../kit/openai-like.ts";
import { adjustForReasoning, reasoningRenames } from "../kit/openai-reasoning.ts";

export const openai = openaiLike({
  name: "openai",
  label: "OpenAI",
  baseUrl: "https://api.openai.com",
  environment: ["OPENAI_API_KEY", "OPENAI_KEY"],
  operations: ["chat", "embeddings", "models"],
  renames: reasoningRenames,
  adjust: adjustForReasoning,
});
