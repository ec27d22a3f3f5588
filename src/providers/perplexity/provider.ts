// Perplexity: OpenAI's form without a version in its path; searches the web, has no tools and no list of models.
import { MAX_TOKENS_ONLY, openaiLike } from "../kit/openai-like.ts";

export const perplexity = openaiLike({
  name: "perplexity",
  label: "Perplexity",
  baseUrl: "https://api.perplexity.ai",
  environment: ["PERPLEXITY_API_KEY", "PPLX_API_KEY"],
  operations: ["chat"],
  paths: { chat: "/chat/completions" },
  // Every chunk brings the usage so far.
  takesStreamOptions: false,
  renames: () => MAX_TOKENS_ONLY,
  refuses: ["tools", "tool_choice", "parallel_tool_calls", "logit_bias", "logprobs", "top_logprobs", "seed", "n"],
});
