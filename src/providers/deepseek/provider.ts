// DeepSeek: OpenAI's form without a version in its paths; knows only max_tokens.
import { MAX_TOKENS_ONLY, openaiLike } from "../kit/openai-like.ts";

export const deepseek = openaiLike({
  name: "deepseek",
  label: "DeepSeek",
  baseUrl: "https://api.deepseek.com",
  environment: ["DEEPSEEK_API_KEY"],
  operations: ["chat", "completions", "models"],
  // Text completions (fill in the middle) are a beta of theirs, below a path of its own.
  paths: { chat: "/chat/completions", completions: "/beta/completions", models: "/models" },
  renames: () => MAX_TOKENS_ONLY,
  hint: (status, error) => (status === 400 && error.message === "Content Exists Risk" ? "content-policy" : undefined),
});
