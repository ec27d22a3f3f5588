// OpenAI: the dialect's own provider; only its reasoning models differ from the rest.
import { openaiLike } from "../kit/openai-like.ts";
import { adjustForReasoning, reasoningRenames } from "../kit/openai-reasoning.ts";

/** The models that complete text, and what was tuned from them. */
const COMPLETES_TEXT = /^(ft:)?(gpt-3\.5-turbo-instruct|davinci-002|babbage-002)/;

export const openai = openaiLike({
  name: "openai",
  label: "OpenAI",
  baseUrl: "https://api.openai.com",
  environment: ["OPENAI_API_KEY", "OPENAI_KEY"],
  operations: ["chat", "completions", "embeddings", "models"],
  isChatOnly: (model) => !COMPLETES_TEXT.test(model),
  renames: reasoningRenames,
  adjust: adjustForReasoning,
});
