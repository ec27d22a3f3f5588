// Cerebras: OpenAI's form; penalties and biases answer with a 400.
import { openaiLike } from "../kit/openai-like.ts";

export const cerebras = openaiLike({
  name: "cerebras",
  label: "Cerebras",
  baseUrl: "https://api.cerebras.ai",
  environment: ["CEREBRAS_API_KEY"],
  operations: ["chat", "completions", "models"],
  refuses: ["frequency_penalty", "presence_penalty", "logit_bias", "prompt_cache_key", "verbosity", "store"],
});
