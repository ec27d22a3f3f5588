// Together AI: OpenAI's form; knows only max_tokens, its list of models is a bare array.
import { MAX_TOKENS_ONLY, openaiLike } from "../kit/openai-like.ts";

export const together = openaiLike({
  name: "together",
  label: "Together AI",
  baseUrl: "https://api.together.xyz",
  environment: ["TOGETHER_API_KEY", "TOGETHERAI_API_KEY"],
  operations: ["chat", "completions", "embeddings", "models"],
  renames: () => MAX_TOKENS_ONLY,
  // "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097": the window, in its own words.
  hint: (status, error) =>
    (status === 400 || status === 422) && /`?inputs`? tokens \+ `?max_new_tokens`?/i.test(error.message)
      ? "context-length"
      : undefined,
});
