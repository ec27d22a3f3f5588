// vLLM: OpenAI's form at an address of one's own.
import { openaiLike } from "../kit/openai-like.ts";

export const vllm = openaiLike({
  name: "vllm",
  label: "vLLM",
  baseUrl: null,
  environment: [],
  operations: ["chat", "embeddings", "models"],
  keyless: true,
});
