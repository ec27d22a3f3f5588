// A vLLM server: OpenAI's form at an address of one's own.
import { openaiLike } from "../kit/openai-like.ts";

export const vllm = openaiLike({
  name: "vllm",
  label: "vLLM",
  baseUrl: null,
  // Its address: there is no key to switch it on with.
  environment: ["VLLM_BASE_URL", "VLLM_API_BASE"],
  operations: ["chat", "completions", "embeddings", "models"],
  keyless: true,
});
