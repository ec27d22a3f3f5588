// The built-in demo provider: answers without an account, and plays every fault that its models are named after.
import { openaiLike } from "../kit/openai-like.ts";

export const demo = openaiLike({
  name: "demo",
  label: "Demo (built in)",
  baseUrl: "demo:",
  environment: [],
  operations: ["chat", "completions", "embeddings", "models"],
  keyless: true,
});
